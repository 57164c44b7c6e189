# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests do with a lab: run commands, speak SMTP, send messages, see which ones arrived, read the journal.

Every function takes the lab first; hosts are named `peer`, `mx12`, `mx13`.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.engine import environment, podman
from lab.topology import PEER, Lab

SCRIPTS = Path(__file__).parent / "peer"


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply; the lines of `text` are without the code."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the peer says to a host in one dialogue, see `dialogue`."""

    host: str
    commands: Sequence[str]
    client: str = ""
    port: int = 25
    early: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that the peer took, as its sink stored it; server is the address that it was taken at."""

    sender: str
    recipients: list[str]
    port: int
    client: str
    helo: str
    user: str | None
    tls: bool
    message: str
    server: str = ""


def execute(lab: Lab, host: str, *argv: str, stdin: str = "") -> Result:
    """Run a command on a host; a failure is part of the result."""
    command = ["podman", "exec", "-i", lab.container(host), *argv]
    done = subprocess.run(command, input=stdin, env=environment(), text=True, capture_output=True, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


def output(lab: Lab, host: str, *argv: str, stdin: str = "") -> str:
    """Run a command on a host and return its standard output; LabError when it fails."""
    return podman("exec", "-i", lab.container(host), *argv, stdin=stdin)


def dialogue(
    lab: Lab, host: str, commands: Sequence[str], *, port: int = 25, client: str = "", early: str = ""
) -> list[Reply]:
    """Speak SMTP from the peer with a host; the first reply is the banner.

    commands: sent as they are, each after the reply to the one before. The text after DATA is one command
        that ends in "\r\n.". After STARTTLS the connection is encrypted, and at port 465 from the start.
    client: source address, one of `lab.client(0)` to `lab.client(126)`; the peer's own when empty.
    early: sent before the banner has come.
    """
    return dialogues(lab, [Spoken(host, commands, client, port, early)])[0]


def dialogues(lab: Lab, spoken: Sequence[Spoken]) -> list[list[Reply]]:
    """Hold many dialogues from the peer, sixteen at once; the replies of each."""
    lines = [
        {
            "server": lab.address(each.host),
            "port": each.port,
            "client": each.client,
            "early": each.early,
            "commands": list(each.commands),
        }
        for each in spoken
    ]
    out = output(lab, PEER.name, "python3", "-", json.dumps(lines), stdin=(SCRIPTS / "dialogue.py").read_text())
    return [[Reply(code, text) for code, text in replies] for replies in json.loads(out)]


def send(lab: Lab, host: str, sender: str, recipient: str, text: str, *, client: str = "") -> Reply:
    """Send a message from the peer to a host, encrypted, as a mail server outside would; the last reply.

    text: the header lines and the body, with line feeds.
    """
    commands = ["EHLO client.example.org", "STARTTLS", "EHLO client.example.org"]
    commands += [f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA", text.replace("\n", "\r\n") + "\r\n."]
    return dialogue(lab, host, commands, client=client)[-1]


def swaks(lab: Lab, host: str, *options: str, client: str = "") -> Result:
    """Send a message from the peer to a host with swaks(1)."""
    source = ["--local-interface", client] if client else []
    return execute(lab, PEER.name, "swaks", "--server", lab.address(host), *source, *options)


def sendmail(lab: Lab, host: str, sender: str, recipient: str, text: str) -> None:
    """Submit a message on a host with sendmail(1)."""
    output(lab, host, "sendmail", "-i", "-f", sender, "--", recipient, stdin=text)


def accept_login(lab: Lab, user: str, password: str) -> None:
    """Let the peer accept this login at port 587, and no other."""
    accept_logins(lab, {user: password})


def accept_logins(lab: Lab, logins: Mapping[str, str]) -> None:
    """Let the peer accept these passwords by user at port 587, and no others."""
    output(lab, PEER.name, "sh", "-c", "cat >/etc/lab/logins.json", stdin=json.dumps(logins))


def new_token() -> str:
    """A word that no other message contains."""
    return f"token-{uuid.uuid4().hex}"


def stored(lab: Lab, token: str, count: int = 1, seconds: float = 30, recipients: Sequence[str] = ()) -> list[Mail]:
    """The messages at the peer that contain the token: waits until there are `count`, or for so many seconds.

    recipients: waits for a message to each of these, too. A count alone takes a notice for a copy.
    """
    script = (SCRIPTS / "stored.py").read_text()
    out = output(lab, PEER.name, "python3", "-", token, str(count), str(seconds), *recipients, stdin=script)
    return [Mail(**fields) for fields in json.loads(out)]


def journal_cursor(lab: Lab, host: str) -> str:
    """The present end of a host's journal."""
    out = output(lab, host, "journalctl", "--quiet", "--lines=1", "--show-cursor", "--output=cat")
    return out.rpartition("-- cursor: ")[2].strip()


def journal(lab: Lab, host: str, cursor: str) -> str:
    """The lines that came after a cursor, as syslog prints them."""
    return output(lab, host, "journalctl", "--quiet", f"--after-cursor={cursor}", "--output=short")
