#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwardenctl top on a terminal of its own (tmux), with a live daemon and traffic: the three tables, sorting, filters,
freezing, resizing, and what becomes of the terminal."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import gateway as gw

SIZES = (1000, 2000, 4000)  # bytes that each connection sends in a round


class Terminal:
    """A tmux window of its own in which a shell runs commands one after the other."""

    def __init__(self, folder, width=100, height=30):
        self.path = os.path.join(folder, "tmux")
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), "env PS1='$ ' ENV= sh")

    def __enter__(self):
        self.wait(lambda text: "$" in text, "the shell's prompt")
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def tmux(self, *words):
        environment = {key: value for key, value in os.environ.items() if key != "TMUX"}
        return subprocess.run(["tmux", "-S", self.path, "-f", "/dev/null", *words], check=True, text=True,
                              stdout=subprocess.PIPE, env=environment, timeout=gw.GIVE_UP_S).stdout

    def type(self, text, *keys):
        if text:
            self.tmux("send-keys", "-l", text)
        if keys:
            self.tmux("send-keys", *keys)

    def run(self, *words):
        self.type(" ".join(words), "Enter")

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, condition, what):
        """The first screen for which the condition holds."""
        def look():
            text = self.screen()
            return text if condition(text) else None
        try:
            return gw.wait_until(look, what)
        except AssertionError as reason:
            raise AssertionError("%s\n%s" % (reason, self.screen())) from None


class Traffic:
    """Each connection sends its part of SIZES again and again; a SYN and a damaged segment a round."""

    def __init__(self, net):
        self.net = net
        self.pairs = [net.pair() for _ in SIZES]
        self.ports = [str(client.getsockname()[1]) for client, _ in self.pairs]
        self.stop = threading.Event()
        self.rounds = 0
        self.thread = threading.Thread(target=self.pump)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for pair in self.pairs:
            for sock in pair:
                sock.close()

    def pump(self):
        while not self.stop.wait(0.01):
            for (client, server), size in zip(self.pairs, SIZES):
                client.sendall(b"q" * size)
                gw.read_exactly(server, size)
            for source in ("10.9.1.77", "10.9.1.77", "10.9.1.78"):
                gw.forge(self.net.client, (source, 1024 + self.rounds % 50000), (gw.SERVER[4], 9), self.rounds, 0, 2)
            gw.forge(self.net.client, (gw.CLIENT[4], 1), (gw.SERVER[4], 9), 1, 1, damage=1)
            self.rounds += 1


def rows(text):
    """The lines of the table."""
    lines = [line.rstrip() for line in text.splitlines()]
    return [line for line in lines[5:-1] if line]


def of(text, ports):
    """The connections by number in the order of their rows."""
    found = [re.search(r":(\d+) ", row) for row in rows(text)]
    return [ports.index(match.group(1)) for match in found if match and match.group(1) in ports]


def status_line(text):
    return text.rstrip("\n").splitlines()[-1]


def top(terminal, path, *words):
    terminal.run(gw.CONTROL, "-s", path, "top", *words, "; echo ended $?")
    # figures come with the second answer of the daemon
    return terminal.wait(lambda text: "mode enforce" in text and "p99" in text, "the header")


def tables(tap, terminal, traffic, daemon):
    text = top(terminal, daemon.socket, "0.5")
    tap.ok(all(word in text for word in ("flows ", "half-open ", "packets ", "drops ", "flood mode off", "p99")),
           "the header says how the daemon is", text)
    # SYNs to nowhere are flows too.
    terminal.type("/", "C-u")
    terminal.type("phase=ESTABLISHED", "Enter")
    text = terminal.wait(lambda text: of(text, traffic.ports) == [2, 1, 0] and len(rows(text)) == 3, "rows by speed")
    tap.ok("filter: phase=ESTABLISHED" in text, "flows: the fastest first, a filter chooses", text)
    row = rows(text)[0].split()
    tap.ok(re.fullmatch(r"[\d.]+[kM]", row[3]) and row[2] == "ESTABLISHED" and row[4] == "0", "flows: speed each way",
           row)

    terminal.type("r")
    terminal.wait(lambda text: of(text, traffic.ports) == [0, 1, 2], "the other way round")
    tap.ok(True, "r turns the order round")
    terminal.type("c")
    ordered = sorted(range(3), key=lambda i: traffic.ports[i])
    text = terminal.wait(lambda text: of(text, traffic.ports) == ordered, "rows by client")
    tap.ok("by client" in text, "c sorts by client", text)

    terminal.type("/", "C-u")
    terminal.type("port=http", "Enter")
    text = terminal.wait(lambda text: "is no port" in status_line(text), "the error")
    tap.ok("filter: phase=ESTABLISHED" in text and len(rows(text)) == 3,
           "a filter that is none is told, the old one stays", text)
    terminal.type("/", "C-u")
    terminal.type("port=" + traffic.ports[1], "Enter")
    text = terminal.wait(lambda text: of(text, traffic.ports) == [1] and len(rows(text)) == 1, "the one flow")
    tap.ok(True, "a filter by port leaves one flow")
    terminal.type("/", "C-u")
    terminal.type("port=9 phase=CLOSED idle>=1h", "Enter")
    terminal.wait(lambda text: "no such flow" in status_line(text) and not rows(text), "no flow")
    tap.ok(True, "a filter that nothing meets says so")
    terminal.type("/", "C-u")
    terminal.type("phase=ESTABLISHED", "Enter")
    terminal.type("b")
    terminal.wait(lambda text: of(text, traffic.ports) == [2, 1, 0], "three flows again")

    terminal.type("2")
    terminal.type("/", "C-u")
    terminal.type("source", "Enter")
    text = terminal.wait(lambda text: len(rows(text)) >= 2 and rows(text)[0].split()[2] != "0", "sources of SYNs")
    lines = [row.split() for row in rows(text)]
    tap.ok([line[0] for line in lines[:2]] == ["10.9.1.77/32", "10.9.1.78/32"] and
           all(line[1] == "source" for line in lines), "sources: who sends most SYNs stands first", text)
    terminal.type("3")
    text = terminal.wait(lambda text: any(row.startswith("bad-checksum") and row.split()[1] != "0"
                                          for row in rows(text)), "reasons")
    tap.ok("SYN/s" not in text and "setting" in text, "reasons: drops a second", text)
    terminal.type("?")
    text = terminal.wait(lambda text: "any key goes back" in text, "the help")
    tap.ok("freeze" in text and "reason" in text, "? tells the keys", text)
    terminal.type("?")
    terminal.type("", "Tab")
    terminal.wait(lambda text: "[flows]" in text and len(rows(text)) == 3, "flows")
    tap.ok(True, "Tab goes round to the flows")


def freezing(tap, terminal, traffic, daemon):
    terminal.type(" ")
    frozen = terminal.wait(lambda text: "FROZEN" in text, "the freeze")

    def packets():
        return daemon.ctl("status")[1][0]["packets"]

    def more_traffic():
        packets_then, rounds_then = packets(), traffic.rounds
        gw.wait_until(lambda: traffic.rounds > rounds_then + 60 and packets() > packets_then + 100, "more traffic")
    more_traffic()
    tap.same(terminal.screen(), frozen, "space: the figures stay while the traffic goes on")
    terminal.type("r")
    terminal.wait(lambda text: of(text, traffic.ports) == [0, 1, 2] and "FROZEN" in text, "the other order")
    terminal.type("r")
    terminal.wait(lambda text: of(text, traffic.ports) == [2, 1, 0], "the first order again")
    more_traffic()
    tap.same(terminal.screen(), frozen, "what is frozen can be sorted, and stays as it is")
    terminal.type(" ")
    terminal.wait(lambda text: "FROZEN" not in text and rows(text) != rows(frozen) and len(rows(text)) == 3,
                  "new figures")
    tap.ok(True, "space again: it goes on")


def sizes(tap, terminal, traffic):
    terminal.resize(80, 24)
    text = terminal.wait(lambda text: len(text.splitlines()) == 24 and "q end" in status_line(text) and
                         of(text, traffic.ports) == [2, 1, 0], "80x24")
    tap.ok("ESTABLISHED" in rows(text)[0] and "pkt/s" in text, "80 columns have ends, phase and speed", text)
    terminal.resize(50, 7)
    terminal.wait(lambda text: len(text.splitlines()) == 7 and "q end" in status_line(text) and
                  of(text, traffic.ports) == [2] and len(rows(text)) == 1, "50x7")
    tap.ok(True, "7 lines have one row")
    terminal.type("", "Down")
    text = terminal.wait(lambda text: of(text, traffic.ports) == [1], "the second row")
    terminal.type("", "End")
    text = terminal.wait(lambda text: of(text, traffic.ports) == [0], "the last row")
    tap.ok(True, "arrows move through the rows")
    terminal.resize(5, 2)
    terminal.wait(lambda text: len(text.splitlines()) == 2, "5x2")
    terminal.resize(100, 30)
    terminal.wait(lambda text: of(text, traffic.ports) == [2, 1, 0], "100x30")
    tap.ok(True, "it survives 5x2 and fills the larger terminal again")


def is_restored(terminal, code):
    """The prompt is back on the screen that was there before, and the terminal echoes."""
    terminal.wait(lambda text: "ended %d" % code in text and "mode enforce" not in text, "the shell")
    terminal.run("clear; stty -a | tr ' ;' '\\n\\n' | grep -xE 'echo|icanon|icrnl' | sort | tr '\\n' ,; echo .")
    terminal.wait(lambda text: "echo,icanon,icrnl,." in text, "a terminal as it was")
    terminal.run("clear")
    terminal.wait(lambda text: "icanon" not in text, "an empty screen")


def leaving(tap, terminal, daemon):
    terminal.type("q")
    is_restored(terminal, 0)
    tap.ok(True, "q: exit 0, the terminal is as it was")
    top(terminal, daemon.socket, "1")
    process = subprocess.run(["pgrep", "-f", "^%s -s %s top 1" % (gw.CONTROL, daemon.socket)], stdout=subprocess.PIPE,
                             text=True, check=True).stdout.split()
    os.kill(int(process[0]), signal.SIGTERM)
    is_restored(terminal, 1)
    tap.ok(True, "SIGTERM: the terminal is as it was")


def whole(tap):
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net, gw.Daemon(net) as daemon, \
            Terminal(folder) as terminal, Traffic(net) as traffic:
        for step in (lambda: tables(tap, terminal, traffic, daemon), lambda: freezing(tap, terminal, traffic, daemon),
                     lambda: sizes(tap, terminal, traffic), lambda: leaving(tap, terminal, daemon)):
            step()

        code, lines = daemon.ctl("top", "0.5")
        flows = [line for line in lines if line.get("phase") == "ESTABLISHED"]
        tap.ok(code == 0 and "uptime_s" in lines[0] and len(flows) == 3 and
               flows[0]["client_port"] == int(traffic.ports[2]) and
               flows[0]["client_bytes_per_s"] > flows[2]["client_bytes_per_s"] > 0, "--json: one look with rates",
               lines)
        tap.ok({"syn_source", "reason"} <= {key for line in lines for key in line}, "--json: sources and reasons",
               lines)


def restart(tap):
    """The daemon goes, and another one comes, below the same screen."""
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net, Terminal(folder, 80, 24) as terminal:
        os.chmod(folder, 0o755)
        home = os.path.join(folder, "run")
        os.mkdir(home)
        shutil.chown(home, "nobody")
        path = os.path.join(home, "control.sock")
        with gw.Daemon(net, "control.socket=" + path) as daemon:
            top(terminal, path, "0.5")
            daemon.stop()
            text = terminal.wait(lambda text: "no daemon, trying again" in status_line(text), "the complaint")
            tap.ok("mode enforce" in text, "the daemon ends: it says so, the last figures stay", text)
        with gw.Daemon(net, "control.socket=" + path, "policy.mode=monitor"):
            terminal.wait(lambda text: "mode monitor" in text and "no daemon" not in text, "the new daemon")
            tap.ok(True, "another daemon is found by itself")
            terminal.type("q")
            is_restored(terminal, 0)


def no_daemon(tap):
    with tempfile.TemporaryDirectory() as folder, Terminal(folder) as terminal:
        terminal.run(gw.CONTROL, "-s", "/nowhere", "top; echo ended $?")
        text = terminal.wait(lambda text: "ended 3" in text, "the refusal")
        tap.ok("is tcpwardend running?" in text, "without a daemon: exit 3, no screen", text)
        terminal.run("clear; TERM=nonsense", gw.CONTROL, "-s", "/nowhere", "top; echo ended $?")
        terminal.wait(lambda text: "ended 3" in text, "the refusal")


def refused(tap):
    """Where the socket's mode lets a stranger in the daemon itself does not."""
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net, gw.Daemon(net) as daemon, \
            Terminal(folder) as terminal:
        os.chmod(daemon.socket, 0o666)
        terminal.run("setpriv --reuid 12345 --regid 12345 --clear-groups", gw.CONTROL, "-s", daemon.socket,
                     "top; echo ended $?")
        text = terminal.wait(lambda text: "ended 1" in text, "the refusal")
        tap.ok("not allowed" in text, "who may not read: exit 1, and why", text)


def lists(tap):
    """flows --limit: the daemon chooses; top without a terminal."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        pairs = [net.pair() for _ in range(6)]
        for number, (client, server) in enumerate(pairs):
            for _ in range(40 if number == 0 else 1):
                client.sendall(b"q" * 100 * 3 ** number)
                gw.read_exactly(server, 100 * 3 ** number)

        def ports(*words):
            return [line["client_port"] for line in daemon.ctl("flows", *words)[1]]
        own = [client.getsockname()[1] for client, _ in pairs]
        tap.same(ports("--sort=bytes", "--limit=2"), [own[5], own[4]], "flows --limit: the first by bytes")
        tap.same(ports("--sort=packets", "--limit=1"), [own[0]], "flows --limit: the first by packets")
        tap.same(set(ports("--sort=bytes", "--sort=packets", "--limit=1")), {own[5], own[0]},
                 "flows --limit: of two orders")
        tap.same(len(ports("--sort=rate", "--limit=1000")), 6, "flows --limit: all where there are no more")
        tap.same([daemon.ctl("flows", *words)[0]
                  for words in (["--limit=2"], ["--limit=0", "--sort=bytes"], ["--sort=fame"],
                                ["--limit=1001", "--sort=bytes"], ["port=9", "--sort=bytes", "--limit=3"])], [1] * 5,
                 "flows --limit: nonsense is refused, nothing found is exit 1")
        gw.wait_until(lambda: daemon.ctl("flows", "--count", "idle>=2")[1][0]["count"] == 6, "silence")
        pairs[3][0].sendall(b"q")
        gw.read_exactly(pairs[3][1], 1)
        tap.same(ports("idle<=1"), [own[3]], "flows idle<=: who sent of late")

        code, text = daemon.ctl("top", json_lines=False)
        tap.ok(code == 2 and "no terminal" in text, "without a terminal: exit 2", text)
        for word in ("0", "0.1", "3601", "-1", "1x", "nan", "1e3", "."):
            code, text = daemon.ctl("top", word, json_lines=False)
            if code != 2 or "0.5..3600" not in text:
                tap.ok(False, "interval " + word, text)
        tap.ok(True, "an interval that is none: exit 2")
        daemon.stop()
        code, lines = daemon.ctl("top", "1")
        tap.ok(code == 3 and "error" in lines[0], "--json without a daemon: exit 3", lines)


if __name__ == "__main__":
    gw.require_root()
    tap = gw.Tap()
    for case in (lists, whole, restart, no_daemon, refused):
        tap.case(case)
    tap.end()
