#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The sample configuration is what the daemon prints from the table of options.

. "${top_srcdir:-.}/tests/tap/tap.sh"
daemon=${top_builddir:-.}/tcpwardend
sample=${top_srcdir:-.}/conf/tcpwardend.conf
found=$(mktemp) || exit 1
trap 'rm -f "$found" "$found.printed"' EXIT

"$daemon" --dump=conf >"$found.printed" 2>"$found"
ok $? 'the daemon prints a configuration' "$found"
diff -u "$sample" "$found.printed" >"$found"
ok $? 'conf/tcpwardend.conf equals it' "$found"
"$daemon" -t -c "$sample" >"$found" 2>&1
ok $? 'the daemon accepts it' "$found"
sed 's/^\([[:space:]]*\)#\([a-z_]* = \)/\1\2/' "$sample" >"$found.printed"
"$daemon" -t -c "$found.printed" >"$found" 2>&1
ok $? 'and accepts it with every line in force' "$found"
tap_end
