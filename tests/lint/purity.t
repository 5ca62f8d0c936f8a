#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the core takes from the C library: only what neither does I/O, nor reads a clock, nor keeps state.
# Memory is taken by functions named *_new (and the *_init that they call) and given back by *_free (*_fini), nowhere
# else.

. "${top_srcdir:-.}/tests/tap/tap.sh"
library=${top_builddir:-.}/libtcpwarden.a
nm=${NM:-nm}
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

# Memory and text without I/O; the compiler's and the sanitizers' own calls; the fortified forms.
pure='mem(cpy|set|cmp|move|chr)|bcmp|str(len|nlen|cmp|ncmp|ncpy|chr|rchr|cspn|spn)|v?snprintf|qsort|bsearch|abs'
pure="$pure|__(mem(cpy|set|move)|v?snprintf)_chk|__stack_chk_fail|__assert_fail|_GLOBAL_OFFSET_TABLE_"
pure="$pure|__(asan|ubsan|tsan|lsan|sanitizer|sancov|gcov|llvm)_.*|_*__odr_asan.*"
memory='calloc|malloc|free|aligned_alloc'

"$nm" -P "$library" 2>/dev/null | awk '$2 ~ /^[TDBRVWC]$/ { print $1 }' | sort -u >"$found.own"
"$nm" -P "$library" 2>/dev/null | awk '
	/\]:$/ { object = $1; sub(/.*\[/, "", object); sub(/\]:$/, "", object); next }
	$2 == "U" { print object, $1 }' | sort -u >"$found.needed"
trap 'rm -f "$found" "$found.own" "$found.needed"' EXIT

test -s "$found.own"
ok $? 'the core has symbols'

awk -v pure="^($pure|$memory)\$" 'NR == FNR { own[$1]; next } !($2 in own) && $2 !~ pure' \
	"$found.own" "$found.needed" >"$found"
test ! -s "$found"
ok $? 'the core calls nothing that does I/O, reads a clock or keeps state' "$found"

# A function begins at a line that starts with its name or type and ends at a brace in column 0.
cd "${top_srcdir:-.}/daemon" || exit 1
for layer in $(grep -v '^#' LAYERS | sed '/^log$/,$d'); do
	for file in "$layer"/*.c "$layer"/*.h; do
		test -f "$file" && awk -v file="$file" -v memory="(^|[^a-zA-Z0-9_])($memory)[(]" '
		/^[a-z].*[(]/ { name = $0; sub(/[(].*/, "", name); sub(/.*[^a-zA-Z0-9_]/, "", name) }
		$0 ~ memory && name !~ /_(new|free|init|fini)$/ { print file ":" FNR ": " name ":" $0 }' "$file"
	done
done >"$found"
test ! -s "$found"
ok $? 'memory is taken when something is made and given back when it goes' "$found"

# No variable that lives on: data in the core is constant, after relocation at the latest.
"${OBJDUMP:-objdump}" -t "$library" | awk '
	/file format/ { object = $1 }
	$3 == "O" && $4 ~ /^\.(data|bss|tdata|tbss)/ && $4 !~ /^\.data\.rel\.ro/ && $NF !~ /^__/ {
		print object, $NF
	}' >"$found"
test ! -s "$found"
ok $? 'the core keeps no variables of its own' "$found"
tap_end
