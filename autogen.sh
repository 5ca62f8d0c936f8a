#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes ./configure from a checkout. Needs the packages of the section "build" in contrib/packages.

set -e
cd "$(dirname "$0")"
for tool in autoreconf:autoconf automake:automake pkg-config:pkg-config; do
	if ! command -v "${tool%:*}" >/dev/null; then
		echo "autogen.sh: ${tool%:*} is missing (Debian: apt-get install ${tool#*:})" >&2
		exit 1
	fi
done
if ! test -f "$(aclocal --print-ac-dir)/ax_append_compile_flags.m4"; then
	echo "autogen.sh: the macro archive is missing (Debian: apt-get install autoconf-archive)" >&2
	exit 1
fi
exec autoreconf --force --install --warnings=all
