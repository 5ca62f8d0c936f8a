#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gateway rules of conf/: loaded, idempotent, undone; what they queue, what they let alone, fragments put together."""
import os
import re
import socket
import subprocess

import gateway as gw

NFT = os.path.join(gw.SOURCE, "conf", "gateway.nft")


def saved(router):
    """All rules of both families, without counters and comments."""
    text = router.output("iptables-save") + router.output("ip6tables-save")
    return [re.sub(r" \[\d+:\d+\]", "", line) for line in text.splitlines() if not line.startswith("#")]


def repeat_and_undo(tap):
    with gw.Gateway(rules=None) as net:
        for family in ("iptables", "ip6tables"):
            net.router.run(family, "-t", "mangle", "-A", "FORWARD", "-p", "udp", "-j", "RETURN")
        before = saved(net.router)
        net.router.run("sh", gw.RULES, "apply", "--queue", "4:7", "--strict", "--interface", "r0")
        net.router.run("sh", gw.RULES, "apply")
        once = saved(net.router)
        tap.ok(any("--queue-num 0 --queue-bypass" in line for line in once), "rules are in place, with bypass")
        tap.ok(not any("queue-balance" in line for line in once), "an apply replaces the one before")
        net.router.run("sh", gw.RULES, "apply")
        tap.same(saved(net.router), once, "applying twice is applying once")
        net.router.run("sh", gw.RULES, "undo")
        tap.same(saved(net.router), before, "undo leaves the rules of others, and those alone")
        net.router.run("sh", gw.RULES, "undo")
        tap.same(saved(net.router), before, "undo twice is undo once")


def options(tap):
    with gw.Gateway(rules=None) as net:
        net.router.run("sh", gw.RULES, "apply", "--queue", "2:5", "--strict", "--interface", "r0")
        rules = [line for line in saved(net.router) if "NFQUEUE" in line]
        tap.ok(all(line.endswith("--queue-balance 2:5") for line in rules), "queue range, no bypass when strict", rules)
        tap.ok(all(" -i r0 " in line or " -o r0 " in line for line in rules), "interface in both directions", rules)
        for words in (["--queue", "x"], ["--queue"], ["--defrag", "magic"], ["--colour"]):
            done = net.router.run("sh", gw.RULES, "apply", *words, check=False, stderr=subprocess.PIPE)
            tap.ok(done.returncode == 2 and words[0] in done.stderr, "refuses %s" % " ".join(words), done.stderr)


def passes(net, version):
    """True if a TCP connection opens within a second."""
    with net.server.listen(gw.SERVER[version]) as listener:
        sock = net.client.socket(gw.family_of(gw.SERVER[version]), socket.SOCK_STREAM)
        sock.settimeout(1)
        with sock:
            try:
                sock.connect(listener.getsockname())
                return True
            except socket.timeout:
                return False


def datagram_passes(net, version, size=8, limit_s=5):
    """True if a UDP datagram arrives."""
    address = gw.SERVER[version]
    receiver = net.server.socket(gw.family_of(address), socket.SOCK_DGRAM)
    sender = net.client.socket(gw.family_of(address), socket.SOCK_DGRAM)
    with receiver, sender:
        receiver.bind((address, 0))
        receiver.settimeout(limit_s)
        sender.sendto(b"d" * size, receiver.getsockname()[:2])
        try:
            return receiver.recv(65536) == b"d" * size
        except socket.timeout:
            return False


def without_a_daemon(tap):
    for word, rules in (("bypass", ("apply",)), ("strict", ("apply", "--strict"))):
        with gw.Gateway(rules=rules) as net:
            for version in (4, 6):
                tap.ok(datagram_passes(net, version), "%s: IPv%d UDP passes, it is not queued" % (word, version))
                tap.same(passes(net, version), word == "bypass", "%s: IPv%d TCP without a daemon" % (word, version))


def fragments_forwarded(net, version):
    """Fragments that the FORWARD hook sees of one large datagram that arrives."""
    family, match = {4: ("iptables", ["-f"]),
                     6: ("ip6tables", ["-m", "ipv6header", "--header", "frag", "--soft"])}[version]
    net.router.run(family, "-t", "mangle", "-I", "FORWARD", *match)
    assert datagram_passes(net, version, 8000, gw.GIVE_UP_S)
    rule = net.router.output(family, "-t", "mangle", "-L", "FORWARD", "1", "-v", "-x", "-n")
    return int(rule.split()[0])


def defragmentation(tap):
    with gw.Gateway(rules=None) as net:
        for version in (4, 6):
            tap.ok(fragments_forwarded(net, version) > 0, "IPv%d fragments reach FORWARD without the rules" % version)
    for way in ("socket", "conntrack"):
        with gw.Gateway(rules=("apply", "--defrag", way)) as net:
            for version in (4, 6):
                tap.same(fragments_forwarded(net, version), 0, "--defrag %s: none of IPv%d with them" % (way, version))


def nft_form(tap):
    """Where the kernel has no queue statement, nft -c may complain about nothing but that statement."""
    with open(NFT) as file:
        text = file.read()
    statement = re.compile(r"queue (flags bypass )?to \$warden_queues")
    for name, form in (("shipped", text), ("strict", text.replace(" flags bypass", ""))):
        with gw.Gateway(rules=None) as net:
            done = net.router.run("nft", "-c", "-f", "-", input=form, stderr=subprocess.PIPE, check=False)
        wrong = complaints(done.stderr, statement)
        tap.ok(not wrong, "nft -c: %s form is right, or this kernel lacks the queue statement alone" % name,
               done.stderr)
    with gw.Gateway(rules=None) as net:
        done = net.router.run("nft", "-c", "-f", "-", input=text.replace("l4proto tcp queue", "l4proto tpc queue"),
                              stderr=subprocess.PIPE, check=False)
        tap.ok(complaints(done.stderr, statement), "nft -c: a wrong word is found")
    with gw.Gateway(rules=None) as net:
        counted = statement.sub("counter accept", text)
        for _ in range(2):
            net.router.run("nft", "-f", "-", input=counted)
        for version in (4, 6):
            tap.ok(passes(net, version), "nft: IPv%d passes with the queue statement counted instead" % version)
            tap.same(fragments_forwarded(net, version), 0, "nft: IPv%d fragments are put together" % version)
        listing = net.router.output("nft", "list", "table", "inet", "tcpwarden")
        tap.ok(re.search(r"l4proto tcp counter packets [1-9]", listing), "nft: TCP meets the queue's rule", listing)
        tap.same(listing.count("l4proto tcp counter"), 1, "nft: loading twice is loading once")
        net.router.run("nft", "delete", "table", "inet", "tcpwarden")
        tap.ok("tcpwarden" not in net.router.output("nft", "list", "ruleset"), "nft: the undo leaves nothing")


def complaints(stderr, statement):
    """Errors of nft that are not the kernel's "No such file or directory" about a queue statement alone."""
    lines = stderr.splitlines()
    wrong = []
    for number, line in enumerate(lines):
        if ": Error: " not in line:
            continue
        begin, end = (int(n) for n in re.search(r":\d+:(\d+)-(\d+): Error", line).groups())
        marked = lines[number + 1][begin - 1:end]
        if "No such file or directory" not in line or not statement.fullmatch(marked):
            wrong.append(line)
    return wrong


def main():
    gw.require_root()
    tap = gw.Tap()
    for function in (repeat_and_undo, options, without_a_daemon, defragmentation, nft_form):
        tap.case(function)
    tap.end()


main()
