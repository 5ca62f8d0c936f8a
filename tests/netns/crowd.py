# SPDX-License-Identifier: GPL-2.0-or-later
"""
Many short connections of every kind, on a link that loses packets: a server that does what the client
asks for, and clients that ask at random.
"""
import random
import socket
import struct
import threading

import gateway as gw

ABORT = struct.pack("ii", 1, 0)  # struct linger: close sends a RST

# What the client asks for: who closes first and how.
WAYS = {b"s": "the server closes first",
        b"c": "the client closes first, the server streams half-closed",
        b"b": "both close at once",
        b"r": "the server resets",
        b"q": "the client resets amid the answer",
        b"u": "the client closes with data unread"}


def abort(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    sock.close()


class Server:
    """Answers on `address` until stop()."""

    def __init__(self, space, address):
        self.listener = space.listen(address)
        self.address = self.listener.getsockname()
        self.open = set()
        self.lock = threading.Lock()
        self.stopping = False
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        self.listener.settimeout(0.2)
        while not self.stopping:
            try:
                sock, _ = self.listener.accept()
            except TimeoutError:
                continue
            with self.lock:
                self.open.add(sock)
            threading.Thread(target=self._answer, args=(sock,), daemon=True).start()
        self.listener.close()

    def _answer(self, sock):
        sock.settimeout(gw.GIVE_UP_S)
        try:
            way = sock.recv(1)
            answer = b"a" * struct.unpack("!I", gw.read_exactly(sock, 4))[0]
            if way == b"c":
                gw.read_all(sock)
            sock.sendall(answer)
            if way == b"r":
                abort(sock)
            elif way in (b"q", b"u"):
                gw.read_all(sock)
        except (OSError, AssertionError):  # the client went, or stop() ended the wait for it
            pass
        with self.lock:
            self.open.discard(sock)
        sock.close()

    def stop(self):
        """Also ends connections whose other end has gone without our hearing of it."""
        self.stopping = True
        self.thread.join()
        with self.lock:
            for sock in self.open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def ask(space, address, way, size):
    """One connection."""
    with space.connect(address) as sock:
        sock.sendall(way + struct.pack("!I", size))
        if way == b"c":
            sock.shutdown(socket.SHUT_WR)
        if way in (b"s", b"c"):
            assert len(gw.read_all(sock)) == size, "the answer is short"
        elif way == b"q":
            sock.recv(1)
            abort(sock)
        elif way == b"u":
            sock.recv(1)


def storm(space, address, count, at_once, seed):
    """`count` connections, `at_once` at a time; what went wrong, as text."""
    wrong = []

    def client(number):
        choice = random.Random(seed + number)
        for _ in range(count // at_once):
            way = choice.choice(list(WAYS))
            try:
                ask(space, address, way, choice.randrange(1, 40000))
            except (OSError, AssertionError) as reason:
                wrong.append("%s: %r" % (WAYS[way], reason))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(at_once)]
    gw.run_together(threads)
    return wrong


def losing(space, share):
    """Drops this share of TCP packets arriving here, ahead of conntrack; gives the way to end it."""
    rule = ("PREROUTING", "-p", "tcp", "-m", "statistic", "--mode", "random", "--probability", str(share),
            "-j", "DROP")
    space.run("iptables", "-w", "-t", "raw", "-A", *rule)
    return lambda: space.run("iptables", "-w", "-t", "raw", "-D", *rule)
