#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit under a real systemd: readiness, privileges, verdicts inside the sandbox, watchdog, reload, stop,
# refusals. As root. Nothing here is measured in seconds: each step waits for what it needs to see.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$top_srcdir}"
. "$top_srcdir/tests/systemd/rig.sh"
. "$top_srcdir/tests/tap/tap.sh"
rig_enter "$0"
trap rig_end EXIT
trap 'exit 1' INT TERM

unit=tcpwardend.service
exporter=tcpwarden-exporter.service
conf=/etc/tcpwarden/tcpwardend.conf

property() { rig systemctl show -P "$1" "$unit"; }
journal() { rig journalctl -u "$unit" -o cat --no-pager "$@"; }
logged() { rig_until sh -c "journalctl -u $unit -o cat --no-pager | grep -q '$1'"; }
check() { "$@" >"$out" 2>&1; }
is() { test "$1" = "$2" || { echo "have: $1"; echo "want: $2"; return 1; }; }
configure() { printf '%s\n' "$1" >"$rig/root$conf"; }

# Inside the container every file of the overlay is the container's.
install_files()
{
	local root=$rig/root program
	program=$(sed -n 's/^ExecStart=//p' "$top_builddir/systemd/$unit")
	install -D "$top_builddir/tcpwardend" "$root$program" &&
		install -D "$top_builddir/tcpwardenctl" "${root}${program%d}ctl" &&
		install -m 644 "$top_builddir/systemd/$exporter" "$root/etc/systemd/system/" &&
		install -D "$top_builddir/tcpwardenctl" "$root/usr/bin/tcpwardenctl" &&
		install -m 644 "$top_builddir/systemd/$unit" "$root/etc/systemd/system/$unit" &&
		install -D -m 644 "$top_srcdir/systemd/sysusers.conf" "$root/etc/sysusers.d/tcpwarden.conf" &&
		install -D -m 644 "$top_srcdir/systemd/tmpfiles.conf" "$root/etc/tmpfiles.d/tcpwarden.conf" &&
		mkdir -p "$root/etc/tcpwarden" && rm -f "$root$conf"
}

# The unit as shipped, with a watchdog that a test can wait for.
hurry()
{
	mkdir -p "$rig/root/etc/systemd/system/$unit.d"
	printf '[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\n' \
		>"$rig/root/etc/systemd/system/$unit.d/test.conf"
}

status_of() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$2/status"; }

# The daemon's process id in the test's own namespace.
outer_pid()
{
	local inner pid
	inner=$(property MainPID)
	for pid in $(cat "$rig_group"/system.slice/$unit/cgroup.procs); do
		test "$(status_of NSpid "$pid" | awk '{ print $NF }')" = "$inner" && echo "$pid"
	done
}

has_one_capability()
{
	local pid net_admin=0000000000001000 none=0000000000000000
	pid=$(outer_pid)
	is "$(status_of CapEff "$pid")" $net_admin && is "$(status_of CapPrm "$pid")" $net_admin &&
		is "$(status_of CapInh "$pid")" $none && is "$(status_of CapAmb "$pid")" $none &&
		is "$(status_of CapBnd "$pid")" $net_admin && is "$(status_of NoNewPrivs "$pid")" 1
}

runs_as_its_user()
{
	local id
	id=$(rig id -u tcpwarden) && is "$(status_of Uid "$(outer_pid)")" "$id	$id	$id	$id"
}

# Asked from inside: the daemon's group is all it needs.
exporter_serves()
{
	rig systemctl start "$exporter" || return
	rig_until bash -c 'exec 3<>/dev/tcp/127.0.0.1/9798 && printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 &&
		grep -q ^tcpwarden_flows_max <&3' || return
	is "$(rig systemctl show -P CapabilityBoundingSet "$exporter")" '' &&
		test "$(rig systemctl show -P DynamicUser "$exporter")" = yes &&
		rig systemctl stop "$exporter"
}

# A connection refused on the loopback passes through the queue, SYN and RST alike.
judges_packets()
{
	rig iptables -A OUTPUT -o lo -p tcp -j NFQUEUE --queue-num 0 &&
		! rig bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>/dev/null &&
		logged 'event=flow-reset .*server=127.0.0.1:9 .*reason=refused'
}

reads_kernel_counters()
{
	find "/proc/$(outer_pid)/fd" -lname '*/netfilter/nfnetlink_queue' | grep .
}

# ctl USER GROUP VERB...: tcpwardenctl as this user and group.
ctl()
{
	local user=$1 group=$2
	shift 2
	rig setpriv --reuid "$user" --regid "$group" --clear-groups tcpwardenctl "$@"
}

# Root and the daemon's user may change, members of the group read, others nothing.
control_is_guarded()
{
	is "$(rig stat -c '%U %G %a' /run/tcpwarden/control.sock)" 'tcpwarden tcpwarden 660' &&
		ctl root root status && ctl root root log level info && ctl tcpwarden tcpwarden log level info &&
		ctl nobody tcpwarden flows --count && ! ctl nobody tcpwarden log level info &&
		{ ctl nobody nogroup status; is $? 3; }
}

fed_three_times()
{
	local last='' now seen=0 tries=600
	while test "$seen" -lt 4 && test "$tries" -gt 0; do
		now=$(property WatchdogTimestampMonotonic)
		test "$now" = "$last" || seen=$((seen + 1))
		last=$now
		tries=$((tries - 1))
		sleep 0.1
	done
	test "$seen" -eq 4 && is "$(property NRestarts)" 0 && is "$(property ActiveState)" active
}

hang_is_ended()
{
	local before
	before=$(property MainPID)
	rig kill -STOP "$before"
	rig_until sh -c "test \$(systemctl show -P NRestarts $unit) = 1 && systemctl is-active $unit" &&
		test "$(property MainPID)" != "$before"
}

reload_keeps_running()
{
	local before
	before=$(property MainPID)
	configure 'policy: { mode = "monitor"; };'
	rig systemctl reload "$unit" && logged event=config-reloaded && is "$(property MainPID)" "$before" &&
		rig_until sh -c "systemctl show -P StatusText $unit | grep -q monitor"
}

bad_reload_keeps_running()
{
	local before
	before=$(property MainPID)
	configure 'polciy: { mode = "monitor"; };'
	rig systemctl reload "$unit"
	logged event=config-rejected && is "$(property MainPID)" "$before" &&
		is "$(property ActiveState)" active && logged "$conf:1:.*polciy"
}

stops_clean()
{
	rig systemctl stop "$unit" && is "$(property Result)" success && is "$(property ExecMainStatus)" 0 &&
		logged event=stopping && is "$(rig cat /proc/net/netfilter/nfnetlink_queue)" ''
}

# Entries with fields of their own: found by event and address, the numbers in them.
journal_has_fields()
{
	local found
	configure 'log: { target = "journal"; };'
	rig systemctl start "$unit" && ! rig bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>/dev/null &&
		rig systemctl stop "$unit" || return
	found=$(rig journalctl -o json --no-pager TCPWARDEN_EVENT=flow-closed TCPWARDEN_CLIENT_IP=127.0.0.1 \
		TCPWARDEN_SERVER_PORT=9) || return
	is "$(echo "$found" | jq -r '[.TCPWARDEN_REASON, .TCPWARDEN_CONN_STATE, .PRIORITY, .SYSLOG_FACILITY,
		.SYSLOG_IDENTIFIER] | join(" ")')" 'refused REJ 6 3 tcpwardend' &&
		is "$(echo "$found" | jq -r .MESSAGE | cut -c 1-18)" 'event=flow-closed ' &&
		is "$(rig journalctl -o cat --no-pager TCPWARDEN_EVENT=stopping)" event=stopping
}

bad_configuration_is_final()
{
	configure 'queue: { number = "many"; };'
	! rig systemctl start "$unit" && is "$(property ActiveState)" failed &&
		is "$(property ExecMainStatus)" 1 && is "$(property NRestarts)" 0
}

inject_needs_its_drop_in()
{
	configure 'policy: { inject = true; };'
	! rig systemctl start "$unit" && is "$(property ExecMainStatus)" 3 &&
		logged 'policy.inject needs the capability CAP_NET_RAW' && rig systemctl stop "$unit"
}

# G-6: with the drop-in the second connection of one source is answered with a cookie, and the capability is gone
# by then.
drop_in_lets_inject()
{
	local pid net_admin=0000000000001000
	install -m 644 "$top_srcdir/systemd/tcpwardend-inject.conf" "$rig/root/etc/systemd/system/$unit.d/" &&
		rig systemctl daemon-reload || return 1
	configure 'policy: { inject = true; };
		syn_flood: { source_rate = 1; source_burst = 1; source_action = "challenge"; };'
	rig systemctl start "$unit" || return 1
	pid=$(outer_pid)
	is "$(status_of CapEff "$pid")" $net_admin && is "$(status_of CapPrm "$pid")" $net_admin &&
		is "$(status_of CapAmb "$pid")" 0000000000000000 || return 1
	rig bash -c 'for port in 9 10 11; do timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"; done' 2>/dev/null
	rig systemctl kill -s USR1 --kill-who=main "$unit" && logged 'event=summary answers=[1-9]' &&
		! journal | grep answers_failed
}

rig_make && install_files && hurry && rig_boot
ok $? 'systemd boots'
out=$rig/out

check rig systemd-sysusers && check rig systemd-tmpfiles --create tcpwarden.conf
ok $? 'user and folders are made' "$out"
check rig systemd-analyze verify --man=no "/etc/systemd/system/$unit" "/etc/systemd/system/$exporter" &&
	! test -s "$out"
ok $? 'systemd-analyze verify has nothing to say' "$out"
check rig systemd-analyze security --offline=true --threshold=20 --no-pager "/etc/systemd/system/$unit"
ok $? 'exposure is at most 2.0 of 10' "$out"
check rig systemd-analyze security --offline=true --threshold=20 --no-pager "/etc/systemd/system/$exporter"
ok $? 'that of the exporter as well' "$out"
check rig systemctl start "$unit"
ok $? 'starts to READY' "$out"
check exporter_serves
ok $? 'the exporter serves its figures, without privileges' "$out"
check runs_as_its_user
ok $? 'runs as tcpwarden' "$out"
check control_is_guarded
ok $? 'tcpwardenctl is answered by who one is' "$out"
check has_one_capability
ok $? 'with CAP_NET_ADMIN and nothing else' "$out"
check judges_packets
ok $? 'judges packets inside the sandbox' "$out"
check reads_kernel_counters
ok $? 'sees what the kernel drops' "$out"
check fed_three_times
ok $? 'idle: the watchdog is fed' "$out"
check reload_keeps_running
ok $? 'reload: new settings, same process' "$out"
check bad_reload_keeps_running
ok $? 'reload of a bad configuration: old settings, same process' "$out"
check stops_clean
ok $? 'stops clean' "$out"
check journal_has_fields
ok $? 'log.target = journal: journalctl finds entries by their fields' "$out"
check bad_configuration_is_final
ok $? 'bad configuration: exit code 1, not started again' "$out"
configure '' && rig systemctl reset-failed "$unit"
check rig systemctl start "$unit" && check hang_is_ended
ok $? 'a hang is ended by the watchdog' "$out"
rig systemctl stop "$unit"
check inject_needs_its_drop_in
ok $? 'policy.inject without its drop-in: one sentence, exit code 3' "$out"
check drop_in_lets_inject
ok $? 'with the drop-in it answers, and keeps CAP_NET_ADMIN only' "$out"
tap_end
