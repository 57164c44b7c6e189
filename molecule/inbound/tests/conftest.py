# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converging other variables than the scenario's, and what a client is told at RCPT TO."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

import pytest
from lab import mail
from lab.topology import HOSTS, MTA_HOSTS, Lab

# Every switch of the role off, the ones that are on by default as well.
OFF: Mapping[str, object] = {
    "mta_base_smtpd_helo_required": False,
    "mta_inbound_relay_domains": {"example.test": {"match_subdomains": True}},
    "mta_inbound_smtpd_reject_unlisted_sender": False,
    "mta_inbound_smtpd_reject_unlisted_recipient": False,
    "mta_inbound_reject_invalid_helo_hostname": False,
    "mta_inbound_reject_non_fqdn_sender": False,
    "mta_inbound_reject_unknown_sender_domain": False,
    "mta_inbound_reject_non_fqdn_recipient": False,
}

Session = Mapping[str, t.Any]


@pytest.fixture(params=[host.name for host in MTA_HOSTS])
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host. Not of the session's scope, or pytest would go through the converges host by host."""
    return str(request.param)


@pytest.fixture(scope="session")
def switch_off(converge: Callable[..., None]) -> Callable[..., None]:
    """Switch everything off."""
    return lambda **more: converge({**OFF, **more})


@pytest.fixture(scope="session")
def hold(lab: Lab) -> Callable[[Mapping[str, Session]], dict[tuple[str, str], mail.Reply]]:
    """Hold sessions with both servers, many at once, since Postfix waits a second before it refuses."""

    def run(sessions: Mapping[str, Session]) -> dict[tuple[str, str], mail.Reply]:
        keys = [(host.name, name) for name in sessions for host in MTA_HOSTS]
        replies = mail.dialogues(lab, [spoken(lab, host, sessions[name]) for host, name in keys])
        return {key: outcome(answered) for key, answered in zip(keys, replies, strict=True)}

    return run


def spoken(lab: Lab, mta: str, session: Session) -> mail.Spoken:
    """What a session says.

    session: sender, recipient, helo (with its command), client (the number of an address), and text of a message where
        the session does not end after RCPT TO. {fqdn} is the name of the server.
    """
    sender = session.get("sender", "stranger@example.org").format(fqdn=HOSTS[mta].fqdn)
    commands = [session.get("helo", "EHLO mail.example.org"), f"MAIL FROM:<{sender}>"]
    commands += [f"RCPT TO:<{session.get('recipient', 'ann@example.test')}>"]
    if "text" in session:
        commands += ["DATA", session["text"].replace("\n", "\r\n") + "\r\n."]
    return mail.Spoken(mta, [*filter(None, commands)], lab.client(session.get("client", 0)))


def outcome(replies: Sequence[mail.Reply]) -> mail.Reply:
    """The first refusal, or else the last reply."""
    return next((reply for reply in replies if reply.code >= 400), replies[-1])
