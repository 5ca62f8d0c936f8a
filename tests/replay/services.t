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
exits 0 '--diff' "$replay" --diff services.conf services.seg
says 'syn-rate-source' out '--diff: what the limits of services would drop'
echo 'services = ( { name = "web"; winow = "strict"; } );' >"$work/bad.conf"
exits 2 'a wrong service' "$replay" -c "$work/bad.conf" services.seg
says 'bad.conf:1: services.web.winow: unknown key of a service (did you mean window?)' err 'a wrong service: said'
tap_end
