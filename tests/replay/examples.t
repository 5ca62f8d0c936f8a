#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of tcpwarden-replay(1) and of operating.md, each line as it stands there, on captures made here."""

import os
import re
import subprocess
import sys
import tempfile

from frames import ACK, REPLAY, connection, finish, ok, pcap, segment

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def manual_examples():
    with open(os.path.join(TOP, "daemon", "man", "tcpwarden-replay.1.in"), encoding="utf-8") as file:
        section = file.read().split(".Sh EXAMPLES\n")[1].split(".Sh SEE ALSO")[0]
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", section, re.MULTILINE | re.DOTALL)


def make_folder(folder):
    """The captures that the examples name; ssh there is cat here."""
    frames = connection()
    frames[5:5] = [segment(True, ACK, 1201, 99999)]
    pcap(os.path.join(folder, "yesterday.pcapng"), frames)
    pcap(os.path.join(folder, "day.pcap"), frames)
    subprocess.run(["gzip", os.path.join(folder, "day.pcap")], check=True)
    programs = os.path.join(folder, "bin")
    os.mkdir(programs)
    os.symlink(REPLAY, os.path.join(programs, "tcpwarden-replay"))
    with open(os.path.join(programs, "ssh"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nshift\nexec \"$@\"\n")
    os.chmod(os.path.join(programs, "ssh"), 0o755)
    return dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")


def run_example(folder, environment, example):
    # pipefail: of a pipe the first program counts as well.
    run = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", example], cwd=folder, env=environment, timeout=60,
                         stdin=subprocess.DEVNULL, capture_output=True, text=True)
    problems = run.stderr.replace('Running as user "root" and group "root". This could be dangerous.\n', "")
    ok(run.returncode == 0 and problems == "" and run.stdout.strip(), example.strip().splitlines()[-1].strip(), run)


def main():
    examples = manual_examples()
    ok(len(examples) >= 7, "the manual has examples", examples)
    for example in examples:
        with tempfile.TemporaryDirectory() as folder:
            run_example(folder, make_folder(folder), example)
    return finish()


sys.exit(main())
