#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What is dropped of the captures of others is what daemon/doc/corpus.md lists and defends, no more and no less:
make check-corpus CORPUS=DIR.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "tap"))
from tap import finish, ok  # noqa: E402

CORPUS = os.environ.get("CORPUS", "")
REPLAY = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tcpwarden-replay"))
DOCUMENT = os.path.join(os.environ.get("top_srcdir", "."), "daemon", "doc", "corpus.md")


def frames(cell):
    """The numbers of "2-4 7"."""
    ranges = [[int(end) for end in part.split("-")] for part in cell.split()]
    return [number for ends in ranges for number in range(ends[0], ends[-1] + 1)]


def listed():
    """The document's table: {capture: {frame: (reason, setting)}}."""
    found = {}
    with open(DOCUMENT, encoding="utf-8") as text:
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text if line.startswith("| ")]
    for capture, numbers, reason, _, setting in rows:
        if capture not in ("capture", "---"):
            found.setdefault(capture, {}).update({number: (reason, setting) for number in frames(numbers)})
    return found


def dropped(capture, setting="-"):
    """The frames dropped: {frame: reason}."""
    command = [REPLAY, "--packets", "--json", *(["--set", setting] if setting != "-" else []),
               os.path.join(CORPUS, capture)]
    output = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False).stdout
    packets = [json.loads(line) for line in output.splitlines()]
    return {packet["n"]: packet["reason"] for packet in packets if packet["verdict"] == "drop"}


def main():
    captures = sorted(name for name in os.listdir(CORPUS) if name.endswith((".pcap", ".pcapng")))
    table = listed()
    for capture in captures:
        expected = table.pop(os.path.splitext(capture)[0], {})
        found = dropped(capture)
        wrong = {n: (found.get(n), expected.get(n)) for n in found.keys() | expected.keys()
                 if found.get(n) != expected.get(n, (None,))[0]}
        ok(not wrong, f"{capture}: {len(expected)} drops, all in the document", sorted(wrong.items())[:5])
        for setting in sorted({setting for _, setting in expected.values()} - {"-"}):
            still = dropped(capture, setting).keys() & {n for n, row in expected.items() if row[1] == setting}
            ok(not still, f"{capture}: {setting} passes them", sorted(still)[:5])
    ok(not table, "every capture of the document is there", sorted(table))


if __name__ == "__main__":
    if not os.path.isdir(CORPUS):
        sys.exit("say where the captures are: make check-corpus CORPUS=DIR")
    main()
    sys.exit(finish())
