#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tcpwarden-replay --check itself: a plan, one line a test, expectations that hold and that do not.

top_srcdir=$(cd "${top_srcdir:-.}" && pwd)
. "$top_srcdir/tests/tap/tap.sh"
replay=$(cd "${top_builddir:-.}" && pwd)/tcpwarden-replay
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# A script whose every expectation is met, and one in which each is not.
cat >right.seg <<'SEG'
set    syn_flood.source_rate = 1
set    syn_flood.source_burst = 3
flow   f2 10.0.0.2:1000 10.0.0.9:80
@0     > S  seq=1000 mss=1460           => accept no-reason phase=SYN_SENT event=flow-new timer=120 half-open=1
@+0.5  < SA seq=5000 ack=1001           => accept phase=SYN_RECV event=flow-synack flows=1
@+0.5  > A  seq=1001 ack=5001           => accept phase=ESTABLISHED half-open=0
@+0.5  < A  seq=5001 ack=9999           => drop reason=ack-high no-event drops=1 counter.ack-high=1
@+0.5  > FPA seq=1001 ack=5001 len=10   => accept phase=FIN_WAIT event=flow-fin client.bytes=10 client.packets=3
@+0.5  < A  seq=5001 ack=1012           => accept half=client client.retrans=0 server.ooo=0
@+0    *5 f2 > S seq=1+1 port=+1        => accepted=3 dropped=2 reason=syn-rate-source
expect f2 phase=SYN_SENT flows=4 counter.packets=11
blind
@+7500 wait                             => phase=- closed=timeout event=flow-closed flows=0 client.bytes=10
expect f2 client.bytes=0 client.packets=1
SEG
# Counts tell of the run, the verdict beside them of its last packet, as the reason does.
cat >counts.seg <<'SEG'
set    syn_flood.source_rate = 1
set    syn_flood.source_burst = 3
flow   f2 10.0.0.2:1000 10.0.0.9:80
@0     *5 > S seq=1+1 port=+1           => drop accepted=3 dropped=2 reason=syn-rate-source
@9     *5 f2 > S seq=9+1 port=+1        => accept accepted=3
SEG
# The client is a guess of the engine, and not the one of the script.
cat >guess.seg <<'SEG'
set    tracking.pickup = "on"
flow   f1 10.0.0.1:80 10.0.0.2:40000
@0     > A  seq=1000 ack=5000 len=10    => phase=PICKUP
@+0.1  < A  seq=5000 ack=1010 len=20    => phase=ESTABLISHED client.bytes=20 server.bytes=10
@+86400 wait                            => closed=timeout client.bytes=20 server.bytes=10
SEG
cat >wrong.seg <<'SEG'
@0     > S  seq=1000                    => drop
@+0.5  > S  seq=1000                    => no-reason
@+0.5  > S  seq=1000                    => reason=ack-high
@+0.5  > S  seq=1000                    => phase=-
@+0.5  > S  seq=1000                    => half=client
@+0.5  > S  seq=1000                    => timer=120
@+0.5  > S  seq=1000                    => flows=2
@+0.5  > S  seq=1000                    => half-open=0
@+0.5  > S  seq=1000                    => drops=1
@+0.5  > S  seq=1000                    => event=flow-new
@+0.5  < SA seq=1 ack=1001              => no-event
@+0.5  > A  seq=1001 ack=2              => closed=fin
@+0.5  > A  seq=1001 ack=2 len=1        => client.bytes=0
expect counter.syn-retransmit=0
expect counter.packets=0
@+0.5  *2 > A seq=1001 ack=2            => accepted=1
@+0.5  *2 > A seq=1001 ack=2            => dropped=1
@+0.5  > A seq=1001 ack=2               => accept drop
nonsense
SEG

"$replay" --check right.seg >out 2>err
ok $? 'a script that holds: exit 0' out
test "$(head -n 1 out)" = 1..10 -a "$(grep -c '^ok ' out)" -eq 10
ok $? 'its plan and its tests' out
grep -qx 'ok 1 - right.seg:4' out
ok $? 'a test is named FILE:LINE' out

"$replay" --check guess.seg >out
ok $? 'an end record is that of the flow, whichever end is its client' out
"$replay" --check counts.seg >out
test "$(grep -c '^not ok' out)" -eq 1
ok $? 'a verdict beside counts is that of the last packet' out
grep -qx '# counts.seg:5: expected accept, got drop (syn-rate-source) for 2 of 5' out
ok $? 'and is explained where it is another' out

"$replay" --check wrong.seg >out 2>err
test $? -eq 1
ok $? 'a script that does not hold: exit 1' out
test "$(head -n 1 out)" = 1..19 -a "$(grep -c '^not ok ' out)" -eq 19 -a "$(grep -c '^# wrong.seg:' out)" -eq 19
ok $? 'every expectation of it fails, each with its explanation' out
grep -qx '# wrong.seg:1: expected drop, got accept (no reason)' out
ok $? 'a verdict is explained' out
grep -q '^# wrong.seg:19: unknown word' out
ok $? 'a line that does not parse is a test that fails' out

"$replay" --check right.seg wrong.seg right.seg >out 2>err
test $? -eq 1
ok $? 'several files: exit 1 where one fails' out
test "$(head -n 1 out)" = 1..39 -a "$(grep -c '^1\.\.' out)" -eq 1
ok $? 'several files: one plan' out
"$replay" --check --json wrong.seg >out 2>err
test "$(grep -c '"ok":false' out)" -eq 19
ok $? 'results as JSON' out
"$replay" --check --set syn_flood.source_rate=0 right.seg >out 2>err
ok $? 'a set line goes over --set' out

tap_end
