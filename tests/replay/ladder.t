#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwarden-replay --ladder: text, JSON and picture of a fixed script as stored beside it; long, many, wrong, one;
room for all words in a picture and on a narrow terminal."""

import difflib
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import xml.etree.ElementTree

from frames import ACK, PSH, REPLAY, SYN, connection, finish, objects, ok, pcap, replay, segment

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "ladder.seg")


def stored(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def same(got, name, title):
    expected = stored(name)
    ok(got == expected, title, "\n".join(difflib.unified_diff(expected.splitlines(), got.splitlines(), lineterm="")))


def picture(folder, *arguments):
    path = os.path.join(folder, "picture.svg")
    run = replay("--ladder", f"--svg={path}", *arguments)
    with open(path, encoding="utf-8") as file:
        return run, file.read()


def check_stored(folder):
    run = replay("--ladder", SCRIPT)
    ok(run.returncode == 0 and run.stderr == "", "a ladder of each flow", run)
    same(run.stdout, "ladder.txt", "text as stored")
    ok(max(len(line) for line in run.stdout.splitlines()) <= 120 and run.stdout.isascii(), "ASCII, at most 120 columns")
    same(replay("--ladder", "--json", SCRIPT).stdout, "ladder.json", "JSON as stored")
    run, svg = picture(folder, SCRIPT)
    ok(run.returncode == 0 and run.stdout == "" and run.stderr == "", "the picture takes the place of the text", run)
    same(svg, "ladder.svg", "picture as stored")
    root = xml.etree.ElementTree.fromstring(svg)
    names = {element.tag.split("}")[1] for element in root.iter()}
    ok(root.tag == "{http://www.w3.org/2000/svg}svg" and "script" not in names and "prefers-color-scheme:dark" in svg,
       "well-formed, no script, light and dark", names)


def check_documents(_):
    drawn = replay("--ladder", os.path.join(HERE, "..", "scenario", "seed-exchange.seg")).stdout.strip("\n")
    for name in ("README.md", "daemon/man/tcpwarden-replay.1.in"):
        with open(os.path.join(HERE, "..", "..", name), encoding="utf-8") as file:
            ok(f"\n{drawn}\n" in file.read(), f"{name} shows what is drawn today", drawn)


def check_one(folder):
    flows = [flow["flow"] for flow in objects(replay("--flows", "--json", SCRIPT).stdout)]
    whole = replay("--ladder", SCRIPT).stdout
    run = replay(f"--ladder={flows[0]}", SCRIPT)
    ok(run.stdout.startswith(flows[0]) and run.stdout.count(" UTC\n") == 1, "one flow", run)
    ok("..." not in run.stdout and "..." in whole and len(objects(replay("--flows", "--json", SCRIPT).stdout)) == 4,
       "one flow is drawn whole, all are shortened", run.stdout)
    ok(replay("--ladder", flows[0], SCRIPT).stdout == run.stdout, "its id may stand behind a blank")
    run = replay("--ladder", flows[1], SCRIPT)
    ok("SYN_SENT" in run.stdout.splitlines()[2] and "| S seq=0" in run.stdout.splitlines()[2].replace("--- ", " "),
       "a connection on a used port begins with its SYN", run.stdout)
    run = replay("--ladder=baaaaaaaaaaaa", SCRIPT)
    ok(run.returncode == 1 and "no flow of this id" in run.stderr, "a flow that is not there: exit 1", run)
    run = replay("--ladder=aaaaaaaaaaaaa", SCRIPT)
    ok(run.returncode == 2 and "no flow id" in run.stderr, "no flow id: exit 2", run)
    run = replay("--ladder", "aaaaaaaaaaaaa", SCRIPT)
    ok(run.returncode == 2 and "no flow id" in run.stderr and run.stdout == "", "nor as an operand", run)
    run = replay("--svg", os.path.join(folder, "x"), "--flows", SCRIPT)
    ok(run.returncode == 2 and not os.path.exists(os.path.join(folder, "x")), "--svg without --ladder: exit 2", run)


def check_long(folder):
    path = os.path.join(folder, "long.pcap")
    frames = connection()[:3]
    for i in range(2000):
        frames.append(segment(True, PSH | ACK, 1001 + i * 10, 5001, b"0123456789"))
        frames.append(segment(False, ACK, 5001, 1011 + i * 10))
    pcap(path, frames)
    run = replay("--ladder", "--json", path)
    rows = objects(run.stdout)[0]["rows"]
    gap = [row for row in rows if row["row"] == "skipped"]
    ok(len(rows) < 15 and len(gap) == 1, "the middle of a long flow is counted", len(rows))
    shown = sum(row["row"] == "segment" for row in rows)
    ok(gap[0]["client_skipped"] + gap[0]["server_skipped"] + shown == len(frames), "every segment counts once", gap)
    drawn = sum(row.get("len") or 0 for row in rows if row.get("dir") == ">")
    ok(gap[0]["client_skipped_bytes"] + drawn == 20000, "and every byte", gap)
    flow = objects(run.stdout)[0]["flow"]
    ok(len(objects(replay("--json", f"--ladder={flow}", path).stdout)[0]["rows"]) == len(frames) + 1, "whole by its id")


def check_many(folder):
    path = os.path.join(folder, "many.seg")
    with open(path, "w", encoding="utf-8") as out:
        out.write("@0 *5000 > S seq=7+1 port=+1\n@+1 *5000 < SA seq=9+1 ack=8+1 port=+1\n")
    run = replay("--ladder", path)
    ok(run.returncode == 0 and run.stdout.count(" UTC\n") == 5000, "five thousand flows", run.stdout[:200])
    run, svg = picture(folder, path)
    ok(run.returncode == 0 and svg.count(">client</text>") == 100 and "4900 more flows are not drawn" in svg,
       "a picture has the first hundred, and says so", run)


def boxes(svg):
    """(left, right, baseline, words) of every text, as wide as the font makes it."""
    for text in xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        width = len(text.text) * (9.1 if text.get("class") == "head" else 7.85)
        left = int(text.get("x")) - width * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
        yield left, left + width, int(text.get("y")), text.text


def collisions(svg):
    found = sorted(boxes(svg), key=lambda box: box[2])
    for n, (left, right, y, words) in enumerate(found):
        if left < 0 or right > 960:
            yield f"outside: {words}"
        for other_left, other_right, other_y, other in found[n + 1:n + 8]:
            if other_y - y < 12 and other_left < right and left < other_right:
                yield f"{words} | {other}"


def check_room(folder):
    path = os.path.join(folder, "wide.seg")
    long_one, long_two = ("[2001:470:1f11:81f:c999:d94:aa7c:%s]:%d" % end for end in (("2e3e", 49185), ("fe3e", 57086)))
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"flow f1 {long_one} {long_two}\n@0 > S seq=4000000000\n@+1 < SA seq=3000000000 ack=4000000001\n"
                  "@+1 > A seq=4000000001 ack=3000000001\n@+1 > A seq=4000000001 ack=3999999999\n"
                  "@+1 < PA seq=2000000001 ack=2000000001 len=1400\n")
    for name in (path, SCRIPT):
        _, svg = picture(folder, name)
        ok(svg.count("<text") > 15 and not list(collisions(svg)), f"no words over others in the picture of {name}",
           "\n".join(collisions(svg)))
    ok(list(collisions(picture(folder, SCRIPT)[1].replace('y="68"', 'y="50"'))), "words over others would be found")


def on_terminal(columns, *arguments):
    """What a terminal of so many columns shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([REPLAY, *arguments], stdout=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the other side is closed
            pass
        process.wait(60)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def check_terminal(folder):
    narrow = on_terminal(80, "--ladder", SCRIPT, os.path.join(folder, "wide.seg"))
    ok(max(len(line) for line in narrow.splitlines()) < 80, "it fits on a terminal of 80 columns", narrow)
    wide = replay("--ladder", SCRIPT).stdout
    ok(on_terminal(120, "--ladder", SCRIPT) == wide, "on a wide one it is as in a file")
    words = [[part for part in text.split() if "=" in part] for text in (on_terminal(80, "--ladder", SCRIPT), wide)]
    ok(words[0] == words[1], "no number is lost", words)


def check_odd(folder):
    path = os.path.join(folder, "empty.pcap")
    pcap(path, [])
    run = replay("--ladder", path)
    ok(run.returncode == 0 and run.stdout == "", "an empty capture", run)
    run, svg = picture(folder, path)
    ok(run.returncode == 0 and "no flows" in svg and xml.etree.ElementTree.fromstring(svg) is not None,
       "its picture says so", run)
    path = os.path.join(folder, "cut.pcap")
    pcap(path, connection() + [b"\x45", b"\x60" * 20, segment(True, SYN, 1, 0)[:30]])
    os.truncate(path, os.path.getsize(path) - 7)
    run = replay("--ladder", path)
    ok(run.returncode == 1 and "LAST-ACK" in run.stdout and "frame 12" in run.stderr, "a damaged capture", run)
    both = replay("--ladder", "--json", SCRIPT, path)
    ok({json.loads(line)["file"] for line in both.stdout.splitlines()} == {SCRIPT, path}, "two files are named", both)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_stored, check_documents, check_one, check_long, check_many, check_room,
                      check_terminal, check_odd):
            check(folder)
    return finish()


sys.exit(main())
