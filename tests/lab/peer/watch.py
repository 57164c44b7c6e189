# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask mail servers for a recipient, again and again, until standard input ends. Arguments: seconds
between two tries, and JSON of name to address.

Prints one JSON line for each try: host, start and end (seconds since the epoch), and answer, the reply to RCPT TO or
what came instead.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time

PATIENCE = 5.0


def ask(host: str, address: str) -> str:
    """The reply to RCPT TO, the first reply that is an error, or what went wrong with the connection."""
    try:
        with socket.create_connection((address, 25), PATIENCE) as connection, connection.makefile("rb") as replies:
            last = read_reply(replies)
            # Without its domain, smtpd(8) takes postmaster whatever the restrictions say.
            recipient = f"postmaster@{host}.example.test"
            for command in ("EHLO peer.example.net", "MAIL FROM:<>", f"RCPT TO:<{recipient}>"):
                if not last.startswith("2"):
                    break
                connection.sendall(f"{command}\r\n".encode())
                last = read_reply(replies)
            connection.sendall(b"QUIT\r\n")
            return last
    except OSError as error:
        return str(error)


def read_reply(replies) -> str:
    """The last line of one reply."""
    while line := replies.readline().decode("utf-8", "replace").rstrip():
        if line[3:4] != "-":
            return line
    return "connection closed"


def ask_again_and_again(host: str, address: str) -> None:
    while True:
        start = time.time()
        answer = ask(host, address)
        # One call of write, because the hosts have a thread each.
        sys.stdout.write(json.dumps({"host": host, "start": start, "end": time.time(), "answer": answer}) + "\n")
        sys.stdout.flush()
        time.sleep(float(sys.argv[1]))


for server in json.loads(sys.argv[2]).items():
    threading.Thread(target=ask_again_and_again, args=server, daemon=True).start()
sys.stdin.read()
