#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Proves tests/proof/phases.pml with spin: every order of events within each set of budgets, safety and progress
# in one search, below 1 GiB and some minutes in all. Then three wrong trackers, for which the proof has to fail.

. "${top_srcdir:-.}/tests/tap/tap.sh"
model=$(cd "${top_srcdir:-.}" && pwd)/tests/proof/phases.pml
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
if ! command -v spin >/dev/null; then
	echo 'Bail out! spin is missing (Debian: apt-get install spin)'
	exit 1
fi

# search DEFINITION...: exit status 0 where the search was not cut short; its errors are counted in the log.
search()
{
	spin -a "$@" "$model" >log 2>&1 && ${CC:-gcc} -O2 -DMEMLIM=3500 -o pan pan.c >>log 2>&1 &&
		./pan -a -m100000 -n >log 2>&1 && ! grep -qE 'out of memory|max search depth|not completed' log
}

# budgets LOSSES COPIES SWAPS EARLY ABORTS FORGED_RST FORGED_FIN
budgets()
{
	echo "-DLOSSES=$1 -DCOPIES=$2 -DSWAPS=$3 -DEARLY=$4 -DABORTS=$5 -DFORGED_RST=$6 -DFORGED_FIN=$7"
}

proven()
{
	name=$1
	shift
	search $(budgets "$@") && grep -q 'errors: 0$' log
	ok $? "$name: $(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1 states/p' log)" log
}

refuted()
{
	search -D"$1" $(budgets 0 0 0 1 0 0 0)
	grep -q 'errors: 1$' log
	ok $? "$2" log
}

proven 'two losses, a duplicate and a reordering' 2 1 1 0 0 0 0
proven 'a loss, a duplicate and an early retransmission' 1 1 0 1 0 0 0
proven 'a loss, an early retransmission and an abort' 1 0 0 1 1 0 0
proven 'a loss, a forged RST and a forged FIN' 1 0 0 0 0 1 1
proven 'a loss, a forged RST and an abort' 1 0 0 0 1 1 0
refuted ANY_ACK_ENDS_A_FIN 'a tracker that takes any ACK for that of the FIN is wrong (C-1)'
refuted FIN_AGAIN_COUNTS_TWICE 'a tracker that counts a FIN sent again twice is wrong (C-4)'
refuted NO_SIMULTANEOUS_OPEN 'a tracker without simultaneous open drops segments (H-8)'
tap_end
