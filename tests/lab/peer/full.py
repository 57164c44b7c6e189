# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that takes no connection: whoever connects waits, until he has waited long enough. Argument: the port."""

from __future__ import annotations

import socket
import sys

# The kernel keeps one connection more than the backlog waiting to be accepted, and hears no other client then.
with socket.create_server(("", int(sys.argv[1])), backlog=0), socket.create_connection(("127.0.0.1", int(sys.argv[1]))):
    print("listening", flush=True)
    sys.stdin.read()
