#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two TCPs over a bad link with the engine between them: no legitimate segment is dropped, every flow ends as its ends
# did; an attacker who knows no numbers changes nothing. SIMULATE_RUNS: how many (make check-long: a million).

. "${top_srcdir:-.}/tests/tap/tap.sh"
simulate=${top_builddir:-.}/tests/simulate/simulate
replay=${top_builddir:-.}/tcpwarden-replay
runs=${SIMULATE_RUNS:-5000}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

"$simulate" -n "$runs" -s 1 >"$work/out" 2>&1
ok $? "$runs runs from seed 1: nothing legitimate dropped" "$work/out"
sed -n 's/^simulate:/# &/p' "$work/out"

"$simulate" --attack -n $((runs / 2)) -s 1 >"$work/out" 2>&1
ok $? "$((runs / 2)) runs under attack: blind segments change nothing" "$work/out"
sed -n 's/^simulate:/# &/p' "$work/out"

# What a run prints repeats it: the engine says the same of the same segments.
for seed in 3 14 159 2653; do
	"$simulate" -n 1 -s $seed -v >"$work/$seed.seg"
	"$simulate" --attack -n 1 -s $seed -v >"$work/attack-$seed.seg"
done
"$replay" --check "$work"/*.seg >"$work/out" 2>&1
ok $? 'the scenarios that runs print hold in tcpwarden-replay --check' "$work/out"

tap_end
