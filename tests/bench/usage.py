# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time: of a process, of the benchmark's session and of all others, of softirqs."""
import os

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def _times(pid):
    """Ticks a process has used, the same with its ended children, and its session."""
    try:
        with open("/proc/%s/stat" % pid) as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0, 0, 0
    user, system, child_user, child_system = (int(n) for n in fields[11:15])
    return user + system, user + system + child_user + child_system, int(fields[3])


def process_s(pid):
    """CPU seconds a process has used."""
    return _times(pid)[0] * TICK_S


def others_s():
    """CPU seconds used so far by all processes outside this session; what ended counts with its parent."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        _, used, session = _times(pid)
        total += used if session != os.getsid(0) else 0
    return total * TICK_S


def softirq_s():
    """CPU seconds of softirqs of the whole machine, whoever they interrupted."""
    with open("/proc/stat") as file:
        return int(file.readline().split()[7]) * TICK_S


def own_session():
    """Goes on in a child with a session of its own, by which others_s() knows what is ours."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        raise SystemExit(os.waitstatus_to_exitcode(status))
    os.setsid()
