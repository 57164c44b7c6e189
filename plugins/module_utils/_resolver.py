# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EFFECTS: asks the name servers of a host whether they validate."""

from __future__ import annotations

import random
import socket
import time
import typing as t

from ._postfix.dnssec import name_servers, question, validated

_PATIENCE: t.Final = 2.0
_TRIES: t.Final = 2


def validation(path: str) -> dict[str, bool | None]:
    """Return for each name server of a resolv.conf whether it validates; None where it does not answer."""
    with open(path, encoding="utf-8", errors="replace") as file:
        servers = name_servers(file.read())
    return {server: _ask(server) for server in servers}


def _ask(server: str) -> bool | None:
    """Ask by UDP, as the system's resolver does first; another try when nothing comes."""
    for _attempt in range(_TRIES):
        number = random.randrange(0x10000)
        try:
            family, kind, protocol, _name, address = socket.getaddrinfo(server, 53, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind, protocol) as asking:
                asking.connect(address)
                asking.send(question(number))
                answer = _answered(asking, number)
        except OSError:
            continue
        if answer is not None:
            return answer
    return None


def _answered(asking: socket.socket, number: int) -> bool | None:
    deadline = time.monotonic() + _PATIENCE
    while (left := deadline - time.monotonic()) > 0:
        asking.settimeout(left)
        answer = validated(asking.recv(4096), number)
        if answer is not None:
            return answer
    return None
