#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench-instructions: instructions a packet of each stage of the engine, counted by valgrind's callgrind while
# tests/bench/engine judges the packets of FLOWS established flows (100000). Needs no quiet machine.
set -eu
engine=${top_builddir:-.}/tests/bench/engine
flows=${1:-100000}
rounds=2
found=$(mktemp)
trap 'rm -f "$found"' EXIT

command -v valgrind >/dev/null || { echo 'instructions.sh: valgrind is missing' >&2; exit 1; }
valgrind -q --tool=callgrind --collect-atstart=no --toggle-collect=judge_all --callgrind-out-file="$found" \
	"$engine" "$flows" $rounds >/dev/null
# A function has several lines where code of other files was inlined; the largest holds them all.
callgrind_annotate --inclusive=yes --show-percs=no --threshold=100 --auto=no "$found" |
	awk -v packets=$((flows * 2 * rounds)) '
	match($0, /:[a-z_0-9]+( \[|$)/) {
		name = substr($0, RSTART + 1, RLENGTH - 1)
		sub(/ \[$/, "", name)
		count = $1
		gsub(/,/, "", count)
		if (count + 0 > most[name]) most[name] = count + 0
	}
	function row(stage, name) { printf "%-28s %-24s %8.0f\n", stage, name, most[name] / packets }
	END {
		if (!most["engine_input"]) { print "instructions.sh: nothing was counted" >"/dev/stderr"; exit 1 }
		printf "%-28s %-24s %8s\n", "stage", "function", "a packet"
		row("decode", "packet_decode")
		row("lookup", "passage_find")
		row("  of it the keyed hash", "siphash")
		row("judge", "tcp_judge")
		row("apply", "tcp_apply")
		row("  of it numbers, windows", "apply_update")
		row("  of it the history", "history_segment")
		row("all, from bytes to verdict", "engine_input")
	}'
