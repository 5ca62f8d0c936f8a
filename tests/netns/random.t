#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random applications on real TCP stacks, with and without loss behind the gateway: they write, read little, close with
data unread, half-close, reset, shrink their buffers. Nothing of it is dropped but the RSTs that R-5 names: those of a
closed socket, for segments that were on their way, which their target would discard. RANDOM_ROUNDS=N, RANDOM_SEED=N.
"""
import os
import random
import socket
import struct
import threading

import gateway as gw

ROUNDS, SEED = int(os.environ.get("RANDOM_ROUNDS", 4)), int(os.environ.get("RANDOM_SEED", 1))
PAIRS_AT_ONCE, PAIRS_EACH = 12, 6
LINGER_NONE = struct.pack("ii", 1, 0)
PATIENCE_S = 6


def write(sock, dice):
    sock.sendall(b"w" * dice.choice((1, 10, 500, 1460, 5000)))


def write_much(sock, dice):
    sock.sendall(b"m" * dice.choice((50000, 500000, 3000000)))


def read_once(sock, dice):
    sock.settimeout(dice.choice((0.05, 0.5)))
    sock.recv(dice.choice((1, 1000, 100000)))


def read_on(sock, dice):
    sock.settimeout(dice.choice((0.05, 0.5, 2)))
    while sock.recv(1 << 16):
        pass


def half_close(sock, _):
    sock.shutdown(socket.SHUT_WR)


def shrink(sock, dice):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, dice.choice((1000, 5000, 100000)))


def reset(sock, _):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)


STEPS = (write, write, write_much, read_once, read_once, read_on, half_close, shrink)
ENDINGS = (lambda *_: None, lambda *_: None, reset, read_on)


def live(sock, dice):
    """One application's life; that the other end goes away in the middle belongs to it."""
    with sock:
        try:
            for step in dice.choices(STEPS, k=dice.randint(1, 8)) + [dice.choice(ENDINGS)]:
                sock.settimeout(PATIENCE_S)
                try:
                    step(sock, dice)
                except TimeoutError:
                    pass
        except OSError:
            pass


def lives(net, version, seed, opened):
    dice = random.Random(seed)
    for _ in range(PAIRS_EACH):
        pair = net.pair(version)
        opened.append(gw.endpoint(pair[0].getsockname()))
        threads = [threading.Thread(target=live, args=(sock, random.Random(dice.random()))) for sock in pair]
        gw.run_together(threads)


def lose(space, share):
    for tables in ("iptables", "ip6tables"):
        space.run(tables, "-A", "INPUT", "-p", "tcp", "-m", "statistic", "--mode", "random", "--probability",
                  str(share), "-j", "DROP")


def is_answer_of_closed_socket(line):
    """R-5: a RST before what its target expects."""
    if line["reason"] != "bad-rst" or "allowed_seq" not in line:
        return False
    behind = int(line["allowed_seq"].split("..")[0]) - int(line["seq"])
    return 0 < behind % 2**32 < 2**30


def round_of(tap, dice, version, loss, offload):
    name = "IPv%d, offload %s, loss %g" % (version, offload, loss)
    with gw.Gateway() as net, gw.Daemon(net, "policy.drop_event_rate=10000") as daemon:
        net.offload(offload)
        for space in (net.client, net.server):
            if loss:
                lose(space, loss)
        opened = []
        threads = [threading.Thread(target=lives, args=(net, version, dice.random(), opened))
                   for _ in range(PAIRS_AT_ONCE)]
        gw.run_together(threads)
        tap.same(len(opened), PAIRS_AT_ONCE * PAIRS_EACH, name + ": all connections opened")
        tap.same(sorted(line["client"] for line in daemon.events(event="flow-new")), sorted(opened),
                 name + ": a flow each")
        tap.same([line["line"] for line in daemon.events(event="packet-dropped")
                  if not is_answer_of_closed_socket(line)], [], name + ": nothing else dropped")
        tap.same(daemon.events(event="flow-restored"), [], name + ": no flow restored")


def main():
    gw.require_root()
    tap = gw.Tap()
    dice = random.Random(SEED)
    for number in range(ROUNDS):
        tap.case(round_of, dice, (4, 6)[number % 2], (0, 0, 0.03, 0.1)[number % 4], ("on", "off")[number // 2 % 2])
    tap.end()


main()
