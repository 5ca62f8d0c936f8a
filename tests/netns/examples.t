#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The tcpwardenctl examples of tcpwardenctl(8) and of operating.md, each line as it stands there, on a daemon that knows
the hosts they name.
"""
import os
import re
import subprocess
import tempfile

import gateway as gw
import wire

ALONE = ("top",)      # needs a terminal: tests/netns/top.t
ENDLESS = ("watch",)  # until it is told to stop
BANNED = ("recheck", "unban")  # right behind a ban
# 10.0.0.1:40000 opens to 10.0.0.2:443 and then forges; so does 10.0.0.7
STORY = ("> S seq=1000", "< SA seq=5000 ack=1001", "> A seq=1001 ack=5001")
FORGED = "> A seq=1001 ack=1005001"


class Hosts(wire.Wire):
    """The hosts of the examples."""

    def __init__(self, net):
        super().__init__(net)
        self.client = None
        for host, way in (("10.0.0.1", gw.CLIENT[4]), ("10.0.0.7", gw.CLIENT[4]), ("10.0.0.2", gw.SERVER[4])):
            net.router.run("ip", "route", "add", host, "via", way)

    def ends(self, flow=0):
        return (self.client, 40000 + flow), ("10.0.0.2", 443)

    def talk(self, daemon):
        """The connections of the examples, anew."""
        daemon.ctl("flush")
        for self.client in ("10.0.0.1", "10.0.0.7"):
            for step in STORY:
                self.wait(self.send(wire.Segment(step)), step)
            self.send(wire.Segment(FORGED))
            gw.wait_until(lambda: daemon.ctl("why", self.client, "10.0.0.2:443")[0] == 0, "a drop")


def read(*path):
    with open(os.path.join(gw.SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def examples():
    """Commands of the manual, of the guide's blocks, and of its running text."""
    section = read("daemon", "man", "tcpwardenctl.8.in").split(".Sh EXAMPLES\n")[1].split(".Sh SEE ALSO")[0]
    guide = read("daemon", "doc", "operating.md")
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", section, re.MULTILINE | re.DOTALL)
    blocks += re.findall(r"^```console\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("tcpwardenctl ")]
    lines += re.findall(r"`(tcpwardenctl [a-z]+ [^`]+)`", guide)
    return list(dict.fromkeys(lines))


def run(folder, daemon, line, limit_s=gw.GIVE_UP_S):
    """The line in a shell that finds tcpwardenctl, which finds the daemon."""
    program = os.path.join(folder, "tcpwardenctl")
    with open(program, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nexec "%s" -s "%s" "$@"\n' % (os.path.abspath(gw.CONTROL), daemon.socket))
    os.chmod(program, 0o755)
    environment = dict(os.environ, PATH=folder + ":" + os.environ["PATH"])
    return subprocess.run(["bash", "-o", "pipefail", "-c", line], env=environment, stdin=subprocess.DEVNULL,
                          timeout=limit_s, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def watched(folder, daemon, hosts, line):
    """An endless command, until what it is to show has come: timeout(1) ends it otherwise."""
    shell = subprocess.Popen(["bash", "-c", "timeout 20 stdbuf -oL %s | head -n 1" % line], stdout=subprocess.PIPE,
                             text=True, env=dict(os.environ, PATH=folder + ":" + os.environ["PATH"]))
    while shell.poll() is None:
        hosts.talk(daemon)
    return shell.communicate()[0]


def main():
    gw.require_root()
    tap = gw.Tap()
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net:
        config = os.path.join(folder, "conf")
        with open(config, "w", encoding="utf-8"):
            os.chmod(folder, 0o755)
        with gw.Daemon(net, config=config) as daemon:
            hosts = Hosts(net)
            lines = examples()
            tap.ok(len(lines) >= 12, "there are examples", lines)
            for line in lines:
                verb = line.split()[1]
                if verb not in BANNED:
                    hosts.talk(daemon)
                if verb in ALONE:
                    continue
                if verb in ENDLESS:
                    out = watched(folder, daemon, hosts, line)
                    tap.ok("event=" in out, line, out)
                    continue
                done = run(folder, daemon, line)
                nothing = "idle>=" in line and done.returncode == 1 and "no such flow" in done.stdout
                silent = verb in ("mode", "reload", "ban", "unban") and done.returncode == 0
                tap.ok(nothing or silent or (done.returncode == 0 and done.stdout.strip()), line, done)
    tap.end()


main()
