# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a manual: awk -f insert.awk REFERENCE MANUAL.in, where REFERENCE is what tcpwardend --dump=man printed.
# A line `.\" INSERT part` becomes that part; @confdir@ and @datadir@ become the variables of these names.

$1 == ".\\\"" && $2 == "BEGIN" { part = $3; next }
$1 == ".\\\"" && $2 == "END" { part = ""; next }
part != "" { parts[part] = parts[part] $0 "\n"; next }

$1 == ".\\\"" && $2 == "INSERT" {
	if (!($3 in parts)) {
		print FILENAME ": there is no part " $3 > "/dev/stderr"
		exit 1
	}
	printf "%s", parts[$3]
	next
}

{
	gsub(/@confdir@/, confdir)
	gsub(/@datadir@/, datadir)
	print
}
