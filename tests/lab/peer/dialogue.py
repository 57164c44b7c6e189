# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speak SMTP line by line, several dialogues at once.

Argument: a JSON list of mappings with server, port, client (source address or ""), early, commands. Prints a JSON
list with the replies of each dialogue, each [code, text]; the first one is the banner. A server that hangs up ends the
replies.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor

TIMEOUT = 60
AT_ONCE = 16
# submissions: TLS from the start.
WRAPPED = 465


def encrypted(connection: socket.socket) -> ssl.SSLSocket:
    """The connection with TLS; whose certificate it is does not matter here."""
    return ssl._create_unverified_context().wrap_socket(connection)


def read_reply(stream) -> tuple[int, str] | None:
    """One reply, its lines joined; None at the end of the connection."""
    texts = []
    while line := stream.readline().decode("utf-8", "replace").rstrip("\r\n"):
        texts.append(line[4:])
        if line[3:4] != "-":
            return int(line[:3]), "\n".join(texts)
    return None


def speak(server: str, port: int, client: str, early: str, commands: list[str]) -> list[tuple[int, str]]:
    """Send each command after the reply to the one before; `early` is sent before the banner has come."""
    connection = socket.create_connection((server, port), TIMEOUT, (client, 0) if client else None)
    if port == WRAPPED:
        connection = encrypted(connection)
    connection.sendall(early.encode())
    stream = connection.makefile("rb")
    replies = []
    for command in [None, *commands]:
        try:
            if command is not None:
                connection.sendall(command.encode() + b"\r\n")
            reply = read_reply(stream)
        except ConnectionError:
            break
        if reply is None:
            break
        replies.append(reply)
        if command == "STARTTLS" and reply[0] == 220:
            connection = encrypted(connection)
            stream = connection.makefile("rb")
    return replies


with ThreadPoolExecutor(AT_ONCE) as pool:
    json.dump(list(pool.map(lambda dialogue: speak(**dialogue), json.loads(sys.argv[1]))), sys.stdout)
