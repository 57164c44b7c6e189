# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let many clients of many manners speak SMTP with the mail hosts of a lab, side by side and byte by byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lab.mail import SCRIPTS, output
from lab.topology import MTA_HOSTS, PEER, Lab

EHLO = "EHLO client.example.org\r\n"
MAIL = "MAIL FROM:<stranger@example.org>\r\n"
RCPT = "RCPT TO:<root@localhost>\r\n"
QUIT = "QUIT\r\n"


@dataclass(frozen=True, slots=True)
class Client:
    """A client: the last octet of its address, what it sends piece by piece, and what it sends before its turn.

    After each piece it waits for as many replies as the piece has line feeds.
    """

    octet: int
    pieces: tuple[str, ...] = (EHLO, MAIL, RCPT, QUIT)
    early: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """How a client was answered: seconds until the greeting, the codes of all replies, and their texts."""

    waited: float
    codes: tuple[int, ...]
    text: str

    @property
    def verdict(self) -> int:
        """The last code before QUIT: of the reply to RCPT TO, or the one with which the server hung up."""
        return self.codes[-2] if self.codes[-1] == 221 else self.codes[-1]


def speak(lab: Lab, clients: Mapping[str, Client]) -> dict[tuple[str, str], Talk]:
    """Let each client speak with each mail host; the talks by host and name of the client."""
    keys = [(host.name, name) for host in MTA_HOSTS for name in clients]
    sessions = [
        {
            "server": lab.address(host),
            "client": lab.client(clients[name].octet - 128),
            "early": clients[name].early,
            "pieces": clients[name].pieces,
        }
        for host, name in keys
    ]
    script = (SCRIPTS / "sessions.py").read_text()
    answers = json.loads(output(lab, PEER.name, "python3", "-", json.dumps(sessions), stdin=script))
    return {key: _talk(*answer) for key, answer in zip(keys, answers, strict=True)}


def _talk(waited: float, replies: list[tuple[int, str]]) -> Talk:
    return Talk(waited, tuple(code for code, _text in replies), "\n".join(text for _code, text in replies))
