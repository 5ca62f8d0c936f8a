#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The manuals: mandoc has nothing to say about them, and they name every option of the command lines.

. "${top_srcdir:-.}/tests/tap/tap.sh"
top_builddir=${top_builddir:-.}
man=$top_builddir/daemon/man
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

# Which other manuals are installed is no matter of ours.
for manual in tcpwarden-replay.1 tcpwardenctl.8 tcpwardend.8 tcpwardend.conf.5; do
	mandoc -T lint "$man/$manual" 2>/dev/null | grep -v 'referenced manual not found' >"$found"
	test -s "$man/$manual" && test ! -s "$found"
	ok $? "$manual is clean mdoc" "$found"
	grep -n -e '@[a-z]*@' -e 'INSERT' "$man/$manual" >"$found"
	test ! -s "$found"
	ok $? "$manual has all parts filled in" "$found"
done

# named PROGRAM MANUAL: every option that PROGRAM -h prints stands in the manual.
named()
{
	"$top_builddir/$1" -h | grep -o -e '--[a-z][a-z-]*' -e '[[ ]-[a-zA-Z]\>' | tr -d '[ ' | sort -u \
		>"$found.options"
	mandoc -T ascii "$man/$2" | sed "s/.$(printf "\b")//g" >"$found.text"
	while read -r option; do
		grep -qF -e "$option" "$found.text" || echo "$option"
	done <"$found.options" >"$found"
	test -s "$found.options" && test ! -s "$found"
	ok $? "$2 names the options of $1" "$found"
	rm -f "$found.options" "$found.text"
}
named tcpwardend tcpwardend.8
named tcpwardenctl tcpwardenctl.8
named tcpwarden-replay tcpwarden-replay.1
tap_end
