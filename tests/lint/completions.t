#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completions in contrib/ are what the daemon prints from its tables, and the one for bash completes.

. "${top_srcdir:-.}/tests/tap/tap.sh"
daemon=${top_builddir:-.}/tcpwardend
folder=${top_srcdir:-.}/contrib/completions
found=$(mktemp) || exit 1
trap 'rm -f "$found"' EXIT

"$daemon" --dump=bash | diff -u "$folder/bash/tcpwardenctl" - >"$found"
ok $? 'bash: equals what the daemon prints' "$found"
"$daemon" --dump=zsh | diff -u "$folder/zsh/_tcpwardenctl" - >"$found"
ok $? 'zsh: equals what the daemon prints' "$found"

. "$folder/bash/tcpwardenctl"

# completes WANTED WORD...: the last word may become the wanted one.
completes()
{
	wanted=$1
	shift
	COMP_WORDS=(tcpwardenctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_tcpwardenctl
	printf '%s\n' "${COMPREPLY[@]}" >"$found"
	grep -qxF -e "$wanted" "$found"
	ok $? "bash: $* becomes $wanted" "$found"
}

completes flows fl
completes status -s /run/x.sock sta
completes client= flows cl
completes --count flows port=80 --c
completes ESTABLISHED flows phase = EST
completes TIME_WAIT flows phase =
completes ack-high flows reason = ack
completes enforce mode enf
completes warning log level war
tap_end
