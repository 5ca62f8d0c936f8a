# SPDX-License-Identifier: GPL-2.0-or-later
# TAP for shell tests: source it, call ok once a test, tap_end last.

tap_count=0

# ok STATUS NAME [FILE]: one test, passed where STATUS is 0; FILE's text explains a failure.
ok()
{
	tap_count=$((tap_count + 1))
	if test "$1" -eq 0; then
		echo "ok $tap_count - $2"
		return
	fi
	echo "not ok $tap_count - $2"
	if test -n "$3"; then
		sed 's/^/# /' "$3"
	fi
}

tap_end()
{
	echo "1..$tap_count"
}
