#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What lies behind many drops at once is told by itself, once: each cause made by true connections, as gateways meet it,
and mended by what the hint names.
"""
import socket
import struct

import gateway as gw
import wire

MANY = 15  # more than a cause has to be met


def queue(net, *match):
    net.router.run("iptables", "-t", "mangle", "-A", "FORWARD", "-p", "tcp", *match, "-j", "NFQUEUE")


def told(tap, daemon, cause, setting, name):
    """The hint is there, once; whatever else was told is not of this cause."""
    line = daemon.wait(event="hint", cause=cause)
    tap.same((line["setting"], len(daemon.events(event="hint"))), (setting, 1),
             "%s: hint %s, once, and no other" % (name, cause))
    return line


def explained(tap, daemon, line, name):
    """why names the same cause for the connection that the hint names."""
    def causes():
        lines = daemon.ctl("why", line["client"], line["server"])[1]
        return {drop.get("cause") for drop in lines} - {None}
    found = gw.wait_until(causes, "a cause")
    tap.ok(line["cause"] in found, "%s: why says so of the connection that the hint names" % name, found)


def close(pairs):
    for pair in pairs:
        for sock in pair:
            sock.close()


def half_seen(tap):
    """Only the client's side comes by: the answers take another way."""
    for settings in ((), ("tracking.async=true",)):
        with gw.Gateway(rules=None) as net, gw.Daemon(net, *settings) as daemon, \
                net.server.listen(gw.SERVER[4]) as listener:
            queue(net, "-i", "r0")
            clients = [net.client.connect(listener.getsockname()) for _ in range(MANY)]
            if settings:
                server = listener.accept()[0]
                clients[0].sendall(b"ping")
                tap.same(gw.read_exactly(server, 4), b"ping",
                         "one direction: with the setting that the hint names it passes")
                tap.same(daemon.events(event="hint"), [], "one direction: and nothing is told")
                server.close()
            else:
                line = told(tap, daemon, "asymmetric-route", "tracking.async", "one direction")
                explained(tap, daemon, line, "one direction")
            for client in clients:
                client.close()


def answers_seen(tap):
    """Only the server's side comes by: its SYN+ACKs answer nothing that was seen."""
    for settings in ((), ("tracking.pickup=observe",)):
        with gw.Gateway(rules=None) as net, gw.Daemon(net, *settings) as daemon, \
                net.server.listen(gw.SERVER[4]) as listener:
            queue(net, "-i", "r1")
            if settings:
                pair = net.pair(listener=listener)
                pair[1].sendall(b"d" * 50000)
                tap.same(len(gw.read_exactly(pair[0], 50000)), 50000,
                         "answers alone: with the setting that the hint names they pass")
                close([pair])
                continue
            clients = [net.client.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(MANY)]
            for client in clients:
                client.setblocking(False)
                client.connect_ex(listener.getsockname())
            line = told(tap, daemon, "answers-only", "tracking.pickup", "answers alone")
            explained(tap, daemon, line, "answers alone")
            for client in clients:
                client.close()


def twice(tap):
    """Queued at two hooks: nothing is dropped, but every packet comes twice."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon, net.server.listen(gw.SERVER[4]) as listener:
        net.router.run("iptables", "-t", "mangle", "-I", "PREROUTING", "-p", "tcp", "-j", "NFQUEUE")
        pairs = [net.pair(listener=listener) for _ in range(MANY)]
        told(tap, daemon, "queued-twice", "-", "two hooks")
        close(pairs)


def begun_before(tap):
    """Connections that are older than the daemon, and pickup is off."""
    with gw.Gateway() as net, net.server.listen(gw.SERVER[4]) as listener:
        pairs = [net.pair(listener=listener) for _ in range(MANY)]
        with gw.Daemon(net, "tracking.pickup=off") as daemon:
            for client, _ in pairs:
                client.sendall(b"ping")
            line = told(tap, daemon, "pickup-off", "tracking.pickup", "older than the daemon")
            explained(tap, daemon, line, "older than the daemon")
        with gw.Daemon(net, "tracking.pickup=on"):
            for _, server in pairs:
                assert gw.read_exactly(server, 4) == b"ping"
            tap.ok(True, "older than the daemon: with the setting that the hint names they go on")
        close(pairs)


def ports_again(tap):
    """A client that resets its connections and uses their ports again at once."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon, net.server.listen(gw.SERVER[4]) as listener:
        def attempt(port):
            sock = net.client.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.bind((gw.CLIENT[4], port))
            sock.settimeout(0.05)
            try:
                sock.connect(listener.getsockname())
            except TimeoutError:
                pass
            sock.close()

        def again():
            for port in range(20000, 20005):
                attempt(port)
            return daemon.events(event="hint")
        gw.wait_until(again, "the hint")
        explained(tap, daemon, told(tap, daemon, "port-reused", "-", "ports again"), "ports again")


def gone_past(tap):
    """Flow offload: what comes in the middle of connections goes past the queue."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon, net.server.listen(gw.SERVER[4]) as listener:
        pairs = [net.pair(listener=listener) for _ in range(MANY)]
        net.router.run("iptables", "-t", "mangle", "-I", "FORWARD", "-j", "ACCEPT")
        for client, server in pairs:
            server.sendall(b"d" * 50000)
            gw.read_exactly(client, 50000)
        net.router.run("iptables", "-t", "mangle", "-D", "FORWARD", "-j", "ACCEPT")
        for client, _ in pairs:
            client.sendall(b"ping")
        explained(tap, daemon, told(tap, daemon, "bypassed", "-", "flow offload"), "flow offload")
        close(pairs)


def sums_left_out(tap):
    """A capture sent again, or a driver that leaves its sums to a card that is none."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        link = wire.Wire(net)
        for number in range(MANY):
            link.send(wire.Segment("%d> S seq=1000 sum=0" % number))
        line = told(tap, daemon, "checksum-offload", "tracking.verify_checksum", "sums left out")
        explained(tap, daemon, line, "sums left out")
    with gw.Gateway() as net, gw.Daemon(net, "tracking.verify_checksum=false"):
        link = wire.Wire(net)
        link.wait(link.send(wire.Segment("> S seq=1000 sum=0")), "a SYN")
        tap.ok(True, "sums left out: with the setting that the hint names they pass")


def not_put_together(tap):
    """The queue before the kernel's reassembly: the first fragments of what did not fit."""
    with gw.Gateway(rules=None) as net, gw.Daemon(net) as daemon:
        queue(net)
        link = wire.Wire(net)
        for number in range(MANY):
            link.send(wire.Segment("%d> PA seq=1 ack=1 len=16 more=1" % number))
        line = told(tap, daemon, "not-reassembled", "policy.fragment", "fragments")
        explained(tap, daemon, line, "fragments")


def main():
    gw.require_root()
    tap = gw.Tap()
    for function in (half_seen, answers_seen, twice, begun_before, ports_again, gone_past, sums_left_out,
                     not_put_together):
        tap.case(function)
    tap.end()


main()
