# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speak SMTP byte by byte, in many sessions side by side. Argument: a JSON list of server, client, early and pieces.

Prints a JSON list: for each session the seconds until the greeting, and the replies as [code, text]. early is sent
before the greeting; after each piece one reply is awaited for every line end in it. A server that hangs up ends the
session.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

TIMEOUT = 30


def read_reply(stream) -> tuple[int, str]:
    """One reply, its lines joined."""
    texts = []
    while line := stream.readline().decode("utf-8", "replace").rstrip("\r\n"):
        texts.append(line[4:])
        if line[3:4] != "-":
            return int(line[:3]), "\n".join(texts)
    raise ConnectionError


def speak(server: str, client: str, early: str, pieces: list[str]) -> tuple[float, list[tuple[int, str]]]:
    start = time.monotonic()
    connection = socket.create_connection((server, 25), TIMEOUT, (client, 0))
    stream = connection.makefile("rb")
    replies = []
    waited = 0.0
    try:
        connection.sendall(early.encode())
        replies.append(read_reply(stream))
        waited = time.monotonic() - start
        for piece in pieces:
            connection.sendall(piece.encode())
            # What came before a server hung up counts.
            replies.extend(read_reply(stream) for _line in range(piece.count("\n")))
    except ConnectionError:
        pass
    return waited, replies


sessions = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(sessions)) as pool:
    json.dump(list(pool.map(lambda session: speak(**session), sessions)), sys.stdout)
