#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# daemon/doc/differences.md: each kind names a rule there is, and one scenario, which shows that very rule.

. "${top_srcdir:-.}/tests/tap/tap.sh"
cd "${top_srcdir:-.}" || exit 1
found=$(mktemp) || exit 1
trap 'rm -f "$found" "$found.rows"' EXIT

# kind, rule, scenario
awk -F' *\\| *' 'NF == 7 && $2 != "kind" && $2 != "---" { print $2, $5, $6 }' daemon/doc/differences.md >"$found.rows"

rows=$(wc -l <"$found.rows")
test "$rows" -gt 20 || echo "$rows rows" >"$found"
report()
{
	test ! -s "$found"
	ok $? "$1" "$found"
}
report 'the tables of differences are read'

cut -d' ' -f1 "$found.rows" | sort | uniq -d >"$found"
report 'each kind of difference stands there once'

while read -r kind rule scenario; do
	grep -q "^RULE(\"$rule\"," daemon/tables/rules.def || echo "$kind: no rule $rule"
	set -- tests/scenario/"$scenario"-*.seg
	if test $# -ne 1 || ! test -e "$1"; then
		echo "$kind: $# scenarios begin with $scenario"
	elif ! grep -qE "(^|[^A-Z0-9-])$rule([^0-9a-z]|\$)" "$1"; then
		echo "$kind: $1 does not name $rule"
	fi
done <"$found.rows" >"$found"
report 'each kind of difference has its rule and a scenario that shows it'
tap_end
