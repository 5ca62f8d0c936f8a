# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests of tcpwarden-replay in Python: TAP, packets, captures, running the program."""

import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tap"))
from tap import finish, ok  # noqa: E402, F401: for those who import this

REPLAY = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tcpwarden-replay"))
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(up, flags, seq, ack, payload=b"", port=40000, client=1):
    """An IPv4 packet of 10.0.0.client:port (up: it sends) and 10.0.0.2:80."""
    ends = bytes([10, 0, 0, client]), b"\x0a\0\0\2"
    src, dst = ends if up else ends[::-1]
    ports = (port, 80) if up else (80, port)
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0) + payload
    pseudo = src + dst + struct.pack(">BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, src, dst)
    return ip + tcp


def connection():
    return [segment(True, SYN, 1000, 0), segment(False, SYN | ACK, 5000, 1001), segment(True, ACK, 1001, 5001),
            segment(True, PSH | ACK, 1001, 5001, b"x" * 200), segment(False, PSH | ACK, 5001, 1201, b"y" * 300),
            segment(True, ACK, 1201, 5301), segment(True, FIN | ACK, 1201, 5301), segment(False, FIN | ACK, 5301, 1202),
            segment(True, ACK, 1202, 5302)]


def pcap(path, frames, linktype=101, snaplen=65535, step_us=1000000):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, linktype))
        for i, frame in enumerate(frames):
            kept = frame[:snaplen]
            seconds, fraction = divmod(i * step_us, 1000000)
            out.write(struct.pack("<IIII", 1700000000 + seconds, fraction, len(kept), len(frame)) + kept)


def ethernet(vlan, packet):
    return b"\2" * 6 + b"\4" * 6 + struct.pack(">HHH", 0x8100, vlan, 0x0800) + packet


def replay(*arguments, data=b""):
    """Runs the program; data: its standard input."""
    run = subprocess.run([REPLAY, *arguments], input=data, capture_output=True, timeout=60)
    run.stdout, run.stderr = run.stdout.decode(), run.stderr.decode()
    return run


def objects(text):
    return [json.loads(line) for line in text.splitlines()]
