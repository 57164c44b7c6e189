# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port that neither takes nor refuses a connection, because its queue is full.

Argument: a port. Prints "listening", and ends at the end of its standard input.
"""

from __future__ import annotations

import socket
import sys

PORT = int(sys.argv[1])
waiting = []
with socket.create_server(("", PORT), backlog=0):
    while True:
        try:
            waiting.append(socket.create_connection(("127.0.0.1", PORT), 0.5))
        except TimeoutError:
            break
    print("listening", flush=True)
    sys.stdin.read()
