# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A milter takes no connection: one server refuses mail, the other puts it aside for a person. Few processes in all.

That mail is put off is shown by test_settings, that it passes by test_single_server.
"""

from __future__ import annotations

import json
import time
import typing as t
from collections.abc import Callable, Iterator

import pytest
from lab import mail
from lab.submission import EHLO, at_peer, envelope, message, served_at_once
from lab.topology import PEER, Lab

FULL = 8897
PROCESSES = 5


class Servers(t.NamedTuple):
    """Who is which: the one that refuses, and the one that puts aside."""

    refusing: str
    quarantining: str


@pytest.fixture(scope="module", params=[Servers("mx12", "mx13"), Servers("mx13", "mx12")], ids="-".join)
def servers(lab: Lab, converge: Callable[..., None], request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Converge, while there is a milter: a server that has to refuse all mail gets its last configuration back."""
    group = {
        "mta_base_milter_connect_timeout": "2s",
        "mta_base_smtpd_milters": [f"inet:{lab.address(PEER.name)}:{FULL}"],
        "mta_base_default_process_limit": PROCESSES,
    }
    actions = {request.param.refusing: "reject", request.param.quarantining: "quarantine"}
    with at_peer(lab, "milter.py", FULL):
        converge(group, {server: {"mta_base_milter_default_action": action} for server, action in actions.items()})
    with at_peer(lab, "full.py", FULL):
        yield request.param


def offered(lab: Lab, server: str, recipient: str) -> list[mail.Reply]:
    """What a stranger is told who sends a message."""
    text = f"Subject: {recipient}\n\nhello\n"
    return mail.dialogue(lab, server, [EHLO, *envelope("a@example.org", recipient), *message(text)])


def queues(lab: Lab, server: str, recipient: str) -> list[str]:
    """The queues with a message to this recipient."""
    listed = map(json.loads, mail.output(lab, server, "postqueue", "-j").splitlines())
    return [each["queue_name"] for each in listed if each["recipients"][0]["address"] == recipient]


def test_mail_is_refused(lab: Lab, servers: Servers) -> None:
    recipient = f"{mail.new_token()}@example.test"
    begun = time.monotonic()
    replies = offered(lab, servers.refusing, recipient)
    # Without the variable it takes 30 s.
    assert time.monotonic() - begun < 25
    # The banner, and the sender.
    assert (replies[0].code, replies[2].code) == (554, 550), replies
    assert queues(lab, servers.refusing, recipient) == []


def test_mail_is_put_aside(lab: Lab, servers: Servers) -> None:
    recipient = f"{mail.new_token()}@example.test"
    assert offered(lab, servers.quarantining, recipient)[-1].code == 250
    assert queues(lab, servers.quarantining, recipient) == ["hold"]
    assert mail.stored(lab, recipient, 0, 0) == []
    mail.output(lab, servers.quarantining, "sh", "-c", "postsuper -H ALL; postqueue -f")
    (arrived,) = mail.stored(lab, recipient)
    assert arrived.recipients == [recipient]


def test_a_service_has_so_many_processes(lab: Lab, servers: Servers) -> None:
    assert served_at_once(lab, servers.quarantining, 25, PROCESSES + 1, FULL) == (PROCESSES, 0)
