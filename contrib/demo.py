# SPDX-License-Identifier: GPL-2.0-or-later
"""The acts of contrib/demo, which installs, builds and starts this: demo.py SCRATCH-DIRECTORY."""
import collections
import os
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["top_srcdir"], "tests", "netns"))
sys.path.insert(0, os.path.join(os.environ["top_srcdir"], "contrib"))
import gateway as gw  # noqa: E402  the paths above are needed first
from demo_capture import make_capture  # noqa: E402

REPLAY = os.path.join(gw.BUILD, "tcpwarden-replay")
RST_ON_CLOSE = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # struct linger: on, 0 s

PICTURE = """
     client ------------------ gateway ------------------ server
   10.9.1.2                 tcpwardend                  10.9.2.2
   fd09:1::2             on NFQUEUE 0 (FORWARD)         fd09:2::2
"""

NGINX = """
user root; daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/nginx.log;
events {{ }}
http {{
	access_log off; client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;
	uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
	server {{ listen 80; listen [::]:80; root {0}/www; }}
}}
"""


def show(text):
    """Prints in one piece, since the daemon's lines come from another thread."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def heading(title, what):
    show("\n== %s\n   %s" % (title, what))


class Narrator(gw.Daemon):
    """The daemon, each of its lines shown as it comes."""

    def arrived(self, line):
        show("   | " + line["line"])


def http(net, daemon, scratch):
    heading("HTTP", "curl fetches 300,000 bytes from nginx, over IPv4 and over IPv6.")
    os.mkdir(scratch + "/www")
    with open(scratch + "/www/file", "wb") as file:
        file.write(os.urandom(300000))
    with open(scratch + "/nginx.conf", "w") as file:
        file.write(NGINX.format(scratch))
    server = net.server.popen("nginx", "-p", scratch, "-e", scratch + "/nginx.log", "-c", scratch + "/nginx.conf")
    try:
        gw.wait_until(lambda: ":80 " in net.server.output("ss", "-Hltn"), "nginx")
        for host in (gw.SERVER[4], "[%s]" % gw.SERVER[6]):
            net.client.run("curl", "-sS", "-o", os.devnull, "http://%s/file" % host)
        daemon.wait(count=2, event="flow-closed", reason="fin")
    finally:
        server.terminate()
        server.wait(gw.GIVE_UP_S)


def half_closed(net, daemon):
    heading("A half-closed transfer", "The client ends its side at once; the server goes on sending 1,000,000 bytes.")
    client, server = net.pair()
    name = gw.endpoint(client.getsockname())
    client.sendall(b"all of it, please")
    client.shutdown(socket.SHUT_WR)
    gw.read_all(server)
    daemon.wait(event="flow-half-closed", client=name)
    writer = threading.Thread(target=lambda: (server.sendall(b"x" * 1000000), server.close()))
    writer.start()
    gw.read_all(client)
    writer.join()
    client.close()
    daemon.wait(event="flow-closed", client=name)


def refused(net, daemon):
    heading("A refused connection", "Nobody listens on port 9: the server answers the SYN with a RST.")
    try:
        net.client.connect((gw.SERVER[4], 9))
    except ConnectionRefusedError:
        pass
    daemon.wait(event="flow-reset")


def reset(net, daemon):
    heading("A reset", "The client tears an open connection down with a RST.")
    client, server = net.pair()
    with client, server:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_ON_CLOSE)
        name = gw.endpoint(client.getsockname())
        client.sendall(b"hello")
        server.recv(5)
        client.close()
        daemon.wait(event="flow-reset", client=name)


def asked(daemon, *words):
    """What tcpwardenctl answers, below the command."""
    show("\n   $ tcpwardenctl %s" % " ".join(words))
    for line in daemon.ctl(*words, json_lines=False)[1].splitlines():
        show(("   " + line).rstrip())


def forged(net, daemon, scratch):
    heading("A forged out-of-sequence ACK",
            "Somebody acknowledges, in the client's name, a million bytes that the server never sent.")
    sniffer = gw.Sniffer(net.client, "c0")
    capture = os.path.join(scratch, "forged.pcapng")
    recorder = net.router.popen("dumpcap", "-q", "-i", "r0", "-f", "tcp", "-w", capture, stderr=subprocess.PIPE,
                                text=True)
    gw.wait_until(lambda: recorder.stderr.readline().startswith("File:"), "dumpcap")
    client, server = net.pair()
    with client, server:
        client.sendall(b"hello")
        server.recv(5)
        seq, ack = sniffer.numbers(client.getsockname(), server.getsockname())
        gw.forge(net.client, client.getsockname(), server.getsockname(), seq, ack + 1000000)
        daemon.wait(event="packet-dropped", reason="ack-high")
        client.sendall(b"still here")
        server.recv(10)
        show("   The connection itself goes on unharmed.")
        name = gw.endpoint(client.getsockname())
        heading("Asked why", "The rule, what was allowed, what came, and the setting that would have passed it.")
        asked(daemon, "why", name, gw.endpoint(server.getsockname()))
        heading("Asked how it is", "Connections by phase, the queue, the time a verdict takes.")
        asked(daemon, "status")
        show("")
        client.close()
        gw.read_all(server)
    daemon.wait(event="flow-closed", client=name)
    heading("The same connection, drawn", "tcpwarden-replay --ladder, from a capture of it on the gateway.")
    try:
        ladder(capture)
    finally:
        recorder.terminate()
        recorder.communicate()


def ladder(capture):
    """Once the end of the connection is in the capture."""
    drawn = []

    def whole():
        drawn[:] = subprocess.run((REPLAY, "--ladder", capture), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True, check=False).stdout.splitlines()
        return any("TIME-WAIT: " in line for line in drawn)

    gw.wait_until(whole, "the end of the connection in the capture")
    for line in drawn:
        show(("   " + line).rstrip())


def bulk(net, daemon):
    heading("iperf3", "As much as the gateway takes, for two seconds.")
    server = net.server.popen("iperf3", "-s", "-1", "--forceflush", stdout=subprocess.PIPE, text=True)
    gw.wait_until(lambda: "listening" in server.stdout.readline(), "iperf3")
    done = net.client.output("iperf3", "-f", "g", "-t", "2", "-c", gw.SERVER[4])
    server.stdout.close()
    server.wait(gw.GIVE_UP_S)
    for line in done.splitlines():
        if "receiver" in line:
            show("   " + line)


def summary(daemon):
    show("\n== What was seen")
    events = collections.Counter(line["event"] for line in daemon.lines if "event" in line)
    drops = collections.Counter()
    for line in daemon.events(event="packet-dropped"):
        drops[line["reason"]] += 1 + int(line["suppressed"])
    ends = collections.Counter(line["reason"] for line in daemon.events(event="flow-closed"))
    for title, counts in (("events", events), ("drops by reason", drops), ("how connections ended", ends)):
        show("   %s" % title)
        for word, count in counts.most_common():
            show("   %8d  %s" % (count, word))


def live(scratch):
    """Real traffic through the daemon."""
    show(PICTURE)
    with gw.Gateway() as net:
        with Narrator(net) as daemon:
            http(net, daemon, scratch)
            half_closed(net, daemon)
            refused(net, daemon)
            reset(net, daemon)
            forged(net, daemon, scratch)
            bulk(net, daemon)
            heading("The end", "Closed connections leave the table; those that were reset linger ten seconds.")
            daemon.wait(count=len(daemon.events(event="flow-new")), event="flow-closed")
            daemon.stop()
            summary(daemon)


def replayed(scratch, why):
    """The same story from a capture, where the gateway cannot be made."""
    show("\n%s\nSo here is a capture with the same acts instead, through the same engine.\n" % why)
    capture = os.path.join(scratch, "demo.pcap")
    make_capture(capture)
    for words, what in ((["--packets"], "Every segment, its phase and its verdict"),
                        (["--events"], "The log the daemon would have written"),
                        (["--ladder"], "Each connection, drawn"), ([], "Summary")):
        heading(what, "tcpwarden-replay %s" % " ".join([*words, "demo.pcap"]))
        subprocess.run([REPLAY, *words, capture], check=True)


def obstacle():
    """Why the live demonstration cannot be: a sentence, or None."""
    if os.geteuid() != 0:
        return "Network namespaces and NFQUEUE need root, and this is not root."
    try:
        with gw.Gateway() as net, gw.Daemon(net):
            return None
    except subprocess.CalledProcessError as reason:
        return "This machine cannot make the gateway: `%s` failed." % " ".join(reason.cmd)
    except (AssertionError, OSError) as reason:
        return "tcpwardend cannot use an NFQUEUE here: %s" % reason


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    scratch = sys.argv[1]
    why = obstacle()
    if why:
        replayed(scratch, why)
    else:
        live(scratch)


main()
