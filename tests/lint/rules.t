#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every rule of daemon/tables/rules.def is cited by a comment where the code carries it out and is shown by a scenario
# whose name, title, cite line or comment names it. "W-1 to W-5" names five.

. "${top_srcdir:-.}/tests/tap/tap.sh"
cd "${top_srcdir:-.}" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Rules that neither code nor scenario can carry out: ID and why. All L and D are background, they need no line here;
# G, M and Q are carried out by many rules together.
cat >"$work/without" <<'END'
A-12 compares means against floods
K-8 compares other trackers
X-7 says what is out of scope
END

# Rules that a scenario cannot show: ID and why. A test cites them instead.
cat >"$work/elsewhere" <<'END'
N-6 a script makes whole packets
N-7 a script has no queue to ask
P-0 a script makes nothing but TCP and ICMP errors about it
T-4 a script with a wrong setting does not run
E-1 a script does not see the outcome
E-2 a script does not see the history
E-3 a script does not see the history
E-4 a script does not see the history
E-7 a script does not see the reason of a flow-reset
END

# cited KIND FILE...: lines of ID and FILE. KIND says where citations stand: c in comments of C, seg in the name and
# the words of a scenario, all anywhere.
cited()
{
	kind=$1
	shift
	awk -v kind="$kind" '
	function cite(text,    id, before, last, n)
	{
		while (match(text, /[A-Z]-[0-9]+w?/)) {
			before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
			id = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (before ~ /[A-Za-z0-9_-]/ || text ~ /^[A-Za-z0-9_]/)
				continue
			last = n = substr(id, 3) + 0
			if (match(text, "^ to " substr(id, 1, 2) "[0-9]+"))
				last = substr(text, 7, RLENGTH - 6) + 0
			print id, FILENAME
			while (++n <= last)
				print substr(id, 1, 2) n, FILENAME
		}
	}
	function comments(line,    text, at)
	{
		while ((at = index(line, inside ? "*/" : "/*")) > 0) {
			if (inside)
				text = text " " substr(line, 1, at - 1)
			line = substr(line, at + 2)
			inside = !inside
		}
		return inside ? text " " line : text
	}
	FNR == 1 { inside = 0 }
	kind == "c" { cite(comments($0)) }
	kind == "seg" && FNR == 1 { name = FILENAME; sub(/.*\//, "", name); cite(name) }
	kind == "seg" && /^(title|cite)/ { cite($0) }
	kind == "seg" && !/^(title|cite)/ && /#/ { cite(substr($0, index($0, "#"))) }
	kind == "all" { cite($0) }' "$@"
}

report()
{
	sort "$work/found.new" >"$work/found"
	test ! -s "$work/found"
	ok $? "$1" "$work/found"
}

# lacking LIST: the rules on standard input that LIST does not name in its first column.
lacking()
{
	awk 'NR == FNR { named[$1]; next } !($1 in named) { print $1 }' "$1" -
}

sed -n 's/^RULE("\([^"]*\)".*/\1/p' daemon/tables/rules.def >"$work/rules"
grep '^[NPOFWHCRSKBAITXE]-' "$work/rules" | lacking "$work/without" >"$work/demanded"
cited c $(for layer in base packet tcp flow policy engine input service report; do
	ls daemon/$layer/*.[ch]
done) >"$work/code"
cited seg tests/scenario/*.seg >"$work/scenarios"
{
	cited c $(find tests/unit -name '*.[ch]')
	cited all $(find tests/netns tests/replay -name '*.t' -o -name '*.py')
} >"$work/tests"

test -s "$work/demanded" && test -s "$work/code" && test -s "$work/scenarios" && test -s "$work/tests"
ok $? 'rules, code, scenarios and tests are found'

sort "$work/rules" | uniq -d >"$work/found.new"
report 'every rule stands once in the table'

lacking "$work/code" <"$work/demanded" >"$work/found.new"
report 'every rule is cited in the code'

lacking "$work/elsewhere" <"$work/demanded" | lacking "$work/scenarios" >"$work/found.new"
report 'every rule has a scenario'

lacking "$work/tests" <"$work/elsewhere" >"$work/found.new"
report 'every rule that a scenario cannot show has a test'

{
	lacking "$work/rules" <"$work/elsewhere"
	lacking "$work/rules" <"$work/without"
	awk 'NR == FNR { shown[$1]; next } $1 in shown { print $1, "has a scenario" }' \
		"$work/scenarios" "$work/elsewhere"
} >"$work/found.new"
report 'every exception is one'

cat "$work/code" "$work/scenarios" "$work/tests" | awk 'NR == FNR { rule[$1]; next } !($1 in rule)' "$work/rules" - \
	>"$work/found.new"
report 'every rule cited is in the table'
tap_end
