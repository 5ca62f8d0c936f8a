#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two TCPs over a bad link with the engine between them: no legitimate segment is dropped, every flow ends as its ends
# did; among forgeries, blind ones change nothing. SIMULATE_RUNS: how many (make check-long: a million).

. "${top_srcdir:-.}/tests/tap/tap.sh"
simulate=${top_builddir:-.}/tests/simulate/simulate
runs=${SIMULATE_RUNS:-5000}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

"$simulate" -n "$runs" -s 1 >"$work/out" 2>&1
ok $? "$runs runs from seed 1: nothing legitimate dropped" "$work/out"
grep '^simulate:' "$work/out" | sed 's/^/# /'
"$simulate" --attack -n $((runs / 10)) -s 1 >"$work/out" 2>&1
ok $? "$((runs / 10)) runs among forgeries: blind ones change nothing" "$work/out"
grep '^simulate:' "$work/out" | sed 's/^/# /'

tap_end
