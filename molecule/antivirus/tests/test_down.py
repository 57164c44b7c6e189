# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While Amavis or clamd is down mail waits: none is lost, none passes unexamined."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from lab import filtering, mail
from lab.filtering import EICAR, Letter
from lab.topology import MTA_HOSTS, Lab

HOSTS = [host.name for host in MTA_HOSTS]
CLEAN = 18
LETTERS = {f"clean-{number}": Letter() for number in range(CLEAN)} | {
    "virus": Letter(files={"a.txt": EICAR}),
    "script": Letter(files={"a.vbs": b"text"}),
}
UNITS = {"amavis": ["amavis"], "clamd": ["clamav-daemon.socket", "clamav-daemon.service"]}
PORT = "until (exec 3<>/dev/tcp/127.0.0.1/10024) 2>/dev/null; do sleep 0.2; done"


def queue(lab: Lab, host: str) -> list[dict[str, object]]:
    """The messages in the queue."""
    return [json.loads(line) for line in mail.output(lab, host, "postqueue", "-j").splitlines()]


@pytest.mark.parametrize("part", UNITS)
def test_mail_waits_for(lab: Lab, part: str) -> None:
    batch = mail.new_token()
    cursors = {name: mail.journal_cursor(lab, name) for name in HOSTS}
    on_all(lab, "systemctl", "stop", *UNITS[part])
    try:
        replies = filtering.submit(lab, LETTERS, batch)
        assert {reply.code for reply in replies.values()} == {250}
        for name in HOSTS:
            filtering.follow(lab, name, cursors[name], batch, [], deferred=len(LETTERS))
        assert mail.stored(lab, batch, 0, 0) == []
        assert {name: len(queue(lab, name)) for name in HOSTS} == dict.fromkeys(HOSTS, len(LETTERS))
    finally:
        on_all(lab, "systemctl", "start", UNITS[part][-1])
    on_all(lab, "timeout", "60", "bash", "-c", PORT)
    on_all(lab, "clamdscan", "--config-file=/etc/clamav/mailops-mta-clamd.conf", "--ping", "60:1")
    on_all(lab, "postqueue", "-f")
    logs = {
        name: filtering.follow(lab, name, cursors[name], batch, [f"{name}.{key}" for key in LETTERS]) for name in HOSTS
    }
    arrived = mail.stored(lab, batch, 0, 0)
    copies = Counter(message_id(copy.message) for copy in arrived if copy.sender)
    assert copies == {f"{name}.clean-{number}@{batch}": 1 for name in HOSTS for number in range(CLEAN)}
    for name in HOSTS:
        assert "Blocked INFECTED (Lab." in logs[name][f"{name}.virus@{batch}"]
        assert "Blocked BANNED" in logs[name][f"{name}.script@{batch}"]
        assert queue(lab, name) == []


def on_all(lab: Lab, *command: str) -> None:
    """Run a command on both mail hosts."""
    for name in HOSTS:
        mail.output(lab, name, *command)


def message_id(message: str) -> str:
    """The Message-ID of a message, without brackets."""
    return filtering.headers(message)["Message-ID"].strip("<>")
