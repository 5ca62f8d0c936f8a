#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each mode of tcpwarden-replay prints of a fixed script what is stored beside it, byte for byte; and its exit codes.

top_srcdir=$(cd "${top_srcdir:-.}" && pwd)
. "$top_srcdir/tests/tap/tap.sh"
replay=$(cd "${top_builddir:-.}" && pwd)/tcpwarden-replay
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top_srcdir/tests/replay" || exit 1

# prints NAME OPTION...: the output of story.seg is that of story.NAME
prints()
{
	name=$1
	shift
	"$replay" "$@" story.seg >"$work/out" 2>"$work/err"
	status=$?
	diff -u "story.$name" "$work/out" >"$work/diff"
	test $? -eq 0 -a $status -eq 0 -a ! -s "$work/err"
	ok $? "story.seg $*: as in story.$name" "$work/diff"
}

# exits STATUS NAME ARGUMENT...
exits()
{
	expected=$1
	name=$2
	shift 2
	"$replay" "$@" >"$work/out" 2>"$work/err"
	status=$?
	echo "exit $status, expected $expected" >"$work/diff"
	test $status -eq "$expected"
	ok $? "$name: exit $expected" "$work/diff"
}

# says TEXT FILE NAME
says()
{
	grep -qF -e "$1" "$work/$2"
	ok $? "$3" "$work/$2"
}

prints summary.txt
prints summary.json --json
prints packets.txt --packets
prints packets.json --packets --json
prints events.txt --events
prints events.json --events --json
prints flows.txt --flows
prints flows.json --flows --json
prints zeek.txt --flows=zeek

"$replay" --packets --json story.seg >"$work/one" && "$replay" --packets --json story.seg | cmp -s - "$work/one"
ok $? 'the same input gives the same bytes'

exits 0 'two files' --flows --json story.seg story.seg
test "$(grep -c '"file":"story.seg"' "$work/out")" -eq "$(wc -l <"$work/out")"
ok $? 'with two files every object names its file' "$work/out"
sort -u "$work/out" >"$work/unique"
test "$(wc -l <"$work/out")" -eq $((2 * $(wc -l <"$work/unique")))
ok $? 'each file meets a fresh engine' "$work/out"

exits 0 'a setting' --packets --json --set policy.ack_high=accept story.seg
grep -q '"reasons":\["ack-high"\]' "$work/out"
ok $? '--set reaches the engine' "$work/out"
echo 'policy: { ack_high = "accept"; };' >"$work/conf"
exits 0 'a configuration' -c "$work/conf" --packets --json story.seg
grep -q '"reasons":\["ack-high"\]' "$work/out"
ok $? '-c reaches the engine' "$work/out"
exits 0 'a setting after a configuration' -c "$work/conf" --set policy.ack_high=drop --packets --json story.seg
grep -q '"reason":"ack-high"' "$work/out"
ok $? '--set goes over -c' "$work/out"

exits 2 'no file' --packets
says 'no FILE is given' err 'no file: said'
exits 2 'unknown option' --nonsense story.seg
exits 2 'two modes' --packets --flows story.seg
says 'one mode at a time' err 'two modes: said'
exits 2 'unknown form of --flows' --flows=xml story.seg
exits 2 'unknown setting' --set tracking.nonsense=1 story.seg
says 'tracking.nonsense' err 'unknown setting: said'
exits 3 'a configuration that is not there' -c "$work/none" story.seg
exits 3 'a script that is not there' "$work/none.seg"
exits 3 'a capture that is not there' "$work/none.pcap"
exits 3 'a missing script under --check' --check "$work/none.seg"
echo 'no capture' >"$work/text.pcap"
exits 1 'a file that is no capture' "$work/text.pcap"
printf '@0 > S seq=1\n@1 > nonsense\n@2 > S seq=1\n' >"$work/broken.seg"
exits 1 'a script with a line that does not parse' --packets "$work/broken.seg"
says 'broken.seg:2: ' err 'the line is named'
test "$(wc -l <"$work/out")" -eq 2
ok $? 'the other lines are played' "$work/out"
exits 0 'version' -V
exits 0 'help' -h

tap_end
