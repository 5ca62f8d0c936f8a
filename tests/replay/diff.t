#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tcpwarden-replay --diff: what a new limit would have done to a capture, in numbers.

top_srcdir=$(cd "${top_srcdir:-.}" && pwd)
. "$top_srcdir/tests/tap/tap.sh"
. "$top_srcdir/tests/tap/command.sh"
replay=$(cd "${top_builddir:-.}" && pwd)/tcpwarden-replay
cd "$work" || exit 1

# Ten connection attempts of one source within a second; the server answers the last, its client goes on.
cat >burst.seg <<'SEG'
set    tracking.pickup = "off"
flow   f2 10.0.0.1:40009 10.0.0.2:80
@0     *9 > S seq=1+1 port=+1
@+0.1  f2 > S seq=1000
@+0.1  f2 < SA seq=5000 ack=1001
@+0.1  f2 > A seq=1001 ack=5001
@+0.1  f2 > A seq=1001 ack=9999
SEG
echo 'syn_flood: { source_rate = 1; source_burst = 4; };' >limit.conf
echo 'syn_flood: { source_rate = 1; source_burst = 4; }; policy: { mode = "monitor"; };' >monitor.conf
: >empty.conf

exits 0 'a limit' "$replay" --diff limit.conf burst.seg
cat >expected <<'TXT'
frames: 13, judged: 13
  before          1 dropped  defaults
  after           9 dropped  limit.conf
packets whose verdict changes: 8
         6  accept -> drop syn-rate-source                first: frame 5, 10.0.0.1:40004 > 10.0.0.2:80
         2  accept -> drop no-flow                        first: frame 11, 10.0.0.2:80 > 10.0.0.1:40009
the same verdict for another reason: 1
         1  drop ack-high -> drop no-flow                 first: frame 13, 10.0.0.1:40009 > 10.0.0.2:80
TXT
same 'SYNs beyond the limit, and what follows from them' expected out

exits 0 'a limit in monitor mode' "$replay" --diff monitor.conf burst.seg
cat >expected <<'TXT'
frames: 13, judged: 13
  before          1 dropped  defaults
  after           0 dropped         7 would-drop  monitor.conf
packets whose verdict changes: 7
         6  accept -> would-drop syn-rate-source          first: frame 5, 10.0.0.1:40004 > 10.0.0.2:80
         1  drop ack-high -> would-drop ack-high          first: frame 13, 10.0.0.1:40009 > 10.0.0.2:80
TXT
same 'monitor mode: each SYN counts once, the flows go on' expected out

exits 0 'the other way round' "$replay" -c limit.conf --set policy.ack_high=accept --diff empty.conf burst.seg
says '  before          9 dropped  limit.conf --set policy.ack_high=accept' out \
	'--set belongs to the first, and is named'
says '         6  drop syn-rate-source -> accept' out 'dropped before, accepted after'
exits 0 'the same twice' "$replay" --diff empty.conf burst.seg
says 'packets whose verdict changes: 0' out 'no change'
exits 0 'two files' "$replay" --json --diff limit.conf burst.seg burst.seg
test "$(grep -c '"changed":8,.*"file":"burst.seg"}$' out)" -eq 2
ok $? 'one object a file' out

exits 3 'a second configuration that is not there' "$replay" --diff none.conf burst.seg
echo 'nonsense = 1;' >bad.conf
exits 2 'a second configuration with errors' "$replay" --diff bad.conf burst.seg
says 'bad.conf:1: nonsense: ' err 'its error is told'

tap_end
