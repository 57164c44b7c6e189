# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check of the scenario refuses what differs from a good session in one thing, and lets it in when it is off."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import pytest
from lab import lifecycle, mail
from lab.topology import MTA_HOSTS, Lab

NO_NAME, WRONG_NAME, SPAM_SOURCE, DIALUP = 80, 122, 62, 63
REFUSED: dict[str, tuple[dict[str, t.Any], int, str]] = {
    "client-without-name": ({"client": NO_NAME}, 450, "cannot find your reverse hostname"),
    "client-with-wrong-name": ({"client": WRONG_NAME}, 450, "cannot find your hostname"),
    "client-on-dns-list": ({"client": SPAM_SOURCE}, 554, "blocked using bl.test"),
    "no-greeting": ({"helo": ""}, 503, "send HELO/EHLO first"),
    "malformed-greeting": ({"helo": "EHLO -mail.example.org"}, 501, "Invalid name"),
    "short-greeting": ({"helo": "HELO mail"}, 504, "need fully-qualified hostname"),
    "unknown-greeting": ({"helo": "EHLO nobody.example.org"}, 450, "Host not found"),
    "short-sender": ({"sender": "stranger"}, 504, "need fully-qualified address"),
    "sender-of-unknown-domain": ({"sender": "stranger@nowhere.example.org"}, 450, "Domain not found"),
    "sender-that-does-not-exist": ({"sender": "ghost@example.test"}, 550, "User unknown in relay recipient table"),
    "sender-that-somebody-owns": ({"sender": "ann@example.test"}, 553, "not logged in"),
    "sender-of-a-table-of-logins": ({"sender": "carl@example.test"}, 553, "not logged in"),
    "recipient-that-does-not-exist": (
        {"recipient": "ghost@example.test"},
        550,
        "User unknown in relay recipient table",
    ),
    "short-recipient": ({"recipient": "root"}, 504, "need fully-qualified address"),
    "recipient-in-a-subdomain": ({"recipient": "ann@sub.example.test"}, 554, "Relay access denied"),
    "recipient-that-the-next-hop-refuses": ({"recipient": "unknown@example.test"}, 450, "unverified address"),
}
ACCEPTED: dict[str, dict[str, t.Any]] = {
    "good-session": {},
    "no-sender": {"sender": ""},
    "own-sender-that-nobody-owns": {"sender": "bob@example.test"},
    "other-answer-of-dns-list": {"client": DIALUP},
    "postmaster": {"recipient": "postmaster"},
}


STRANGER = {"recipient": "customer@example.net"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What both servers answered, while the checks were on or off, and what they have logged."""

    on: bool
    replies: dict[tuple[str, str], mail.Reply]
    logs: dict[str, str]


@pytest.fixture(scope="module", params=["on", "off"])
def answers(request: pytest.FixtureRequest, lab: Lab, hold: t.Any) -> Answers:
    """On as the scenario has converged, then off."""
    if request.param == "off":
        request.getfixturevalue("switch_off")()
    else:
        reverse = ".".join(reversed(lab.client(WRONG_NAME).split(".")))
        lifecycle.add_records(lab, [f"ptr-record={reverse}.in-addr.arpa,nowhere.example.org"])
    sessions = {name: session for name, (session, _code, _text) in REFUSED.items()} | ACCEPTED
    cursors = {host.name: mail.journal_cursor(lab, host.name) for host in MTA_HOSTS}
    replies = hold({**sessions, "stranger": STRANGER})
    logs = {server: mail.journal(lab, server, cursor) for server, cursor in cursors.items()}
    return Answers(request.param == "on", replies, logs)


@pytest.mark.parametrize("case", REFUSED)
def test_refused(answers: Answers, mta: str, case: str) -> None:
    _session, code, text = REFUSED[case]
    reply = answers.replies[mta, case]
    if answers.on:
        assert (reply.code, text in reply.text) == (code, True), reply
    else:
        assert reply.code == 250, reply


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(answers: Answers, mta: str, case: str) -> None:
    assert answers.replies[mta, case].code == 250, answers.replies[mta, case]


def test_a_stranger_never_relays(answers: Answers, mta: str) -> None:
    reply = answers.replies[mta, "stranger"]
    assert (reply.code, "Relay access denied" in reply.text) == (554, True), reply


def test_each_question_for_a_recipient_is_a_probe_while_refusals_are_not_kept(answers: Answers, mta: str) -> None:
    probes = [line for line in answers.logs[mta].splitlines() if "to=<unknown@example.test>" in line]
    assert (len(probes) > 1) == answers.on, probes
