#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Drops of many kinds, each made on purpose: tcpwardenctl why names the rule, what was allowed, what came, how far off it
was, the setting that would have passed it and the likely cause; causes that come again and again are told by themselves."""
import gateway as gw

SYN, RST, ACK, FIN, SYNACK = 0x02, 0x04, 0x10, 0x01, 0x12
NOBODY = ("10.9.2.99", 80)  # no such host


def talk(pair):
    client, server = pair
    client.sendall(b"ping")
    gw.read_exactly(server, 4)
    server.sendall(b"pong")
    gw.read_exactly(client, 4)


def why(daemon, reason, *words):
    """The last drop that why tells of, once that is one with this reason."""
    def last():
        code, lines = daemon.ctl("why", *words)
        return lines[-1] if code == 0 and lines[-1]["reason"] == reason else None
    return gw.wait_until(last, "a drop of %s with reason %s" % (words, reason))


def expect(tap, name, drop, words, **keys):
    """The drop has these values, and its text these words."""
    tap.same({key: drop[key] for key in keys}, keys, name + ": in numbers")
    missing = [word for word in words if word not in drop["text"]]
    tap.ok(not missing, name + ": in words", "%r missing in %r" % (missing, drop["text"]))


def known_flow(tap, version):
    """Segments that do not fit a live connection."""
    with gw.Gateway() as net, gw.Daemon(net, "policy.drop_event_rate=0") as daemon:
        sniffer = gw.Sniffer(net.client, "c0")
        pair = net.pair(version)
        talk(pair)
        here, there = (sock.getsockname()[:2] for sock in pair)
        seq, ack = sniffer.numbers(here, there)
        ends = gw.endpoint(here), gw.endpoint(there)
        flow = daemon.wait(event="flow-new")["flow"]

        tap.same(daemon.ctl("why", *ends)[0], 1, "IPv%d: no drop, no answer" % version)
        gw.forge(net.client, here, there, seq, ack + 1000000)
        drop = why(daemon, "ack-high", *ends)
        expect(tap, "IPv%d: ack-high" % version, drop,
               ["acknowledged %d" % ((ack + 1000000) % 2**32), "to %d was allowed" % ack, "it is 1000000 too high",
                "Rule W-4", 'policy.ack_high = "accept" would have passed it; now it is "auto"', "flow offload"],
               reason="ack-high", rule="W-4", allowed="ack", allowed_high=ack, ack=(ack + 1000000) % 2**32, off=1000000,
               setting="policy.ack_high", cause="bypassed", flow=flow, dir=">", client=here[0], client_port=here[1],
               verdict="drop")
        tap.same(why(daemon, "ack-high", flow)["ack"], drop["ack"], "IPv%d: by the flow's id as well" % version)
        tap.same(why(daemon, "ack-high", here[0], there[0])["ack"], drop["ack"], "IPv%d: and by addresses alone" % version)

        gw.forge(net.client, here, there, seq + 500000000, ack, ACK, b"evil")
        drop = why(daemon, "seq-high", flow)
        expect(tap, "IPv%d: seq-high" % version, drop,
               ["began at sequence number %d" % ((seq + 500000000) % 2**32), "too high", "Rule W-1", "policy.seq_high"],
               reason="seq-high", allowed="seq", len=4, off=drop["off"], setting="policy.seq_high", cause="port-reused")
        tap.same((drop["allowed_high"] + drop["off"]) % 2**32, drop["seq"], "IPv%d: how far off it is" % version)

        gw.forge(net.client, here, there, seq + 50000000, ack, RST)
        expect(tap, "IPv%d: bad-rst" % version, why(daemon, "bad-rst", flow), ["Rule R-5", "No setting passes"], reason="bad-rst",
               setting=None, cause=None)

        for number in range(6):
            gw.forge(net.client, here, there, seq + 1000 * number, 0, SYN)
        expect(tap, "IPv%d: shadow-rate" % version, why(daemon, "shadow-rate", flow),
               ["More than 1 a second came", "Rule S-2", "tracking.shadow_rate = a higher value", "uses the ports"],
               reason="shadow-rate", allowed="rate", setting="tracking.shadow_rate", cause="port-reused")
        talk(pair)
        text = daemon.ctl("why", flow, json_lines=False)[1]
        tap.ok("flow=%s ack-high" % flow in text and "flow=%s bad-rst" % flow in text, "IPv%d: as text, all of them" % version,
               text)
        lines = daemon.ctl("drops")[1]
        reasons = {line["reason"]: line["dropped"] for line in lines if "reason" in line}
        tap.same([reasons[word] for word in ("ack-high", "seq-high", "bad-rst")], [1, 1, 1], "IPv%d: drops: counts" % version)
        tap.same([line["source"] for line in lines if "source" in line], [here[0]], "IPv%d: drops: top sources" % version)


def unknown(tap):
    """Segments without a connection, and packets that are none."""
    here, there = ("10.9.1.2", 4000), ("10.9.2.2", 5000)
    with gw.Gateway() as net, gw.Daemon(net, "tracking.pickup=off") as daemon:
        def sent(reason, port, *args, **more):
            gw.forge(net.client, (here[0], port), there, *args, **more)
            return why(daemon, reason, "%s:%d" % (here[0], port), "%s:%d" % there)

        expect(tap, "data in the middle", sent("no-flow", 4001, 1, 1, ACK, b"data"),
               ["Rule H-3", 'tracking.pickup = "on"', 'now it is "off"', "pickup is off"], reason="no-flow", rule="H-3",
               setting="tracking.pickup", cause="pickup-off", flow=None)
        drop = sent("no-flow", 4002, 1, 1, SYNACK)
        expect(tap, "a SYN+ACK nobody asked for", drop, ["Rule H-2", "only one direction"], reason="no-flow",
               rule="H-2", cause="asymmetric-route")
        turned = why(daemon, "no-flow", "%s:%d" % there, "%s:4002" % here[0])
        tap.same(turned["ts"], drop["ts"], "without a connection the ends may be named either way round")
        expect(tap, "a RST after the end", sent("no-flow", 4003, 1, 0, RST), ["Rule H-5", "policy.unknown_rst", "harmless"],
               reason="no-flow", rule="H-5", setting="policy.unknown_rst", cause="late-tail")
        expect(tap, "impossible flags", sent("bad-flags", 4004, 1, 1, SYN | FIN), ["Rule P-4", "policy.bad_flags"], reason="bad-flags",
               setting="policy.bad_flags")
        expect(tap, "a wrong checksum", sent("bad-checksum", 4005, 1, 1, SYN, damage=7), ["Rule P-3", "policy.bad_checksum", "to a card"],
               reason="bad-checksum", cause="checksum-offload")
        tap.same([daemon.ctl("why", *words)[0] for words in (("10.9.1.9", "10.9.2.2"), ("x", "y"), ("x",))], [1, 1, 1],
                 "what is unknown or nonsense is exit 1")


def one_direction(tap):
    """Nobody answers the SYN, the client goes on all the same: what a gateway sees where answers go another way."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        for port in range(4000, 4030):
            gw.forge(net.client, ("10.9.1.2", port), NOBODY, 1000, 0, SYN)
            gw.forge(net.client, ("10.9.1.2", port), NOBODY, 1001, 2000, ACK)
        drop = why(daemon, "no-synack", "10.9.1.2:4029", "%s:%d" % NOBODY)
        expect(tap, "an ACK before any SYN+ACK", drop, ["Rule H-14", "tracking.async = true", "only one direction"],
               reason="no-synack", rule="H-14", setting="tracking.async", cause="asymmetric-route")
        line = daemon.wait(event="hint")
        tap.same((line["cause"], line["setting"], line["server"]), ("asymmetric-route", "tracking.async", "%s:%d" % NOBODY),
                 "and a hint says so by itself")
        tap.same(len(daemon.events(event="hint")), 1, "once")
    with gw.Gateway() as net, gw.Daemon(net, "tracking.async=true") as daemon:
        gw.forge(net.client, ("10.9.1.2", 4000), NOBODY, 1000, 0, SYN)
        gw.forge(net.client, ("10.9.1.2", 4000), NOBODY, 1001, 2000, ACK)
        gw.wait_until(lambda: daemon.ctl("flows")[0] == 0 and daemon.ctl("flows")[1][0]["client_packets"] == 2, "both")
        tap.same(daemon.ctl("why", "10.9.1.2:4000", "%s:%d" % NOBODY)[0], 1, "with the setting that it names it passes")


def twice(tap):
    """Queued at two hooks: nothing is dropped, but every packet comes twice."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        net.router.run("iptables", "-t", "mangle", "-I", "PREROUTING", "-p", "tcp", "-j", "NFQUEUE", "--queue-num", "0")
        with net.server.listen(gw.SERVER[4]) as listener:
            pairs = [net.pair(listener=listener) for _ in range(20)]
            line = daemon.wait(event="hint")
            tap.same(line["cause"], "queued-twice", "packets that are judged twice are told")
            for sock in (sock for pair in pairs for sock in pair):
                sock.close()


def main():
    gw.require_root()
    tap = gw.Tap()
    for version in (4, 6):
        tap.case(known_flow, version)
    for function in (unknown, one_direction, twice):
        tap.case(function)
    tap.end()


main()
