# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of users who log in and of strangers, and servers at the peer. Used by the scenario submission."""

from __future__ import annotations

import base64
import contextlib
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from lab import mail, play
from lab.engine import REPOSITORY, environment
from lab.mail import SCRIPTS, Mail, Reply
from lab.topology import HOSTS, MTA_HOSTS, PEER, Lab

SERVERS = [host.name for host in MTA_HOSTS]
SCENARIO = REPOSITORY / "molecule" / "submission" / "molecule.yml"
SUBMISSIONS = 465
# Offset of the client's address at the peer.
CLIENT = 3
OUTSIDE = "customer@example.net"
EHLO = "EHLO client.example.org"
STARTTLS = (EHLO, "STARTTLS", EHLO)
# Ways to write a recipient elsewhere. {fqdn} and {address} are the server's name and address, {peer} is a foreign one.
ADDRESS_FORMS = {
    "plain": "ann@example.net",
    "capitals": "ANN@EXAMPLE.NET",
    "final dot": "ann@example.net.",
    "subdomain": "ann@sub.example.net",
    "host": "ann@peer.example.net",
    "extension": "ann+example.test@example.net",
    "percent hack": "ann%example.net@{fqdn}",
    "percent hack at a relay domain": "ann%example.net@example.test",
    "percent hack at localhost": "ann%example.net@localhost",
    "percent hack at the address": "ann%example.net@[{address}]",
    "percent hack alone": "ann%example.net",
    "double percent": "ann%example.net%example.org@{fqdn}",
    "quoted percent": '"ann%example.net"@{fqdn}',
    "source route": "@{fqdn}:ann@example.net",
    "source route over a relay domain": "@example.test:ann@example.net",
    "long source route": "@{fqdn},@example.test:ann@example.net",
    "quoted": '"ann@example.net"',
    "quoted at the server": '"ann@example.net"@{fqdn}',
    "quoted at a relay domain": '"ann@example.net"@example.test',
    "two at signs": "ann@example.net@{fqdn}",
    "two at signs, foreign last": "ann@{fqdn}@example.net",
    "two at signs at a relay domain": "ann@example.net@example.test",
    "bang": "example.net!ann",
    "bang at the server": "example.net!ann@{fqdn}",
    "bang at a relay domain": "example.net!ann@example.test",
    "long bang": "{fqdn}!example.net!ann",
    "address literal": "ann@[{peer}]",
    "IPv6 literal": "ann@[IPv6:2001:db8::1]",
    "address as name": "ann@{peer}",
    "similar domain": "ann@example.test.example.net",
}
OWN_ADDRESSES = {"relay domain": "ann@example.test", "server": "root@{fqdn}", "literal": "postmaster@[{address}]"}
# Of molecule.yml.
PASSWORDS = {"ann@example.test": "ann: #'\"$x ü%", "bob": "bobs-password"}


def plain(user: str, password: str) -> str:
    """The command that logs a user in."""
    return "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def login(user: str, password: str) -> list[str]:
    """The same in three steps."""
    return ["AUTH LOGIN", *(base64.b64encode(text.encode()).decode() for text in (user, password))]


def envelope(sender: str, *recipients: str) -> list[str]:
    """The commands in front of a message."""
    return [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients)]


def message(text: str) -> list[str]:
    """The commands that send a message."""
    return ["DATA", text.replace("\n", "\r\n") + "\r\n."]


def as_ann(password: str = PASSWORDS["ann@example.test"]) -> list[str]:
    """Ann's start of a session at port 587."""
    return [*STARTTLS, plain("ann@example.test", password)]


def codes(replies: Sequence[Reply]) -> list[int]:
    """The codes of the replies."""
    return [reply.code for reply in replies]


# Port, commands, and what the last one is answered: the code, and words of it.
Session = tuple[int, list[str], int, str]


def held(
    lab: Lab, sessions: Mapping[str, Session], servers: Sequence[str] = SERVERS
) -> dict[tuple[str, str], list[Reply]]:
    """Hold every session with every server; the replies by server and name."""
    keys = [(server, name) for name in sessions for server in servers]
    spoken = [mail.Spoken(server, sessions[name][1], lab.client(CLIENT), sessions[name][0]) for server, name in keys]
    return dict(zip(keys, mail.dialogues(lab, spoken), strict=True))


def assert_answered(session: Session, replies: Sequence[Reply]) -> None:
    """Every command was answered, and the last one as the session says."""
    _port, commands, code, text = session
    assert len(replies) == len(commands) + 1, replies
    assert (replies[-1].code, text in replies[-1].text) == (code, True), replies


def sent_by_ann(
    lab: Lab, server: str, start: Sequence[str], *, port: int = 587, head: str = "", body: str = "hello"
) -> Mail:
    """Send a message to two recipients in a session that starts so; what arrived, which is one message."""
    token = mail.new_token()
    commands = [*start, *envelope("ann@example.test", OUTSIDE, "other@example.net")]
    commands += message(f"From: ann@example.test\n{head}Subject: {token}\n\n{body}\n")
    answered = mail.dialogue(lab, server, commands, port=port, client=lab.client(CLIENT))
    assert codes(answered)[-1] == 250, answered
    (arrived,) = mail.stored(lab, token)
    return arrived


def offered(lab: Lab, servers: Sequence[str], ports: Sequence[int]) -> dict[tuple[str, str, int], Reply]:
    """What a stranger is told of every address, by server, form and port; he encrypts, but does not log in."""
    keys = [(server, form, port) for form in ADDRESS_FORMS | OWN_ADDRESSES for server in servers for port in ports]
    spoken = []
    for server, form, port in keys:
        places = {"fqdn": fqdn(server), "address": lab.address(server), "peer": lab.address(PEER.name)}
        start = [EHLO] if port == SUBMISSIONS else STARTTLS
        commands = [*start, *envelope("stranger@example.org", (ADDRESS_FORMS | OWN_ADDRESSES)[form].format(**places))]
        spoken.append(mail.Spoken(server, commands, lab.client(CLIENT), port))
    return {key: replies[-1] for key, replies in zip(keys, mail.dialogues(lab, spoken), strict=True)}


def run(
    lab: Lab, *options: str, group: play.Variables | None = None, hosts: Mapping[str, play.Variables] | None = None
) -> play.Play:
    """Run the site with the variables of molecule.yml, and with those of a group and of hosts on top."""
    # molecule takes a doubled dollar for one
    scenario = yaml.safe_load(SCENARIO.read_text(encoding="utf-8").replace("$$", "$"))
    said = {**scenario["provisioner"]["inventory"]["group_vars"]["mta"], **(group or {})}
    with tempfile.TemporaryDirectory(prefix="lab-inventory-") as directory:
        play.write_overlay(Path(directory), lab, said, hosts or {})
        return play.play(play.SITE, [Path(directory)], *options)


@contextlib.contextmanager
def at_peer(lab: Lab, script: str, *arguments: str | int) -> Iterator[list[str]]:
    """Run a server of tests/lab/peer on the peer inside a `with`; the list holds the lines that it printed after it."""
    printed: list[str] = []
    text = (SCRIPTS / script).read_text()
    command = ["podman", "exec", "-i", lab.container(PEER.name), "python3", "-c", text, *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), text=True, **pipes) as child:
        assert child.stdout
        assert child.stdout.readline() == "listening\n"
        try:
            yield printed
        finally:
            printed += child.communicate("")[0].splitlines()


def served_at_once(lab: Lab, server: str, port: int, clients: int, milter_port: int) -> tuple[int, int]:
    """Connect that many clients to a port of a server; how many are greeted, and the connections to a milter then.

    Clients are waited for until nobody has been greeted for 6 s.
    """
    script = f"""
import select, socket, subprocess
sessions = [socket.create_connection(("127.0.0.1", {port})) for number in range({clients})]
greeted = set()
while ready := select.select(set(sessions) - greeted, [], [], 6)[0]:
    greeted |= set(ready)
milter = ["ss", "-Htn", "state", "established", "dport", "=", ":{milter_port}"]
print(len(greeted), len(subprocess.run(milter, capture_output=True, check=True).stdout.splitlines()))
"""
    try:
        greeted, connections = mail.output(lab, server, "python3", "-c", script).split()
    finally:
        # A service that had no process left hangs up after one error for the next 1000 s: smtpd_hard_error_limit.
        mail.output(lab, server, "systemctl", "restart", "postfix")
    return int(greeted), int(connections)


def fqdn(server: str) -> str:
    """The full name of a server."""
    return HOSTS[server].fqdn
