# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An LMTP server that takes a second for each message.

Argument: a port. Prints "listening", and at the end of its standard input how many messages it took and how many of
them at once.
"""

from __future__ import annotations

import socketserver
import sys
import threading
import time

SECONDS = 1.0
REPLIES = {b"LHLO": b"250 slow", b"QUIT": b"221 bye", b"DATA": b"354 go"}


class Count:
    """How many messages came, how many are here, how many were here at most."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.taken = self.here = self.most = 0

    def __enter__(self) -> None:
        with self.lock:
            self.here += 1
            self.most = max(self.most, self.here)

    def __exit__(self, *_error: object) -> None:
        with self.lock:
            self.here -= 1
            self.taken += 1


COUNT = Count()


class Session(socketserver.StreamRequestHandler):
    """One connection; a message has one recipient."""

    def handle(self) -> None:
        self.wfile.write(b"220 slow\r\n")
        while line := self.rfile.readline():
            command = line[:4].upper()
            self.wfile.write(REPLIES.get(command, b"250 ok") + b"\r\n")
            if command == b"DATA":
                self.take_message()
            if command == b"QUIT":
                return

    def take_message(self) -> None:
        while self.rfile.readline() not in (b".\r\n", b""):
            pass
        with COUNT:
            time.sleep(SECONDS)
        self.wfile.write(b"250 taken\r\n")


class Server(socketserver.ThreadingTCPServer):
    """Every connection has a thread of its own, and none of them is waited for."""

    allow_reuse_address = True
    daemon_threads = True


with Server(("", int(sys.argv[1])), Session) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()
    print(COUNT.taken, COUNT.most)
    server.shutdown()
