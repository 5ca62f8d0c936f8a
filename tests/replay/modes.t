#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each mode of tcpwarden-replay prints of a fixed script what is stored beside it, byte for byte; and its exit codes.

top_srcdir=$(cd "${top_srcdir:-.}" && pwd)
. "$top_srcdir/tests/tap/tap.sh"
. "$top_srcdir/tests/tap/command.sh"
replay=$(cd "${top_builddir:-.}" && pwd)/tcpwarden-replay
cd "$top_srcdir/tests/replay" || exit 1

# prints NAME OPTION...: the output of story.seg is that of story.NAME
prints()
{
	name=$1
	shift
	run 0 "$replay" "$@" story.seg && test ! -s "$work/err"
	ok $? "story.seg $*: no message" "$work/err"
	same "story.seg $*: as in story.$name" "story.$name" "$work/out"
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
prints diff.txt --diff other.conf
prints diff.json --diff other.conf --json

"$replay" --packets --json story.seg >"$work/one" && "$replay" --packets --json story.seg | cmp -s - "$work/one"
ok $? 'the same input gives the same bytes'

exits 0 'two files' "$replay" --flows --json story.seg story.seg
test "$(grep -c '"file":"story.seg"' "$work/out")" -eq "$(wc -l <"$work/out")"
ok $? 'with two files every object names its file' "$work/out"
sort -u "$work/out" >"$work/unique"
test "$(wc -l <"$work/out")" -eq $((2 * $(wc -l <"$work/unique")))
ok $? 'each file meets a fresh engine' "$work/out"

exits 0 'a setting' "$replay" --packets --json --set policy.ack_high=accept story.seg
grep -q '"reasons":\["ack-high"\]' "$work/out"
ok $? '--set reaches the engine' "$work/out"
echo 'policy: { ack_high = "accept"; };' >"$work/conf"
exits 0 'a configuration' "$replay" -c "$work/conf" --packets --json story.seg
grep -q '"reasons":\["ack-high"\]' "$work/out"
ok $? '-c reaches the engine' "$work/out"
exits 0 'a setting after a configuration' \
	"$replay" -c "$work/conf" --set policy.ack_high=drop --packets --json story.seg
grep -q '"reason":"ack-high"' "$work/out"
ok $? '--set goes over -c' "$work/out"

exits 2 'no file' "$replay" --packets
says 'no FILE is given' err 'no file: said'
exits 2 'unknown option' "$replay" --nonsense story.seg
exits 2 'two modes' "$replay" --packets --flows story.seg
says 'one mode at a time' err 'two modes: said'
exits 2 'unknown form of --flows' "$replay" --flows=xml story.seg
exits 2 'unknown setting' "$replay" --set tracking.nonsense=1 story.seg
says 'tracking.nonsense' err 'unknown setting: said'
exits 3 'a configuration that is not there' "$replay" -c "$work/none" story.seg
exits 3 'a script that is not there' "$replay" "$work/none.seg"
exits 3 'a capture that is not there' "$replay" "$work/none.pcap"
exits 3 'a missing script under --check' "$replay" --check "$work/none.seg"
echo 'no capture' >"$work/text.pcap"
exits 1 'a file that is no capture' "$replay" "$work/text.pcap"
printf '@0 > S seq=1\n@1 > nonsense\n@2 > S seq=1\n' >"$work/broken.seg"
exits 1 'a script with a line that does not parse' "$replay" --packets "$work/broken.seg"
says 'broken.seg:2: ' err 'the line is named'
test "$(wc -l <"$work/out")" -eq 2
ok $? 'the other lines are played' "$work/out"
exits 0 'version' "$replay" -V
exits 0 'help' "$replay" -h

tap_end
