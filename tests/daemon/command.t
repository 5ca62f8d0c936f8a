#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line of tcpwardend as far as it goes without a queue: what it prints, where, and its exit codes.

top_srcdir=$(cd "${top_srcdir:-.}" && pwd)
. "$top_srcdir/tests/tap/tap.sh"
. "$top_srcdir/tests/tap/command.sh"
daemon=$(cd "${top_builddir:-.}" && pwd)/tcpwardend
cd "$work" || exit 1

prints()
{
	test "$(cat "$1")" = "$2"
}

: >empty.conf
printf 'queue: { number = 70000; };\nnonsense = 1;\n' >bad.conf

run 0 "$daemon" -t -c empty.conf && prints out 'configuration OK' && test ! -s err
ok $? 'an empty file is a configuration' err
run 1 "$daemon" -t -c bad.conf && test ! -s out && test "$(grep -c . err)" -eq 2 &&
	grep -q '^bad.conf:1: queue.number: .* (allowed: ' err && grep -q '^bad.conf:2: nonsense: ' err
ok $? 'every error on stderr, exit 1' err
run 1 "$daemon" -c bad.conf && grep -q '^bad.conf:1: ' err
ok $? 'nothing starts with a bad configuration' err
run 1 "$daemon" -t -c missing.conf && grep -q '^missing.conf: ' err
ok $? 'a file that was asked for and is missing: exit 1' err
run 0 "$daemon" -t -c empty.conf --set tracking.pickup=off --set 'tracking.pickup="off"' --set 'queue.cpus=(0)'
ok $? '--set takes values of libconfig, and words' err
cat >mute.conf <<'END'
services: ( { name = "web"; ports = ( 80 ); mode_action = "challenge"; } );
END
warned=0
for mute in mute.conf 'empty.conf --set=syn_flood.source_action=challenge' \
	'empty.conf --set=syn_flood.mode_action=challenge'; do
	run 0 "$daemon" -t -c $mute && prints out 'configuration OK' &&
		grep -q 'set policy.inject = true, or the action to' err && warned=$((warned + 1))
	run 0 "$daemon" -t -c $mute --set policy.inject=true && test ! -s err && warned=$((warned + 1))
done
test "$warned" -eq 6
ok $? 'a challenge that may not be sent is warned of, of a service too, and refused nowhere' err
run 1 "$daemon" -t -c empty.conf --set policy.mode=x && grep -q '^--set: policy.mode: ' err
ok $? '--set: errors begin with --set' err
for wrong in -x --set extra --dump=nothing; do
	run 2 "$daemon" $wrong && test ! -s out && test -s err
	ok $? "usage error, exit 2: $wrong" err
done
run 0 "$daemon" -h && grep -q '^usage: tcpwardend ' out && run 0 "$daemon" -V && grep -q '^tcpwardend [0-9]' out
ok $? 'help and version' err
for option in -h -V -t --dump=options; do
	"$daemon" $option -c empty.conf >/dev/full 2>err
	test $? -eq 3 && grep -q 'standard output cannot be written' err
	ok $? "output that cannot be written, exit 3: $option" err
done
run 0 "$daemon" -t -c empty.conf 0<&- && "$daemon" -t -c empty.conf >out 2>&- && prints out 'configuration OK'
ok $? 'standard descriptors may be closed' err

tap_end
