#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwarden-replay on captures made here: a whole connection, the same cut off and damaged, two VLANs, a short copy."""

import json
import os
import struct
import subprocess
import sys
import tempfile

REPLAY = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tcpwarden-replay"))
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

count = 0


def ok(passed, name, why=""):
    global count
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}")
    if not passed and why:
        print("\n".join("# " + line for line in str(why).splitlines()))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(up, flags, seq, ack, payload=b""):
    """An IPv4 packet of 10.0.0.1:40000 (up: it sends) and 10.0.0.2:80."""
    src, dst = (b"\x0a\0\0\1", b"\x0a\0\0\2") if up else (b"\x0a\0\0\2", b"\x0a\0\0\1")
    ports = (40000, 80) if up else (80, 40000)
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


def pcap(path, frames, linktype=101, snaplen=65535):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, linktype))
        for i, frame in enumerate(frames):
            kept = frame[:snaplen]
            out.write(struct.pack("<IIII", 1700000000 + i, 0, len(kept), len(frame)) + kept)


def ethernet(vlan, packet):
    return b"\2" * 6 + b"\4" * 6 + struct.pack(">HHH", 0x8100, vlan, 0x0800) + packet


def replay(*arguments):
    return subprocess.run([REPLAY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def check_whole(folder):
    path = os.path.join(folder, "whole.pcap")
    pcap(path, connection())
    run = replay("--flows", "--json", path)
    flows = objects(run.stdout)
    ok(run.returncode == 0 and len(flows) == 1, "a whole connection is one flow", run)
    flow = flows[0]
    ok((flow["conn_state"], flow["reason"], flow["client_bytes"], flow["server_bytes"]) == ("SF", "fin", 200, 300),
       "closed in order, bytes as sent", flow)
    ok((flow["client_packets"], flow["server_packets"], flow["handshake_us"]) == (6, 3, 2000000),
       "packets and handshake time as sent", flow)
    verdicts = [frame["verdict"] for frame in objects(replay("--packets", "--json", path).stdout)]
    ok(verdicts == ["accept"] * 9, "every frame accepted", verdicts)


def check_cut_off(folder):
    path = os.path.join(folder, "cut.pcap")
    pcap(path, connection())
    os.truncate(path, os.path.getsize(path) - 7)
    run = replay("--packets", "--json", path)
    ok(run.returncode == 1, "a capture that ends in a frame: exit 1", run)
    ok("frame 9" in run.stderr, "the damage names its frame", run.stderr)
    ok(len(objects(run.stdout)) == 8, "what was read before is reported", run.stdout)
    run = replay("--flows", "--json", path)
    flows = objects(run.stdout)
    ok(run.returncode == 1 and len(flows) == 1 and flows[0]["phase"] == "LAST_ACK", "the flows so far too", run)


def check_damaged(folder):
    path = os.path.join(folder, "damaged.pcap")
    frames = connection()
    frames[3] = frames[3][:-1] + b"z"
    pcap(path, frames)
    packets = objects(replay("--packets", "--json", path).stdout)
    ok((packets[3]["verdict"], packets[3]["reason"]) == ("drop", "bad-checksum"), "a changed byte is a bad checksum",
       packets[3])


def check_vlans(folder):
    path = os.path.join(folder, "vlan.pcap")
    frames = [ethernet(vlan, packet) for packet in connection() for vlan in (7, 8)]
    pcap(path, frames, linktype=1)
    rows = objects(replay("--set", "tracking.zone=vlan", "--flows", "--json", path).stdout)
    ok([row["conn_state"] for row in rows] == ["SF", "SF"], "two VLANs are two zones", rows)
    rows = objects(replay("--flows", "--json", path).stdout)
    ok(len(rows) == 1 and rows[0]["client_packets"] == 12, "without zones each packet is seen twice", rows)


def check_short(folder):
    path = os.path.join(folder, "short.pcap")
    pcap(path, connection(), snaplen=30)
    packets = objects(replay("--packets", "--json", path).stdout)
    ok(all(p["verdict"] is None and p["note"] == "short" for p in packets) and len(packets) == 9,
       "a header cut by the snaplen is not judged", packets[0])
    path = os.path.join(folder, "headers.pcap")
    pcap(path, connection(), snaplen=40)
    flow = objects(replay("--flows", "--json", path).stdout)[0]
    ok((flow["conn_state"], flow["server_bytes"]) == ("SF", 300), "headers alone are enough", flow)


def check_no_capture(folder):
    path = os.path.join(folder, "text.pcap")
    with open(path, "w") as out:
        out.write("this is no capture\n")
    run = replay(path)
    ok(run.returncode == 1 and run.stderr != "", "no capture: exit 1 and a reason", run)
    ok(replay(os.path.join(folder, "missing.pcap")).returncode == 3, "a file that cannot be opened: exit 3")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_whole, check_cut_off, check_damaged, check_vlans, check_short, check_no_capture):
            check(folder)
    print(f"1..{count}")
    return 0


sys.exit(main())
