#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Gateway rules for tcpwardend, iptables form: sends forwarded TCP, and the ICMP errors that may speak about TCP,
# to its queue. Applying twice is the same as once; `undo` leaves nothing behind.
#
#   PREROUTING (mangle)  TCPWARDEN-DEFRAG  a rule that never matches: its socket match makes the kernel put
#                                          fragments together before routing, without connection tracking
#   FORWARD (mangle)     TCPWARDEN         NFQUEUE; last in FORWARD, since an accepted packet goes on at the next
#                                          hook and never sees the rules behind this one
set -eu

usage() {
	cat <<'TEXT'
usage: gateway-iptables.sh apply [OPTION]... | undo | show

  apply   put the rules in place, replacing those of an earlier apply
  undo    remove them
  show    print them

options of apply:
  --queue N[:M]       queue N, or queues N to M balanced by address pair (default 0); as queue.number and queue.count
  --interface NAME    only what enters or leaves by NAME (may be repeated; default: everything forwarded)
  --strict            drop what no daemon judges; without it packets pass while tcpwardend is not running
  --defrag WAY        socket (default), or conntrack for kernels without xt_socket, which tracks connections besides
TEXT
}

fail() {
	echo "gateway-iptables.sh: $*" >&2
	exit 2
}

# The NFQUEUE target's arguments for queue range $1 ("N" or "N:M"), strictness $2 (yes or no).
queue_target() {
	case $1 in
	*:*) printf '%s' "NFQUEUE --queue-balance $1" ;;
	*) printf '%s' "NFQUEUE --queue-num $1" ;;
	esac
	[ "$2" = yes ] || printf '%s' ' --queue-bypass'
}

# Matches of one family ($1: 4 or 6), one a line: TCP, then each kind of ICMP error.
matches() {
	echo '-p tcp'
	if [ "$1" = 4 ]; then
		for type in 3 4 11 12; do echo "-p icmp -m icmp --icmp-type $type"; done
	else
		for type in 1 2 3 4; do echo "-p ipv6-icmp -m icmp6 --icmpv6-type $type"; done
	fi
}

# Rules of chain TCPWARDEN for family $1.
forward_rules() {
	matches "$1" | while read -r match; do
		[ -n "$interfaces" ] || echo "-A TCPWARDEN $match -j $target"
		for name in $interfaces; do
			echo "-A TCPWARDEN -i $name $match -j $target"
			echo "-A TCPWARDEN -o $name $match -j $target"
		done
	done
}

# The rule that never matches: its last match is loaded, and with it defragmentation.
defrag_rule() {
	printf '%s' '-A TCPWARDEN-DEFRAG -p tcp -m length --length 0 '
	case $defrag in
	socket) echo '-m socket' ;;
	conntrack) echo '-m conntrack --ctstate NEW' ;;
	esac
}

# All rules of family $1 as one iptables-restore transaction: chains are emptied and filled in one step.
transaction() {
	echo '*mangle'
	echo ':TCPWARDEN - [0:0]'
	echo ':TCPWARDEN-DEFRAG - [0:0]'
	defrag_rule
	forward_rules "$1"
	has_jump "$1" FORWARD TCPWARDEN || echo '-A FORWARD -j TCPWARDEN'
	has_jump "$1" PREROUTING TCPWARDEN-DEFRAG || echo '-A PREROUTING -j TCPWARDEN-DEFRAG'
	echo 'COMMIT'
}

# iptables or ip6tables, by family $1; waits for whoever else is changing rules.
tables() {
	family=$1
	shift
	if [ "$family" = 4 ]; then iptables -w -t mangle "$@"; else ip6tables -w -t mangle "$@"; fi
}

restore() {
	if [ "$1" = 4 ]; then iptables-restore -w --noflush; else ip6tables-restore -w --noflush; fi
}

has_jump() {
	tables "$1" -C "$2" -j "$3" 2>/dev/null
}

remove_chain() {
	while has_jump "$1" "$2" "$3"; do tables "$1" -D "$2" -j "$3"; done
	if tables "$1" -S "$3" >/dev/null 2>&1; then
		tables "$1" -F "$3"
		tables "$1" -X "$3"
	fi
}

families() {
	echo 4
	[ ! -e /proc/net/if_inet6 ] || echo 6
}

apply() {
	queue=0 strict=no interfaces='' defrag=socket
	while [ $# -gt 0 ]; do
		case $1 in
		--queue | --interface | --defrag) [ $# -ge 2 ] || fail "$1 needs a value" ;;
		esac
		case $1 in
		--queue) queue=$2 && shift ;;
		--interface) interfaces="$interfaces $2" && shift ;;
		--defrag) defrag=$2 && shift ;;
		--strict) strict=yes ;;
		-h | --help) usage && exit 0 ;;
		*) fail "unknown option $1 (see gateway-iptables.sh --help)" ;;
		esac
		shift
	done
	echo "$queue" | grep -Eq '^[0-9]+(:[0-9]+)?$' || fail "--queue $queue: not a number N or a range N:M"
	case $defrag in socket | conntrack) ;; *) fail "--defrag $defrag: must be socket or conntrack" ;; esac
	target=$(queue_target "$queue" "$strict")
	for family in $(families); do transaction "$family" | restore "$family"; done
}

undo() {
	for family in $(families); do
		remove_chain "$family" FORWARD TCPWARDEN
		remove_chain "$family" PREROUTING TCPWARDEN-DEFRAG
	done
}

show() {
	for family in $(families); do tables "$family" -S | grep TCPWARDEN || true; done
}

case ${1-} in
apply) shift && apply "$@" ;;
undo) undo ;;
show) show ;;
-h | --help) usage ;;
*) usage >&2 && exit 2 ;;
esac
