#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's own life beside traffic: reload, refusals at start, a log that hangs, connections older than the daemon,
several queues, the stop."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import gateway as gw


class Folder:
    """A directory of the test's own."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="tcpwarden-test-")
        os.chmod(self.path, 0o755)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, name, text):
        with open(self.file(name), "w") as file:
            file.write(text)
        return self.file(name)

    def file(self, name):
        return os.path.join(self.path, name)


def exchange(client, server, size=1000):
    """Data in both directions."""
    client.sendall(b"q" * size)
    gw.read_exactly(server, size)
    server.sendall(b"a" * size)
    gw.read_exactly(client, size)


def forged_ack(net, sniffer, client, server):
    seq, ack = sniffer.numbers(client.getsockname(), server.getsockname())
    gw.forge(net.client, client.getsockname(), server.getsockname(), seq, ack + 1000000)


def reload(tap):
    with Folder() as folder, gw.Gateway() as net:
        config = folder.write("conf", 'policy: { mode = "enforce"; };\n')
        with gw.Daemon(net, config=config) as daemon:
            sniffer = gw.Sniffer(net.client, "c0")
            client, server = net.pair()
            exchange(client, server)
            flow = daemon.wait(event="flow-established")["flow"]

            folder.write("conf", 'policy: { mode = "sometimes"; };\ntracking: { windw = "normal"; };\n')
            daemon.process.send_signal(signal.SIGHUP)
            line = daemon.wait(event="config-rejected")
            tap.ok(re.search("conf:1.*policy.mode", line["line"] + daemon.complaint()), "bad reload: it says where",
                   line)
            exchange(client, server)
            forged_ack(net, sniffer, client, server)
            tap.same(daemon.wait(event="packet-dropped")["verdict"], "drop", "bad reload: the old settings stay")

            folder.write("conf", 'policy: { mode = "monitor"; };\nqueue: { length = 4096; };\n')
            daemon.process.send_signal(signal.SIGHUP)
            line = daemon.wait(event="config-reloaded")
            tap.ok("queue.length" in line.get("restart_needed", ""), "reload: names what only a restart changes", line)

            folder.write("conf", 'policy: { mode = "monitor"; };\nqueue: { length = 4096; copy_range = 256; '
                         'receive_buffer = "2MiB"; fail_open = true; };\n'
                         'tracking: { max_flows = 2048; zone = "queue"; };\n'
                         'syn_flood: { buckets = 2048; proven_entries = 2048; source_prefix4 = 30; '
                         'source_prefix6 = 56; network_prefix4 = 16; network_prefix6 = 40; destination_modes = 32; '
                         'ban_entries = 64; first_syn_entries = 2048; };\n')
            daemon.process.send_signal(signal.SIGHUP)
            paths = daemon.wait(count=2, event="config-reloaded")[1]["restart_needed"].split(",")
            tap.ok(len(paths) > 3 and "queue.length" in paths and len(paths) - 1 + int(paths[-1]) == 15,
                   "reload: where they are many, as many as fit and the number of the others", paths)
            exchange(client, server)
            seq, ack = sniffer.numbers(client.getsockname(), server.getsockname())
            gw.forge(net.client, client.getsockname(), server.getsockname(), seq + 50000000, ack, 0x10, b"evil")
            tap.same(daemon.wait(event="packet-dropped", reason="seq-high")["verdict"], "would-drop",
                     "reload: the new settings hold")
            client.close()
            server.close()
            line = daemon.wait(event="flow-closed")
            tap.same((line["flow"], line["bytes"]), (flow, "3000/3000"), "reloads: the connection stays the same flow")
            tap.same(len(daemon.events(event="flow-new")), 1, "reloads: and no other is made")

            folder.write("conf", 'services = ( { name = "quiet"; events = ("flow-closed"); } );\n')
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait(count=3, event="config-reloaded")
            client, server = net.pair()
            exchange(client, server)
            client.close()
            server.close()
            daemon.wait(count=2, event="flow-closed")
            tap.same(len(daemon.events(event="flow-new")), 1, "reload: a service chooses its events")


def one_sentence(tap, daemon, words, name):
    code = daemon.process.wait(gw.GIVE_UP_S)
    text = daemon.complaint().strip()
    tap.same(code, 3, name + ": exit code 3")
    tap.ok(text.count("\n") == 0 and all(word in text for word in words), name + ": one sentence with cause and remedy",
           text)


def refusals(tap):
    with gw.Gateway() as net:
        with gw.Daemon(net):
            with gw.Daemon(net, ready=False) as second:
                one_sentence(tap, second, ["queue 0", "tcpwardend"], "queue held by another")
        bare = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-all"]
        with gw.Daemon(net, wrap=bare, ready=False) as daemon:
            one_sentence(tap, daemon, ["CAP_NET_ADMIN"], "no CAP_NET_ADMIN")
    with gw.Gateway() as net, Folder() as folder:
        config = folder.write("conf", 'nonsense = 1;\npolicy: { mode = "sometimes"; };\n')
        with gw.Daemon(net, config=config, ready=False) as daemon:
            tap.same(daemon.process.wait(gw.GIVE_UP_S), 1, "bad configuration: exit code 1")
            text = daemon.complaint()
            tap.ok("conf:1: nonsense" in text and "conf:2: policy.mode" in text, "bad configuration: every error", text)
        exchange(*net.pair())
        tap.ok(True, "and traffic passes unjudged")


# A /dev of the daemon's own, in which /dev/log is a socket of the test's.
OWN_DEV = """
for node in null zero random urandom; do touch "$0/$node" && mount --bind /dev/$node "$0/$node" || exit 9; done
mount --rbind "$0" /dev && exec "$@"
"""


def drain(log, lines):
    """Reads what waits in the log's socket."""
    while True:
        try:
            lines.append(log.recv(65535).decode())
        except BlockingIOError:
            return lines


def hanging_log(tap):
    """A syslog that nobody reads: traffic goes on, losses are counted, and told when somebody reads again."""
    connections = 4000  # more lines than the log may be behind
    least, most = 7, 8  # lines of one connection, by how its closing segments meet
    lines = []
    with Folder() as folder, gw.Gateway() as net, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(folder.file("log"))
        os.chmod(folder.file("log"), 0o666)
        log.setblocking(False)
        wrap = ["unshare", "-m", "sh", "-c", OWN_DEV, folder.path]
        with gw.Daemon(net, "syn_flood.source_rate=0", wrap=wrap, target="syslog") as daemon:
            gw.wait_until(lambda: any("event=started" in line for line in drain(log, lines)), "the first line")
            with net.server.listen(gw.SERVER[4]) as listener:
                for _ in range(connections):
                    client, server = net.pair(listener=listener)
                    exchange(client, server, 1)
                    client.close()
                    server.close()
            tap.ok(True, "%d connections succeed while nobody reads the log" % connections)
            gw.wait_until(lambda: any("event=events-lost" in line for line in drain(log, lines)), "events-lost")
            tap.ok(True, "once it is read again, it says how many lines are lost")
            daemon.process.terminate()
            gw.wait_until(lambda: drain(log, lines) and daemon.process.poll() is not None, "the stop")
            drain(log, lines)
            tap.same(daemon.process.returncode, 0, "and the daemon stops cleanly")
    lost = sum(int(count) for line in lines for count in re.findall(r"event=events-lost .*?count=(\d+)", line))
    written = sum("event=flow-" in line for line in lines)
    tap.ok(least * connections <= written + lost <= most * connections, "written and lost make up all lines",
           "%d written, %d lost" % (written, lost))


def older_connections(tap):
    """Connections that run when the daemon starts are picked up, not cut."""
    with gw.Gateway() as net:
        pairs = [net.pair(version) for version in (4, 6) for _ in range(10)]
        for client, server in pairs:
            exchange(client, server)
        with gw.Daemon(net) as daemon:
            for client, server in pairs:
                exchange(client, server, 100000)
            daemon.wait(count=len(pairs), event="flow-picked-up")
            tap.ok(True, "connections older than the daemon are picked up")
            for client, server in pairs:
                client.close()
                server.close()
            lines = daemon.wait(count=len(pairs), event="flow-closed")
            tap.same({line["bytes"] for line in lines}, {"100000/100000"}, "their bytes since then are counted")
            tap.same([line["line"] for line in daemon.events(event="packet-dropped")], [], "and nothing is dropped")


def from_address(net, address, listener):
    """An open connection from one of the client's addresses."""
    sock = net.client.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(gw.GIVE_UP_S)
    sock.bind((address, 0))
    sock.connect(listener.getsockname())
    server, _ = listener.accept()
    server.settimeout(gw.GIVE_UP_S)
    return sock, server


def several_queues(tap):
    """Two queues, balanced by address pair, so many pairs: one worker each, one log, one reload, one summary."""
    addresses = ["10.9.1.%d" % last for last in range(10, 42)]
    with Folder() as folder, gw.Gateway(rules=("apply", "--queue", "0:1")) as net:
        config = folder.write("conf", "queue: { count = 2; };\n")
        for address in addresses:
            net.client.run("ip", "address", "add", address + "/24", "dev", "c0")
        with gw.Daemon(net, config=config) as daemon, net.server.listen(gw.SERVER[4]) as listener:
            pairs = [from_address(net, address, listener) for address in addresses]
            for _ in range(5):
                daemon.process.send_signal(signal.SIGHUP)
                for client, server in pairs:
                    exchange(client, server)
            for client, server in pairs:
                client.close()
                server.close()
            lines = daemon.wait(count=len(pairs), event="flow-closed")
            tap.same({(line["reason"], line["bytes"]) for line in lines}, {("fin", "5000/5000")},
                     "two queues: every connection from its first byte to its last, through reloads")
            table = net.router.output("cat", "/proc/net/netfilter/nfnetlink_queue")
            queues = [line.split() for line in table.splitlines()]
            tap.ok([row[0] for row in queues] == ["0", "1"] and all(int(row[7]) > 0 for row in queues),
                   "two queues: both had packets", queues)
            daemon.process.send_signal(signal.SIGUSR1)
            line = daemon.wait(event="summary")
            packets = str(sum(int(row[7]) for row in queues))
            tap.same((line["packets"], line["flows_new"], line["dropped"]), (packets, str(len(pairs)), "0"),
                     "two queues: the summary has both")
            tap.same(daemon.stop(), 0, "two queues: both workers stop")


def stop(tap):
    with gw.Gateway() as net:
        client, server = net.pair()
        with gw.Daemon(net) as daemon:
            exchange(client, server)
            with open("/proc/%d/status" % daemon.process.pid) as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            tap.same(set(status["Uid"].split()), {"65534"}, "it runs as the user of the configuration")
            tap.same(int(status["CapEff"], 16) | int(status["CapPrm"], 16), 1 << 12, "with CAP_NET_ADMIN alone")
            tap.same(daemon.stop(), 0, "SIGTERM: exit code 0")
            tap.same(daemon.lines[-1].get("event"), "stopping", "SIGTERM: the last line says so")
        tap.same(net.router.output("cat", "/proc/net/netfilter/nfnetlink_queue"), "", "the queue is given back")
        exchange(client, server)
        tap.ok(True, "connections go on without it")
        with gw.Daemon(net) as daemon:
            exchange(client, server)
            tap.ok(daemon.stop(signal.SIGINT) == 0, "SIGINT stops it as well; it can be started again")


def main():
    gw.require_root()
    tap = gw.Tap()
    for function in (reload, refusals, hanging_log, older_connections, several_queues, stop):
        tap.case(function)
    tap.end()


main()
