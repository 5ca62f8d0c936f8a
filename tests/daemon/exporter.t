#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpwardenctl exporter on a socket of ours: what HTTP clients get of a daemon that answers, hangs, or is not there."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests", "tap"))
from tap import finish, ok

PROGRAM = os.path.join(os.environ.get("top_builddir", "."), "tcpwardenctl")
TEXT = "# HELP tcpwarden_flows_max x\n# TYPE tcpwarden_flows_max gauge\ntcpwarden_flows_max 7\n"


DRIP, ENDLESS = (b" ", 1), (b"x" * 65536, 0)  # what is sent again and again, and the pause, s


class FakeDaemon:
    """Answers each request with TEXT; mute: takes it and says nothing; stream: sends that until the client goes."""

    def __init__(self, path):
        self.asked, self.mute, self.stream, self.held = [], False, None, []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            if self.mute:
                self.held.append(client)
                continue
            self.asked.append(json.loads(client.makefile().readline()))
            if self.stream:
                self.pour(client, *self.stream)
                continue
            client.sendall(('{"text":%s}\n{"done":true}\n' % json.dumps(TEXT)).encode())
            client.close()

    @staticmethod
    def pour(client, data, pause):
        try:
            while True:
                client.sendall(data)
                time.sleep(pause)
        except OSError:
            client.close()


def fetch(port, path, method="GET", data=None):
    request = urllib.request.Request("http://127.0.0.1:%d%s" % (port, path), method=method, data=data)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Content-Type"], answer.read().decode()


def start(path, *words):
    return subprocess.Popen([PROGRAM, "-s", path, "exporter", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def refuses():
    for words in (["--listen", "127.0.0.1"], ["--listen", "somewhere:80"], ["--listen=::1:9798"], ["127.0.0.1:80"],
                  ["--listen"], []):
        process = start("/nonexistent", *words)
        error = process.communicate()[1]
        ok(process.returncode == 2 and error.count("\n") == 1, "usage error, exit 2: exporter %s" % " ".join(words),
           (process.returncode, error))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("/nonexistent", "--listen", "127.0.0.1:%d" % taken.getsockname()[1])
        error = process.communicate()[1]
        ok(process.returncode == 3 and "cannot listen" in error, "a port in use: exit 3", (process.returncode, error))


def serves(folder):
    path = os.path.join(folder, "control.sock")
    process = start(path, "--listen", "127.0.0.1:0")
    line = process.stdout.readline()
    ok(line.startswith("listening on port "), "tells its port", line or process.stderr.read())
    port = int(line.split()[-1])
    status, _, text = fetch(port, "/metrics")
    ok(status == 503 and "does not answer" in text, "no daemon: 503", (status, text))
    daemon = FakeDaemon(path)
    answer = fetch(port, "/metrics")
    ok(answer == (200, "text/plain; version=0.0.4; charset=utf-8", TEXT), "the text, as Prometheus wants it", answer)
    ok(daemon.asked == [{"verb": "metrics", "args": []}], "the daemon is asked once, for metrics", daemon.asked)
    answer = fetch(port, "/metrics", "HEAD")
    ok(answer[0] == 200 and answer[2] == "", "HEAD: the same without it", answer)
    ok(fetch(port, "/")[0] == 200 and fetch(port, "/etc/passwd")[0] == 404, "nothing else is there")
    answer = fetch(port, "/metrics", "POST", b"x" * 100000)
    ok(answer[0] == 405, "POST: 405", answer)
    asked = len(daemon.asked)
    ok(asked == 2, "neither asks the daemon", asked)
    daemon.mute = True
    answer = fetch(port, "/metrics")
    ok(answer[0] == 503, "a daemon that hangs: 503 after a while", answer)
    daemon.mute = False
    ok(fetch(port, "/metrics")[0] == 200, "and 200 when it goes on")
    for daemon.stream, what in ((DRIP, "says a word now and then"), (ENDLESS, "never ends its line")):
        answer = fetch(port, "/metrics")
        ok(answer[0] == 503, "a daemon that %s: 503" % what, answer)
    daemon.stream = None
    ok(fetch(port, "/metrics")[0] == 200, "and 200 when it answers")
    daemon.socket.shutdown(socket.SHUT_RDWR)
    daemon.socket.close()
    os.unlink(path)
    with socket.socket(socket.AF_UNIX) as door, socket.socket(socket.AF_UNIX) as waiting:
        door.bind(path)
        door.listen(0)
        waiting.connect(path)
        answer = fetch(port, "/metrics")
        ok(answer[0] == 503, "a daemon that lets nobody in: 503 after a while", answer)
    process.send_signal(signal.SIGTERM)
    ok(process.wait(30) == 0, "SIGTERM: exit 0", process.returncode)


refuses()
with tempfile.TemporaryDirectory() as scratch:
    serves(scratch)
sys.exit(finish())
