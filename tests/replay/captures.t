#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwarden-replay on captures made here: a whole connection, the same cut off and damaged, two VLANs, a short copy."""

import gzip
import os
import pty
import select
import subprocess
import sys
import tempfile

from frames import REPLAY, connection, ethernet, finish, objects, ok, pcap, replay


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


def check_packed(folder):
    path = os.path.join(folder, "whole.pcap")
    pcap(path, connection())
    with open(path, "rb") as file:
        plain = file.read()
    packed = gzip.compress(plain, mtime=0)
    path += ".gz"
    with open(path, "wb") as file:
        file.write(packed)
    run = replay("--flows", "--json", path)
    ok(run.returncode == 0 and objects(run.stdout)[0]["conn_state"] == "SF", "a capture packed with gzip", run)
    for name, data in (("packed", packed), ("plain", plain)):
        run = replay("--flows", "--json", "-", data=data)
        ok(run.returncode == 0 and objects(run.stdout)[0]["conn_state"] == "SF", f"standard input, {name}", run)
    for name, damaged in (("cut off", packed[:-60]), ("damaged", packed[:100] + b"\xff" * 60 + packed[160:])):
        with open(path, "wb") as file:
            file.write(damaged)
        run = replay(path)
        ok(run.returncode == 1 and "the gzip data is cut off or damaged" in run.stderr, f"{name}: exit 1", run)


def check_progress(folder):
    """A bar where standard error is a terminal, and nowhere else."""
    path = os.path.join(folder, "long.pcap")
    pcap(path, [b"\0" * 4000] * 4200)
    ours, theirs = pty.openpty()
    with open(path, "rb") as capture, subprocess.Popen([REPLAY, capture.name], stderr=theirs,
                                                       stdout=subprocess.DEVNULL) as process:
        shown = ""
        while not shown.endswith(" \r") and select.select([ours], [], [], 60)[0]:  # a terminal gives it piece by piece
            shown += os.read(ours, 4096).decode()
        process.wait(60)
    os.close(theirs)
    os.close(ours)
    ok("[####" in shown and "]  9" in shown and shown.endswith("\r"), "a bar on a terminal, taken away again", shown)
    run = replay(path)
    ok(run.returncode == 0 and run.stderr == "", "none in a pipe", run.stderr)
    os.unlink(path)


def check_no_capture(folder):
    path = os.path.join(folder, "text.pcap")
    with open(path, "w") as out:
        out.write("this is no capture\n")
    run = replay(path)
    ok(run.returncode == 1 and run.stderr != "", "no capture: exit 1 and a reason", run)
    ok(replay(os.path.join(folder, "missing.pcap")).returncode == 3, "a file that cannot be opened: exit 3")
    run = replay(folder)
    ok(run.returncode == 3 and "Is a directory" in run.stderr, "a folder: exit 3", run)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_whole, check_cut_off, check_damaged, check_vlans, check_short, check_packed, check_progress,
                      check_no_capture):
            check(folder)
    return finish()


sys.exit(main())
