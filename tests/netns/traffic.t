#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real traffic through tcpwardend: every connection stands in the log from its SYN to its end, byte for byte, and
nothing is dropped."""
import json
import os
import shutil
import subprocess
import tempfile
import threading

import gateway as gw

OPEN = ["new", "synack", "established"]
CLOSED = {"closing": ["fin", "closing", "last-ack", "time-wait", "closed"],
          "half-closed": ["fin", "half-closed", "last-ack", "time-wait", "closed"],
          "last-ack": ["fin", "last-ack", "time-wait", "closed"]}
SHORT_CONNECTIONS = 1000
AT_ONCE = 50


def whole_life(daemon, line):
    """Whether the log tells the flow of this flow-closed line from beginning to end."""
    story = daemon.story(line["flow"])
    return story[:3] == OPEN and story[3:] in CLOSED.values()


def check_flow(tap, daemon, name, sent, answered, closed_by, **keys):
    line = daemon.wait(event="flow-closed", **keys)
    tap.ok(whole_life(daemon, line), name + ": from flow-new to flow-closed", daemon.story(line["flow"]))
    tap.same(line["bytes"], "%d/%d" % (sent, answered), name + ": bytes are those sent")
    tap.same((line["reason"], line["closed_by"] in closed_by, line["conn_state"]), ("fin", True, "SF"),
             "%s: ended by FINs, closed by the %s" % (name, " or ".join(closed_by)))
    return line


def no_drops(tap, daemon, name):
    tap.same([line["line"] for line in daemon.events(event="packet-dropped")], [], name + ": nothing dropped")


def http(tap):
    """curl fetches a file from a real server, over IPv4 and IPv6."""
    folder = tempfile.mkdtemp(prefix="tcpwarden-test-")
    try:
        with open(os.path.join(folder, "file"), "wb") as file:
            file.write(os.urandom(3 << 20))
        with gw.Gateway() as net, gw.Daemon(net) as daemon:
            server = net.server.popen("python3", "-m", "http.server", "--bind", "::", "--directory", folder, "8080",
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                gw.wait_until(lambda: ":8080" in net.server.output("ss", "-Hltn"), "the HTTP server")
                for version, host in ((4, gw.SERVER[4]), (6, "[%s]" % gw.SERVER[6])):
                    fetched = net.client.output(
                        "curl", "-sS", "-o", os.path.join(folder, "got"), "http://%s:8080/file" % host,
                        "-w", "%{size_request} %{size_header} %{size_download} %{local_port}")
                    request, header, body, port = (int(n) for n in fetched.split())
                    with open(os.path.join(folder, "got"), "rb") as got, \
                            open(os.path.join(folder, "file"), "rb") as file:
                        tap.ok(got.read() == file.read(), "HTTP over IPv%d: the file arrives whole" % version)
                    client = gw.endpoint((gw.CLIENT[version], port))
                    check_flow(tap, daemon, "HTTP over IPv%d" % version, request, header + body, ("client", "server"),
                               client=client)
                no_drops(tap, daemon, "HTTP")
            finally:
                server.terminate()
                server.wait()
    finally:
        shutil.rmtree(folder)


def iperf(tap, version, offload):
    """A bulk transfer, with GSO aggregates in the queue (N-7) or without."""
    name = "iperf3 over IPv%d, offload %s" % (version, offload)
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        net.offload(offload)
        server = net.server.popen("iperf3", "-s", "-1", "--forceflush", stdout=subprocess.PIPE, text=True)
        gw.wait_until(lambda: "listening" in server.stdout.readline(), "iperf3 to listen")
        done = net.client.run("iperf3", "-J", "-n", "100M", "-c", gw.SERVER[version], stdout=subprocess.PIPE)
        server.stdout.close()
        server.wait(gw.GIVE_UP_S)
        result = json.loads(done.stdout)
        cookie = 37  # bytes that iperf3 sends first on each connection
        least, most = (result["end"][side]["bytes"] + cookie for side in ("sum_received", "sum_sent"))
        port = result["start"]["connected"][0]["local_port"]
        line = daemon.wait(event="flow-closed", client=gw.endpoint((gw.CLIENT[version], port)))
        to_server, to_client = (int(n) for n in line["bytes"].split("/"))
        tap.ok(least <= to_server <= most and to_client == 0,
               name + ": bytes lie between what it received and what it wrote (its end throws away the rest)",
               "%d <= %s <= %d" % (least, line["bytes"], most))
        tap.ok(daemon.story(line["flow"])[:3] == OPEN, name + ": opened in order", daemon.story(line["flow"]))
        daemon.wait(count=2, event="flow-closed")
        tap.same(len(daemon.events(event="flow-new")), 2, name + ": its two connections and no more")
        stream = b"s" * 50000000
        client, server = net.pair(version)
        client_name = client.getsockname()
        writer = threading.Thread(target=lambda: (client.sendall(stream), client.close()))
        writer.start()
        tap.ok(gw.read_all(server) == stream, name + ": a stream of our own arrives whole")
        writer.join()
        server.close()
        line = check_flow(tap, daemon, name + ": our own", len(stream), 0, ("client",), client=gw.endpoint(client_name))
        if offload == "on":  # the queue was asked for them: else the kernel takes every aggregate apart
            tap.ok(int(line["packets"].split("/")[0]) < len(stream) // 1428 // 2, name + ": it came in aggregates",
                   line["packets"])
        no_drops(tap, daemon, name)


def serve_counted(listener, count):
    """Answers `count` connections with twice what they asked, then closes."""
    for _ in range(count):
        sock, _ = listener.accept()
        with sock:
            sock.settimeout(gw.GIVE_UP_S)
            asked = gw.read_all(sock)
            sock.sendall(asked * 2)


def ask(net, address, size):
    """One short connection; its client's port."""
    with net.client.connect(address) as sock:
        port = sock.getsockname()[1]
        sock.sendall(b"q" * size)
        sock.shutdown(1)
        assert len(gw.read_all(sock)) == 2 * size
    return port


def short_connections(tap, version):
    """Many short connections, several at once; each in the log with its own byte counts."""
    name = "%d connections over IPv%d" % (SHORT_CONNECTIONS, version)
    each = SHORT_CONNECTIONS // AT_ONCE
    sizes, lock = {}, threading.Lock()
    with gw.Gateway() as net, gw.Daemon(net, "syn_flood.source_rate=0") as daemon:
        with net.server.listen(gw.SERVER[version]) as listener:
            address = listener.getsockname()

            def client(first):
                for size in range(first, first + each):
                    port = ask(net, address, size + 1)
                    with lock:
                        sizes[gw.endpoint((gw.CLIENT[version], port))] = size + 1

            threads = [threading.Thread(target=serve_counted, args=(listener, each)) for _ in range(AT_ONCE)]
            threads += [threading.Thread(target=client, args=(n * each,)) for n in range(AT_ONCE)]
            gw.run_together(threads)
        tap.same(len(sizes), SHORT_CONNECTIONS, name + ": all succeed")
        lines = daemon.wait(count=SHORT_CONNECTIONS, event="flow-closed", reason="fin")
        wrong = [line["line"] for line in lines
                 if line["bytes"] != "%d/%d" % (sizes.get(line["client"], 0), 2 * sizes.get(line["client"], 0))]
        tap.same(wrong[:5], [], name + ": every byte count is right")
        tap.same([line["line"] for line in lines if not whole_life(daemon, line)][:5], [],
                 name + ": each from flow-new to flow-closed")
        tap.same(len(daemon.events(event="flow-new")), SHORT_CONNECTIONS, name + ": no flow too many")
        no_drops(tap, daemon, name)


def close_orders(tap, version):
    """Who closes first, half-closed streaming either way, and both at once, byte for byte."""
    stream = b"s" * 2000000
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        for first in ("client", "server"):
            name = "IPv%d, the %s closes first" % (version, first)
            client, server = net.pair(version)
            near, far = (client, server) if first == "client" else (server, client)
            key = gw.endpoint(client.getsockname())
            near.sendall(b"question")
            near.shutdown(1)
            assert gw.read_all(far) == b"question"
            daemon.wait(event="flow-half-closed", client=key, half=first)
            writer = threading.Thread(target=lambda: (far.sendall(stream), far.close()))
            writer.start()
            tap.ok(gw.read_all(near) == stream, name + ": the other end streams half-closed")
            writer.join()
            near.close()
            counts = (8, len(stream)) if first == "client" else (len(stream), 8)
            check_flow(tap, daemon, name, *counts, (first,), client=key)
        no_drops(tap, daemon, "IPv%d closes" % version)


def refused_and_reset(tap, version):
    """A port nobody listens on, and a RST from either end in the middle."""
    linger_none = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # close sends a RST
    name = "IPv%d" % version
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        try:
            net.client.connect((gw.SERVER[version], 9))
            tap.ok(False, name + ": a closed port refuses")
        except ConnectionRefusedError:
            tap.ok(True, name + ": a closed port refuses")
        who = {}
        for ender in ("client", "server"):
            client, server = net.pair(version)
            who[gw.endpoint(client.getsockname())] = ender
            client.sendall(b"hello")
            assert server.recv(5) == b"hello"
            sock, other = (client, server) if ender == "client" else (server, client)
            sock.setsockopt(1, 13, linger_none)
            sock.close()
            try:
                other.recv(1)
                tap.ok(False, "%s: the RST of the %s arrives" % (name, ender))
            except ConnectionResetError:
                tap.ok(True, "%s: the RST of the %s arrives" % (name, ender))
            other.close()
        line = daemon.wait(event="flow-closed", reason="refused")
        tap.same((daemon.story(line["flow"]), line["conn_state"], line["bytes"]),
                 (["new", "reset", "closed"], "REJ", "0/0"), name + ": refused, in the log")
        for line in daemon.wait(count=2, event="flow-closed", reason="reset"):
            ender = who[line["client"]]
            tap.same((daemon.story(line["flow"]), line["conn_state"], line["closed_by"], line["bytes"]),
                     (OPEN + ["reset", "closed"], {"client": "RSTO", "server": "RSTR"}[ender], ender, "5/0"),
                     "%s: reset by the %s, in the log" % (name, ender))
        no_drops(tap, daemon, name + " resets")


def fragments(tap):
    """Segments that arrive in fragments are judged whole (the rules put them together before the queue)."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        client, server = net.pair(4)
        sniffer = gw.Sniffer(net.client, "c0")
        with client, server:
            client.sendall(b"first")
            assert server.recv(5) == b"first"
            seq, ack = sniffer.numbers(client.getsockname(), server.getsockname())
            gw.forge(net.client, client.getsockname(), server.getsockname(), seq, ack, 0x18, b"f" * 1000, pieces=2)
            tap.same(len(server.recv(2000)), 1000, "a segment in two fragments arrives")
        no_drops(tap, daemon, "fragments")


def main():
    gw.require_root()
    tap = gw.Tap()
    tap.case(http)
    for version in (4, 6):
        for offload in ("on", "off"):
            tap.case(iperf, version, offload)
        tap.case(short_connections, version)
        tap.case(close_orders, version)
        tap.case(refused_and_reset, version)
    tap.case(fragments)
    tap.end()


main()
