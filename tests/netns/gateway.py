# SPDX-License-Identifier: GPL-2.0-or-later
"""
A gateway between two hosts, made of network namespaces, for the tests of this folder and for the benchmark:

     client                      router                       server
   +---------+            +-----------------+            +-------------+
   |      c0 |------------| r0   FORWARD  r1|------------| s0          |
   +---------+            +-----------------+            +-------------+
   10.9.1.2   10.9.1.1 on r0: NFQUEUE 0, tcpwardend   10.9.2.1 on r1   10.9.2.2
   fd09:1::2  fd09:1::1                               fd09:2::1       fd09:2::2

Names carry the process id, so that tests may run beside each other. Everything waits on a condition, never on time:
a limit only says when to give up. Sockets of all namespaces live in this one process.
"""
import ctypes
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = os.environ.get("top_srcdir") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("top_builddir") or SOURCE
RULES = os.path.join(SOURCE, "conf", "gateway-iptables.sh")
DAEMON = os.path.join(BUILD, "tcpwardend")
CONTROL = os.path.join(BUILD, "tcpwardenctl")

GIVE_UP_S = 30
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)

CLIENT = {4: "10.9.1.2", 6: "fd09:1::2"}
SERVER = {4: "10.9.2.2", 6: "fd09:2::2"}

# Timeouts that let a test see flow-closed soon; closed cannot be less than 10 s.
QUICK = ["tracking.timeouts.time_wait=1", "tracking.timeouts.closed=10"]


def run_together(threads):
    """From the start of the first to the end of the last."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_until(condition, what, limit_s=GIVE_UP_S):
    """The condition's first true value; AssertionError naming `what` when it stays false."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("gave up waiting for " + what)
        time.sleep(0.01)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def endpoint(address):
    """The socket address (host, port, ...) as log lines write it."""
    return "[%s]:%d" % address[:2] if ":" in address[0] else "%s:%d" % address[:2]


class Namespace:
    def __init__(self, name):
        self.name = name
        subprocess.run(["ip", "netns", "add", name], check=True)
        try:
            self.run("ip", "link", "set", "lo", "up")
        except BaseException:
            self.remove()
            raise

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words, check=True, **more):
        return subprocess.run(self.command(*words), check=check, text=True, **more)

    def output(self, *words):
        return self.run(*words, stdout=subprocess.PIPE).stdout

    def popen(self, *words, **more):
        return subprocess.Popen(self.command(*words), **more)

    def socket(self, *args):
        """A socket that belongs to this namespace, whoever uses it."""
        return self.within(socket.socket, *args)

    def within(self, function, *args):
        """What the function opens belongs to this namespace."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.name, os.O_RDONLY)
        try:
            self._enter(there)
            try:
                return function(*args)
            finally:
                self._enter(home)
        finally:
            os.close(home)
            os.close(there)

    @staticmethod
    def _enter(descriptor):
        if LIBC.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def listen(self, address, port=0, backlog=1024):
        sock = self.socket(family_of(address), socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(backlog)
        sock.settimeout(GIVE_UP_S)
        return sock

    def connect(self, address):
        sock = self.socket(family_of(address[0]), socket.SOCK_STREAM)
        sock.settimeout(GIVE_UP_S)
        try:
            sock.connect(address)
        except OSError:
            sock.close()
            raise
        return sock

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], check=False)


class Gateway:
    """The topology above, as a context: made on entering, removed on leaving."""

    def __init__(self, rules=("apply",)):
        self.rules = rules
        self.spaces = []

    def __enter__(self):
        try:
            self.client, self.router, self.server = (self._add(role) for role in ("client", "router", "server"))
            self._link("r0", self.client, "c0", 1)
            self._link("r1", self.server, "s0", 2)
            for key in ("ipv4.ip_forward", "ipv6.conf.all.forwarding"):
                self.router.run("sysctl", "-qw", "net.%s=1" % key)
            if self.rules:
                self.router.run("sh", RULES, *self.rules)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _add(self, role):
        space = Namespace("warden-%s-%d" % (role, os.getpid()))
        self.spaces.append(space)
        return space

    def _link(self, router_end, host, host_end, net):
        self.router.run("ip", "link", "add", router_end, "address", "02:00:00:00:0%d:01" % net, "type", "veth",
                        "peer", "name", host_end, "address", "02:00:00:00:0%d:02" % net, "netns", host.name)
        for space, link, last in ((self.router, router_end, 1), (host, host_end, 2)):
            space.run("ip", "address", "add", "10.9.%d.%d/24" % (net, last), "dev", link)
            space.run("ip", "address", "add", "fd09:%d::%d/64" % (net, last), "dev", link, "nodad")
            space.run("sysctl", "-qw", "net.ipv6.conf.%s.accept_dad=0" % link)
            space.run("ip", "link", "set", link, "up")
            for other in ("10.9.%d.%d" % (net, 3 - last), "fd09:%d::%d" % (net, 3 - last)):
                space.run("ip", "neighbour", "add", other, "lladdr", "02:00:00:00:0%d:0%d" % (net, 3 - last),
                          "dev", link, "nud", "permanent")
        host.run("ip", "route", "add", "default", "via", "10.9.%d.1" % net)
        host.run("ip", "-6", "route", "add", "default", "via", "fd09:%d::1" % net)

    def __exit__(self, *_):
        for space in self.spaces:
            space.remove()

    def offload(self, state):
        """Segmentation offload of both hosts' links "on" or "off"."""
        for space, link in ((self.client, "c0"), (self.server, "s0"), (self.router, "r0"), (self.router, "r1")):
            space.run("ethtool", "-K", link, "tso", state, "gso", state, "gro", state,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pair(self, version=4, listener=None):
        """An open connection through the gateway: (client socket, server socket)."""
        own = listener is None
        listener = listener or self.server.listen(SERVER[version])
        client = self.client.connect(listener.getsockname())
        server, _ = listener.accept()
        server.settimeout(GIVE_UP_S)
        if own:
            listener.close()
        return client, server


LOG_KEY = re.compile(r'([A-Za-z_0-9-]+)=("(?:[^"\\]|\\.)*"|\S*)')


class Daemon:
    """tcpwardend on the router's queue, its log lines read from standard output as they come."""

    def __init__(self, gateway, *settings, config=None, wrap=(), target="stdout", ready=True):
        self.lines = []
        self.flows = {}  # lines of each flow id
        self.errors = tempfile.TemporaryFile("w+")
        self.folder = tempfile.TemporaryDirectory(prefix="tcpwarden-control-")
        os.chmod(self.folder.name, 0o755)
        shutil.chown(self.folder.name, "nobody")  # who is to remove the socket
        self.socket = os.path.join(self.folder.name, "control.sock")
        words = [DAEMON] + (["-c", config] if config else [])
        for setting in [*QUICK, "user=nobody", "control.socket=" + self.socket,
                        *(["log.target=" + target] if target else []), *settings]:
            words += ["--set", setting]
        self.process = gateway.router.popen(*wrap, *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=self.errors, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if ready and target == "stdout":
            try:
                self.wait(event="started")
            except AssertionError as reason:
                self.process.kill()
                raise AssertionError(self.complaint().strip() or str(reason)) from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GIVE_UP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.reader.join(GIVE_UP_S)
        self.folder.cleanup()

    def _read(self):
        for line in self.process.stdout:
            found = {key: value.strip('"') for key, value in LOG_KEY.findall(line)}
            found["line"] = line.rstrip("\n")
            self.lines.append(found)
            self.flows.setdefault(found.get("flow"), []).append(found)
            self.arrived(found)

    def arrived(self, line):
        """Called in the reader's thread for each line; for those who want to show them."""

    def events(self, **keys):
        """Log lines so far that carry all these keys with these values (a set: any of them)."""
        def fits(line):
            return all(line.get(k) in v if isinstance(v, (set, frozenset)) else line.get(k) == v
                       for k, v in keys.items())
        return [line for line in list(self.lines) if fits(line)]

    def wait(self, count=1, **keys):
        """The first `count` lines that fit, once they are there (one line for a count of 1)."""
        def enough():
            if self.process.poll() is not None:
                self.reader.join(GIVE_UP_S)
                if len(self.events(**keys)) < count:
                    raise AssertionError("tcpwardend ended with %d before %s" % (self.process.returncode, keys))
            found = self.events(**keys)
            return found if len(found) >= count else None
        found = wait_until(enough, "%d log line(s) with %s" % (count, keys))
        return found[0] if count == 1 else found[:count]

    def story(self, flow):
        """The events of one flow in order, without the prefix."""
        return [line["event"].replace("flow-", "") for line in self.flows.get(flow, ())]

    def stop(self, signal_number=15):
        """Ends it; gives the exit code."""
        self.process.send_signal(signal_number)
        code = self.process.wait(GIVE_UP_S)
        self.reader.join(GIVE_UP_S)
        return code

    def ctl(self, *words, json_lines=True):
        """tcpwardenctl on this daemon: (exit code, objects), or with json_lines=False (exit code, text)."""
        done = subprocess.run([CONTROL, "-s", self.socket, *(["--json"] if json_lines else []), *words],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=GIVE_UP_S, text=True, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()] if json_lines else done.stdout

    def complaint(self):
        """What it wrote to standard error so far."""
        self.errors.flush()
        self.errors.seek(0)
        return self.errors.read()


class Sniffer:
    """Watches the TCP segments on one link of a host."""

    def __init__(self, space, link):
        self.sock = space.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.sock.bind((link, 3))
        self.sock.setblocking(False)
        self.next = {}
        self.seen = set()

    def numbers(self, sender, receiver):
        """Sequence number the sender (host, port) uses next, and the acknowledgement it last sent."""
        self._catch_up()
        return self.next[(sender[1], receiver[1])]

    def saw(self, sender, receiver, seq, ack):
        """Whether a segment with these numbers passed so far."""
        self._catch_up()
        return (sender[1], receiver[1], seq, ack) in self.seen

    def _catch_up(self):
        while True:
            try:
                self._take(self.sock.recv(65535))
            except BlockingIOError:
                return

    def _take(self, packet):
        if packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP:
            segment = packet[(packet[0] & 15) * 4:struct.unpack("!H", packet[2:4])[0]]
        elif packet[0] >> 4 == 6 and packet[6] == socket.IPPROTO_TCP:
            segment = packet[40:40 + struct.unpack("!H", packet[4:6])[0]]
        else:
            return
        source, target, seq, ack, bits = struct.unpack("!HHIIH", segment[:14])
        length = len(segment) - (bits >> 12) * 4 + bool(bits & 2) + bool(bits & 1)
        self.next[(source, target)] = ((seq + length) % 2**32, ack)
        self.seen.add((source, target, seq, ack))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def forge(space, source, target, seq, ack, flags=0x10, data=b"", window=512, pieces=1, damage=0):
    """Sends one TCP segment in the name of source (host, port), which may be anybody; IPv4 in one or two fragments;
    damage: added to the checksum."""
    version = family_of(source[0])
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], seq % 2**32, ack % 2**32, 0x50, flags, window, 0, 0) + data
    ends = socket.inet_pton(version, source[0]) + socket.inet_pton(version, target[0])
    right = checksum(ends + struct.pack("!II", len(tcp), 6) + tcp)
    tcp = tcp[:16] + struct.pack("!H", (right + damage) % 65536) + tcp[18:]
    if version == socket.AF_INET6:
        packets = [struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + ends + tcp]
    elif pieces == 1:
        packets = [struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + ends + tcp]
    else:
        cut = len(tcp) // 2 // 8 * 8
        packets = [struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), 7, bits, 64, 6, 0) + ends + part
                   for part, bits in ((tcp[:cut], 0x2000), (tcp[cut:], cut // 8))]
    with space.socket(version, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for packet in packets:
            raw.sendto(packet, (target[0], 0))


def read_exactly(sock, size):
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        assert part, "the other end closed after %d of %d bytes" % (len(data), size)
        data += part
    return data


def read_all(sock):
    """Everything until the other end's FIN."""
    parts = []
    while True:
        part = sock.recv(1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


class Tap:
    """TAP output: ok() a check, case() a function whose exception is a failure."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, detail=""):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, name), flush=True)
        if not good:
            for line in str(detail).splitlines():
                print("# " + line, flush=True)
        return good

    def same(self, got, expected, name):
        return self.ok(got == expected, name, "got      %r\nexpected %r" % (got, expected))

    def case(self, function, *args):
        try:
            function(self, *args)
        except Exception as reason:  # a test that breaks off is one that failed; the others still run
            self.ok(False, "%s%r breaks off" % (function.__name__, args), "%s: %s" % (type(reason).__name__, reason))

    def end(self):
        print("1..%d" % self.count, flush=True)
        sys.exit(1 if self.failed else 0)


def require_root():
    if os.geteuid() != 0:
        print("Bail out! namespaces and NFQUEUE need root: run this as root")
        sys.exit(1)
    for tool in ("ip", "iptables", "ip6tables", "ethtool", "sysctl"):
        if not shutil.which(tool):
            print("Bail out! %s is missing (contrib/packages lists what the tests need)" % tool)
            sys.exit(1)
