#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Each reason of a drop is made on purpose: tcpwardenctl why names the rule, what was allowed, what came, how far off it
was, the setting that would have passed it and the likely cause; and with that setting the same packet passes.
"""
import json
import os
import socket
import struct
import subprocess
import tempfile
import time

import gateway as gw
import reasons
import wire

SYN, RST, ACK = 0x02, 0x04, 0x10
START = ("queue.copy_range=65535", "tracking.max_flows=1024", "policy.inject=true")


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
    """Segments that do not fit a live connection of true hosts."""
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
               setting="policy.ack_high", value='"accept"', cause="bypassed", flow=flow, dir=">", client=here[0],
               client_port=here[1], verdict="drop")
        tap.same(why(daemon, "ack-high", flow)["ack"], drop["ack"], "IPv%d: by the flow's id as well" % version)
        tap.same(why(daemon, "ack-high", here[0], there[0])["ack"], drop["ack"],
                 "IPv%d: and by addresses alone" % version)
        gw.forge(net.client, here, there, seq + 50000000, ack, RST)
        why(daemon, "bad-rst", flow)
        talk(pair)
        text = daemon.ctl("why", flow, json_lines=False)[1]
        tap.ok("flow=%s ack-high" % flow in text and "flow=%s bad-rst" % flow in text,
               "IPv%d: as text, all of them" % version, text)
        lines = daemon.ctl("drops")[1]
        counts = {line["reason"]: line["dropped"] for line in lines if "reason" in line}
        tap.same(counts, {"ack-high": 1, "bad-rst": 1}, "IPv%d: drops: counts" % version)
        tap.same([line["source"] for line in lines if "source" in line], [here[0]],
                 "IPv%d: drops: top sources" % version)
        tap.same([daemon.ctl("why", *words)[0] for words in (("10.9.1.9", "10.9.2.2"), ("x", "y"), ("x",))], [1, 1, 1],
                 "IPv%d: what is unknown or nonsense is exit 1" % version)


def libconfig(settings):
    """{path: value as libconfig writes it} as a file."""
    groups = {}
    for path, value in settings.items():
        group, _, last = path.rpartition(".")
        inner = groups
        for name in group.split("."):
            inner = inner.setdefault(name, {})
        inner[last] = value
    def lines(group):
        return "".join(("%s: { %s};\n" % (name, lines(inner))) if isinstance(inner, dict) else
                       ("%s = %s;\n" % (name, inner)) for name, inner in group.items())
    return lines(groups)


class Stage:
    """One daemon on which the stories of reasons.py are played, each with its settings, by hosts not seen before."""

    def __init__(self, tap, net, daemon, config):
        self.tap, self.daemon, self.config = tap, daemon, config
        self.wire = wire.Wire(net)
        self.made = set()

    def set(self, settings):
        """Reloads with these settings, as libconfig writes them, and forgets all connections."""
        with open(self.config, "w") as file:
            file.write(libconfig(settings))
        for verb in ("reload", "flush"):
            code, lines = self.daemon.ctl(verb)
            assert code == 0, (verb, lines)
        self.wire.renew()

    def play(self, steps, paced=False):
        """Sends these, each as soon as the one before has arrived."""
        for step in steps:
            sent = self.wire.send(wire.Segment(step))
            self.wire.wait(sent, step)
            if paced:
                time.sleep(0.005)  # to be below a rate of 1000 a second

    def last_drop(self):
        """What why says of the last drop between the present hosts, or None."""
        client, server = self.wire.ends()
        code, lines = self.daemon.ctl("why", client[0], server[0])
        return lines[-1] if code == 0 else None

    def outcome(self, sent):
        """The last drop, or "passed" if that frame arrived, once there is one of them."""
        return gw.wait_until(lambda: "passed" if self.wire.arrived(sent) else self.last_drop(), "a verdict")

    def drop(self, case):
        """Plays a story to its drop. Where it is about a rate, a slow machine may need several starts."""
        for _ in range(20):
            self.play(case.steps[:-1])
            segment = wire.Segment(case.steps[-1])
            drop = self.outcome(self.wire.send(segment))
            if drop != "passed":
                return drop, segment
            self.wire.renew()
        raise AssertionError("%s: it passes" % case.name)

    def case(self, case):
        name = "%s, %s" % (case.reason, case.name)
        settings = {path: json.dumps(value) for path, value in case.set.items()}
        self.set(settings)
        drop, segment = self.drop(case)
        self.told(name, case, drop, segment)
        if case.setting and drop["setting"] == case.setting:
            self.proven(name, case, {**settings, **remedy(drop)})
        self.made.add(drop["reason"])

    def told(self, name, case, drop, segment):
        """What the answer must say of any drop, and what it must say of this one."""
        words = [case.reason, "Rule %s:" % case.rule, "was dropped", *case.words]
        came = {}
        if drop["seq"] is not None:
            words += ["seq %d" % segment.seq, "%d bytes" % segment.length]
            came = {"seq": segment.seq, "len": segment.length, "ack": segment.ack if "A" in segment.kind else None}
        if case.off is not None:
            words += ["%d to %d was allowed" % (drop["allowed_low"], drop["allowed_high"]),
                      "%d too %s" % (abs(case.off), "high" if case.off > 0 else "low")]
        if case.setting:
            words += [case.setting + " = ", " would have passed it; now it is "]
        expect(self.tap, name, drop, words, reason=case.reason, rule=case.rule, setting=case.setting, cause=case.cause,
               off=case.off, verdict="drop", **came)

    def proven(self, name, case, settings):
        """With the setting that the answer names the same story goes through."""
        self.set(settings)
        self.play(case.steps[:-1], case.paced)
        end = self.outcome(self.wire.send(wire.Segment(case.steps[-1])))
        self.tap.same(end, "passed", "%s: passes with %s" % (name, {key: settings[key] for key in sorted(settings)}))


def remedy(drop):
    """The settings of an answer."""
    return {drop["setting"]: drop["value"], **dict([drop["also"].split(" = ")] if drop["also"] else ())}


def flood_mode(stage):
    """first-syn, challenged and its answer: what flood mode does."""
    tap, daemon = stage.tap, stage.daemon
    flood = {"syn_flood.start_percent": "1", "syn_flood.stop_percent": "0", "syn_flood.hold": "3600"}
    stage.set({**flood, "syn_flood.mode_action": '"first-syn"'})
    for port in range(20):
        stage.wire.send(wire.Segment("%d> S seq=1000" % port))
    daemon.wait(event="flood-start")
    for action, source, reason, rule in (("first-syn", "drop", "first-syn", "A-9"),
                                         ("challenge", "drop", "challenged", "A-13"),
                                         ("drop", "first-syn", "first-syn", "A-9")):
        name = "%s, in flood mode with action %s" % (reason, action)
        case = reasons.Case(reason, name, {}, ("> S seq=1000",), rule, "syn_flood.mode_action", ('"log"',))
        stage.set({**flood, "syn_flood.mode_action": '"%s"' % action, "syn_flood.source_action": '"%s"' % source})
        drop, segment = stage.drop(case)
        stage.told(name, case, drop, segment)
        stage.made.add(drop["reason"])
        if reason == "challenged":
            answer_challenge(stage)
        stage.proven(name, case, {**flood, **remedy(drop)})


def few_answers(stage):
    """first-syn of a limit whose action is challenge: more SYNs than are answered."""
    limits = {"syn_flood.destination_rate": "1", "syn_flood.destination_burst": "1", "syn_flood.answer_rate": "1",
              "syn_flood.destination_action": '"challenge"', "syn_flood.source_action": '"first-syn"'}
    case = reasons.Case("first-syn", "more than are challenged", {}, ("> S seq=1000", "1> S seq=1000"), "A-9",
                        "syn_flood.destination_action", ('"log"',))
    stage.set(limits)

    def drop_of(reason):
        stage.wire.renew()
        for port in range(8):
            stage.wire.send(wire.Segment("%d> S seq=1000" % port))
        drop = gw.wait_until(stage.last_drop, "a drop")
        return drop if drop["reason"] == reason else None
    drop = gw.wait_until(lambda: drop_of("first-syn"), "a SYN that is not answered")
    stage.told("first-syn, more than are challenged", case, drop, wire.Segment(case.steps[-1]))
    stage.proven("first-syn, more than are challenged", case, {**limits, **remedy(drop)})
    stage.set({path: value for path, value in limits.items() if path != "syn_flood.answer_rate"})
    gw.wait_until(lambda: drop_of("challenged"), "answers as before")


def answer_challenge(stage):
    """The client of the SYN that was challenged answers as a TCP does."""
    (client, port), (server, _) = stage.wire.ends()
    ends = socket.inet_aton(server) + socket.inet_aton(client)
    answer = stage.wire.found(0, lambda frame: frame[9] == 6 and frame[12:20] == ends and frame[33] == SYN | ACK)
    cookie = struct.unpack("!I", answer[28:32])[0]
    case = reasons.Case("challenge-answer", "the RST", {}, ("> R seq=%d" % cookie,), "A-13", None,
                        ("passes when it comes again",))
    segment = wire.Segment(case.steps[0])
    stage.wire.send(segment)
    drop = why(stage.daemon, "challenge-answer", "%s:%d" % (client, port), server)
    stage.told("challenge-answer, the RST", case, drop, segment)
    stage.made.add(drop["reason"])
    stage.play(("> S seq=1000",))
    stage.tap.ok(True, "challenge-answer: and its SYN passes, as the answer says")


def bans(stage):
    """A ban is lifted, not set."""
    stage.set({})
    source = stage.wire.ends()[0][0]
    case = reasons.Case("source-banned", "by an operator", {}, ("> S seq=1000",), "A-1", None, ("tcpwardenctl unban",))
    stage.daemon.ctl("ban", source, "60")
    drop, segment = stage.drop(case)
    stage.told("source-banned, by an operator", case, drop, segment)
    stage.made.add(drop["reason"])
    stage.tap.same(stage.daemon.ctl("unban", source)[0], 0, "source-banned: what it names works")
    stage.play(case.steps)
    stage.tap.ok(True, "source-banned: and the same SYN passes")


def full_table(stage):
    """1024 connections that nobody may evict."""
    case = reasons.Case("table-full", "nobody to evict", {}, ("1024> S seq=1000",), "A-11", "policy.on_table_full")

    def fill():
        for first in range(0, 1024, 64):
            for step in reasons.OPEN:
                sent = [stage.wire.send(wire.Segment("%d%s" % (port, step))) for port in range(first, first + 64)]
                for one in sent:  # their order is nobody's promise
                    stage.wire.wait(one, step)
        assert stage.daemon.ctl("flows", "--count", "phase=ESTABLISHED")[1] == [{"count": 1024}]

    stage.set({})
    fill()
    drop, segment = stage.drop(case)
    stage.told("table-full, nobody to evict", case, drop, segment)
    stage.made.add(drop["reason"])
    stage.set(remedy(drop))
    fill()
    stage.play(case.steps)
    stage.tap.ok(True, "table-full: passes with %r" % remedy(drop))


def unfiltered(tap):
    """What the rules as shipped keep from the queue: fragments, and IPv6 packets without a TCP header."""
    with tempfile.TemporaryDirectory() as folder, gw.Gateway(rules=None) as net:
        net.router.run("iptables", "-t", "mangle", "-A", "FORWARD", "-p", "tcp", "-j", "NFQUEUE")
        net.router.run("ip6tables", "-t", "mangle", "-A", "FORWARD", "-j", "NFQUEUE")
        return on_stage(tap, net, folder, [case for case in reasons.CASES if case.reason == "fragment"],
                        (malformed_ip,))


def malformed_ip(stage):
    """A header behind that of IPv6 which is longer than the packet; of IPv4 the kernel lets nothing like it come."""
    ends = socket.inet_pton(socket.AF_INET6, gw.CLIENT[6]) + socket.inet_pton(socket.AF_INET6, gw.SERVER[6])
    stage.set({})
    header = struct.pack("!IHBB", 6 << 28 | stage.wire.next(), 8, 60, 64)
    stage.wire.put(True, 0x86dd, header + ends + b"\x06\x07" + bytes(6))
    drop = why(stage.daemon, "malformed-ip", gw.CLIENT[6], gw.SERVER[6])
    expect(stage.tap, "malformed-ip, an IPv6 header beyond the end", drop,
           ["A packet, was dropped", "Rule P-1", "No setting passes"],
           reason="malformed-ip", rule="P-1", setting=None, cause=None, seq=None, off=None)
    stage.made.add(drop["reason"])


def shipped(tap):
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net:
        cases = [case for case in reasons.CASES if case.reason != "fragment"]
        return on_stage(tap, net, folder, cases, (bans, few_answers, full_table, flood_mode))


def on_stage(tap, net, folder, cases, functions):
    """Plays all of them; the result is the reasons that were made."""
    os.chmod(folder, 0o755)
    config = os.path.join(folder, "conf")
    with open(config, "w"):
        pass
    with gw.Daemon(net, *START, config=config) as daemon:
        stage = Stage(tap, net, daemon, config)
        for function, subject in [(Stage.case, case) for case in cases] + [(function, None) for function in functions]:
            try:
                function(*filter(None, (stage, subject)))
            except AssertionError as reason:
                tap.ok(False, "%s breaks off" % (subject.name if subject else function.__name__), reason)
        return stage.made


def every_reason(tap):
    """The table of the daemon against what was made."""
    made = unfiltered(tap) | shipped(tap)
    dump = subprocess.run([gw.DAEMON, "--dump=reasons"], stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = dict(line.split("\t", 1) for line in dump.splitlines()[1:])
    left = set(rows) - set(reasons.NEVER) - set(reasons.UNMADE) - made
    tap.same(left, set(), "each reason of --dump=reasons was made, %d of %d" % (len(made), len(rows)))
    for reason, (_, path) in reasons.UNMADE.items():
        with open(os.path.join(gw.SOURCE, *path)) as file:
            tap.ok("REASON_" + reason.upper().replace("-", "_") in file.read(), "%s: %s" % (reason, path[-1]))


def main():
    gw.require_root()
    tap = gw.Tap()
    for version in (4, 6):
        tap.case(known_flow, version)
    tap.case(every_reason)
    tap.end()


main()
