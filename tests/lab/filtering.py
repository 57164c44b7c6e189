# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages for a content filter, and what became of each: the reply, the log, the recipient's copy, the notices."""

from __future__ import annotations

import base64
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

from lab import mail
from lab.letters import SERVERS
from lab.topology import Lab

ADMINISTRATOR = "administrator@example.test"
# What becomes of mail that claims an own domain without its signature: the servers give it other scores.
FORGED = {"mx12": "Passed SPAMMY", "mx13": "Blocked SPAM"}
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
# What file(1) takes for a program of Windows: the headers of DOS, of PE and of a 32-bit program with windows.
PROGRAM = b"".join((
    b"MZ\x90\0", bytes(56), struct.pack("<I", 128), bytes(64), b"PE\0\0",
    struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x102), struct.pack("<H66xH500x", 0x10B, 2),
))  # fmt: skip
# Offsets of a client's address at the peer: a stranger, one of mta_base_mynetworks, a server that a test trusts.
CLIENTS = {"outside": 3, "login": 3, "own": 40, "trusted": 5}
LOGIN = ("ann@example.test", "correct-horse-battery")
FOLLOW = Path(__file__).parent / "mta" / "follow_filter.py"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message. via: a name of CLIENTS; login is a stranger who logs in. text: instead of body and files."""

    body: str = "hello"
    files: Mapping[str, bytes] = field(default_factory=dict)
    via: str = "outside"
    sender: str = "stranger@example.org"
    recipient: str = "bob@example.test"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a letter. log: Amavis's line on it; notices: by their recipient."""

    reply: mail.Reply
    log: str
    copies: list[mail.Mail]
    notices: dict[str, mail.Mail]

    @property
    def headers(self) -> dict[str, str]:
        """The header lines of the recipient's copy by their name, unfolded."""
        return headers(self.copies[0].message)


def headers(message: str) -> dict[str, str]:
    """The header lines of a message by their name, unfolded; the topmost one of each."""
    lines = message.replace("\r\n", "\n").partition("\n\n")[0].replace("\n ", " ").replace("\n\t", " ").splitlines()
    return dict(reversed([(name, value.strip()) for name, _colon, value in (line.partition(":") for line in lines)]))


def zipped(name: str, content: bytes, *, encrypted: bool = False) -> bytes:
    """A zip archive with one file; the names in an encrypted one can be read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    octets = bytearray(buffer.getvalue())
    if encrypted:  # the flag in the local header and in the central directory
        octets[6] |= 1
        octets[octets.index(b"PK\1\2") + 8] |= 1
    return bytes(octets)


def tarred(name: str, content: bytes) -> bytes:
    """A compressed tar archive with one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def written(letter: Letter, key: str, batch: str) -> str:
    """The text of a letter; its Message-ID is KEY@BATCH."""
    if letter.text:
        return f"X-Batch: {batch}\nMessage-ID: <{key}@{batch}>\n{letter.text}"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = letter.sender, letter.recipient, f"about {key}"
    # SpamAssassin gives points for a date that is four days old.
    message["Date"], message["Message-ID"] = formatdate(), f"<{key}@{batch}>"
    message.set_content(f"{letter.body}\n")
    for name, content in letter.files.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_string()


def spoken(lab: Lab, host: str, letter: Letter, key: str, batch: str) -> mail.Spoken:
    """What the client says."""
    ehlo = "EHLO client.example.org"
    greeting = [ehlo, "STARTTLS", ehlo] if letter.via == "login" else [ehlo]
    if letter.via == "login":
        greeting.append("AUTH PLAIN " + base64.b64encode("\0".join(["", *LOGIN]).encode()).decode())
    text = written(letter, key, batch).replace("\n", "\r\n") + "\r\n."
    commands = [*greeting, f"MAIL FROM:<{letter.sender}>", f"RCPT TO:<{letter.recipient}>", "DATA", text]
    return mail.Spoken(host, commands, lab.client(CLIENTS[letter.via]), 587 if letter.via == "login" else 25)


def submit(
    lab: Lab, letters: Mapping[str, Letter], batch: str, hosts: Sequence[str] = SERVERS
) -> dict[tuple[str, str], mail.Reply]:
    """Send the letters to the hosts, many at once; the last reply to each, by host and name."""
    keys = [(host, name) for name in letters for host in hosts]
    said = [spoken(lab, host, letters[name], f"{host}.{name}", batch) for host, name in keys]
    return {key: replies[-1] for key, replies in zip(keys, mail.dialogues(lab, said), strict=True)}


def send(lab: Lab, letters: Mapping[str, Letter], hosts: Sequence[str] = SERVERS) -> dict[tuple[str, str], Fate]:
    """Send the letters to the hosts, and wait until each has been judged and all copies and notices have left."""
    batch = mail.new_token()
    cursors = {host: mail.journal_cursor(lab, host) for host in hosts}
    replies = submit(lab, letters, batch, hosts)
    wanted = {host: [f"{host}.{name}" for (to, name), reply in replies.items() if to == host and reply.code == 250]
              for host in cursors}  # fmt: skip
    logs = {host: follow(lab, host, cursors[host], batch, keys) for host, keys in wanted.items()}
    arrived = mail.stored(lab, batch, 0, 0)
    return {
        (host, name): fate(replies[host, name], logs[host], arrived, f"{host}.{name}@{batch}") for host, name in replies
    }


def follow(lab: Lab, host: str, cursor: str, batch: str, keys: Sequence[str], deferred: int = 0) -> dict[str, str]:
    """Amavis's line on each message by its Message-ID, when what Amavis gave back has left the host.

    deferred: wait until so many messages have been put off, and for nothing else.
    """
    wanted = {"cursor": cursor, "ids": [f"{key}@{batch}" for key in keys], "seconds": 180, "deferred": deferred}
    argument = json.dumps(wanted)
    found: dict[str, str] = json.loads(mail.output(lab, host, "python3", "-", argument, stdin=FOLLOW.read_text()))
    return found


def log_since_start(lab: Lab, host: str) -> str:
    """What Amavis has logged since it was started last."""
    script = 'journalctl -q -o cat -t amavis --since "$(systemctl show --value -p ActiveEnterTimestamp amavis)"'
    return mail.output(lab, host, "sh", "-c", script)


def learnt(lab: Lab, host: str) -> dict[str, int]:
    """From how many messages SpamAssassin has learnt what spam is, and what ham."""
    script = "HOME=/var/lib/amavis sa-learn --dump magic"
    lines = mail.output(lab, host, "runuser", "-u", "amavis", "--", "sh", "-c", script).splitlines()
    return {kind: int(line.split()[2]) for kind in ("spam", "ham") for line in lines if line.endswith(f": n{kind}")}


def fate(reply: mail.Reply, logs: Mapping[str, str], arrived: list[mail.Mail], message_id: str) -> Fate:
    """Put together what concerns one message."""
    own = [each for each in arrived if f"<{message_id}>" in each.message]
    notices = {each.recipients[0]: each for each in own if each.sender == ""}
    return Fate(reply, logs.get(message_id, ""), [each for each in own if each.sender != ""], notices)
