#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The form that no compiler looks at: licence line, include guard, length of lines, functions and files.

. "${top_srcdir:-.}/tests/tap/tap.sh"
cd "${top_srcdir:-.}" || exit 1
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

report()
{
	test ! -s "$found"
	ok $? "$1" "$found"
}

sources=$(find daemon tests -name '*.[ch]' -o -name '*.def' | sort)
headers=$(find daemon -name '*.h' | sort)
scripts=$(find daemon tests conf systemd contrib -name '*.t' -o -name '*.sh' -o -name '*.py' -o -name '*.mk' \
	-o -path contrib/demo -o -path contrib/test | sort)
scripts="$scripts Makefile.am configure.ac"

for file in $(printf '%s\n' $sources | grep '\.[ch]$'); do
	head -n 1 "$file" | grep -qxF '/* SPDX-License-Identifier: GPL-2.0-or-later */' || echo "$file"
done >"$found"
report 'the first line of every C file names the licence'

for file in $scripts; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$file"
done >"$found"
report 'the first lines of every script name the licence'

for file in $headers; do
	grep -qxF '#pragma once' "$file" || echo "$file"
done >"$found"
report 'every header is read once'

# A tab counts to the next column of 8. Tables (*.def) are one line a thing, however long its help.
for file in $(printf '%s\n' $sources | grep '\.[ch]$') $scripts; do
	expand "$file" | awk -v file="$file" 'length($0) > 120 { print file ":" FNR ": " length($0) " columns" }'
done >"$found"
report 'no line of C or of a script is longer than 120 columns'

grep -nE '[[:space:]]+$' $sources $scripts >"$found"
report 'no line ends in blanks'

for file in $(printf '%s\n' $sources | grep '^daemon/.*\.c$'); do
	awk -v file="$file" '
	/^\{/ { start = FNR }
	/^\}$/ && start { if (FNR - start > 60) print file ":" start ": " FNR - start " lines"; start = 0 }' "$file"
done >"$found"
report 'no function is longer than 60 lines'

for file in $(printf '%s\n' $sources | grep '^daemon/.*\.[ch]$'); do
	lines=$(wc -l <"$file")
	test "$lines" -le 500 || echo "$file: $lines lines"
done >"$found"
report 'no file of the daemon is longer than 500 lines'

grep -nE '(TO''DO|FIX''ME|XX''X:)' $sources $scripts >"$found"
report 'nothing is left for later'
tap_end
