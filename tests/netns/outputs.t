#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon writes besides its log, read by the tools it is written for: the drop capture by tshark, EVE by jq."""
import os
import re
import subprocess
import tempfile

import gateway as gw

ACK = 0x10


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


class Connection:
    """An open connection and out-of-sequence ACKs in its client's name."""

    def __init__(self, net):
        self.net = net
        sniffer = gw.Sniffer(net.client, "c0")
        self.client, self.server = net.pair()
        self.client.sendall(b"ping")
        assert gw.read_exactly(self.server, 4) == b"ping"
        self.server.sendall(b"pong")
        assert gw.read_exactly(self.client, 4) == b"pong"
        self.here, self.there = self.client.getsockname()[:2], self.server.getsockname()[:2]
        self.seq, ack = sniffer.numbers(self.here, self.there)
        self.ack = (ack + 1000000) % 2**32

    def forge(self, count):
        for _ in range(count):
            gw.forge(self.net.client, self.here, self.there, self.seq, self.ack, ACK)

    def close(self):
        self.client.close()
        self.server.close()


def captures_drops(tap, folder):
    path = os.path.join(folder, "drops.pcapng")
    with gw.Gateway() as net, gw.Daemon(net, "drop_capture.path=" + path) as daemon:
        connection = Connection(net)
        connection.forge(3)
        daemon.wait(3, event="packet-dropped", reason="ack-high")
        there = ("tshark", "-r", path, "-T", "fields")
        gw.wait_until(lambda: len(run(*there, "-e", "tcp.seq_raw")) == 3, "three packets in the capture")
        tap.same(run(*there, "-e", "ip.src", "-e", "ip.dst", "-e", "tcp.ack_raw"),
                 ["%s\t%s\t%d" % (gw.CLIENT[4], gw.SERVER[4], connection.ack)] * 3, "tshark reads the dropped packets")
        tap.ok(all(line.startswith("drop ack-high: ack ") and "phase ESTABLISHED" in line
                   for line in run(*there, "-e", "frame.comment")), "each has its reason as comment",
               run(*there, "-e", "frame.comment"))
        times = [float(line) for line in run(*there, "-e", "frame.time_epoch")]
        tap.ok(all(abs(time - os.stat(path).st_mtime) < 600 for time in times), "with the time of day", times)
        os.rename(path, path + ".moved")
        daemon.process.send_signal(1)
        daemon.wait(event="config-reloaded")
        gw.wait_until(lambda: os.path.exists(path), "a new capture")
        connection.forge(1)
        gw.wait_until(lambda: len(run(*there, "-e", "tcp.seq_raw")) == 1, "one packet in the new capture")
        tap.ok(True, "after SIGHUP drops go to a new file")


def refuses_what_it_cannot_write(tap, folder):
    with gw.Gateway() as net:
        daemon = gw.Daemon(net, "drop_capture.path=%s/none/drops" % folder, ready=False)
        daemon.process.wait(gw.GIVE_UP_S)
        tap.same(daemon.process.returncode, 3, "a path that cannot be written: exit code 3")
        tap.ok("drop_capture.path: cannot write" in daemon.complaint(), "and says so", daemon.complaint())


def writes_eve(tap, folder):
    path = os.path.join(folder, "eve.json")
    with gw.Gateway() as net:
        with gw.Daemon(net, "log.format=eve", target="file:" + path) as daemon:
            gw.wait_until(lambda: os.path.exists(path) and "started" in open(path, encoding="ascii").read(), "a start")
            connection = Connection(net)
            port = connection.here[1]
            connection.forge(1)
            gw.wait_until(lambda: '"packet-dropped"' in open(path, encoding="ascii").read(), "the drop")
            connection.close()
            gw.wait_until(lambda: '"flow-closed"' in open(path, encoding="ascii").read(), "the end of the flow")
            daemon.stop()
        tap.same(run("jq", "-c", 'select(.event_type == "flow") | [.src_ip, .src_port, .dest_ip, .proto,'
                     " .flow.bytes_toserver, .flow.state, .tcp.state, .tcpwarden.reason]", path),
                 ['["%s",%d,"%s","TCP",4,"closed","closed","fin"]' % (gw.CLIENT[4], port, gw.SERVER[4])],
                 "jq: the flow record")
        tap.same(run("jq", "-c", 'select(.event_type == "drop") | [.src_port, .direction, .drop.tcpack, .drop.ack]',
                     path), ['[%d,"to_server",%d,true]' % (port, connection.ack)], "jq: the drop record")
        tap.same(run("jq", "-s", "map(select(.flow_id)) | map(.flow_id) | unique | length", path), ["1"],
                 "jq: one flow_id in all its lines")


def serves_metrics(tap, _):
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        connection = Connection(net)
        connection.forge(2)
        daemon.wait(2, event="packet-dropped", reason="ack-high")
        text = daemon.ctl("metrics", json_lines=False)[1]
        check = subprocess.run(("promtool", "check", "metrics"), input=text, capture_output=True, text=True, check=False)
        tap.ok(check.returncode == 0, "promtool check metrics", check.stdout + check.stderr)
        for sample in ('tcpwarden_flows{phase="ESTABLISHED"} 1', 'tcpwarden_packets_total{verdict="drop"} 2',
                       'tcpwarden_segments_reason_total{reason="ack-high",verdict="drop"} 2',
                       'tcpwarden_events_total{event="flow-established"} 1', "tcpwarden_handshake_seconds_count 1",
                       'tcpwarden_queue_user_dropped_total{queue="0"} 0', "tcpwarden_flood_mode 0"):
            tap.ok("\n%s\n" % sample in text, sample, text)
        judged = sum(int(number) for number in re.findall(r"^tcpwarden_packets_total\S* (\d+)", text, re.M))
        timed = int(re.search(r"^tcpwarden_verdict_seconds_count (\d+)", text, re.M).group(1))
        tap.same(timed, judged, "every packet's verdict is timed")


def main():
    gw.require_root()
    tap = gw.Tap()
    with tempfile.TemporaryDirectory(prefix="tcpwarden-outputs.") as folder:
        os.chmod(folder, 0o777)
        tap.case(captures_drops, folder)
        tap.case(refuses_what_it_cannot_write, folder)
        tap.case(writes_eve, folder)
        tap.case(serves_metrics, folder)
    tap.end()


main()
