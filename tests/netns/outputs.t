#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the daemon writes besides its log, read by the tools it is written for: the drop capture by tshark, EVE by jq,
metrics by promtool and, as the dashboard asks for them, by a Prometheus; and a capture of the same traffic as Zeek's
conn.log beside the daemon's own lines.
"""
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import gateway as gw
sys.path.insert(0, os.path.join(gw.SOURCE, "tests", "tap"))
import zeek

ACK = 0x10
REPLAY = os.path.join(gw.BUILD, "tcpwarden-replay")
STAMP = r"^[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}[.][0-9]{6}[+]0000$"  # as jq reads it


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
        def jq(program, expected, name, *options):
            tap.same(run("jq", "-c", *options, program, path), expected, "jq: " + name)

        flow = "%s:%d" % (gw.CLIENT[4], port)
        jq('select(.event_type == "flow") | ["\\(.src_ip):\\(.src_port)", .dest_ip, .proto, .flow.bytes_toserver,'
           ' .flow.bytes_toclient, .flow.state, .tcp.state, .tcpwarden.reason]',
           ['["%s","%s","TCP",4,4,"closed","closed","fin"]' % (flow, gw.SERVER[4])], "the flow record")
        jq('select(.event_type == "flow") | [.tcp.tcp_flags, .tcp.tcp_flags_ts, .tcp.tcp_flags_tc, .tcp.syn, .tcp.fin,'
           ' .tcp.rst, .flow.alerted]', ['["13","13","13",true,true,null,false]'], "its TCP flags")
        jq('select(.event_type == "flow") | [(.timestamp, .flow.start, .flow.end | test("%s")),'
           ' (.flow.end >= .flow.start), (.flow.age | type), (.community_id[:2])]' % STAMP,
           ['[true,true,true,true,"number","1:"]'], "its times")
        jq('select(.event_type == "drop") | [.src_port, .direction, .drop.tcpack, .drop.ack, .drop.syn]',
           ['[%d,"to_server",%d,true,false]' % (port, connection.ack)], "the drop record")
        jq('select(.event_type == "drop") | .drop | [.len, .tos, .ttl, .ipid, .tcpwin, .tcpres, .tcpurgp]',
           ["[40,0,63,1,512,0,0]"], "the headers of the dropped packet")
        jq('map(select(.flow_id)) | map(.flow_id) | unique | [length, (.[0] | type), .[0] < 9007199254740992]',
           ['[1,"number",true]'], "one flow_id in all its lines", "-s")


def leave_by_reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def exchange(net, version, size):
    """One connection with so many bytes to the client, which closes last."""
    client, server = net.pair(version)
    client.sendall(b"x" * 100)
    gw.read_exactly(server, 100)
    server.sendall(b"y" * size)
    server.shutdown(socket.SHUT_WR)
    assert len(gw.read_all(client)) == size
    client.close()
    assert gw.read_all(server) == b""
    server.close()


def all_sorts(net):
    """Six connections, each of another fate; gives those that stay open."""
    exchange(net, 4, 1000)
    exchange(net, 6, 300000)
    closed = net.server.listen(gw.SERVER[4])
    address = closed.getsockname()
    closed.close()
    try:
        net.client.connect(address)
        raise AssertionError("nobody was listening")
    except ConnectionRefusedError:
        pass
    for who in (0, 1):
        ends = net.pair()
        ends[0].sendall(b"ping")
        gw.read_exactly(ends[1], 4)
        leave_by_reset(ends[who])
        try:
            assert ends[1 - who].recv(1) == b"", "a reset"
        except ConnectionResetError:
            pass
        ends[1 - who].close()
    return net.pair()


def keys_of(row):
    return (gw.endpoint((row["id.orig_h"], row["id.orig_p"])), gw.endpoint((row["id.resp_h"], row["id.resp_p"])))


def agrees_with_zeek(tap, folder):
    """The router's own traffic twice: as the daemon's log tells it, and captured, replayed and read as a conn.log."""
    path = os.path.join(folder, "traffic.pcapng")
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        capture = net.router.popen("dumpcap", "-q", "-i", "r0", "-f", "tcp", "-w", path, stderr=subprocess.PIPE,
                                   text=True)
        while not capture.stderr.readline().startswith("File:"):
            assert capture.poll() is None, "dumpcap ended"
        still_open = all_sorts(net)
        rows = []

        def captured():
            log = subprocess.run((REPLAY, "--flows=zeek", path), capture_output=True, text=True, check=False).stdout
            rows[:] = zeek.connections(log) if "#close" in log else []
            return sorted(row["conn_state"] for row in rows) == sorted(("SF", "SF", "REJ", "RSTO", "RSTR", "S1"))

        try:
            gw.wait_until(captured, "six connections in the capture")
        finally:
            capture.terminate()
            capture.communicate()
        daemon.stop()
        for sock in still_open:
            sock.close()
        told = {(line["client"], line["server"]): [line["conn_state"], line["bytes"]]  # their order may differ a little
                for line in daemon.events(event="flow-closed")}
        tap.same({keys_of(row): [row["conn_state"], "%d/%d" % (row["orig_bytes"], row["resp_bytes"])]
                  for row in rows}, told, "Zeek's log of a capture agrees with the daemon's lines")
        tap.ok(len(told) == 6 and any("[" in client for client, _ in told), "six connections, IPv6 too", told)
        tap.ok(all(row["duration"] is None or row["duration"] < 600 for row in rows) and
               all(abs(row["ts"] - os.stat(path).st_mtime) < 600 for row in rows), "with the time of day", rows)


def check_metrics(tap, text, name):
    check = subprocess.run(("promtool", "check", "metrics"), input=text, capture_output=True, text=True, check=False)
    tap.ok(check.returncode == 0 and "tcpwarden_flows{" in text, name, check.stdout + check.stderr)


def exported(daemon):
    """What the exporter serves over HTTP."""
    exporter = subprocess.Popen((gw.CONTROL, "-s", daemon.socket, "exporter", "--listen", "127.0.0.1:0"),
                                stdout=subprocess.PIPE, text=True)
    try:
        port = int(exporter.stdout.readline().split()[-1])
        with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port, timeout=gw.GIVE_UP_S) as answer:
            return answer.read().decode()
    finally:
        exporter.terminate()
        exporter.communicate()


def serves_metrics(tap, _):
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        connection = Connection(net)
        connection.forge(2)
        daemon.wait(2, event="packet-dropped", reason="ack-high")
        text = daemon.ctl("metrics", json_lines=False)[1]
        check_metrics(tap, text, "promtool check metrics")
        check_metrics(tap, exported(daemon), "promtool check metrics, over HTTP")
        for sample in ('tcpwarden_flows{phase="ESTABLISHED"} 1', 'tcpwarden_packets_total{verdict="drop"} 2',
                       'tcpwarden_segments_reason_total{reason="ack-high",verdict="drop"} 2',
                       'tcpwarden_events_total{event="flow-established"} 1', "tcpwarden_handshake_seconds_count 1",
                       'tcpwarden_queue_user_dropped_total{queue="0"} 0', "tcpwarden_flood_mode 0"):
            tap.ok("\n%s\n" % sample in text, sample, text)
        judged = sum(int(number) for number in re.findall(r"^tcpwarden_packets_total\S* (\d+)", text, re.M))
        timed = int(re.search(r"^tcpwarden_verdict_seconds_count (\d+)", text, re.M).group(1))
        tap.same(timed, judged, "every packet's verdict is timed")


FILL_S = 180  # a few scrapes, on a slow machine
PROMETHEUS = """
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: tcpwarden
    static_configs: [ { targets: [ "127.0.0.1:9798" ] } ]
"""


def dashboard_queries():
    """Each with the panel it is of, for a moment soon after the start; a rate of nothing is an answer, too."""
    with open(os.path.join(gw.SOURCE, "contrib", "dashboards", "tcpwarden.json"), encoding="utf-8") as file:
        board = json.load(file)
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], re.sub(r"> 0\b", ">= 0", target["expr"].replace("$instance", ".*").replace(
                "$__rate_interval", "5m"))
    for note in board["annotations"]["list"]:
        yield note["name"], note["expr"].replace("$instance", ".*").replace("== 1", "== 0")


def ask(net, query):
    """What Prometheus answers: values by their labels; NaN, where nothing was measured, is no answer."""
    def fetch():
        address = "http://127.0.0.1:9090/api/v1/query?" + urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(address, timeout=gw.GIVE_UP_S) as answer:
            return json.load(answer)["data"]["result"]
    try:
        found = net.router.within(fetch)
    except OSError:  # it is not up, or refuses the query
        found = []
    return [one for one in found if one["value"][1] != "NaN"]


def fills_the_dashboard(tap, folder):
    """A Prometheus on the router scrapes the exporter while connections come and go; every query has data."""
    config = os.path.join(folder, "prometheus.yml")
    with open(config, "w", encoding="ascii") as file:
        file.write(PROMETHEUS)
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        servers = [net.router.popen(gw.CONTROL, "-s", daemon.socket, "exporter", "--listen", "127.0.0.1:9798",
                                    stdout=subprocess.DEVNULL),
                   net.router.popen("prometheus", "--config.file=" + config, "--web.listen-address=127.0.0.1:9090",
                                    "--storage.tsdb.path=" + os.path.join(folder, "tsdb"), "--log.level=error")]
        try:
            gw.wait_until(lambda: ask(net, 'up{job="tcpwarden"} == 1'), "a scrape", FILL_S)
            missing = dict((query, panel) for panel, query in dashboard_queries())

            def answered():
                connection = Connection(net)
                connection.forge(1)
                connection.close()
                for query in [query for query in missing if ask(net, query)]:
                    del missing[query]
                return not missing

            try:
                gw.wait_until(answered, "an answer to every query", FILL_S)
            except AssertionError:
                pass
            tap.ok(not missing, "every query of the dashboard finds data", "\n".join("%s: %s" % (panel, query)
                                                                                   for query, panel in missing.items()))
            drops = ask(net, 'rate(tcpwarden_segments_reason_total{verdict="drop"}[5m]) > 0')
            tap.same([one["metric"] for one in drops],
                     [{"instance": "127.0.0.1:9798", "job": "tcpwarden", "reason": "ack-high", "verdict": "drop"}],
                     "drops by reason: the one that happened")
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(gw.GIVE_UP_S)


def main():
    gw.require_root()
    tap = gw.Tap()
    with tempfile.TemporaryDirectory(prefix="tcpwarden-outputs.") as folder:
        os.chmod(folder, 0o777)
        tap.case(captures_drops, folder)
        tap.case(refuses_what_it_cannot_write, folder)
        tap.case(writes_eve, folder)
        tap.case(agrees_with_zeek, folder)
        tap.case(serves_metrics, folder)
        tap.case(fills_the_dashboard, folder)
    tap.end()


main()
