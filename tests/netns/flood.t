#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Flood mode on real traffic (A-8, A-9, A-13): forged SYNs bring it on, then each action is looked at. Two clients of the
kernel's own TCP connect meanwhile: one that had a connection before (proven), and a stranger.

Forged SYNs come from 10.77.0.0/16 and go to an address beside the server's: they arrive on its link, and nobody
answers.
"""
import fcntl
import os
import signal
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gateway import CLIENT, SERVER, Daemon, Gateway, Tap, family_of, forge, require_root, wait_until  # noqa: E402

FORGED = "10.77.%d.%d"
DARK = ("10.9.2.99", 80)
PORT = 8080
STRANGER = {4: "10.9.1.3", 6: "fd09:1::3"}
SYN_SENT = 2  # of the kernel
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
START = 21  # half-open flows that are 2 % of 1024

# Timers that let a flood end soon; one line a second for each kind.
SETTINGS = ["tracking.max_flows=1024", "tracking.timeouts.syn_sent=10", "policy.drop_event_rate=1",
            "syn_flood.start_percent=2", "syn_flood.stop_percent=1", "syn_flood.hold=1", "syn_flood.syn_sent_timeout=1"]


class Link:
    """Counts the forged SYNs that arrive at the server."""

    def __init__(self, space):
        self.sock = space.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        self.sock.bind(("s0", 0x0800))
        self.sock.setblocking(False)
        self.forged = 0

    def count(self):
        while True:
            try:
                packet = self.sock.recv(2048)
            except BlockingIOError:
                return self.forged
            self.forged += packet[12:14] == b"\x0a\x4d"


class Flood:
    def __init__(self, net):
        self.net = net
        self.sent = 0
        self.link = Link(net.server)
        self.before = 0  # forged SYNs that arrived until the mode was on

    def send(self, count, target=DARK):
        for _ in range(count):
            self.sent += 1
            forge(self.net.client, (FORGED % (self.sent >> 8, self.sent & 255), 1024 + self.sent), target, self.sent, 0,
                  flags=2)

    def begin(self, daemon, more=200, **keys):
        """Brings flood mode on, lets what is under way arrive, sends more; gives the line."""
        before, sent = self.link.count(), self.sent
        self.send(START)
        line = daemon.wait(event="flood-start", **keys)
        wait_until(lambda: self.link.count() - before >= self.sent - sent, "the first forged SYNs")
        self.before = self.link.count()
        self.send(more)
        return line

    def arrived(self):
        """Forged SYNs that got through since the mode is on."""
        return self.link.count() - self.before

    def __enter__(self):
        """Goes on by itself, so that the mode stays on however slow the machine is."""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._go_on)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _go_on(self):
        while not self.over.wait(0.05):
            self.send(1)


def prepare(net):
    net.router.run("ip", "neighbour", "add", DARK[0], "lladdr", "02:00:00:00:02:02", "dev", "r1", "nud", "permanent")
    net.router.run("ip", "route", "add", "10.77.0.0/16", "via", CLIENT[4])
    for version, width in ((4, 24), (6, 64)):
        net.client.run("ip", "address", "add", "%s/%d" % (STRANGER[version], width), "dev", "c0",
                       *(("nodad",) if version == 6 else ()))
        net.router.run("ip", "neighbour", "add", STRANGER[version], "lladdr", "02:00:00:00:01:02", "dev", "r0", "nud",
                       "permanent")


def connect(net, source, target):
    """A connection of the kernel's TCP from this address; it gives up after a while by itself."""
    sock = net.client.socket(family_of(source), socket.SOCK_STREAM)
    sock.settimeout(30)
    sock.bind((source, 0))
    sock.connect(target)
    return sock


def is_shut_out(net, source, target, daemon):
    """A SYN that still has no answer when the flood has gone on for a while."""
    with net.client.socket(family_of(source), socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        sock.bind((source, 0))
        try:
            sock.connect(target)
        except BlockingIOError:
            pass
        before = int(summary(daemon)["dropped"])
        wait_until(lambda: int(summary(daemon)["dropped"]) > before + 30, "more drops")
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == bytes([SYN_SENT])


def summary(daemon):
    """The counters of now, and what is told of limits besides."""
    seen = len(daemon.events(event="summary"))
    daemon.process.send_signal(signal.SIGUSR1)
    counters, limits = daemon.wait(seen + 2, event="summary")[-2:]
    return {**limits, **counters}


def lines_about_forged(daemon):
    return sum("10.77." in line["line"] for line in daemon.events())


def ends(tap, daemon, flood):
    """When no forged SYN comes any more the mode ends by itself."""
    stop = daemon.wait(event="flood-stop")
    tap.ok(int(stop["syns"]) > int(stop["passed"]), "flood-stop says what share of the SYNs passed", stop["line"])
    tap.ok("10.77.0.0/24:" in stop["top"], "and where they came from", stop["line"])
    tap.same(len(daemon.events(event="flood-start")), 1, "it began once")
    tap.ok(lines_about_forged(daemon) < flood.sent / 2, "forged SYNs have few lines",
           "%d lines about %d" % (lines_about_forged(daemon), flood.sent))


def drop(tap, net):
    flood = Flood(net)
    with Daemon(net, *SETTINGS, "syn_flood.mode_action=drop") as daemon, net.server.listen(SERVER[4], PORT) as server:
        connect(net, CLIENT[4], server.getsockname()).close()
        flood.begin(daemon)
        with flood:
            connect(net, CLIENT[4], server.getsockname()).close()
            tap.ok(True, "drop: a proven source connects")
            tap.ok(is_shut_out(net, STRANGER[4], server.getsockname(), daemon), "drop: a stranger does not")
        tap.same(flood.arrived(), 0, "drop: no forged SYN reaches the server")
        ends(tap, daemon, flood)
        connect(net, STRANGER[4], server.getsockname()).close()
        tap.ok(True, "drop: after the flood a stranger connects")


def first_syn(tap, net):
    flood = Flood(net)
    with Daemon(net, *SETTINGS, "syn_flood.mode_action=first-syn") as daemon, \
            net.server.listen(SERVER[4], PORT) as server:
        flood.begin(daemon)
        with flood:
            connect(net, STRANGER[4], server.getsockname()).close()
        tap.same(flood.arrived(), 0, "first-syn: a stranger connects, no forged SYN reaches the server")
        ends(tap, daemon, flood)


def challenge(tap, net):
    flood = Flood(net)
    with Daemon(net, *SETTINGS, "syn_flood.mode_action=challenge", "policy.inject=true") as daemon, \
            net.server.listen(SERVER[4], PORT) as server, net.server.listen(SERVER[6], PORT) as server6:
        flood.begin(daemon)
        with flood:
            connect(net, STRANGER[4], server.getsockname()).close()
            tap.same(flood.arrived(), 0, "challenge: a stranger connects, no forged SYN reaches the server")
            connect(net, STRANGER[6], server6.getsockname()[:2]).close()
            tap.ok(True, "challenge: by IPv6 too")
            connect(net, STRANGER[4], server.getsockname()).close()
        counts = summary(daemon)
        tap.same((counts["flood"], counts["destinations"]), ("yes", "0"), "the summary shows the mode")
        tap.ok("10.77.0.0/24:" in counts["top"], "and the prefix that stands out", counts["top"])
        tap.same(int(counts["challenge-answer"]), 2, "challenge: each proved itself by one RST, once")
        tap.same((int(counts["answers"]), counts.get("answers_failed")), (int(counts["challenged"]), None),
                 "challenge: each challenged SYN was answered")
        ends(tap, daemon, flood)


class Wire:
    """A point-to-point link without Ethernet between the router and another namespace, 10.9.9.1 and .2."""

    def __init__(self, net, other):
        self.ends = [self._end(space, "wire%d" % number) for number, space in enumerate((net.router, other))]
        for number, space in enumerate((net.router, other)):
            space.run("ip", "address", "add", "10.9.9.%d/30" % (number + 1), "dev", "wire%d" % number)
            space.run("ip", "link", "set", "wire%d" % number, "up")
        for here, there in (self.ends, self.ends[::-1]):
            threading.Thread(target=self._carry, args=(here, there), daemon=True).start()

    @staticmethod
    def _end(space, name):
        end = space.within(os.open, "/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        return end

    @staticmethod
    def _carry(here, there):
        try:
            while True:
                os.write(there, os.read(here, 65536))
        except OSError:  # the namespaces are gone
            pass


def challenge_without_ethernet(tap, net):
    """Nobody's address to send the answer back to: it is routed."""
    Wire(net, net.client)
    net.client.run("ip", "rule", "add", "from", "10.9.9.2", "lookup", "9")
    net.client.run("ip", "route", "add", "default", "via", "10.9.9.1", "table", "9")
    flood = Flood(net)
    with Daemon(net, *SETTINGS, "syn_flood.mode_action=challenge", "policy.inject=true") as daemon, \
            net.server.listen(SERVER[4], PORT) as server:
        flood.begin(daemon)
        with flood:
            connect(net, "10.9.9.2", server.getsockname()).close()
        counts = summary(daemon)
        tap.same((int(counts["challenge-answer"]), int(counts["answers"])), (1, int(counts["challenged"])),
                 "challenge: a stranger behind a link without addresses connects")


def sent_by_output(net):
    rows = net.router.output("iptables", "-w", "-nvxL", "OUTPUT").splitlines()
    return int(rows[2].split()[0])


def challenge_beside_ipsec(tap, net):
    """The station that a packet seems to come from need not be its sender's: answers are routed."""
    flood = Flood(net)
    net.router.run("iptables", "-w", "-A", "OUTPUT", "-p", "tcp", "--tcp-flags", "ALL", "SYN,ACK")
    with Daemon(net, *SETTINGS, "syn_flood.mode_action=challenge", "policy.inject=true") as daemon, \
            net.server.listen(SERVER[4], PORT) as server:
        flood.begin(daemon)
        with flood:
            connect(net, STRANGER[4], server.getsockname()).close()
            tap.same(sent_by_output(net), 0, "challenge: answers go back to the station, past the packet filter")
            net.router.run("ip", "xfrm", "policy", "add", "src", "10.98.0.0/16", "dst", "10.99.0.0/16", "dir", "fwd",
                           "tmpl", "src", "192.0.2.1", "dst", "192.0.2.2", "proto", "esp", "mode", "tunnel")
            wait_until(lambda: sent_by_output(net) > 0, "routed answers")
        net.router.run("ip", "xfrm", "policy", "flush")
        tap.ok(True, "challenge: with a policy of IPsec for forwarded packets they are routed")


def monitor(tap, net):
    flood = Flood(net)
    with Daemon(net, *SETTINGS, "syn_flood.mode_action=challenge", "policy.inject=true",
                "policy.mode=monitor") as daemon, net.server.listen(SERVER[4], PORT) as server:
        flood.begin(daemon, 50)
        connect(net, STRANGER[4], server.getsockname()).close()
        wait_until(lambda: flood.arrived() == 50, "all forged SYNs on the server's link")
        counts = summary(daemon)
        tap.ok(int(counts["would_drop"]) > 0 and counts["dropped"] == "0", "monitor: all pass, and are counted",
               counts["line"])
        tap.ok("answers" not in counts, "monitor: nothing is sent", counts["line"])
        tap.same(daemon.wait(event="packet-dropped", reason="challenged")["verdict"], "would-drop", "monitor: and told")


def one_destination(tap, net):
    flood = Flood(net)
    with Daemon(net, *SETTINGS, "syn_flood.start_percent=90", "syn_flood.stop_percent=45",
                "syn_flood.destination_start=%d" % START) as daemon, net.server.listen(SERVER[4], PORT) as server:
        line = flood.begin(daemon, 100, destination="%s:%d" % DARK)
        tap.ok(line, "one destination: flood-start names it")
        with flood:
            seen = len(daemon.events(event="packet-dropped"))
            client = connect(net, STRANGER[4], server.getsockname())
        dropped = [line for line in daemon.events(event="packet-dropped")[seen:] if STRANGER[4] in line["client"]]
        tap.same(dropped, [], "one destination: the others are not in flood mode")
        client.close()
        tap.same(flood.arrived(), 0, "one destination: no forged SYN gets there")
        tap.same(daemon.wait(event="flood-stop")["destination"], "%s:%d" % DARK, "one destination: and it ends")


def stands_for(lines, key):
    """So many things happened, as the lines say: each that names one, and what was left out before it."""
    return sum((line[key] != "-") + int(line["suppressed"]) for line in lines)


def many_sources(tap, net, *settings):
    """Sources that run into a limit, each once: a handful has lines, and of many none is forgotten."""
    flood = Flood(net)
    few, many = (0, 80) if settings else (5, 80)  # with settings, the second source already brings flood mode on
    name = "many sources, in a flood" if settings else "many sources"
    with Daemon(net, "syn_flood.half_open_source=1", *settings) as daemon:
        for number in range(few + many):
            for _ in range(3):  # the second and the third are too many
                forge(net.client, (FORGED % (200, number), 1024 + flood.sent), DARK, 1, 0, flags=2)
                flood.sent += 1
            if number == few - 1:
                daemon.wait(few, event="source-limited")
        wait_until(lambda: int(summary(daemon).get("half-open-source", 0)) == 2 * (few + many), "all drops")
        daemon.stop()
        limited = daemon.events(event="source-limited")
        dropped = daemon.events(event="packet-dropped", reason="half-open-source")
        named = [line["source"] for line in limited if line["source"] != "-"]
        tap.same(len(set(named)), len(named), name + ": none is told of twice")
        tap.ok(few <= len(named) < many / 2, name + ": few lines name one", "%d lines" % len(limited))
        tap.same(stands_for(limited, "source"), few + many, name + ": the number is exact")
        tap.same(stands_for(dropped, "client"), 2 * (few + many), name + ": that of drops too")
        if settings:
            tap.ok(len(dropped) < 10, name + ": and has few lines", "%d lines" % len(dropped))


def many_sources_in_a_flood(tap, net):
    many_sources(tap, net, "syn_flood.mode_action=log", "syn_flood.destination_start=2")


def refusals(tap, net):
    with Daemon(net, "syn_flood.mode_action=challenge") as daemon:
        tap.ok("set policy.inject = true" in daemon.complaint(), "a challenge that cannot be sent is warned of",
               daemon.complaint())
    daemon = Daemon(net, "policy.inject=true", wrap=("setpriv", "--bounding-set=-net_raw", "--"), ready=False)
    code = daemon.process.wait(30)
    tap.same(code, 3, "policy.inject without its capability: exit code 3")
    tap.ok("CAP_NET_RAW" in daemon.complaint() and daemon.complaint().count("\n") == 1, "and one sentence that says so",
           daemon.complaint())


require_root()
tap = Tap()
with Gateway() as net:
    prepare(net)
    for case in (drop, first_syn, challenge, challenge_without_ethernet, challenge_beside_ipsec, monitor,
                 one_destination, many_sources, many_sources_in_a_flood, refusals):
        tap.case(case, net)
tap.end()
