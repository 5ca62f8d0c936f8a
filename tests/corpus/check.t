#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of others through tcpwarden-replay: make check-corpus CORPUS=DIR.

Every capture in DIR goes through every mode: no crash, exit 0 or 1 (damaged), JSON that parses, the same bytes twice.
Where DIR/README.md expects agreement with Zeek, addresses, ports, conn_state and bytes are compared with the rows of
the .conn.tsv beside the capture. The sharp captures are held to their numbers.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "tap"))
from tap import finish, ok  # noqa: E402

CORPUS = os.environ.get("CORPUS", "")
REPLAY = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tcpwarden-replay"))

MODES = [[], ["--json"], ["--packets"], ["--packets", "--json"], ["--events"], ["--events", "--json"],
         ["--flows"], ["--flows", "--json"], ["--flows=zeek"]]
OBSERVE = ["--set", "tracking.pickup=observe"]

# Captures that are judged under other settings than the defaults.
SETTINGS = {
    "zeek-wikipedia.pcap": OBSERVE,
    "zeek-tcp-missing-syn.pcap": OBSERVE,
    "zeek-tcp-handshake-reorder.pcap": OBSERVE,
    "sv-tcp-session-syn-flood-drop-precedence.pcap":
        ["--set", "syn_flood.source_rate=1", "--set", "syn_flood.source_burst=100"],
}

# Where Zeek's rows are expected.
AGREE = ["zeek-http-get.pcap", "zeek-ftp-ipv4.pcap", "zeek-ftp-ipv6.pcap",
         "zeek-http-concurrent-range-requests.pcap", "zeek-tcp-miss_end_data.pcap", "zeek-tls-pop3-starttls.pcap",
         "zeek-wikipedia.pcap", "zeek-tcp-missing-syn.pcap", "zeek-pop3-pop3.pcap"]

# How many frames are dropped, and which where that is known.
DROPS = {
    "sv-tcp-session-equivalence.pcap": (0, []),
    "sv-tcp-session-stream-out-of-window.pcap": (1, [3]),
    "sv-tcp-session-syn-flood-drop-precedence.pcap": (100, None),
}


def replay(capture, mode):
    command = [REPLAY, *SETTINGS.get(capture, []), *mode, os.path.join(CORPUS, capture)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


def objects(output):
    return [json.loads(line) for line in output.decode().splitlines()]


def check_modes(capture):
    """One test a mode; gives the objects of --packets and --flows for what follows."""
    answers = {}
    for mode in MODES:
        name = f"{capture} {' '.join(mode) or '(summary)'}"
        first, second = replay(capture, mode), replay(capture, mode)
        why = [f"exit {first.returncode}", *first.stderr.decode(errors="replace").splitlines()]
        passed = first.returncode in (0, 1) and b"Sanitizer" not in first.stderr
        if first.stdout != second.stdout:
            passed, why = False, [*why, "two runs differ"]
        if "--json" in mode:
            try:
                answers[mode[0]] = objects(first.stdout)
            except ValueError as error:
                passed, why = False, [*why, f"not JSON: {error}"]
        ok(passed, name, "\n".join(why))
    return answers.get("--packets", []), answers.get("--flows", [])


def check_frames(capture, packets):
    """--packets numbers the frames from 1 without a gap and gives each a verdict or says why not."""
    numbers = [packet["n"] for packet in packets]
    verdicts = {packet["verdict"] for packet in packets}
    ok(numbers == list(range(1, len(packets) + 1)) and verdicts <= {"accept", "drop", None},
           f"{capture} frames are numbered and judged", [f"{numbers[:10]}... {verdicts}"])


def zeek_rows(capture):
    """Rows of the last of Zeek's listings in the file: the others are the same connections by other scripts."""
    names, rows = [], []
    with open(os.path.join(CORPUS, capture + ".conn.tsv"), encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#"):
                continue
            if cells[0] == "ts":
                names, rows = cells, []
            else:
                rows.append(dict(zip(names, cells)))
    return [row for row in rows if row["proto"] == "tcp"]


def number(cell):
    """Zeek writes - for bytes it has not seen."""
    return 0 if cell in ("-", None) else int(cell)


def zeek_flow(row):
    flow = (row["id.orig_h"], int(row["id.orig_p"]), row["id.resp_h"], int(row["id.resp_p"]), row["conn_state"],
            number(row["orig_bytes"]), number(row["resp_bytes"]))
    return flow, "^" in row["history"]


def our_flow(flow):
    return (flow["client"], flow["client_port"], flow["server"], flow["server_port"], flow["conn_state"],
            number(flow["client_bytes"]), number(flow["server_bytes"]))


def turned(flow):
    return (*flow[2:4], *flow[0:2], flow[4], flow[6], flow[5])


def check_zeek(capture, flows):
    """Each of Zeek's rows is one of our flows; a row whose direction Zeek turned may be ours in the other one."""
    left = [our_flow(flow) for flow in flows]
    for row in zeek_rows(capture):
        flow, flipped = zeek_flow(row)
        match = next((f for f in (flow, turned(flow) if flipped else flow) if f in left), None)
        if match:
            left.remove(match)
        ends = f"{flow[0]}:{flow[1]} {flow[2]}:{flow[3]}"
        ok(match is not None, f"{capture} agrees with Zeek on {ends}",
               [f"Zeek {flow}", *(f"ours {f}" for f in left if set(f[1:4:2]) == set(flow[1:4:2]))])
    ok(not left, f"{capture} has no flow that Zeek has not", [str(flow) for flow in left])


def check_drops(capture, packets):
    count, which = DROPS[capture]
    dropped = [packet["n"] for packet in packets if packet["verdict"] == "drop"]
    passed = len(dropped) == count and which in (None, dropped)
    ok(passed, f"{capture} drops {count} frames", [f"dropped {len(dropped)}: {dropped[:20]}"])


def main():
    captures = sorted(name for name in os.listdir(CORPUS) if name.endswith((".pcap", ".pcapng")))
    ok(captures != [], "there are captures")
    for capture in captures:
        packets, flows = check_modes(capture)
        check_frames(capture, packets)
        if capture in AGREE:
            check_zeek(capture, flows)
        if capture in DROPS:
            check_drops(capture, packets)
    missing = [name for name in [*AGREE, *DROPS] if name not in captures]
    ok(not missing, "every capture with an expectation is there", missing)


if __name__ == "__main__":
    if not os.path.isdir(CORPUS):
        sys.exit("say where the captures are: make check-corpus CORPUS=DIR")
    main()
    sys.exit(finish())
