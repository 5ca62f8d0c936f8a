#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The examples of tcpwarden-replay(1) and of operating.md, each line as it stands there, on captures made here; those of
tcpwardend(8), and those of tcpwardend.conf(5) as files.
"""

import os
import re
import subprocess
import sys
import tempfile

from frames import ACK, REPLAY, RST, SYN, connection, finish, ok, pcap, replay, segment
import tables  # from tests/tap, as frames finds it

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DAEMON = os.path.join(os.path.dirname(REPLAY), "tcpwardend")


def manual_examples(page):
    with open(os.path.join(TOP, "daemon", "man", page + ".in"), encoding="utf-8") as file:
        section = file.read().split(".Sh EXAMPLES\n")[1].split(".Sh SEE ALSO")[0]
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", section, re.MULTILINE | re.DOTALL)


def guide():
    with open(os.path.join(TOP, "daemon", "doc", "operating.md"), encoding="utf-8") as file:
        return file.read()


def guide_blocks(text):
    """(language, text) of each block of code."""
    return re.findall(r"^```([a-z]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def make_folder(folder):
    """The captures that the examples name; ssh there is cat here."""
    frames = connection()
    frames[5:5] = [segment(True, ACK, 1201, 99999)]
    frames += [segment(True, SYN, 1, 0, port=41000), segment(False, RST | ACK, 0, 2, port=41000)]
    frames += [segment(True, SYN, 1, 0, port=41001 + i, client=3) for i in range(20)]
    pcap(os.path.join(folder, "yesterday.pcapng"), frames, step_us=10000)
    pcap(os.path.join(folder, "day.pcap"), frames)
    subprocess.run(["gzip", os.path.join(folder, "day.pcap")], check=True)
    programs = os.path.join(folder, "bin")
    os.mkdir(programs)
    for program in (REPLAY, DAEMON):
        os.symlink(program, os.path.join(programs, os.path.basename(program)))
    with open(os.path.join(programs, "ssh"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nshift\nexec \"$@\"\n")
    os.chmod(os.path.join(programs, "ssh"), 0o755)
    return dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")


def run_example(folder, environment, example):
    # pipefail: of a pipe the first program counts as well.
    run = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", example], cwd=folder, env=environment, timeout=60,
                         stdin=subprocess.DEVNULL, capture_output=True, text=True)
    problems = run.stderr.replace('Running as user "root" and group "root". This could be dangerous.\n', "")
    silent = "--svg" in example  # it writes a file and says nothing
    ok(run.returncode == 0 and problems == "" and (silent or run.stdout.strip()),
       example.strip().splitlines()[-1].strip(), run)
    return run.stdout


def check_guide():
    """Blocks of `sh` run; a plain block right behind one is its output; log lines are such as story.seg makes."""
    with open(os.path.join(TOP, "tests", "replay", "story.events.txt"), encoding="utf-8") as file:
        events = file.read().splitlines()
    printed = ""
    for language, block in guide_blocks(guide()):
        if language == "sh":
            with tempfile.TemporaryDirectory() as folder:
                printed = run_example(folder, make_folder(folder), block)
        elif block.startswith("event="):
            ok(all(line in events for line in block.splitlines()), f"a line of today: {block[:30]}", block)
        elif language == "":
            ok(block == printed, "the output shown is the one that comes", printed)


def run_with(config, example):
    """With these lines as new.conf."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "new.conf"), "w", encoding="utf-8") as file:
            file.write(config)
        run_example(folder, make_folder(folder), example)


def check_daemon():
    """What would start the daemon, which wants a queue, is only checked here; tests/netns starts it."""
    configs = manual_examples("tcpwardend.conf.5")
    ok(len(configs) >= 2, "tcpwardend.conf(5) has examples", configs)
    for config in configs:
        run_with(config, "tcpwardend -t -c new.conf")
    for example in manual_examples("tcpwardend.8"):
        starts = " -t" not in example and " --dump" not in example
        run_with(configs[0], example.strip() + (" -t -c new.conf" if starts else ""))


def check_words():
    """Settings, verbs, reasons and causes of hints that the guide names are those of the tables."""
    text = guide()
    options = set(re.findall(r"\b((?:tracking|policy|syn_flood|icmp|queue|log|control)\.[a-z_.]*[a-z])\b", text))
    ok(len(options) > 5 and options <= tables.words("options"), "its settings", options - tables.words("options"))
    verbs = set(re.findall(r"tcpwardenctl ([a-z]+)", text))
    ok(len(verbs) > 3 and verbs <= tables.words("commands"), "its verbs", verbs - tables.words("commands"))
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    with open(os.path.join(TOP, "daemon", "tables", "causes.def"), encoding="utf-8") as file:
        causes = set(re.findall(r'^CAUSE\([A-Z_]+, "([a-z-]+)"', file.read(), re.MULTILINE))
    named = set(re.findall(r"`([a-z-]+)`", " ".join(rows)))
    ok(len(named) > 5 and named <= tables.words("reasons") | causes, "its reasons and causes", named)
    ok(len(causes & named) > 5, "its hints", causes)


def check_pictures():
    drawn = {"ladder-life.svg": [os.path.join("scenario", "seed-exchange.seg")],
             "ladder-drop.svg": ["--ladder=usdfd7jg4hfqg", os.path.join("replay", "ladder.seg")],
             "ladder-crossed.svg": ["--ladder=rgll2wsz5s7vs", os.path.join("replay", "ladder.seg")]}
    text = guide()
    for name, (*options, script) in drawn.items():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            replay(*(options or ["--ladder"]), f"--svg={path}", os.path.join(TOP, "tests", script))
            with open(path, "rb") as ours, open(os.path.join(TOP, "daemon", "doc", name), "rb") as stored:
                ok(ours.read() == stored.read() and f"({name})" in text, f"{name} as it is drawn today")


def main():
    examples = manual_examples("tcpwarden-replay.1")
    ok(len(examples) >= 7, "the manual has examples", examples)
    for example in examples:
        with tempfile.TemporaryDirectory() as folder:
            run_example(folder, make_folder(folder), example)
    check_daemon()
    check_guide()
    check_words()
    check_pictures()
    return finish()


sys.exit(main())
