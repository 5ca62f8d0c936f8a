# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of command lines: source it after tap.sh. $work is a folder that goes with the test; the last command's output
# stands in $work/out, its messages in $work/err.

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# run STATUS COMMAND...: 0 where the command exits with STATUS.
run()
{
	expected=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	status=$?
	test "$status" -eq "$expected" && return 0
	echo "exit $status, expected $expected: $*" >>"$work/err"
	return 1
}

# exits STATUS NAME COMMAND...: that as a test.
exits()
{
	name="$2: exit $1"
	expected=$1
	shift 2
	run "$expected" "$@"
	ok $? "$name" "$work/err"
}

# says TEXT FILE NAME: a test that $work/FILE has this text in it.
says()
{
	grep -qF -e "$1" "$work/$2"
	ok $? "$3" "$work/$2"
}

# same NAME EXPECTED GOT: a test that two files are the same.
same()
{
	diff -u "$2" "$3" >"$work/diff"
	ok $? "$1" "$work/diff"
}
