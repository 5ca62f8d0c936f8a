#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The same real traffic judged beside the kernel: nf_conntrack and tcpwardend on one gateway see the same
packets. Each connection's events are compared with conntrack's states and each dropped segment with
conntrack's INVALID ones; every difference must be of a kind in daemon/doc/differences.md. Nothing
legitimate is dropped, with loss on both sides of the gateway. IPv4, since both judge the two families
alike.
"""
import collections
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import compare
import crowd
import gateway as gw
import kernel

CROWD, AT_ONCE, LOSS, SEED = 2000, 100, 0.03, 1
PORT = 8100
TRIES = 3
FAST_OPEN = 0x20000000  # MSG_FASTOPEN
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

# No leniency of the first minutes, nothing forgotten before the end, every drop told.
SETTINGS = ("tracking.pickup=off", "tracking.timeouts.time_wait=120", "tracking.timeouts.closed=120",
            "policy.drop_event_rate=10000")


class Judges:
    """The gateway with both judges at work, as a context."""

    def __enter__(self):
        self.gateway = gw.Gateway()
        self.net = self.gateway.__enter__()
        try:
            self.net.router.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_close=120")
            self.complaints = kernel.Complaints(self.net.router)
            self.states = kernel.States(self.net.router)
            self.daemon = gw.Daemon(self.net, *SETTINGS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in ("daemon", "states"):
            if hasattr(self, name):
                getattr(self, name).__exit__()
        self.gateway.__exit__()

    def settle(self):
        """Returns when no host has anything left to send, and both judges have told all of it."""
        busy = ["-Htan"]
        for state in ("listening", "time-wait", "fin-wait-2"):
            busy += ["exclude", state]
        for space in (self.net.client, self.net.server):
            gw.wait_until(lambda: not space.output("ss", *busy).strip(), "the last connections to end", 45)
        client, server = self.net.pair()
        key = gw.endpoint(client.getsockname()), gw.endpoint(server.getsockname())
        client.close()
        server.close()
        self.daemon.wait(event="flow-time-wait", client=key[0], server=key[1])
        gw.wait_until(lambda: self.states.lives.get(key, [""])[-1] == "TIME_WAIT", "conntrack's last event")

    def drops(self):
        """Our drops so far: (ports, seq, ack, len) -> reason."""
        found = {}
        for line in self.daemon.events(event="packet-dropped"):
            ports = frozenset(int(line[end].rsplit(":", 1)[1]) for end in ("client", "server"))
            ack = int(line["ack"]) if line.get("ack", "-").isdigit() else 0
            found[(ports, int(line["seq"]), ack, int(line["len"]))] = line["reason"]
        return found

    def invalid(self):
        """The same of what conntrack finds INVALID, with its complaint."""
        return {(frozenset((source, target)), seq, ack, length): sentence
                for (source, target, seq, ack, _, length), sentence in list(self.complaints.segments)}


def bound(space, address):
    sock = space.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.settimeout(gw.GIVE_UP_S)
    sock.bind(address)
    return sock


def web(net, size):
    """curl and a file of `size` bytes."""
    folder = tempfile.mkdtemp(prefix="tcpwarden-test-")
    server = None
    try:
        with open(os.path.join(folder, "file"), "wb") as file:
            file.write(os.urandom(size))
        server = net.server.popen("python3", "-m", "http.server", "--directory", folder, "8080",
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        gw.wait_until(lambda: ":8080" in net.server.output("ss", "-Hltn"), "the HTTP server")
        net.client.run("curl", "-sSf", "-o", "/dev/null", "http://%s:8080/file" % gw.SERVER[4])
    finally:
        if server:
            server.terminate()
            server.wait()
        shutil.rmtree(folder)


def bulk(net, size):
    """iperf3, `size` bytes as it takes them."""
    server = net.server.popen("iperf3", "-s", "-1", "--forceflush", stdout=subprocess.PIPE, text=True)
    gw.wait_until(lambda: "listening" in server.stdout.readline(), "iperf3 to listen")
    net.client.run("iperf3", "-n", size, "-c", gw.SERVER[4], stdout=subprocess.DEVNULL)
    server.stdout.close()
    server.wait(gw.GIVE_UP_S)


def each_way(net, server):
    """One connection of every kind, and one that is refused."""
    for way in crowd.WAYS:
        crowd.ask(net.client, server.address, way, 300000)
    try:
        net.client.connect((gw.SERVER[4], 9))
    except ConnectionRefusedError:
        return
    raise AssertionError("a closed port accepts")


def reuse(net):
    """The same two ports again: out of the server's TIME-WAIT, after a RST, after the client forgot."""
    with net.server.listen(gw.SERVER[4], PORT) as listener:
        for end in ("server closes first", "reset", "forgotten", "last"):
            gw.wait_until(lambda: not net.client.output("ss", "-Htn", "sport", "= :%d" % PORT).strip(),
                          "a free port")
            with bound(net.client, (gw.CLIENT[4], PORT)) as client:
                client.connect(listener.getsockname())
                server, _ = listener.accept()
                with server:
                    client.sendall(b"hello")
                    assert gw.read_exactly(server, 5) == b"hello"
                    if end == "server closes first":
                        server.close()
                        assert gw.read_all(client) == b""
                    elif end == "reset":
                        crowd.abort(client)
                    elif end == "forgotten":
                        client.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR: close says nothing
                        client.close()
                        held = server.dup()
        held.close()


def fast_open(net):
    """Data on the SYN."""
    for space in (net.client, net.server):
        space.run("sysctl", "-qw", "net.ipv4.tcp_fastopen=519")  # both roles, without cookies
    with net.server.listen(gw.SERVER[4]) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, 23, 16)  # TCP_FASTOPEN
        with net.client.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(gw.GIVE_UP_S)
            client.sendto(b"early", FAST_OPEN, listener.getsockname())
            server, _ = listener.accept()
            with server:
                assert gw.read_exactly(server, 5) == b"early"
                server.sendall(b"late")
                assert gw.read_exactly(client, 4) == b"late"


def idle_and_full(net):
    """Keepalives of an idle connection; probes of a window that the receiver closed."""
    client, server = net.pair()
    sniffer = gw.Sniffer(net.client, "c0")
    with client, server:
        for option in (4, 5):  # TCP_KEEPIDLE, TCP_KEEPINTVL: 1 s
            client.setsockopt(socket.IPPROTO_TCP, option, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        client.sendall(b"hello")
        assert gw.read_exactly(server, 5) == b"hello"
        here, there = client.getsockname(), server.getsockname()
        seq, ack = sniffer.numbers(here, there)
        gw.wait_until(lambda: sniffer.saw(here, there, (seq - 1) % 2**32, ack), "a keepalive")
        writer = threading.Thread(target=client.sendall, args=(b"w" * (16 << 20),))
        writer.start()
        gw.wait_until(lambda: "timer:(persist" in net.client.output("ss", "-Htno"), "the zero window")
        gw.read_exactly(server, 16 << 20)
        writer.join()


def open_at_once(net):
    """A simultaneous open: both first SYNs pass the gateway and are lost behind it."""
    here, there = (gw.CLIENT[4], PORT + 1), (gw.SERVER[4], PORT + 1)
    rule = ("PREROUTING", "-p", "tcp", "--syn", "--dport", str(PORT + 1), "-j", "DROP")
    hosts = (net.client, net.server)
    for space in hosts:
        space.run("iptables", "-w", "-t", "raw", "-A", *rule)
    with bound(net.client, here) as client, bound(net.server, there) as server:
        threads = [threading.Thread(target=sock.connect, args=(to,))
                   for sock, to in ((client, there), (server, here))]
        for thread in threads:
            thread.start()
        for space in hosts:
            gw.wait_until(lambda: any(row.split()[0] != "0" for row in space.output(
                "iptables", "-w", "-t", "raw", "-vxnL", "PREROUTING").splitlines()[2:]), "the first SYN")
        for space in hosts:
            space.run("iptables", "-w", "-t", "raw", "-D", *rule)
        for thread in threads:
            thread.join()
        client.sendall(b"hello")
        assert gw.read_exactly(server, 5) == b"hello"


def compare_lives(tap, judges, name):
    """Every connection that either judge knows, event by state."""
    ours, theirs = compare.our_lives(judges.daemon), judges.states.lives
    kinds, unexplained = collections.Counter(), []
    for key in sorted(set(ours) | set(theirs)):
        found = compare.explain(tuple(ours.get(key, ())), tuple(theirs.get(key, ())))
        if found is None:
            unexplained.append("%s %s: ours %s, conntrack's %s" % (*key, ours.get(key), theirs.get(key)))
        kinds.update(set(found or ()))
    tap.same(unexplained[:5], [], "%s: %d connections, phase by phase as conntrack but for kinds listed" %
             (name, len(theirs)))
    for kind, count in sorted(kinds.items()):
        print("# %s: %d connections" % (kind, count))
    tap.same(sorted(set(kinds) - compare.documented()), [],
             name + ": every kind of difference is in the document")


# Segments that only one of them drops: our reason, or conntrack's complaint -> kind.
ONLY_OURS = {"data-after-fin": "data-after-fin", "bad-fin": "second-fin", "no-flow": "pickup"}
ONLY_THEIRS = {"invalid rst": "old-reset"}


def only_theirs(judges):
    """The kinds of INVALID segments that we let pass."""
    ours = judges.drops()
    return {ONLY_THEIRS.get(text.split(": ")[-1], text)
            for key, text in judges.invalid().items() if key not in ours}


def compare_drops(tap, judges, name):
    """For legitimate traffic. The summary counts the quiet drops too: tails of connections that are gone."""
    judges.daemon.process.send_signal(signal.SIGUSR1)
    total = judges.daemon.wait(event="summary")["dropped"]
    tap.same((total, judges.drops()), ("0", {}), name + ": we drop nothing")
    tap.same(judges.complaints.counter(), len(judges.complaints.segments),
             name + ": each INVALID one is known")
    tap.same(sorted(only_theirs(judges) - compare.documented()), [],
             name + ": what conntrack finds INVALID is in the document")


def judged(tap, name, traffic):
    """Compares what both say of the traffic; once more where the kernel lost events, which it counts."""
    for left in reversed(range(TRIES)):
        with Judges() as judges:
            server = crowd.Server(judges.net.server, gw.SERVER[4])
            wrong = traffic(judges.net, server)
            server.stop()
            judges.settle()
            lost = judges.states.lost()
            if lost and left:
                print("# %s: the kernel lost %d events, again" % (name, lost))
                continue
            tap.same(wrong[:5], [], name + ": the connections succeed")
            compare_lives(tap, judges, name)
            compare_drops(tap, judges, name)
            return


def clean(tap):
    def traffic(net, server):
        web(net, 3 << 20)
        bulk(net, "50M")
        each_way(net, server)
        reuse(net)
        fast_open(net)
        idle_and_full(net)
        open_at_once(net)
        return []

    judged(tap, "without loss", traffic)


def lossy(tap):
    def traffic(net, server):
        stops = [crowd.losing(space, LOSS) for space in (net.router, net.client, net.server)]
        transfers = [threading.Thread(target=web, args=(net, 1 << 20)),
                     threading.Thread(target=bulk, args=(net, "4M"))]
        for thread in transfers:
            thread.start()
        wrong = crowd.storm(net.client, server.address, CROWD, AT_ONCE, SEED)
        for thread in transfers:
            thread.join()
        for stop in stops:
            stop()
        return wrong

    judged(tap, "loss before and after us", traffic)


BOTH, OURS, NOBODY = "both drop", "only we drop", "both pass"
FORGED = (  # what, off the next sequence number, off the acknowledgement, flags, data, who drops it
    ("an ACK of what was never sent", 0, 1000000, ACK, b"", BOTH),
    ("data beyond the window", 50000000, 0, ACK, b"evil", BOTH),
    ("a RST beyond the window", 50000000, 0, RST, b"", BOTH),
    ("a RST below the window", -1, 0, RST, b"", BOTH),
    ("a RST with a bad ACK", 0, 10000000, RST | ACK, b"", BOTH),
    ("SYN and FIN", 0, 0, SYN | FIN | ACK, b"", BOTH),
    ("a FIN without ACK", 0, 0, FIN, b"", BOTH),
    ("a SYN+ACK of the client", 77777, 0, SYN | ACK, b"", BOTH),
    ("a RST inside the window", 1000, 0, RST, b"", NOBODY),
    ("a SYN inside a connection", 77777, 0, SYN, b"", NOBODY),
    ("an old ACK", 0, -150000, ACK, b"", NOBODY),
    ("an old segment", -150000, 0, ACK, b"old", NOBODY),
    ("data after the FIN", 1, 0, ACK, b"more", OURS),
    ("a second FIN", 500, 0, FIN | ACK, b"", OURS),
    ("an ACK of no connection", 0, 0, ACK, b"", OURS))


def forge(net, judges, what, seq_off, ack_off, flags, data, who):
    """One forged segment on a connection of its own, in the client's name, till both have judged it."""
    sniffer = gw.Sniffer(net.client, "c0")
    client, server = net.pair()
    here, there = client.getsockname(), server.getsockname()
    with client, server:
        for near, far in ((client, server), (server, client)):
            for size in (200000, 4):  # enough that something can be old
                near.sendall(b"d" * size)
                gw.read_exactly(far, size)
                sniffer.numbers(here, there)
        pending = ("ss", "-Htn", "dport", "= :%d" % here[1])  # its third column: bytes not acknowledged
        gw.wait_until(lambda: net.server.output(*pending).split()[2] == "0", "the last acknowledgement")
        seq, ack = sniffer.numbers(here, there)
        if "FIN" in what and who == OURS:
            client.shutdown(socket.SHUT_WR)
            assert gw.read_all(server) == b""
            judges.daemon.wait(event="flow-half-closed", client=gw.endpoint(here), server=gw.endpoint(there))
        source = (here[0], 1234) if what.endswith("no connection") else here
        gw.forge(net.client, source, there, seq + seq_off, ack + ack_off, flags, data)
        key = (frozenset((source[1], there[1])), (seq + seq_off) % 2**32,
               (ack + ack_off) % 2**32 if flags & ACK else 0, len(data))
        if who != NOBODY:
            gw.wait_until(lambda: key in judges.drops(), "our drop of " + what)
        if who == BOTH:
            gw.wait_until(lambda: key in judges.invalid(), "conntrack's INVALID of " + what)
        server.sendall(b"pong")
        assert gw.read_exactly(client, 4) == b"pong", "the connection outlives it"


def forged(tap):
    name = "forged"
    with Judges() as judges:
        for case in FORGED:
            forge(judges.net, judges, *case)
            tap.ok(True, "%s: %s, %s" % (name, case[0], case[-1]))
        judges.settle()
        compare_lives(tap, judges, name)
        ours, theirs = judges.drops(), judges.invalid()
        tap.same(only_theirs(judges), set(), name + ": what conntrack finds INVALID we drop")
        tap.same(judges.complaints.counter(), sum(case[-1] == BOTH for case in FORGED),
                 name + ": the INVALID counter counts what both drop")
        kinds = {ONLY_OURS.get(reason, "unknown: " + reason)
                 for key, reason in ours.items() if key not in theirs}
        tap.same(sorted(kinds - compare.documented()), [], name + ": what only we drop is in the document")
        tap.same(len(ours), sum(case[-1] != NOBODY for case in FORGED), name + ": we drop nothing else")


def main():
    gw.require_root()
    for tool in ("conntrack", "curl", "iperf3"):
        if not shutil.which(tool):
            print("Bail out! %s is missing (contrib/packages lists what the tests need)" % tool)
            sys.exit(1)
    tap = gw.Tap()
    tap.case(clean)
    tap.case(lossy)
    tap.case(forged)
    tap.end()


main()
