# SPDX-License-Identifier: GPL-2.0-or-later
# What contrib/test and contrib/demo share; source it with $top set to the source tree.

say()
{
	printf '\n== %s\n' "$*"
}

# install_packages SECTION...: those sections of contrib/packages, where something of them is missing.
install_packages()
{
	local wanted missing
	wanted=$(for section; do
		awk -v section="$section" '$1 == section { print $2 }' "$top/contrib/packages"
	done | sort -u)
	missing=$(for package in $wanted; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
			echo "$package"
	done)
	test -n "$missing" || return 0
	if test "$(id -u)" -ne 0; then
		echo "these packages are missing, and only root may install them:" $missing >&2
		return 1
	fi
	say "installing" $missing
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q && apt-get install -q -y --no-install-recommends $missing
}

# copy_source DIR: the tree without what a build left in it, and its version; the checkout stays untouched.
copy_source()
{
	mkdir -p "$1"
	if git -C "$top" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		(cd "$top" && git ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' file; do
				if test -e "$file"; then printf '%s\0' "$file"; fi
			done | tar --null --no-recursion -T - -cf -) | tar -xf - -C "$1"
	else
		cp -a "$top/." "$1"
	fi
	(cd "$top" && sh build-aux/version) >"$1/.dist-version.new" && mv "$1/.dist-version.new" "$1/.dist-version"
}
