# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Letters that the mail hosts of a lab send, many at once, and what became of each."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab import mail
from lab.engine import environment
from lab.topology import MTA_HOSTS, Lab

SERVERS = [host.name for host in MTA_HOSTS]
_SEND = r"""while IFS='|' read -r token sender recipient; do
    printf 'From: %s\nTo: %s\nSubject: %s\n\nhello\n' "$sender" "$recipient" "$token" |
        sendmail -i -f "$sender" -- "$recipient"
done"""

# One letter after the other, until standard input ends; then their number.
_SEND_ON = r"""number=0
while read -r -t 0.3 _line; [ $? -gt 128 ]; do
    printf 'To: %s\nSubject: %s.%s.\n\nhello\n' "$3" "$1" "$number" | sendmail -i -f "$2" -- "$3"
    number=$((number + 1))
done
echo "$number" """


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


@contextlib.contextmanager
def in_flight(lab: Lab, letter: Letter) -> Iterator[dict[str, set[str]]]:
    """Let both servers send a letter, again and again, inside a `with`.

    After it, the tokens of all by server.
    """
    tokens: dict[str, set[str]] = {}
    token = mail.new_token()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment()}
    script = ("bash", "-c", _SEND_ON, "send")
    children = {}
    with contextlib.ExitStack() as stack:
        for server in SERVERS:
            arguments = (f"{token}.{server}", letter.sender, letter.recipient)
            command = ["podman", "exec", "-i", lab.container(server), *script, *arguments]
            children[server] = stack.enter_context(subprocess.Popen(command, **pipes))
        yield tokens
        for server, child in children.items():
            count = int(child.communicate("")[0])
            tokens[server] = {f"{token}.{server}.{number}." for number in range(count)}


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
