# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A milter that adds the header X-Milter and refuses recipients that begin with "milter-".

It says nothing to recipients that begin with "mute-" and to the header X-Mute.
Argument: a port. Prints "listening", and ends at the end of its standard input.
"""

from __future__ import annotations

import socketserver
import struct
import sys
import threading

VERSION, ADDS_HEADERS, SKIPS_NOTHING = 6, 1, 0
CONTINUE, REFUSE = b"c", b"r"
# Macros, abort and "quit, but stay connected" get no answer.
SILENT = (b"D", b"A", b"K")


class Session(socketserver.StreamRequestHandler):
    """One connection of Postfix; a packet is its length, a letter and a text."""

    def handle(self) -> None:
        while head := self.rfile.read(4):
            packet = self.rfile.read(struct.unpack("!I", head)[0])
            if packet[:1] == b"Q":
                return
            for answer in answers(packet[:1], packet[1:]):
                self.wfile.write(struct.pack("!I", len(answer)) + answer)


def is_mute(command: bytes, text: bytes) -> bool:
    """Whether the milter says nothing although Postfix waits for it."""
    return (command == b"R" and text.startswith(b"<mute-")) or (command == b"L" and text.startswith(b"X-Mute\0"))


def answers(command: bytes, text: bytes) -> list[bytes]:
    """What the milter says to one packet."""
    if is_mute(command, text):
        return []
    if command == b"O":
        return [b"O" + struct.pack("!III", VERSION, ADDS_HEADERS, SKIPS_NOTHING)]
    if command == b"R" and text.startswith(b"<milter-"):
        return [REFUSE]
    if command == b"E":
        return [b"hX-Milter\0seen\0", CONTINUE]
    return [] if command in SILENT else [CONTINUE]


class Server(socketserver.ThreadingTCPServer):
    """Every connection has a thread of its own, and none of them is waited for."""

    allow_reuse_address = True
    daemon_threads = True


with Server(("", int(sys.argv[1])), Session) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()
    server.shutdown()
