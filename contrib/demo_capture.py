# SPDX-License-Identifier: GPL-2.0-or-later
"""A capture for contrib/demo where no gateway can be made: the same acts, made up segment by segment."""
import socket
import struct

import gateway as gw

CLIENT, SERVER = "10.9.1.2", "10.9.2.2"
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}


def frame(source, target, seq, ack, flags, length):
    """One IPv4 packet, source and target (host, port)."""
    bits = sum(FLAGS[letter] for letter in flags)
    options = b"\x02\x04\x05\xb4" if "S" in flags else b""
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, (20 + len(options)) * 4, bits, 65535, 0, 0)
    tcp += options + b"x" * length
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    tcp = tcp[:16] + struct.pack("!H", gw.checksum(ends + struct.pack("!HH", 6, len(tcp)) + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + ends
    return ip[:10] + struct.pack("!H", gw.checksum(ip)) + ip[12:] + tcp


# Segments: (direction, flags, sequence number, acknowledgement, bytes), numbers counted from each end's first.
OPEN = [(">", "S", 0, None, 0), ("<", "SA", 0, 1, 0), (">", "A", 1, 1, 0)]
ACTS = (
    (40001, 80, OPEN + [(">", "PA", 1, 1, 80), ("<", "A", 1, 81, 0), ("<", "PA", 1, 81, 1400), (">", "A", 81, 1401, 0),
                        (">", "FA", 81, 1401, 0), ("<", "FA", 1401, 82, 0), (">", "A", 82, 1402, 0)]),
    (40002, 80, OPEN + [(">", "PA", 1, 1, 17), (">", "FA", 18, 1, 0), ("<", "A", 1, 19, 0), ("<", "PA", 1, 19, 1400),
                        (">", "A", 19, 1401, 0), ("<", "PA", 1401, 19, 1400), (">", "A", 19, 2801, 0),
                        ("<", "FA", 2801, 19, 0), (">", "A", 19, 2802, 0)]),
    (40003, 9, [(">", "S", 0, None, 0), ("<", "RA", None, 1, 0)]),
    (40004, 80, OPEN + [(">", "PA", 1, 1, 5), ("<", "A", 1, 6, 0), (">", "RA", 6, 1, 0)]),
    (40005, 80, OPEN + [(">", "PA", 1, 1, 5), ("<", "A", 1, 6, 0), (">", "A", 6, 1000001, 0), (">", "PA", 6, 1, 10),
                        ("<", "A", 1, 16, 0), (">", "FA", 16, 1, 0), ("<", "FA", 1, 17, 0), (">", "A", 17, 2, 0)]),
)


def packets():
    for client_port, server_port, segments in ACTS:
        client, server = (CLIENT, client_port), (SERVER, server_port)
        ends = {">": (client, server), "<": (server, client)}
        first = {">": 1000, "<": 5000}
        for direction, flags, seq, ack, length in segments:
            other = "<" if direction == ">" else ">"
            yield frame(*ends[direction], 0 if seq is None else first[direction] + seq,
                        0 if ack is None else first[other] + ack, flags, length)


def make_capture(path):
    """Writes it as pcap of raw IP packets, a millisecond apart."""
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for number, packet in enumerate(packets()):
            file.write(struct.pack("=IIII", 1700000000, number * 1000, len(packet), len(packet)) + packet)
