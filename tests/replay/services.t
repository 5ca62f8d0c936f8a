#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tcpwarden-replay -c with services: a scenario, a summary, and what a second configuration changes.

top_srcdir=$(cd "${top_srcdir:-.}" && pwd)
. "$top_srcdir/tests/tap/tap.sh"
. "$top_srcdir/tests/tap/command.sh"
replay=$(cd "${top_builddir:-.}" && pwd)/tcpwarden-replay
cd "$top_srcdir/tests/replay" || exit 1

exits 0 'the scenario holds' "$replay" -c services.conf --check services.seg
exits 1 'without services it does not' "$replay" --check services.seg
list=$(sed -n '/^services = /,$p' services.conf | sed 's/^services = //;s/^);$/)/' | tr '\n\t' '  ')
exits 0 'it does with those of --set' "$replay" --set syn_flood.source_rate=1 --set syn_flood.source_burst=4 \
	--set "services = $list" --check services.seg
{ echo 'set syn_flood.source_rate = 1'; echo 'set syn_flood.source_burst = 4'; echo "set services = $list"
  cat services.seg; } >"$work/own.seg"
exits 0 'and with those of the script itself' "$replay" --check "$work/own.seg"
exits 0 '--packets' "$replay" --packets "$work/own.seg"
says ' drop syn-rate-source (services.web.source_rate)' out 'their names are told'
exits 0 '--diff of a script with services of its own' "$replay" --diff services.conf "$work/own.seg"
! grep -q 'syn-rate-source' "$work/out"
ok $? 'it has them under both configurations' "$work/out"
echo 'set services = ( { name = "web"; winow = "strict"; } )' >"$work/bad.seg"
exits 1 'a wrong service in a script' "$replay" --check "$work/bad.seg"
says 'bad.seg:1: services.web.winow: unknown key of a service, did you mean window? (allowed: name, ' out \
	'a wrong service in a script: said with its line'
exits 0 '--diff' "$replay" --diff services.conf services.seg
says 'syn-rate-source' out '--diff: what the limits of services would drop'
exits 0 '--events' "$replay" -c services.conf --events services.seg
! grep ' server=10\.0\.0\.1:' "$work/out" | grep -v '^event=packet-dropped '
ok $? 'events: of this service only drops are told' "$work/out"
says ' server=10.0.1.1:80 phase=SYN_SENT' out 'events: of another one everything'
grep '^event=packet-remarked ' "$work/out" >"$work/remarked"
test -s "$work/remarked" && ! grep -v ' server=10\.0\.2\.1:21 ' "$work/remarked"
ok $? 'remarks: of the service that wants them' "$work/remarked"
grep ' server=10\.0\.0\.1:80 ' "$work/out" | grep -q ' setting=services\.web\.source_rate '
ok $? 'setting=: where the service itself sets it' "$work/out"
grep ' server=10\.0\.2\.1:22 ' "$work/out" | grep -q ' setting=syn_flood\.source_rate '
ok $? 'setting=: where it stands for all' "$work/out"
exits 0 '--packets' "$replay" -c services.conf --packets services.seg
says ' drop syn-rate-source (services.web.source_rate)' out '--packets: the same'
echo 'services = ( { name = "web"; winow = "strict"; } );' >"$work/bad.conf"
exits 2 'a wrong service' "$replay" -c "$work/bad.conf" services.seg
says 'bad.conf:1: services.web.winow: unknown key of a service, did you mean window? (allowed: name, ' err \
	'a wrong service: said'
tap_end
