# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Letters that the mail hosts of a lab send, many at once, and what became of each."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from lab import mail
from lab.topology import MTA_HOSTS, Lab

SERVERS = [host.name for host in MTA_HOSTS]
_SEND = r"""while IFS='|' read -r token sender recipient; do
    printf 'From: %s\nTo: %s\nSubject: %s\n\nhello\n' "$sender" "$recipient" "$token" |
        sendmail -i -f "$sender" -- "$recipient"
done"""


@dataclass(frozen=True, slots=True)
class Letter:
    """From whom and to whom; copies is how many messages come of it at the peer, a bounce included."""

    sender: str
    recipient: str
    copies: int = 1


Arrivals = Mapping[tuple[str, str], list[mail.Mail]]


def send(lab: Lab, letters: Mapping[str, Letter]) -> Arrivals:
    """Let both servers send letters, wait for them, and return the messages that came of each, by server and name."""
    token = mail.new_token()
    for server in SERVERS:
        lines = [f"{token}.{server}.{name}.|{one.sender}|{one.recipient}\n" for name, one in letters.items()]
        mail.output(lab, server, "sh", "-c", _SEND, stdin="".join(lines))
    count = sum(one.copies for one in letters.values()) * len(SERVERS)
    arrived = mail.stored(lab, token, count, seconds=60)
    return {
        (server, name): [each for each in arrived if f"{token}.{server}.{name}." in each.message]
        for server in SERVERS
        for name in letters
    }


def waiting(lab: Lab, server: str, recipient: str, seconds: float = 30) -> str:
    """Why mail for a recipient is deferred; empty when nothing waits for so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for line in mail.output(lab, server, "postqueue", "-j").splitlines():
            for each in json.loads(line)["recipients"]:
                if each["address"] == recipient and "delay_reason" in each:
                    return str(each["delay_reason"])
        time.sleep(0.5)
    return ""
