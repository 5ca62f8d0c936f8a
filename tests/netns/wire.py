# SPDX-License-Identifier: GPL-2.0-or-later
"""
Hosts that do not exist, on the two links of gateway.py: frames as they are wanted, and a look at which of them came
out at the other end. Every frame bears a number of its own (IPv4 identification, IPv6 flow label). A segment is a line
of words:

    "> PA seq=1001 ack=5001 len=100"     from the client; "<" from the server; "2>" of the client's next port but one

Further words: win=, ts= (a timestamp), opt= (options in hexadecimal), urg=, doff= (words), cut= (bytes left of the TCP
header), damage= (added to the checksum), sum=0 (none but that of the pseudo-header), more= (1: a first fragment),
at= (fragment offset / 8), port= (the server's). An ICMP error: "< ICMP type=3 code=4 mtu=1400 seq=1001 len=100", which
quotes the client's segment of this number and length.
"""
import re
import select
import socket
import struct
import time

import gateway as gw

ETH_P_ALL = 3
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
CLIENTS, SERVERS = "10.9.64.%d", "10.9.128.%d"  # routed to the two hosts, which throw away what is not theirs
STEP = re.compile(r"(\d*)([<>]) (\S+)(.*)")


class Segment:
    """A line of words."""

    def __init__(self, line):
        port, side, self.kind, rest = STEP.fullmatch(line.strip()).groups()
        self.flow = int(port or 0)
        self.from_client = side == ">"
        self.words = {}
        for word in rest.split():
            key, value = word.split("=")
            self.words[key] = bytes.fromhex(value) if key == "opt" else int(value)
        self.seq, self.ack = self.words.get("seq", 0) % 2**32, self.words.get("ack", 0) % 2**32
        self.length = self.words.get("len", 0)

    @property
    def flags(self):
        return sum(FLAGS[letter] for letter in self.kind if letter in FLAGS)

    def options(self):
        options = self.words.get("opt", b"")
        if "ts" in self.words:
            options += struct.pack("!BBBBII", 1, 1, 8, 10, self.words["ts"], 0)
        return options + b"\0" * (-len(options) % 4)

    def tcp(self, ends, ports):
        """The segment in bytes; ends: both addresses."""
        options, get = self.options(), self.words.get
        head = struct.pack("!HHIIBBHHH", *ports, self.seq, self.ack, get("doff", 5 + len(options) // 4) << 4,
                           self.flags, get("win", 65535), 0, get("urg", 0)) + options + b"d" * self.length
        pseudo = ends + struct.pack("!II", len(head), 6)
        right = gw.checksum(pseudo + head) if get("sum", 1) else ~gw.checksum(pseudo)
        head = head[:16] + struct.pack("!H", (right + get("damage", 0)) % 65536) + head[18:]
        return head[:get("cut", len(head))]

    def icmp(self, ends, ports):
        """An error about a segment that travels the other way."""
        ends, ports, get = ends[4:] + ends[:4], ports[::-1], self.words.get
        quote = struct.pack("!BBHHHBBH", 0x45, 0, 40 + self.length, 1, 0, 60, 6, 0) + ends
        quote += struct.pack("!HHIIBBHHH", *ports, self.seq, 0, 0x50, 16, 512, 0, 0)
        head = struct.pack("!BBHHH", get("type"), get("code", 0), 0, 0, get("mtu", 0)) + quote
        return head[:2] + struct.pack("!H", gw.checksum(head)) + head[4:]


class Wire:
    """Both links."""

    def __init__(self, net):
        net.router.run("ip", "route", "add", "10.9.64.0/18", "via", gw.CLIENT[4])
        net.router.run("ip", "route", "add", "10.9.128.0/18", "via", gw.SERVER[4])
        self.end = []
        for space, link in ((net.client, "c0"), (net.server, "s0")):
            sock = space.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            sock.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
            sock.bind((link, ETH_P_ALL))
            sock.setblocking(False)
            self.end.append(sock)
        self.number = self.pair = 0
        self.came = ({}, {})  # at the client's link, at the server's: frames by their number

    def ends(self, flow=0):
        """Client and server of the present pair."""
        host = 1 + self.pair % 250
        return (CLIENTS % host, 40000 + self.pair // 250 * 2000 + flow), (SERVERS % host, 80)

    def renew(self):
        """Hosts that nobody has heard of."""
        self.pair += 1

    def send(self, segment):
        """Sends a segment; the result is what arrived() wants."""
        client, server = self.ends(segment.flow)
        source, target = (client, server) if segment.from_client else (server, client)
        ports = source[1], target[1]
        if "port" in segment.words:
            ports = (ports[0], segment.words["port"]) if segment.from_client else (segment.words["port"], ports[1])
        ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
        icmp = segment.kind == "ICMP"
        body = segment.icmp(ends, ports) if icmp else segment.tcp(ends, ports)
        fragment = segment.words.get("more", 0) * 0x2000 + segment.words.get("at", 0)
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), self.next(), fragment, 64, 1 if icmp else 6, 0) + ends
        head = head[:10] + struct.pack("!H", gw.checksum(head)) + head[12:]
        return self.put(segment.from_client, 0x0800, head + body)

    def next(self):
        self.number = self.number % 65535 + 1
        for came in self.came:
            came.pop(self.number, None)
        return self.number

    def put(self, from_client, protocol, packet):
        net = 1 if from_client else 2
        sock = self.end[not from_client]
        while True:
            try:
                sock.send(bytes((2, 0, 0, 0, net, 1, 2, 0, 0, 0, net, 2)) + struct.pack("!H", protocol) + packet)
                return (1 if from_client else 0), self.number
            except BlockingIOError:
                select.select([], [sock], [], 1)

    def arrived(self, sent):
        """The frame with this number where it wanted to go, or None."""
        side, number = sent
        sock = self.end[side]
        while True:
            try:
                frame, address = sock.recvfrom(65535)
            except BlockingIOError:
                return self.came[side].get(number)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            if frame[12:14] == b"\x08\x00":
                self.came[side][struct.unpack("!H", frame[18:20])[0]] = frame[14:]
            elif frame[12:14] == b"\x86\xdd":
                self.came[side][struct.unpack("!I", frame[14:18])[0] & 0xfffff] = frame[14:]

    def wait(self, sent, what):
        """Waits until it arrived; often that has happened already, so the first looks come quickly."""
        for _ in range(50):
            if self.arrived(sent):
                return self.arrived(sent)
            time.sleep(0.0005)
        return gw.wait_until(lambda: self.arrived(sent), "%s at the other end" % what)

    def found(self, side, fits):
        """A frame that came to this side (0: client's) and fits, once there is one."""
        def look():
            self.arrived((side, 0))
            return next((frame for frame in self.came[side].values() if fits(frame)), None)
        return gw.wait_until(look, "a frame that fits")
