#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
make bench: tcpwardend beside an accept-all NFQUEUE program of the fastest known form, on the namespace gateway of
tests/netns/gateway.py, as root. Both run in every round, in turns first, so that a machine that drifts drifts for both.

  small   10-byte segments of 1,000 open connections, closed loop (flood.c), packets a second
  bulk    one iperf3 connection with segmentation offload, Gbit/s
  cpu     CPU time of the candidate in the small load, microseconds a packet

A round in which other processes used more than 0.3 of a core is thrown away, counted and repeated, up to three times
the rounds asked for. Only the ratios mean something on another machine.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "netns"))
import gateway as gw  # noqa: E402  the path above is needed first
from usage import others_s, own_session, process_s  # noqa: E402

BIN = os.path.join(gw.BUILD, "tests", "bench")
OTHERS_MOST = 0.3  # cores
GENERATOR_CPU, CANDIDATE_CPU = "0", str(min(1, (os.cpu_count() or 1) - 1))
FLOWS = "1000"
COMMANDS = {
    "accept-all": [os.path.join(BIN, "accept_all")],
    "tcpwardend": [gw.DAEMON, "--set", "user=nobody", "--set", "log.target=stdout", "--set", "control.socket=",
                   "--set", "syn_flood.source_rate=0", "--set", "syn_flood.half_open_total=0"],
}
MEASURES = (("small", "packets/s", "%.0f"), ("bulk", "Gbit/s", "%.2f"), ("cpu", "us/packet", "%.2f"))


class Candidate:
    """One of COMMANDS on the router's queue, on a CPU of its own."""

    def __init__(self, net, name):
        words = ["taskset", "-c", CANDIDATE_CPU, *COMMANDS[name]]
        self.process = net.router.popen(*words, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if "ready" in line or "event=started" in line:
                break
        else:
            raise SystemExit("%s does not start" % name)
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(gw.GIVE_UP_S)
        self.process.stdout.close()
        self.drain.wait(gw.GIVE_UP_S)

    def cpu_s(self):
        return process_s(self.process.pid)


def small(net, candidate, seconds):
    words = ["taskset", "-c", GENERATOR_CPU, os.path.join(BIN, "flood"), net.client.name, net.server.name]
    flood = subprocess.Popen([*words, str(seconds), FLOWS], stdout=subprocess.PIPE, text=True)
    flood.stdout.readline()  # "open"
    before = candidate.cpu_s()
    line = flood.stdout.read().strip()
    used = candidate.cpu_s() - before
    flood.stdout.close()
    if flood.wait() != 0:
        raise SystemExit("the generator failed")
    numbers = {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", line)}
    if numbers["lost"] or numbers["handshake_lost"]:
        print("  lost: " + line, flush=True)
    return {"small": numbers["pps"], "cpu": used / numbers["delivered"] * 1e6}


def bulk(net, seconds):
    server = net.server.popen("iperf3", "-s", "-1", "--forceflush", stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "listening" in line:
            break
    done = net.client.run("iperf3", "-J", "-c", gw.SERVER[4], "-t", str(seconds), stdout=subprocess.PIPE)
    server.stdout.close()
    server.wait(gw.GIVE_UP_S)
    return {"bulk": json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e9}


def one_round(net, number, seconds):
    """Measures of both candidates, and cores that others used meanwhile."""
    names = list(COMMANDS) if number % 2 == 0 else list(reversed(COMMANDS))
    others, start = others_s(), os.times().elapsed
    result = {}
    for name in names:
        with Candidate(net, name) as candidate:
            result[name] = {**small(net, candidate, seconds), **bulk(net, seconds)}
    return result, (others_s() - others) / (os.times().elapsed - start)


def report(rounds, noisy, kept):
    print("\n%-8s %-10s %-12s %10s %10s %10s" % ("load", "unit", "candidate", "median", "least", "most"))
    for key, unit, form in MEASURES:
        columns = {name: [r[name][key] for r in rounds] for name in COMMANDS}
        for name, values in columns.items():
            print("%-8s %-10s %-12s %10s %10s %10s"
                  % (key, unit, name, *(form % f(values) for f in (statistics.median, min, max))))
        ratios = [b / a for a, b in zip(*columns.values())]
        print("%-8s %-10s %-12s %10.2f %10.2f %10.2f"
              % (key, "ratio", "of a round", statistics.median(ratios), min(ratios), max(ratios)))
    print("\n%d rounds; in %d, %s, others used more than %.1f core"
          % (len(rounds), noisy, "counted nevertheless" if kept else "thrown away", OTHERS_MOST))


def main():
    parser = argparse.ArgumentParser(description="tcpwardend beside an accept-all queue, on a namespace gateway")
    parser.add_argument("--rounds", type=int, default=10, help="rounds that count (default 10)")
    parser.add_argument("--seconds", type=float, default=2, help="length of one load (default 2)")
    parser.add_argument("--keep-all", action="store_true", help="mark noisy rounds instead of throwing them away")
    options = parser.parse_args()
    gw.require_root()
    own_session()
    rounds, noisy_rounds, number = [], 0, 0
    with gw.Gateway() as net:
        for link, last in (("r0", 1), ("r1", 2)):
            net.router.run("ip", "neighbour", "add", "10.9.%d.99" % last, "lladdr", "02:00:00:00:0%d:99" % last,
                           "dev", link, "nud", "permanent")
        while len(rounds) < options.rounds and number < 3 * options.rounds:
            result, others = one_round(net, number, options.seconds)
            noisy = others > OTHERS_MOST
            number += 1
            print("round %2d: %s; others %.2f core%s" % (
                number, "; ".join("%s %.0f packets/s %.2f Gbit/s" % (name, r["small"], r["bulk"])
                                  for name, r in result.items()), others, ", noisy" if noisy else ""), flush=True)
            noisy_rounds += noisy
            if options.keep_all or not noisy:
                rounds.append(result)
    if not rounds:
        raise SystemExit("no quiet round: others used the machine all the time (--keep-all measures anyhow)")
    report(rounds, noisy_rounds, options.keep_all)


main()
