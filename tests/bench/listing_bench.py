#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make bench-listing: a table of a million flows is listed while packets pass, on the namespace gateway of
tests/netns/gateway.py, as root. flood.c opens the flows, each with its three segments. Meanwhile a probe sends a byte
over a connection through the gateway and back, again and again.

  quiet   nothing but the probe passes
  busy    flood.c sends data on all flows as fast as the gateway takes it

Each row is a listing (the first: none, for 5 s): how long it took, what it printed, the probe's round trips meanwhile,
the most memory that client and daemon had. The figures of a machine that does other work besides say little: what
others used of it is printed too.
"""
import argparse
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "netns"))
import gateway as gw  # noqa: E402  the path above is needed first
from usage import others_s, own_session, process_s  # noqa: E402

FLOOD = os.path.join(gw.BUILD, "tests", "bench", "flood")
QUIET_S = 5       # of the row without a listing
FOR_EVER = "3600" # seconds of data
PAUSE_S = 0.001   # between two round trips
PATIENCE_S = 600  # for a listing
LISTINGS = (("flows",), ("flows", "--json"), ("flows", "--count"), ("flows", "server=10.9.2.99:80", "--json"),
            ("flows", "idle>=1h", "--json"), ("flows", "--sort=bytes", "--json"))
SETTINGS = ("log.events=(\"started\")", "syn_flood.source_rate=0", "syn_flood.half_open_total=0")


class Probe:
    """Round trips of one byte over an open connection, in a thread, while it is entered."""

    def __init__(self, pair):
        self.pair, self.times_ms, self.stopping = pair, [], False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()

    def run(self):
        client, server = self.pair
        while not self.stopping:
            start = time.perf_counter()
            client.send(b"q")
            server.recv(1)
            server.send(b"a")
            client.recv(1)
            self.times_ms.append((time.perf_counter() - start) * 1e3)
            time.sleep(PAUSE_S)

    def text(self):
        times = sorted(self.times_ms)
        return "%8.2f %8.2f %8.2f" % (times[len(times) // 2], times[len(times) * 99 // 100], times[-1])


def memory_mb(pid, key):
    try:
        with open("/proc/%d/status" % pid, encoding="ascii") as file:
            found = re.search(key + r":\s+(\d+)", file.read())
            return int(found[1]) / 1024 if found else 0
    except FileNotFoundError:
        return 0


def forget_peak(pid):
    with open("/proc/%d/clear_refs" % pid, "w", encoding="ascii") as file:
        file.write("5")


def list_flows(daemon, words):
    """Runs tcpwardenctl: seconds, lines, MB that it had at most, its CPU seconds and exit code."""
    start, most, used = time.perf_counter(), 0, 0
    with subprocess.Popen([gw.CONTROL, "-s", daemon.socket, *words], stdout=subprocess.PIPE) as client, \
            subprocess.Popen(["wc", "-l"], stdin=client.stdout, stdout=subprocess.PIPE, text=True) as counter:
        client.stdout.close()
        while client.poll() is None:
            most, used = max(most, memory_mb(client.pid, "VmHWM")), max(used, process_s(client.pid))
            time.sleep(0.02)
            if time.perf_counter() - start > PATIENCE_S:
                client.kill()
        seconds = time.perf_counter() - start
        lines = int(counter.stdout.read())
    return seconds, lines, most, used, client.returncode


def row(net, daemon, words):
    pid = daemon.process.pid
    forget_peak(pid)
    before, used, others = memory_mb(pid, "VmRSS"), process_s(pid), others_s()
    with Probe(net.pair()) as probe:
        time.sleep(0.2)
        probe.times_ms.clear()
        if words:
            seconds, lines, most, client_used, code = list_flows(daemon, words)
        else:
            time.sleep(QUIET_S)
            seconds, lines, most, client_used, code = QUIET_S, 0, 0, 0, 0
    print("%-36s %4d %8.2f %9d %s %8.1f %8.1f %8.1f %8.2f %8.2f %6.2f" % (
        " ".join(words) or "-", code, seconds, lines, probe.text(), most, before, memory_mb(pid, "VmHWM"), client_used,
        process_s(pid) - used, (others_s() - others) / seconds), flush=True)


def measure(options, busy):
    with gw.Gateway() as net, gw.Daemon(net, "tracking.max_flows=%d" % (options.flows + 1000), *SETTINGS) as daemon:
        for link, last in (("r0", 1), ("r1", 2)):
            net.router.run("ip", "neighbour", "add", "10.9.%d.99" % last, "lladdr", "02:00:00:00:0%d:99" % last,
                           "dev", link, "nud", "permanent")
        words = [FLOOD, net.client.name, net.server.name, FOR_EVER if busy else "0", str(options.flows)]
        start = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as flood:
            flood.stdout.readline()  # "open"
            print("\n%s; %d flows opened in %.0f s" % ("busy" if busy else "quiet", daemon.ctl("status")[1][0]["flows"],
                                                      time.perf_counter() - start))
            print("%-36s %4s %8s %9s %8s %8s %8s %8s %8s %8s %8s %8s %6s" % (
                "listing", "exit", "s", "lines", "p50 ms", "p99 ms", "max ms", "client MB", "daemon MB", "most MB",
                "client s", "daemon s", "others"))
            for words in ((), *LISTINGS):
                row(net, daemon, words)
            flood.terminate()


def main():
    parser = argparse.ArgumentParser(description="a million flows are listed while packets pass")
    parser.add_argument("--flows", type=int, default=1000000, help="in the table (default 1000000)")
    parser.add_argument("--load", choices=("quiet", "busy"), help="only this one of both")
    options = parser.parse_args()
    gw.require_root()
    own_session()
    for load in ("quiet", "busy"):
        if options.load in (None, load):
            measure(options, load == "busy")


main()
