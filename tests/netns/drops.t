#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Forged segments on a live connection: dropped, explained in numbers, harmless; in monitor mode they pass."""
import gateway as gw

ACK, RST = 0x10, 0x04


class Victim:
    """An open connection with forged segments beside it, and a look at what reaches the server."""

    def __init__(self, net, version):
        self.net = net
        sniffer = gw.Sniffer(net.client, "c0")
        self.arrivals = gw.Sniffer(net.server, "s0")
        self.client, self.server = net.pair(version)
        self.talk()
        self.here, self.there = self.client.getsockname()[:2], self.server.getsockname()[:2]
        self.seq, self.ack = sniffer.numbers(self.here, self.there)

    def talk(self):
        """A question and its answer: proof that the connection lives; what was sent before has arrived by then."""
        self.client.sendall(b"ping")
        assert gw.read_exactly(self.server, 4) == b"ping"
        self.server.sendall(b"pong")
        assert gw.read_exactly(self.client, 4) == b"pong"

    def forge(self, seq_off, ack_off, flags=ACK, data=b""):
        """A segment in the client's name, its numbers off by so much from the next right ones."""
        gw.forge(self.net.client, self.here, self.there, self.seq + seq_off, self.ack + ack_off, flags, data)
        return (self.seq + seq_off) % 2**32, (self.ack + ack_off) % 2**32

    def reached(self, seq, ack):
        """Whether the server's link saw a segment with these numbers."""
        return self.arrivals.saw(self.here, self.there, seq, ack)

    def close(self):
        for sock in (self.client, self.server):
            sock.close()


FORGED = (  # name, reason, off the next sequence number, off the acknowledgement, flags, data, setting
    ("an out-of-sequence ACK", "ack-high", 0, 1000000, ACK, b"", "policy.ack_high"),
    ("data beyond the window", "seq-high", 50000000, 0, ACK, b"evil", "policy.seq_high"),
    ("a RST outside the window", "bad-rst", 50000000, 0, RST, b"", "-"),
)


def allowed(line, key, value):
    """Whether value lies in the range LOW..HIGH (modulo 2^32) of this key."""
    low, high = (int(n) for n in line[key].split(".."))
    return (value - low) % 2**32 <= (high - low) % 2**32


def dropped(tap, version):
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        victim = Victim(net, version)
        for name, reason, seq_off, ack_off, flags, data, setting in FORGED:
            name = "IPv%d: %s" % (version, name)
            seq, ack = victim.forge(seq_off, ack_off, flags, data)
            line = daemon.wait(event="packet-dropped", reason=reason)
            victim.talk()
            tap.ok(not victim.reached(seq, ack), name + " does not reach the server")
            flow = daemon.wait(event="flow-new")
            expected = {"flow": flow["flow"], "client": gw.endpoint(victim.here), "server": gw.endpoint(victim.there),
                        "dir": ">", "seq": str(seq), "len": str(len(data)), "setting": setting, "suppressed": "0",
                        "verdict": "drop"}
            if flags & ACK:
                expected["ack"] = str(ack)
            tap.same({key: line.get(key) for key in expected}, expected, name + " is explained")
            if reason == "ack-high":
                tap.ok(not allowed(line, "allowed_ack", ack) and allowed(line, "allowed_ack", victim.ack),
                       name + ": the range allowed excludes it and holds the true one", line["line"])
            victim.seq += 4
            victim.ack += 4
        tap.same(len(daemon.events(event="packet-dropped")), len(FORGED),
                 "IPv%d: and nothing else is dropped" % version)
        victim.close()
        line = daemon.wait(event="flow-closed")
        tap.same(line["bytes"], "16/16", "IPv%d: forged bytes are not counted" % version)


def stranger(tap):
    """A segment of no connection, where connections are not picked up."""
    with gw.Gateway() as net, gw.Daemon(net, "tracking.pickup=off") as daemon:
        gw.forge(net.client, (gw.CLIENT[4], 1234), (gw.SERVER[4], 80), 1, 1)
        line = daemon.wait(event="packet-dropped")
        tap.same((line["reason"], line["flow"]), ("no-flow", "-"), "a segment of no connection is dropped")


def many(tap):
    """Lines are limited, counts are not: each line tells how many before it were suppressed."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        victim = Victim(net, 4)
        off, count = 1000000, 500

        def lines():
            return daemon.events(event="packet-dropped", reason="ack-high")

        def told_again():
            nonlocal count
            victim.forge(0, off + count)
            count += 1
            return [line for line in lines() if line["suppressed"] != "0"]

        for number in range(count):
            victim.forge(0, off + number)
        line = gw.wait_until(told_again, "a line with a suppressed count")[0]
        number = (int(line["ack"]) - victim.ack - off) % 2**32 + 1
        before = lines()[:lines().index(line) + 1]
        tap.ok(len(before) < number, "drop lines of one reason are limited (%d of %d)" % (len(before), number))
        tap.same(sum(1 + int(line["suppressed"]) for line in before), number,
                 "lines and suppressed counts are all drops")
        victim.talk()
        daemon.process.send_signal(10)
        tap.same(daemon.wait(event="summary").get("dropped"), str(count), "SIGUSR1 tells how many were dropped")
        victim.close()


def monitor(tap):
    with gw.Gateway() as net, gw.Daemon(net, "policy.mode=monitor") as daemon:
        victim = Victim(net, 4)
        for name, reason, seq_off, ack_off, flags, data, _ in FORGED:
            seq, ack = victim.forge(seq_off, ack_off, flags, data)
            line = daemon.wait(event="packet-dropped", reason=reason)
            tap.same(line["verdict"], "would-drop", "monitor: %s is logged" % name)
            gw.wait_until(lambda: victim.reached(seq, ack), "the forged segment at the server")
            tap.ok(True, "monitor: %s passes" % name)
        victim.talk()
        daemon.process.send_signal(10)
        total = daemon.wait(event="summary")
        tap.same((total.get("dropped"), total.get("would_drop")), ("0", str(len(FORGED))),
                 "monitor: nothing is dropped")
        victim.close()


def main():
    gw.require_root()
    tap = gw.Tap()
    tap.case(dropped, 4)
    tap.case(dropped, 6)
    tap.case(stranger)
    tap.case(many)
    tap.case(monitor)
    tap.end()


main()
