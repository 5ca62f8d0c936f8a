#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make bench-flood: floods of several kinds (attack.c) beside 500 legitimate clients (clients.c), through the namespace
gateway of tests/netns/gateway.py with each means of defence in turn, as root. Prints one table; how to read it, and
what was measured, stands in daemon/doc/flood.md.

The server (server.c) listens with a backlog of 1024 and net.ipv4.tcp_max_syn_backlog 2048, without SYN cookies unless
--syncookies 1: what a flood does to it is not healed by it. Clients: 350 with an address each far from the flood's, 50
in the /24 of the bots, 100 that take turns with 500 addresses of the flooded /16. 20 SYNs a second, 50 at
once, is what one source may send where the defence knows such a limit.

The generator has CPU 0; softirqs run there too, where the packet was sent, and with them the kernel's means of defence.
tcpwardend has a queue and a worker for each CPU. Clients and server have the other CPUs. All of it runs at nice -15,
so that other work on the machine disturbs little.
"""
import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "netns"))
import gateway as gw  # noqa: E402  the path above is needed first
from usage import others_s, own_session, process_s, softirq_s  # noqa: E402

BIN = os.path.join(gw.BUILD, "tests", "bench")
GENERATOR_CPU, OTHER_CPUS = "0", "1-%d" % (os.cpu_count() - 1) if os.cpu_count() > 1 else "0"
SERVER, PORT, BACKLOG = gw.SERVER[4], "80", "1024"
GROUPS = ("350:20.1.0.1:350", "50:198.18.200.129:50", "100:198.18.0.1:500")  # as clients.c takes them
LOCAL = ("20.1.0.0/23", "198.18.200.128/25", "198.18.0.0/19")  # where these addresses lie
BOTS = "198.18.200.0/25"
CLIENT_PORT_LEAST = 32768  # ip_local_port_range; the flood's ports are below
FLOODS = {
    "calm": "no flood",
    "random": "SYNs of random sources",
    "prefix": "SYNs of one /16",
    "real": "128 hosts that complete the handshake",
    "synack": "SYN+ACK backscatter",
    "ack": "ACK backscatter",
    "rst": "RST backscatter",
}
SYN_FLOODS = ("random", "prefix", "real")
NICE = -15
START_PATIENCE_S = 5  # for flood mode to begin


class Defence:
    """On the router while it is entered; this one is none at all."""

    rules = None  # of conf/gateway-iptables.sh

    def __init__(self, net, options):
        self.net, self.options = net, options

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def wait_for_flood(self, flood):
        """Returns once it knows of the flood."""

    def cpu_s(self):
        return None

    def memory_mb(self):
        return None

    def log_lines(self):
        """Lines so far: lives of connections that the flood completed; others. Lives of the clients' do not count."""
        return None, None


class Conntrack(Defence):
    """Drops what is INVALID; a connection begins with a SYN (tcp_loose 0), as with tracking.pickup "off"."""

    chains = ()
    verdict = ("-A", "FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")

    def __enter__(self):
        for rule in (*self.chains, self.verdict):
            self.net.router.run("iptables", "-w", *rule)
        self.net.router.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
        return self

    def memory_mb(self):
        """Its entries, of all namespaces; not the table of buckets."""
        with open("/proc/slabinfo") as file:
            for line in file:
                words = line.split()
                if words[0] == "nf_conntrack":
                    return int(words[2]) * int(words[3]) / 1e6
        return None


def limit(name, mode, rate, burst):
    return ("-t", "raw", "-A", "PREROUTING", "-i", "r0", "-p", "tcp", "--syn", "-m", "hashlimit", "--hashlimit-name",
            name, "--hashlimit-mode", mode, "--hashlimit-above", "%d/second" % rate, "--hashlimit-burst", str(burst),
            "-j", "DROP")


class Hashlimit(Conntrack):
    """Ahead of conntrack: 20 SYNs a second of a source, 5,000 toward the server's port."""

    chains = (limit("source", "srcip", 20, 50), limit("target", "dstip,dstport", 5000, 5000))


class Synproxy(Conntrack):
    chains = (("-t", "raw", "-A", "PREROUTING", "-i", "r0", "-p", "tcp", "--syn", "-j", "CT", "--notrack"),
              ("-A", "FORWARD", "-i", "r0", "-p", "tcp", "-m", "conntrack", "--ctstate", "INVALID,UNTRACKED",
               "-j", "SYNPROXY", "--sack-perm", "--timestamp", "--wscale", "7", "--mss", "1460"))


class Warden(Defence):
    """tcpwardend with its defaults, but for the mode and what is written here."""

    rules = ("apply", "--queue", "0:%d" % (os.cpu_count() - 1))
    settings = ("tracking.pickup=off", "syn_flood.source_rate=20", "syn_flood.source_burst=50",
                "syn_flood.destination_start=256", "syn_flood.conn_rate=20", "syn_flood.conn_burst=50",
                "syn_flood.ban_time=60", "syn_flood.half_open_source=50", "queue.count=%d" % os.cpu_count(),
                "queue.cpus=(%s)" % ",".join(map(str, range(os.cpu_count()))))
    own = ()
    LINE = re.compile(r"event=(\S+)(?: flow=(\S+))?(?:.*? client=\S+:(\d+) )?")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-flood-")
        os.chmod(self.folder.name, 0o777)  # the daemon writes there as another user
        self.log = os.path.join(self.folder.name, "log")
        words = [gw.DAEMON, "--set", "user=nobody", "--set", "control.socket=", "--set", "log.target=file:" + self.log]
        for setting in (*self.settings, *self.own, *self.options.set):
            words += ["--set", setting]
        self.process = self.net.router.popen(*words, stdin=subprocess.DEVNULL)
        try:
            gw.wait_until(lambda: self._said("event=started") or self.process.poll() is not None, "tcpwardend")
            if self.process.poll() is not None:
                raise AssertionError("tcpwardend does not start")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(gw.GIVE_UP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.folder.cleanup()

    def _said(self, text):
        try:
            with open(self.log) as file:
                return any(text in line for line in file)
        except FileNotFoundError:
            return False

    def wait_for_flood(self, flood):
        if flood in SYN_FLOODS:
            end = time.monotonic() + START_PATIENCE_S
            while not self._said("event=flood-start") and time.monotonic() < end:
                time.sleep(0.2)

    def cpu_s(self):
        return process_s(self.process.pid)

    def memory_mb(self):
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def log_lines(self):
        lives = others = 0
        completed = set()
        with open(self.log) as file:
            for line in file:
                event, flow, port = self.LINE.search(line).groups()
                if event.startswith("flow-") and int(port) >= CLIENT_PORT_LEAST:
                    continue
                if event == "flow-established":
                    completed.add(flow)
                if flow in completed:
                    lives += 1
                else:
                    others += 1
        return lives, others


class WardenDrop(Warden):
    own = ("syn_flood.mode_action=drop",)


class WardenFirstSyn(Warden):
    own = ("syn_flood.mode_action=first-syn",)


class WardenChallenge(Warden):
    own = ("syn_flood.mode_action=challenge", "policy.inject=true")


DEFENCES = {"none": Defence, "conntrack": Conntrack, "hashlimit": Hashlimit, "synproxy": Synproxy,
            "drop": WardenDrop, "first-syn": WardenFirstSyn, "challenge": WardenChallenge}


def rest_of_the_world(net):
    """
    Where the addresses are that no host here has: behind a router of their own, which is not on this machine and takes
    no CPU of it. It is a veth whose other end drops each frame at once, as it is for another station.
    """
    net.router.run("ip", "link", "add", "e0", "type", "veth", "peer", "name", "e1")
    for link in ("e0", "e1"):
        net.router.run("ip", "link", "set", link, "up")
    net.router.run("ip", "address", "add", "10.9.3.1/24", "dev", "e0")
    net.router.run("ip", "neighbour", "add", "10.9.3.2", "lladdr", "02:00:00:00:03:02", "dev", "e0", "nud", "permanent")
    net.router.run("ip", "route", "add", "default", "via", "10.9.3.2")


def prepare(net, flood, options):
    """Ways to and from all addresses, the server's sysctls, a counter there of the flood's packets (SYNs)."""
    for prefix in (*LOCAL, BOTS):
        net.router.run("ip", "route", "add", prefix, "via", gw.CLIENT[4])
    rest_of_the_world(net)
    for prefix in LOCAL:
        net.client.run("ip", "route", "add", "local", prefix, "dev", "lo")
    net.client.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=%d 60999" % CLIENT_PORT_LEAST)
    net.server.run("sysctl", "-qw", "net.ipv4.tcp_syncookies=%d" % options.syncookies,
                   "net.ipv4.tcp_max_syn_backlog=2048", "net.core.somaxconn=4096")
    net.server.run("iptables", "-w", "-t", "raw", "-A", "PREROUTING", "-p", "tcp", "--sport",
                   "0:%d" % (CLIENT_PORT_LEAST - 1), *(("--syn",) if flood in SYN_FLOODS else ()))


def arrived(net):
    """Packets of the flood that reached the server's link."""
    rows = net.server.output("iptables", "-w", "-t", "raw", "-nvxL", "PREROUTING").splitlines()
    return int(rows[2].split()[0])


class Program:
    """One of this folder's programs in a namespace, on a CPU of its own; ended on leaving."""

    def __init__(self, space, cpus, *words):
        self.process = space.popen("taskset", "-c", cpus, os.path.join(BIN, words[0]), *words[1:],
                                   stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise AssertionError("a program ended: %s" % self.process.args)
        return {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", text)}


class Attack(Program):
    def __init__(self, net, flood, rate):
        super().__init__(net.client, GENERATOR_CPU, "attack", flood, str(rate))

    def sent(self):
        self.process.send_signal(signal.SIGUSR1)
        return self.line()["sent"]


def snapshot(net, defence, attack):
    lives, lines = defence.log_lines()
    return {"time": time.monotonic(), "sent": attack.sent() if attack else 0, "arrived": arrived(net),
            "cpu": defence.cpu_s(), "softirq": softirq_s(), "others": others_s(), "memory": defence.memory_mb(),
            "lives": lives, "log": lines}


def measure(net, defence, attack, options):
    """Figures of one flood, which goes on, while the clients run."""
    before = snapshot(net, defence, attack)
    with Program(net.client, OTHER_CPUS, "clients", SERVER, PORT, str(options.seconds), str(options.timeout),
                 str(options.pause), *GROUPS) as clients:
        result = clients.line()
    for prefix in ("", "new_", "answer_"):
        if not result[prefix + "good"]:
            for key in ("p50", "p99", "most"):
                del result[prefix + key]
    after = snapshot(net, defence, attack)
    seconds = after["time"] - before["time"]
    delta = {key: after[key] - before[key] for key in after if after[key] is not None}
    result.update({"seconds": seconds, "rate": delta["sent"] / seconds, "arrived": delta["arrived"] / seconds,
                   "softirq": delta["softirq"] / seconds, "others": delta["others"] / seconds})
    if delta["sent"]:
        result["share"] = 100 * delta["arrived"] / delta["sent"]
    if "cpu" in delta:
        result["cpu"] = delta["cpu"] / seconds
    if "memory" in delta:
        result.update({"before": before["memory"], "after": after["memory"]})
    if "log" in delta:
        result["log"] = delta["log"] / seconds * 60
        result["lives"] = delta["lives"] / seconds * 60
    return result


def one_cell(flood, name, options):
    kind = DEFENCES[name]
    with gw.Gateway(kind.rules) as net:
        prepare(net, flood, options)
        with Program(net.server, OTHER_CPUS, "server", SERVER, PORT, BACKLOG) as server, kind(net, options) as defence:
            server.line()  # "ready"
            if flood == "calm":
                return measure(net, defence, None, options)
            with Attack(net, flood, options.rate) as attack:
                time.sleep(options.warm_up)
                defence.wait_for_flood(flood)
                return measure(net, defence, attack, options)


def number(value):
    """Three digits that count."""
    if value is None:
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return "{:,.{}f}".format(value, digits)


def of(*keys):
    """A cell of a table: the medians of these figures."""
    def cell(results):
        values = [[r[key] for r in results if key in r] for key in keys]
        return " / ".join(number(statistics.median(v) if v else None) for v in values)
    return cell


def share_good(results, prefix=""):
    tried = sum(r[prefix + "tried"] for r in results)
    if not tried:
        return "-"
    failed = tried - sum(r[prefix + "good"] for r in results)
    return "{:.2f}".format(100 * (tried - failed) / tried) if failed else "100"


ROWS = (
    ("flood sent, packets/s", of("rate")),
    ("connects tried", of("tried")),
    ("connected, %", share_good),
    ("connect p50 / p99, ms", of("p50", "p99")),
    ("first connects, %", lambda results: share_good(results, "new_")),
    ("first connect p50 / p99, ms", of("new_p50", "new_p99")),
    ("of these answered, %", lambda results: share_good(results, "answer_")),
    ("answered after, p50 / p99, ms", of("answer_p50", "answer_p99")),
    ("flood at the server, packets/s", of("arrived")),
    ("flood at the server, %", of("share")),
    ("CPU daemon / softirq, cores", of("cpu", "softirq")),
    ("memory before / after, MB", of("before", "after")),
    ("log lines a minute", of("log")),
    ("lives that the flood completed", of("lives")),
    ("other processes, cores", of("others")),
)


def report(results, options):
    names = options.defences
    print("\n| %-32s | %s |" % ("", " | ".join(names)))
    print("| --- |" + " ---: |" * len(names))
    for flood in options.floods:
        print("| **%s: %s** |" % (flood, FLOODS[flood]) + " |" * len(names))
        for title, cell in ROWS:
            found = [results.get((flood, name)) for name in names]
            print("| %-32s | %s |" % (title, " | ".join(cell(r) if r else "failed" for r in found)))
    print("\n%d round(s) of %g s, rate %s, timeout %g s, pause %g s, syncookies %d; kernel %s, %d CPUs" % (
        options.rounds, options.seconds, "%d packets/s" % options.rate if options.rate else "unlimited",
        options.timeout, options.pause, options.syncookies, os.uname().release, os.cpu_count()))
    if options.set:
        print("tcpwardend with " + " ".join(options.set))


def names_of(table):
    def parse(text):
        names = text.split(",")
        wrong = [name for name in names if name not in table]
        if wrong:
            raise argparse.ArgumentTypeError("%s: not one of %s" % (wrong[0], ", ".join(table)))
        return names
    return parse


def parse_options():
    parser = argparse.ArgumentParser(description="floods beside legitimate clients, by each means of defence")
    parser.add_argument("--seconds", type=float, default=60, help="length of each measurement (default 60)")
    parser.add_argument("--rounds", type=int, default=1, help="measurements of each cell, of which medians (default 1)")
    parser.add_argument("--rate", type=int, default=0, help="packets/s of the flood (default 0: all that goes)")
    parser.add_argument("--timeout", type=float, default=10, help="patience of a client, s (default 10)")
    parser.add_argument("--pause", type=float, default=0.5, help="mean pause of a client, s (default 0.5)")
    parser.add_argument("--warm-up", type=float, default=2, help="flood before the clients begin, s (default 2)")
    parser.add_argument("--syncookies", type=int, default=0, help="net.ipv4.tcp_syncookies of the server (default 0)")
    parser.add_argument("--floods", type=names_of(FLOODS), default=list(FLOODS), help=",".join(FLOODS))
    parser.add_argument("--defences", type=names_of(DEFENCES), default=list(DEFENCES), help=",".join(DEFENCES))
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="a setting of tcpwardend")
    parser.add_argument("--json", help="also write all figures to this file")
    parser.add_argument("--quick", action="store_true", help="a minute that shows that all works")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.timeout, options.warm_up, options.floods = 1, 2, 1, ["random", "ack"]
    return options


def go_first():
    """Ahead of other work on the machine: of this session, and where sessions are scheduled as groups, of its group."""
    os.nice(NICE)
    if os.path.exists("/proc/self/autogroup"):
        with open("/proc/self/autogroup", "w") as file:
            file.write(str(NICE))


def main():
    options = parse_options()
    gw.require_root()
    own_session()
    go_first()
    results = {}
    for turn in range(options.rounds):
        for flood in options.floods:
            for name in options.defences:
                try:
                    result = one_cell(flood, name, options)
                except (AssertionError, subprocess.CalledProcessError) as reason:
                    print("%s, %s: %s" % (flood, name, reason), flush=True)
                    continue
                results.setdefault((flood, name), []).append(result)
                print("round %d, %s, %s: %s" % (turn + 1, flood, name, " ".join(
                    "%s=%s" % (key, number(value)) for key, value in result.items())), flush=True)
    report(results, options)
    if options.json:
        with open(options.json, "w") as file:
            json.dump([{"flood": flood, "defence": name, "rounds": r} for (flood, name), r in results.items()], file,
                      indent=1)


main()
