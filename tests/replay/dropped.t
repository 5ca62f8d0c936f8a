#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwarden-replay --write-dropped: the dropped packets as pcapng, byte for byte and with their reasons."""

import os
import struct
import subprocess
import sys
import tempfile

from frames import ACK, connection, finish, ok, pcap, replay, segment

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
COMMENT, RESOLUTION = 1, 9


def options(data):
    found = {}
    while data:
        code, size = struct.unpack("<HH", data[:4])
        found[code] = data[4:4 + size]
        data = data[4 + (size + 3) // 4 * 4:]
    return found


def blocks(path):
    with open(path, "rb") as file:
        data = file.read()
    while data:
        kind, size = struct.unpack("<II", data[:8])
        assert struct.unpack("<I", data[size - 4:size])[0] == size and size % 4 == 0
        yield kind, data[8:size - 4]
        data = data[size:]


def packets(path):
    """(nanoseconds, bytes, true length, comment) of each packet; the file begins as it should."""
    found = list(blocks(path))
    assert [kind for kind, _ in found[:2]] == [SECTION, INTERFACE]
    assert found[0][1][:8] == struct.pack("<IHH", 0x1A2B3C4D, 1, 0)
    assert struct.unpack("<H", found[1][1][:2])[0] == 101 and options(found[1][1][8:])[RESOLUTION] == b"\x09"
    for kind, body in found[2:]:
        interface, high, low, captured, length = struct.unpack("<IIIII", body[:20])
        assert (kind, interface) == (PACKET, 0)
        comment = options(body[20 + (captured + 3) // 4 * 4:])[COMMENT].decode()
        yield high << 32 | low, body[20:20 + captured], length, comment


def forged_capture(folder):
    """A connection with two packets in it that nobody sent."""
    path = os.path.join(folder, "forged.pcap")
    frames = connection()
    forged = [segment(True, ACK, 1001, 9999), segment(False, ACK, 1000000000, 1001, b"z" * 7)]
    pcap(path, frames[:3] + forged + frames[3:])
    return path, forged


def check_dropped(folder):
    path, forged = forged_capture(folder)
    out = os.path.join(folder, "out.pcapng")
    run = replay("--write-dropped", out, path)
    ok(run.returncode == 0 and run.stderr == "" and "packets dropped" in run.stdout, "beside the summary", run)
    found = list(packets(out))
    ok([packet[1] for packet in found] == forged, "the dropped packets, and no others", found)
    ok([packet[0] for packet in found] == [1700000003 * 10**9, 1700000004 * 10**9], "their times", found)
    comment = found[0][3]
    ok(comment.startswith("drop ack-high: ack 9999 is not in ") and "(policy.ack_high); phase ESTABLISHED, flow " in
       comment and comment.endswith("; frame 4"), "reason with its numbers, phase, flow, frame", comment)
    ok(found[1][3].startswith("drop seq-high: seq 1000000000 is not in "), "each its own", found[1][3])
    again = replay("--write-dropped", out, "--set", "policy.mode=monitor", "--flows", path, path)
    found = list(packets(out))
    ok(again.returncode == 0 and len(found) == 4, "of all files, in any mode", found)
    ok(found[3][3].startswith("would-drop seq-high") and found[3][3].endswith(f"; frame 5 of {path}"),
       "monitor mode says would-drop; two files are named", found[3][3])
    summary = replay("--json", out).stdout
    ok('"frames":4,' in summary and '"packets":4,' in summary, "replay reads it again", summary)


def check_wireshark(folder):
    path, _ = forged_capture(folder)
    out = os.path.join(folder, "wireshark.pcapng")
    replay("--write-dropped", out, path)
    run = subprocess.run(["tshark", "-r", out, "-Y", "frame.comment contains seq-high", "-T", "fields",
                          "-e", "frame.time_epoch", "-e", "tcp.seq_raw", "-e", "frame.comment"],
                         capture_output=True, text=True, timeout=60)
    fields = run.stdout.strip("\n").split("\t")
    ok(run.returncode == 0 and fields[:2] == ["1700000004.000000000", "1000000000"] and
       fields[2] == list(packets(out))[1][3], "Wireshark shows the comment and filters by it", run)


def check_damaged(folder):
    """Every mode ends with 0 or 1, whatever is left of a pcapng, and reports the frames before the damage."""
    path, _ = forged_capture(folder)
    out, damaged = os.path.join(folder, "whole.pcapng"), os.path.join(folder, "damaged.pcapng")
    replay("--write-dropped", out, "--set", "policy.mode=monitor", *[path] * 4)
    with open(out, "rb") as file:
        whole = file.read()
    for mode in ("--json", "--packets", "--events", "--flows", "--ladder"):
        codes = set()
        for at in range(20, len(whole), 37):
            for data in (whole[:at], whole[:at] + b"\xff" * 8 + whole[at + 8:]):
                with open(damaged, "wb") as file:
                    file.write(data)
                codes.add(replay(mode, damaged).returncode)
        ok(codes <= {0, 1} and 1 in codes, f"damage under {mode}", codes)
    with open(damaged, "wb") as file:
        file.write(whole[:-5])
    run = replay("--json", damaged)
    ok(run.returncode == 1 and '"frames":7,' in run.stdout, "the frames before the damage are reported", run)


def check_short(folder):
    path, out = os.path.join(folder, "short.pcap"), os.path.join(folder, "short.pcapng")
    pcap(path, [segment(False, ACK, 1, 1, b"x" * 500)], snaplen=60)
    replay("--set", "tracking.pickup=off", "--write-dropped", out, path)
    found = list(packets(out))
    ok([(len(data), length) for _, data, length, _ in found] == [(60, 540)], "a cut packet keeps its true length",
       found)


def check_errors(folder):
    path, _ = forged_capture(folder)
    before = os.path.getsize(path)
    run = replay("--write-dropped", path, path)
    ok(run.returncode == 3 and os.path.getsize(path) == before, "never over its own input", run)
    run = replay("--write-dropped", os.path.join(folder, "none", "out"), path)
    ok(run.returncode == 3 and run.stdout == "", "a file that cannot be made: exit 3", run)
    run = replay("--write-dropped", "/dev/full", path)
    ok(run.returncode == 3 and "/dev/full" in run.stderr, "a full disk: exit 3", run)
    run = replay("--write-dropped", os.path.join(folder, "x"), "--check", path)
    ok(run.returncode == 2 and not os.path.exists(os.path.join(folder, "x")), "not with --check", run)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_dropped, check_wireshark, check_damaged, check_short, check_errors):
            check(folder)
    return finish()


sys.exit(main())
