#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Do the tests notice when a rule breaks? Each line of mutants.txt breaks one in a copy of daemon/; then a run of the
# simulator must fail, or where the line says so a scenario. Run by make check-long; MUTANTS="W-3 T-7": these only.

. "${top_srcdir:-.}/tests/tap/tap.sh"
src=$(cd "${top_srcdir:-.}" && pwd)
build=$(cd "${top_builddir:-.}" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
flags="-std=gnu11 -D_GNU_SOURCE -O1 -w -fPIE"
runs=${MUTANT_RUNS:-30000}

# link PROGRAM OBJECT...: with the mutant's objects in front of the libraries.
link()
{
	program=$1
	shift
	${CC:-cc} -pie -pthread -o "$program" "$@" "$work"/object/*.o "$build/libhost.a" "$build/libtcpwarden.a" \
		$HOST_LIBS
}

# mutate FILE SED: the objects that the change concerns, all that see a changed header.
mutate()
{
	rm -rf "$work/daemon" "$work/object"
	mkdir "$work/object"
	cp -r "$src/daemon" "$work/daemon"
	sed -i "$2" "$work/daemon/$1"
	if cmp -s "$src/daemon/$1" "$work/daemon/$1"; then
		echo "the expression changes nothing in daemon/$1"
		return 1
	fi
	case $1 in
	*.h) sources=$(cd "$work/daemon" && echo tcp/*.c engine/*.c) ;;
	*) sources=$1 ;;
	esac
	for each in $sources; do
		${CC:-cc} $flags -I"$work/daemon" -c -o "$work/object/$(echo "$each" | tr / -).o" \
			"$work/daemon/$each" || return 1
	done
}

# Who notices first; the failure itself in $work/out.
find_failure()
{
	link "$work/simulate" "$build"/tests/simulate/*.o || return
	for mode in '' --attack; do
		timeout 300 "$work/simulate" $mode -n "$runs" -s 1 >"$work/out" 2>&1 && continue
		echo "simulator${mode:+ $mode}"
		return
	done
	link "$work/replay" "$build"/daemon/main/tcpwarden_replay-*.o || return
	(cd "$src/tests/scenario" && "$work/replay" --check *.seg) >"$work/all" 2>&1 || echo scenario
	grep '^not ok' "$work/all" >"$work/out"
}

grep -v '^#' "$src/tests/simulate/mutants.txt" >"$work/list"
while read -r rule who file expression; do
	case " ${MUTANTS:-$rule} " in
	*" $rule "*) ;;
	*) continue ;;
	esac
	found=
	mutate "$file" "$expression" >"$work/out" 2>&1 && found=$(find_failure)
	grep -e '^# seed' -e '^not ok' -e 'changes nothing' -e 'error' "$work/out" | head -n 1 | cut -c 1-150 \
		>"$work/first"
	test -n "$found" && test "$who" = scenario -o "${found%% *}" = simulator
	ok $? "$rule broken in $file: ${found:-nobody} notices ($(sed 's/^# //; s/#//g' "$work/first"))" "$work/first"
done <"$work/list"
tap_end
