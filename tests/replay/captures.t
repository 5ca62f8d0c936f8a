#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwarden-replay on captures made here: a whole connection, the same cut off and damaged, two VLANs, a short copy."""

import os
import sys
import tempfile

from frames import connection, ethernet, finish, objects, ok, pcap, replay


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
    return finish()


sys.exit(main())
