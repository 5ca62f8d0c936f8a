#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The include order: a file of daemon/ includes its own folder and those above it in daemon/LAYERS.
# And what stands below log/ in no case: the core includes no header that does I/O or reads a clock.

. "${top_srcdir:-.}/tests/tap/tap.sh"
cd "${top_srcdir:-.}/daemon" || exit 1
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

layers=$(grep -v '^#' LAYERS)
core=$(printf '%s\n' "$layers" | sed '/^log$/,$d')

# Every folder with code stands in LAYERS.
for folder in */; do
	folder=${folder%/}
	ls "$folder"/*.[ch] >/dev/null 2>&1 || continue
	printf '%s\n' "$layers" | grep -qx "$folder" || echo "daemon/$folder is not in daemon/LAYERS"
done >"$found"
test ! -s "$found"
ok $? 'every folder of code has its place in LAYERS' "$found"

# And the document says what each is for.
for layer in $layers; do
	grep -q "^| \`$layer\` | " doc/architecture.md || echo "doc/architecture.md says nothing of $layer"
done >"$found"
test ! -s "$found"
ok $? 'the document on the architecture has a line for each layer' "$found"

for folder in ../tests/*/; do
	folder=$(basename "$folder")
	grep '^| `tests` |' ../README.md | grep -qF "\`$folder/\`" || echo "README.md says nothing of tests/$folder"
done >"$found"
test ! -s "$found"
ok $? 'README.md says what each folder of tests is' "$found"

for layer in $layers; do
	grep -n '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$layer"/*.[ch] "$layer"/*.def 2>/dev/null |
	awk -v layer="$layer" -v layers="$(echo $layers)" '
	BEGIN {
		n = split(layers, list, " ")
		for (i = 1; i <= n; i++)
			place[list[i]] = i
	}
	{
		split($0, part, "\"")
		folder = part[2]
		if (!sub("/.*", "", folder))
			print $0 ": not written from daemon/"
		else if (!(folder in place))
			print $0 ": " folder " is not in LAYERS"
		else if (place[folder] > place[layer])
			print $0 ": " layer " stands above " folder
	}' >"$found"
	test ! -s "$found"
	ok $? "$layer includes itself and what stands above it" "$found"
done

for layer in $core; do
	grep -nE '#[[:space:]]*include[[:space:]]*<(time|sys/|poll|unistd|fcntl|pthread|errno|syslog|signal|netdb)' \
		"$layer"/*.[ch] 2>/dev/null | grep -vE '<sys/(types|param)\.h>' >"$found"
	test ! -s "$found"
	ok $? "$layer includes no header of clocks, files or threads" "$found"
done
tap_end
