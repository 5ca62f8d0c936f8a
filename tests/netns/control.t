#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
The control socket of a live daemon: every verb with a few flows, who may ask, and clients that mean harm while traffic
flows.
"""
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile

import gateway as gw

READER = 12345  # a group without a name


def talk(pair, size=1000):
    client, server = pair
    client.sendall(b"q" * size)
    gw.read_exactly(server, size)
    server.sendall(b"a" * size)
    gw.read_exactly(client, size)


def text_of(daemon, *words):
    return daemon.ctl(*words, json_lines=False)[1]


def flows(tap):
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        pairs = [net.pair() for _ in range(4)] + [net.pair(6)]
        for number, pair in enumerate(pairs):
            talk(pair, 1000 * (number + 1))
        client, server = (sock.getsockname()[:2] for sock in pairs[2])

        code, lines = daemon.ctl("flows")
        tap.same((code, len(lines), {line["phase"] for line in lines}), (0, 5, {"ESTABLISHED"}),
                 "flows: one line a flow")
        tap.same(daemon.ctl("flows", "--count"), (0, [{"count": 5}]), "flows --count")
        code, lines = daemon.ctl("flows", "client=%s:%d" % client, "server=10.9.2.0/24", "port=%d" % server[1],
                                 "phase=ESTABLISHED", "idle>=0")
        tap.same((code, [line["client_port"] for line in lines]), (0, [client[1]]), "flows: filters hold together")
        flow = lines[0]["flow"]
        tap.same(flow, daemon.wait(event="flow-new", client="%s:%d" % client)["flow"], "flows: the id of the log")
        tap.same([line["client_bytes"] for line in daemon.ctl("flows", "--sort=bytes")[1]],
                 [5000, 4000, 3000, 2000, 1000], "flows --sort=bytes")
        tap.same(daemon.ctl("flows", "port=9")[0], 1, "flows: nothing found is exit 1")
        code, lines = daemon.ctl("flows", "port=http")
        tap.ok(code == 1 and "port" in lines[0]["error"], "flows: a filter that is none is refused", lines)
        table = text_of(daemon, "flows", "flow=" + flow).splitlines()
        tap.ok(len(table) == 2 and table[0].startswith("flow") and flow in table[1] and "ESTABLISHED" in table[1],
               "flows: as a table", table)

        status = daemon.ctl("status")[1][0]
        tap.same((status["flows"], status["phases"]["ESTABLISHED"], status["half_open"], status["mode"]),
                 (5, 5, 0, "enforce"), "status: flows by phase")
        queue = status["queues"][0]
        tap.ok(queue["kernel_dropped"] == 0 and queue["user_dropped"] == 0 and queue["receive_buffer"] > 0 and
               status["verdict_p99_us"] >= status["verdict_p50_us"] > 0, "status: queue and latency", status)
        tap.ok(text_of(daemon, "status").startswith("tcpwardend "), "status: as text")

        for verb in "kill", "watch":
            tap.same(daemon.ctl(verb, "flow=" + flow, "--limit=1")[0], 1, verb + " has no options, and does nothing")
        tap.same(daemon.ctl("kill", "flow=" + flow), (0, [{"count": 1}]), "kill forgets one flow")
        tap.same(daemon.wait(event="flow-closed", flow=flow)["reason"], "flushed", "kill: its end record says so")
        tap.same(daemon.ctl("kill", "flow=" + flow)[0], 1, "kill: nothing found is exit 1")
        talk(pairs[2])
        daemon.wait(event="flow-picked-up")
        tap.ok(True, "kill: what comes next is judged as unknown")
        tap.same(daemon.ctl("flush"), (0, [{"count": 5}]), "flush forgets all")
        tap.same(daemon.ctl("flows", "--count"), (0, [{"count": 0}]), "flush: none is left")
        tap.same((daemon.stop(), os.path.exists(daemon.socket)), (0, False), "the socket goes with the daemon")


def conf_value(value):
    """A value of JSON as the configuration has it."""
    text = json.dumps(value)
    return "(" + text[1:-1] + ")" if isinstance(value, list) else text


def settings(tap):
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net:
        os.chmod(folder, 0o755)
        config = os.path.join(folder, "conf")
        with open(config, "w", encoding="ascii") as file:
            file.write('tracking: { timeouts: { syn_sent = "90s"; }; };\nsyn_flood: { allow = ("10.0.0.0/8"); };\n'
                       'services = ( { name = "web"; ports = (80, "8000-8099");\n  source_rate = "10/s"; } );\n')
        with gw.Daemon(net, 'services=( { name = "new"; mode = "monitor"; } )', config=config) as daemon:
            lines = [line for line in daemon.ctl("config", "--origin")[1] if line["option"].startswith("services.")]
            tap.same([(line["option"], line["value"], line["origin"]) for line in lines],
                     [("services.new.addresses", [], "command line"), ("services.new.ports", [], "command line"),
                      ("services.new.reserve", 0, "command line"), ("services.new.mode", "monitor", "command line")],
                     "config --origin: services of --set in place of those of the file")
            tap.same(daemon.ctl("reload")[0], 0, "reload: with services of --set")
            lines = [line["option"] for line in daemon.ctl("config")[1] if line["option"].startswith("services.")]
            tap.same(lines[-1:], ["services.new.mode"], "reload: they stay")
        with gw.Daemon(net, config=config) as daemon:
            lines = {line["option"]: line for line in daemon.ctl("config", "--origin")[1]}
            tap.same([lines[path]["value"]
                      for path in ("tracking.timeouts.syn_sent", "policy.mode", "syn_flood.allow")],
                     [90, "enforce", ["10.0.0.0/8"]], "config: values in effect")
            tap.same([lines[path]["origin"] for path in ("tracking.timeouts.syn_sent", "policy.mode", "user")],
                     ["file", "default", "command line"], "config --origin: where each comes from")
            tap.same([(lines[path]["value"], lines[path]["line"]) for path in
                      ("tracking.timeouts.syn_sent", "services.web.ports", "services.web.source_rate")],
                     [(90, 1), ([80, "8000-8099"], 3), (10, 4)],
                     "config --origin: in which line, of services too")
            tap.same([path for path in lines if path.startswith("services.")],
                     ["services.web." + key for key in ("addresses", "ports", "reserve", "source_rate")],
                     "config: of a service what it sets itself")
            tap.ok(re.search(r"^services\.web\.source_rate += 10 +# %s:4; allowed 0\.\.1000000 per second; default 0$" %
                             re.escape(config), text_of(daemon, "config", "--origin"), re.M),
                   "config --origin: as text")
            text = text_of(daemon, "config").splitlines()
            tap.ok({"tracking.timeouts.syn_sent = 90", 'policy.mode = "enforce"', "queue.fail_open = false",
                    'services.web.ports = (80, "8000-8099")'} <= set(text), "config: as text", text)
            tap.same([(lines[path]["value"], lines[path]["default"]) for path in
                      ("queue.fail_open", "log.events", "services.web.ports", "services.web.source_rate")],
                     [(False, False), (["all"], ["all"]), ([80, "8000-8099"], []), (10, 0)],
                     "config: numbers, lists, true and false are those of JSON")

            tap.same(daemon.ctl("mode", "monitor")[0], 0, "mode monitor")
            tap.same(daemon.ctl("status")[1][0]["mode"], "monitor", "mode: it is in effect")
            lines = {line["option"]: line for line in daemon.ctl("config", "--origin")[1]}
            tap.same(lines["policy.mode"]["origin"], "tcpwardenctl", "mode: config --origin knows")
            tap.same(daemon.ctl("mode", "sometimes")[0], 1, "mode: what is none is refused")
            tap.same(daemon.ctl("mode", json_lines=False)[0], 2, "mode: nothing is a usage error")
            tap.same(daemon.ctl("log", "level", "err")[0], 0, "log level")
            tap.same(daemon.ctl("log", "level", "loud")[0], 1, "log level: what is none is refused")
            tap.same(daemon.ctl("log", "reopen")[0], 0, "log reopen")

            with open(config, "a", encoding="ascii") as file:
                file.write("queue: { length = 4096; };\n")
            tap.same(daemon.ctl("reload"), (0, [{"restart_needed": "queue.length"}]),
                     "reload names what wants a restart")
            tap.same(daemon.ctl("status")[1][0]["mode"], "enforce", "reload: what was switched is as the file says")
            with open(config, "a", encoding="ascii") as file:
                file.write("nonsense = 1;\n")
            code, lines = daemon.ctl("reload")
            tap.ok(code == 1 and "conf:6: nonsense" in lines[0]["error"], "reload: errors are told", lines)

            many = [line for line in daemon.ctl("config", "--origin")[1] if line["option"].startswith("syn_flood.") and
                    line["change"] == "reload" and not line["option"].endswith(("start_percent", "ban_file"))]
            keys = " ".join("%s = %s;" % (line["option"].split(".")[1], conf_value(line["value"])) for line in many)
            with open(config, "w", encoding="ascii") as file:
                file.write("services = ( %s );" % ", ".join('{ name = "s%d"; %s }' % (i, keys) for i in range(63)))
            tap.same(daemon.ctl("reload")[0], 0, "reload: as many services as there may be")
            lines = [line for line in daemon.ctl("config", "--origin")[1] if line["option"].startswith("services.")]
            tap.same(len(lines), 63 * (3 + len(many)), "config --origin: more than fits in one buffer")


def one_flow(tap):
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        pair = net.pair()
        talk(pair, 3000)
        flow = daemon.wait(event="flow-new")["flow"]
        detail = daemon.ctl("flow", flow)[1][0]
        tap.same((detail["phase"], detail["assured"], detail["picked_up"], detail["shadow_syn"], detail["service"]),
                 ("ESTABLISHED", True, False, False, None), "flow: its state")
        tap.ok(431000 < detail["timer_left_s"] <= 432000 and detail["in_phase_s"] >= 0, "flow: its timer", detail)
        client, server = detail["client_end"], detail["server_end"]
        tap.same(((client["sent"] - client["isn"]) % 2**32, (server["acked"] - server["isn"]) % 2**32,
                  client["state"], client["mss"]), (3001, 3001, "OPEN", 1460), "flow: both ends' numbers")
        tap.ok((client["limit"] - client["sent"]) % 2**32 < 2**30 and client["window"] > 0, "flow: windows", client)
        tap.same(detail["last_remarks"], [], "flow: nothing remarked")
        gw.forge(net.client, pair[0].getsockname(), pair[1].getsockname(), (client["sent"] + 50) % 2**32, 0, flags=4)
        gw.wait_until(lambda: "rst-inexact" in
                      [remark["reason"] for remark in daemon.ctl("flow", flow)[1][0]["last_remarks"]],
                      "the remark about an inexact RST")
        text = text_of(daemon, "flow", flow)
        tap.ok("rst-inexact, " in text, "flow: its last remarks", text)
        tap.ok("timer_left_s" in text and "contiguous" in text, "flow: as text", text)
        tap.same([daemon.ctl("flow", word)[0] for word in ("aaaaaaaaaaaab", "nonsense")], [1, 1],
                 "flow: none is exit 1")
        tap.ok("tcpwarden_packets_total" in text_of(daemon, "metrics"), "metrics: Prometheus text")


def watching(tap):
    """Events as they happen, past log.events and log.level."""
    with gw.Gateway() as net, gw.Daemon(net, "log.events=(\"started\")") as daemon:
        words = [gw.CONTROL, "-s", daemon.socket, "--json", "watch"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as everything, \
                subprocess.Popen(words + ["reason=fin"], stdout=subprocess.PIPE, text=True) as ends:
            seen = []

            def both_see():  # a connection more, until both watchers have begun
                pair = net.pair()
                talk(pair)
                for sock in pair:
                    sock.close()
                return len(select.select([everything.stdout, ends.stdout], [], [], 0.2)[0]) == 2
            gw.wait_until(both_see, "what watchers see")
            while not seen or seen[-1]["event"] != "flow-closed":
                seen.append(json.loads(everything.stdout.readline()))
            kinds = {line["event"] for line in seen}
            tap.ok(kinds >= {"flow-fin", "flow-time-wait", "flow-closed"}, "watch: every event", kinds)
            tap.same(len(daemon.events(event="flow-closed")), 0, "watch: those too that the log leaves out")
            line = json.loads(ends.stdout.readline())
            tap.same((line["event"], line["reason"]), ("flow-closed", "fin"), "watch: a filter chooses")
            for process in (everything, ends):
                process.terminate()
        tap.same(daemon.ctl("status")[0], 0, "watch: watchers go, the daemon stays")


def bans(tap):
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        listener = net.server.listen(gw.SERVER[4])
        pair = net.pair(listener=listener)
        talk(pair)
        tap.same(daemon.ctl("ban", "10.9.1.0/24", "1h")[1][0]["ban"], "10.9.1.0/24", "ban: a prefix")
        line = daemon.wait(event="source-banned")
        tap.same((line["source"], line["seconds"]), ("10.9.1.0/24", "3600"), "ban: the log says so")
        lines = [line for line in daemon.ctl("limits")[1] if "ban" in line]
        tap.ok(len(lines) == 1 and lines[0]["cause"] == "operator" and 3500 < lines[0]["left_s"] <= 3600,
               "limits: the ban", lines)
        with net.client.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
            gw.wait_until(lambda: daemon.events(event="packet-dropped", reason="source-banned"), "a dropped SYN")
            tap.ok(True, "ban: new connections are dropped")
        talk(pair)
        tap.ok(True, "ban: those that are there go on")
        tap.same(daemon.ctl("recheck"), (0, [{"count": 1}]), "recheck forgets them")
        tap.same(daemon.ctl("flows", "--count")[1], [{"count": 0}], "recheck: none is left")
        tap.same(daemon.ctl("unban", "10.9.1.0/25")[0], 1, "unban: another prefix is none")
        tap.same(daemon.ctl("unban", "10.9.1.0/24")[0], 0, "unban: this one is")
        pair = net.pair(listener=listener)
        talk(pair)
        tap.ok(True, "unban: new connections pass")
        tap.same([daemon.ctl("ban", *words)[0] for words in (("x",), ("10.9.1.7/24",), ("10.0.0.1", "soon"),
                                                            ("10.0.0.1", "0"))], [1] * 4, "ban: nonsense is refused")
        names = {line["limit"] for line in daemon.ctl("limits")[1] if "limit" in line}
        tap.ok({"half-open-total", "syn-rate-source", "source-banned"} <= names, "limits: each with its setting", names)
        listener.close()


def log_file(tap):
    """A rotation: the log is moved away and opened again."""
    with tempfile.TemporaryDirectory() as folder, gw.Gateway() as net:
        os.chmod(folder, 0o777)
        path = os.path.join(folder, "log")
        with gw.Daemon(net, target="file:" + path) as daemon:
            gw.wait_until(lambda: daemon.ctl("status")[0] == 0, "the daemon")
            os.rename(path, path + ".1")
            tap.same(daemon.ctl("log", "reopen")[0], 0, "log reopen after a rotation")
            gw.wait_until(lambda: os.path.exists(path), "the new file")
            net.pair()
            gw.wait_until(lambda: "flow-established" in open(path, encoding="ascii").read(), "lines in the new file")
            tap.ok(True, "log reopen: lines go to the new file")
            os.rename(path, path + ".2")
            os.mkdir(path)
            code, lines = daemon.ctl("log", "reopen")
            tap.ok(code == 1 and "cannot open %s" % path in lines[0]["error"], "log reopen: no file there is told",
                   lines)
            net.pair()
            gw.wait_until(lambda: open(path + ".2", encoding="ascii").read().count("flow-established") == 2,
                          "lines in the old file")
            tap.ok(True, "log reopen: the old file stays where there is no other")


def who_may(tap):
    """Root may change, members of the group read, others nothing; what the socket's mode lets in is asked again."""
    with gw.Gateway() as net, gw.Daemon(net, "control.group=nogroup") as daemon:
        nogroup = str(os.stat(daemon.socket).st_gid)

        def ctl_as(user, group, *words):
            done = subprocess.run(["setpriv", "--reuid", str(user), "--regid", group, "--clear-groups",
                                   gw.CONTROL, "-s", daemon.socket, *words],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
            return done.returncode, done.stdout
        tap.same(oct(os.stat(daemon.socket).st_mode & 0o777), "0o660", "the socket is for its group alone")
        tap.same(ctl_as(READER, nogroup, "status")[0], 0, "a member of the group may read")
        code, text = ctl_as(READER, nogroup, "flush")
        tap.ok(code == 1 and "only root" in text, "and may not change", text)
        tap.same(ctl_as(READER, str(READER), "status")[0], 3, "others are not let in")
        os.chmod(daemon.socket, 0o666)
        tap.ok(ctl_as(READER, str(READER), "status")[0] in (1, 3),
               "nor where the file lets them: the kernel says who they are")
        tap.same(ctl_as(65534, str(READER), "flush")[0], 0, "the daemon's own user may change")
    done = subprocess.run([gw.CONTROL, "-s", "/nowhere/sock", "--json", "status"], stdout=subprocess.PIPE,
                          check=False, text=True)
    tap.same((done.returncode, list(json.loads(done.stdout))), (3, ["error"]), "no daemon is exit 3")


def at_start(tap):
    with gw.Gateway() as net, gw.Daemon(net):
        with gw.Daemon(net, "queue.number=1", "control.socket=/nowhere/at/all/sock", ready=False) as second:
            tap.ok(second.process.wait(gw.GIVE_UP_S) == 3 and "/nowhere/at/all/sock" in second.complaint(),
                   "a socket that was asked for and cannot be made ends the start", second.complaint())
        with gw.Daemon(net, "queue.number=1", "control.group=no-such-group") as fourth:
            tap.ok("no-such-group" in fourth.complaint() and fourth.ctl("status")[0] == 0,
                   "a group that is none is told", fourth.complaint())
        with gw.Daemon(net, "queue.number=1", "control.socket=") as third:
            tap.ok(not os.path.exists(third.socket), "none where none is wanted")
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        with gw.Daemon(net, "queue.number=1", "control.socket=" + daemon.socket, ready=False) as second:
            tap.ok(second.process.wait(gw.GIVE_UP_S) == 3 and "another tcpwardend" in second.complaint(),
                   "one that another daemon listens on is not taken away", second.complaint())
        tap.same(daemon.ctl("status")[0], 0, "and that one answers on")
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
        with gw.Daemon(net, "control.socket=" + daemon.socket) as heir:
            heir.socket = daemon.socket
            tap.same(heir.ctl("status")[0], 0, "what a daemon that died left behind is taken over")


class Stopped:
    """One thread of a process stands still while this is entered."""

    SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000

    def __init__(self, thread):
        self.thread = thread

    def ptrace(self, request):
        if gw.LIBC.ptrace(request, self.thread, None, None) < 0:
            raise OSError("ptrace %#x" % request)

    def __enter__(self):
        self.ptrace(self.SEIZE)
        self.ptrace(self.INTERRUPT)
        os.waitpid(self.thread, self.WALL)
        return self

    def __exit__(self, *_):
        self.ptrace(self.DETACH)


def silent(tap):
    """A worker that does not answer is told of at the end of what the others know."""
    with gw.Gateway() as net, gw.Daemon(net, "queue.count=2") as daemon:
        pair = net.pair()
        daemon.wait(event="flow-established")
        workers = sorted(int(name) for name in os.listdir("/proc/%d/task" % daemon.process.pid))
        with Stopped(workers[-1]):
            code, lines = daemon.ctl("flows")
            tap.ok(code == 1 and len(lines) == 2 and "flow" in lines[0] and
                   "1 of 2 workers" in lines[1].get("error", ""),
                   "a worker that stands still: the list ends with an error", lines)
            code, lines = daemon.ctl("flows", "--count")
            tap.ok(code == 1 and lines[0] == {"count": 1} and "error" in lines[1], "so does a count", lines)
            for words in (("flow", "baaaaaaaaaaaa"), ("why", gw.CLIENT[4], gw.SERVER[4]), ("drops",)):
                code, lines = daemon.ctl(*words)
                tap.ok(code == 1 and "workers did not answer" in lines[-1].get("error", ""), "so does " + words[0],
                       lines)
        gw.wait_until(lambda: daemon.ctl("flows")[0] == 0, "a whole list")
        talk(pair)
        tap.ok(True, "when it goes on the list is whole")


CROWD = """
import socket, sys
socks = [socket.socket(socket.AF_UNIX) for _ in range(60)]
for sock in socks:
    sock.connect(sys.argv[1])
    sock.sendall(b'{"verb":"watch"}\\n')
print(len(socks), flush=True)
sys.stdin.read()
"""


def many_of_one(tap):
    """A reader who takes all places takes none of those that others have."""
    with gw.Gateway() as net, gw.Daemon(net, "control.group=nogroup") as daemon:
        group = str(os.stat(daemon.socket).st_gid)
        with subprocess.Popen([gw.CONTROL, "-s", daemon.socket, "--json", "watch"], stdout=subprocess.PIPE) as watch:

            def watches():
                for sock in net.pair():
                    sock.close()
                return select.select([watch.stdout], [], [], 0.2)[0]
            gw.wait_until(watches, "an event for the watcher")
            os.set_blocking(watch.stdout.fileno(), False)
            words = ["setpriv", "--reuid", str(READER), "--regid", group, "--clear-groups", sys.executable, "-c", CROWD]
            with subprocess.Popen([*words, daemon.socket], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as crowd:
                tap.same(crowd.stdout.readline(), b"60\n", "a reader connects 60 times")
                tap.same(daemon.ctl("status")[0], 0, "root is answered beside them")
                watch.stdout.read()
                gw.wait_until(watches, "an event after them")
                tap.same(watch.poll(), None, "and root's watch goes on")
                crowd.stdin.close()
            watch.terminate()


def many_requests(tap):
    """10,000 requests on one connection, each read before the next."""
    with gw.Gateway() as net, gw.Daemon(net) as daemon:
        pair = net.pair()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(gw.GIVE_UP_S)
            sock.connect(daemon.socket)
            lines, good = sock.makefile(), 0
            for _ in range(10000):
                sock.sendall(b'{"verb":"flows","args":["--count"]}\n')
                good += (lines.readline(), lines.readline()) == ('{"count":1}\n', '{"done":true}\n')
            lines.close()
        tap.same(good, 10000, "10,000 requests in a row, all answered")
        talk(pair)


def hostile(tap):
    """Half a line, megabytes, a reader that never reads, a crowd: connections and other clients notice nothing."""
    with gw.Gateway() as net, gw.Daemon(net, "log.events=(\"flow-closed\")", "log.level=notice", ready=False) as daemon:
        gw.wait_until(lambda: daemon.ctl("status")[0] == 0, "the daemon")
        pair = net.pair()

        def client(data=b""):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(gw.GIVE_UP_S)

            def connected():
                try:
                    sock.connect(daemon.socket)
                    return True
                except BlockingIOError:  # so many wait to be let in
                    return False
            gw.wait_until(connected, "a place in the queue of the socket")
            try:
                sock.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return sock

        with net.server.listen(gw.SERVER[4]) as listener:
            crowd = [net.pair(listener=listener) for _ in range(1000)]
        bad = [client(b'{"verb":'), client(b"x" * (4 << 20)), client(b"\0\xff\n" * 100), client(b"[" * 8000 + b"\n")]
        bad += [client(b'{"verb":"flows"}\n' * 400) for _ in range(4)]  # asks and asks, and never reads
        bad += [client() for _ in range(40)]
        talk(pair, 100000)
        code, lines = daemon.ctl("status")
        tap.same((code, lines[0]["flows"]), (0, 1001), "clients that mean harm: others are answered")
        seen = len(daemon.ctl("flows", "--sort=bytes")[1])
        tap.same(seen, 1001, "and get long lists whole")
        talk(pair, 100000)
        with open("/proc/%d/status" % daemon.process.pid, encoding="ascii") as file:
            before = int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
        bad += [client(b'{"verb":"flows"}\n' * 400) for _ in range(100)]
        talk(pair, 100000)
        with open("/proc/%d/status" % daemon.process.pid, encoding="ascii") as file:
            after = int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
        tap.ok(after - before < 16 << 10, "their buffers are bounded", "%d KiB, %d KiB" % (before, after))
        tap.same(daemon.stop(), 0, "and the daemon stops cleanly among them")
        for sock in bad:
            sock.close()
        for sock in (sock for pair in crowd for sock in pair):
            sock.close()


def main():
    gw.require_root()
    tap = gw.Tap()
    for function in (flows, settings, one_flow, watching, bans, log_file, who_may, at_start, silent, many_of_one,
                     many_requests, hostile):
        tap.case(function)
    tap.end()


main()
