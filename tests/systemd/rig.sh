# SPDX-License-Identifier: GPL-2.0-or-later
# A real systemd as process 1 of a container: the system's own root under a throw-away overlay, own network,
# nothing downloaded, nothing left behind. Source it in a script that runs in a mount namespace of its own
# (rig_enter does that).
#
#   rig_enter "$0"    once, first: starts the script again in that namespace
#   rig_make          the root, at $rig/root, to put files into
#   rig_boot          0 as soon as systemd is up
#   rig CMD...        runs CMD inside
#   rig_until CMD...  waits until CMD succeeds inside, at most 60 s
#   rig_end           halts it and cleans up

rig_enter()
{
	if test "${RIG_ENTERED:-}" != yes; then
		RIG_ENTERED=yes exec unshare --mount --propagation private "$1"
	fi
}

# Units of the machine that have no business in a test.
rig_mask='apt-daily.timer apt-daily-upgrade.timer console-getty.service dpkg-db-backup.timer
	e2scrub_all.timer fstrim.timer getty.target logrotate.timer man-db.timer systemd-binfmt.service
	systemd-firstboot.service systemd-logind.service systemd-networkd.service systemd-resolved.service
	systemd-sysctl.service systemd-sysusers.service systemd-timesyncd.service systemd-udev-
	trigger.service systemd-udevd.service'

rig_make()
{
	local unit

	rig=$(mktemp -d /tmp/tcpwarden-rig.XXXXXX) || return 1
	# The overlay's upper layer lies on a file system of its own, whatever / is.
	mount -t tmpfs -o mode=755 rig "$rig" || return 1
	mkdir "$rig/upper" "$rig/work" "$rig/root" "$rig/cgroup"
	mount -t overlay -o "lowerdir=/,upperdir=$rig/upper,workdir=$rig/work" rig "$rig/root" || return 1
	mount -t cgroup2 cgroup2 "$rig/cgroup" || return 1

	rm -rf "$rig"/root/etc/systemd/system/*.wants "$rig"/root/etc/systemd/system/*.requires
	rm -rf "$rig/root/var/log/journal"
	rm -f "$rig"/root/usr/lib/systemd/system-generators/*
	rm -f "$rig"/root/usr/lib/systemd/system/timers.target.wants/*
	for unit in $rig_mask; do
		ln -sf /dev/null "$rig/root/etc/systemd/system/$unit"
	done
	: >"$rig/root/etc/fstab"
	tr -d - </proc/sys/kernel/random/uuid >"$rig/root/etc/machine-id"
	cat >"$rig/root/etc/systemd/system/rig.target" <<-'END'
	[Unit]
	Requires=basic.target
	After=basic.target
	Wants=dbus.socket systemd-journald.service
	AllowIsolate=yes
	END
	mkdir -p "$rig/root/etc/systemd/journald.conf.d"
	printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' \
		>"$rig/root/etc/systemd/journald.conf.d/rig.conf"
}

# What the container sees of the machine, then systemd. Runs as its process 1.
rig_init='
	set -e
	cd "$1"
	mount -t proc proc proc
	mount -t sysfs sysfs sys
	mount -t tmpfs -o mode=755 tmpfs dev
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty dev/
	mkdir dev/pts dev/shm
	ln -s /proc/self/fd dev/fd
	ln -s pts/ptmx dev/ptmx
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
	mount -t tmpfs tmpfs dev/shm
	mount -t tmpfs -o mode=755 tmpfs run
	mount -t tmpfs -o mode=1777 tmpfs tmp
	mount -t cgroup2 cgroup2 sys/fs/cgroup
	pivot_root . .
	umount -l .
	cd /
	init=/usr/lib/systemd/systemd
	test -x $init || init=/lib/systemd/systemd
	exec env -i container=rig PATH=/usr/sbin:/usr/bin:/sbin:/bin $init --system \
		systemd.unit=rig.target systemd.unified_cgroup_hierarchy=1'

# The container's process 1, as the test sees it.
rig_leader()
{
	local children

	read -r children _ <"/proc/$rig_pid/task/$rig_pid/children" # it ends without a newline: read says no
	test -n "$children" && echo "$children"
}

rig()
{
	nsenter -t "$(rig_leader)" -m -u -i -n -p -C -r -w -- \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
		SYSTEMD_PAGER= SYSTEMD_COLORS=0 "$@"
}

rig_until()
{
	local tries=600

	until rig "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		test "$tries" -gt 0 || return 1
		sleep 0.1
	done
}

rig_is_up()
{
	case $(rig systemctl is-system-running 2>/dev/null) in
	running | degraded) return 0 ;;
	esac
	return 1
}

rig_boot()
{
	local tries=600

	rig_group="$rig/cgroup/$(basename "$rig")"
	mkdir "$rig_group" || return 1
	# A group of its own becomes the root of the container's cgroup namespace.
	bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$rig_group" \
		setsid unshare --pid --mount --fork --cgroup --uts --ipc --net --propagation private \
		bash -c "$rig_init" - "$rig/root" </dev/null >"$rig/init.log" 2>&1 &
	rig_pid=$!
	until rig_is_up; do
		tries=$((tries - 1))
		if test "$tries" -eq 0 || ! kill -0 "$rig_pid" 2>/dev/null; then
			cat "$rig/init.log" >&2
			return 1
		fi
		sleep 0.1
	done
	rig ip link set lo up
}

rig_end()
{
	local leader

	test -n "${rig:-}" || return 0
	if test -n "${rig_pid:-}" && leader=$(rig_leader 2>/dev/null) && test -n "$leader"; then
		kill -KILL "$leader" # the kernel ends all of the container with it
		wait "$rig_pid" 2>/dev/null
	fi
	if test -d "${rig_group:-}"; then
		find "$rig_group" -depth -type d -exec rmdir {} \; 2>/dev/null
	fi
	umount -l "$rig/root" "$rig/cgroup" 2>/dev/null
	umount -l "$rig" && rmdir "$rig"
	rig=
}
