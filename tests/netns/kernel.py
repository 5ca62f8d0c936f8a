# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the kernel's own connection tracking says of the traffic in one namespace, beside tcpwardend: each
state that a connection enters (conntrack -E), and each packet that it finds INVALID, with its complaint.
"""
import re
import socket
import struct
import subprocess
import threading

import gateway as gw

NETFILTER = 12  # NETLINK_NETFILTER
LOG_PACKET, LOG_CONFIG = 4 << 8, 4 << 8 | 1
CFG_COMMAND, CFG_MODE, CFG_THRESHOLD = 1, 2, 5
PAYLOAD, PREFIX = 9, 10
VERDICT = "INVALID"


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def attributes(data):
    """The attributes of a netlink message as {kind: bytes}."""
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack("=HH", data[:4])
        found[kind & 0x3fff] = data[4:size]
        data = data[size + 3 & ~3:]
    return found


def read_segment(packet):
    """(source port, target port, seq, ack, flags, len) of an IPv4 TCP packet."""
    header = (packet[0] & 15) * 4
    source, target, seq, ack, offset, flags = struct.unpack("!HHIIBB", packet[header:header + 14])
    length = struct.unpack("!H", packet[2:4])[0] - header - (offset >> 4) * 4
    return source, target, seq, ack if flags & 0x10 else 0, flags & 0x3f, length


class Complaints:
    """
    Segments that conntrack finds INVALID, and why. A rule in front of the queue sends them to NFLOG group 0,
    where the kernel also puts its sentence about each (nf_conntrack_log_invalid), sentence first.
    """

    RULE = ("FORWARD", "-p", "tcp", "-m", "conntrack", "--ctstate", VERDICT,
            "-j", "NFLOG", "--nflog-group", "0", "--nflog-prefix", VERDICT)

    def __init__(self, space):
        self.space = space
        self.segments = []  # (segment, sentence) of each INVALID one
        self.sentences = {}
        self.sock = space.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self.sock.bind((0, 0))
        self._configure(attribute(CFG_COMMAND, b"\1"))
        self._configure(attribute(CFG_MODE, struct.pack("!IBB", 128, 2, 0)))
        self._configure(attribute(CFG_THRESHOLD, struct.pack("!I", 1)))
        space.run("sysctl", "-qw", "net.netfilter.nf_log.2=nfnetlink_log",
                  "net.netfilter.nf_conntrack_log_invalid=6")
        space.run("iptables", "-w", "-t", "mangle", "-I", *self.RULE)
        threading.Thread(target=self._read, daemon=True).start()

    def _configure(self, data):
        message = struct.pack("=BBH", socket.AF_UNSPEC, 0, 0) + data
        request_ack = 5
        self.sock.send(struct.pack("=IHHII", 16 + len(message), LOG_CONFIG, request_ack, 0, 0) + message)
        error = struct.unpack("=i", self.sock.recv(4096)[16:20])[0]
        if error:
            raise OSError(-error, "NFLOG cannot be configured")

    def _read(self):
        while True:
            data = self.sock.recv(1 << 20)
            while len(data) >= 16:
                size, kind = struct.unpack("=IH", data[:6])
                if kind == LOG_PACKET:
                    self._take(attributes(data[20:size]))
                data = data[size + 3 & ~3:]

    def _take(self, found):
        segment = read_segment(found[PAYLOAD])
        sentence = found[PREFIX].rstrip(b"\0").decode().strip()
        if sentence == VERDICT:
            self.segments.append((segment, self.sentences.pop(segment, "")))
        else:
            self.sentences[segment] = sentence

    def counter(self):
        """The rule's own count of packets."""
        table = self.space.output("iptables", "-w", "-t", "mangle", "-vxnL", "FORWARD")
        return sum(int(line.split()[0]) for line in table.splitlines() if VERDICT in line)


class States:
    """The states of each pair of endpoints in the order told: {(client, server): [state, ...]}."""

    LINE = re.compile(r"\[(NEW|UPDATE)\] +tcp +6 +\d+ (\w+) src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)")

    def __init__(self, space):
        self.space = space
        self.lives = {}
        everything = 64 << 20  # socket buffer for all events of a test at once: busy machines lose none
        self.process = space.popen("conntrack", "-E", "-p", "tcp", "-e", "NEW,UPDATES", "-b", str(everything),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        gw.wait_until(lambda: self._listens(space), "conntrack -E to listen")

    @staticmethod
    def _sockets(space):
        """Those that have joined the groups, by the list of sockets: Eth (the protocol), Groups."""
        rows = [row.split() for row in space.output("cat", "/proc/net/netlink").splitlines()[1:]]
        return [row for row in rows if row[1] == str(NETFILTER) and int(row[3], 16)]

    def _listens(self, space):
        return bool(self._sockets(space))

    def lost(self):
        """Events that the kernel had no memory for, whatever the socket's buffer; it counts them (Drops)."""
        return sum(int(row[8]) for row in self._sockets(self.space))

    def _read(self):
        for line in self.process.stdout:
            found = self.LINE.search(line)
            if found:
                what, state, source, target, sport, dport = found.groups()
                life = self.lives.setdefault((source + ":" + sport, target + ":" + dport), [])
                if what == "NEW" or life[-1:] != [state]:
                    life.append(state)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(gw.GIVE_UP_S)
        self.reader.join(gw.GIVE_UP_S)
