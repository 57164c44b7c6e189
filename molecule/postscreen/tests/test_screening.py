# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test of the screen with each of its actions: how a client that fails it is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from lab.sessions import EHLO, MAIL, QUIT, RCPT, Client, Talk, speak
from lab.tasks import Answer
from lab.topology import MTA_HOSTS, Lab

Apply = Callable[..., dict[str, list[Answer]]]

SERVERS = [host.name for host in MTA_HOSTS]
ACTIONS = ("ignore", "enforce", "drop")
HELO = "HELO client.example.org\r\n"

# Test -> how its client fails it, and the last code for each action. Each action has clients of its own: what a client
# has passed once is remembered.
BEFORE_GREETING = {
    "denylist": (Client(140), (250, 550, 521)),
    "dnsbl": (Client(190), (250, 550, 521)),
    "greet": (Client(144, early=EHLO), (250, 550, 521)),
    "clean": (Client(148), (250, 250, 250)),
}
AFTER_GREETING = {
    "pipelining": (Client(150, (HELO, MAIL + RCPT, QUIT)), (450, 550, 521)),
    "non_smtp_command": (Client(154, (EHLO, "Subject: hello\r\n", MAIL, RCPT, QUIT)), (450, 550, 521)),
    "bare_newline": (Client(158, (EHLO.replace("\r", ""), MAIL, RCPT, QUIT)), (450, 550, 521)),
    "clean": (Client(162), (450, 450, 450)),
}
Talks = dict[tuple[str, str], Talk]
Cases = dict[str, tuple[Client, tuple[int, ...]]]


def clients(cases: Cases, action: str) -> dict[str, Client]:
    position = ACTIONS.index(action)
    return {
        name: client if name == "dnsbl" else replace(client, octet=client.octet + position)
        for name, (client, _codes) in cases.items()
    }


def expected(cases: Cases, action: str, test: str) -> int:
    return cases[test][1][ACTIONS.index(action)]


@pytest.fixture(scope="module", params=ACTIONS)
def before_greeting(request: pytest.FixtureRequest, lab: Lab, apply: Apply) -> tuple[str, Talks]:
    """One action for all tests that come before the greeting, and how the clients were answered."""
    action = request.param
    rejected = BEFORE_GREETING["denylist"][0].octet
    apply(
        denylist_action=action,
        reject_networks=[lab.client(rejected + position - 128) for position, _action in enumerate(ACTIONS)],
        # Postfix counts whole seconds: a wait of 1 s may be over before a list has answered.
        greet={"action": action, "ttl": "1s", "wait": "3s"},
        dnsbl={"sites": "bl.test", "action": action, "min_ttl": "1s", "max_ttl": "1s"},
    )
    return action, speak(lab, clients(BEFORE_GREETING, action))


@pytest.fixture(scope="module", params=ACTIONS)
def after_greeting(request: pytest.FixtureRequest, lab: Lab, apply: Apply) -> tuple[str, Talks, Talks]:
    """One action for all tests that come after the greeting, how the clients were answered, and then the clean one."""
    action = request.param
    deep = {"enable": True, "action": action, "ttl": "30s"}
    answers = apply(greet={"ttl": "1s", "wait": "1s"}, pipelining=deep, non_smtp_command=deep, bare_newline=deep)
    for given in answers.values():
        told = given[0]["warnings"]
        assert len(told) == 1
        assert "bare_newline, non_smtp_command, pipelining" in told[0]
        assert "come back" in told[0]
    first = speak(lab, clients(AFTER_GREETING, action))
    return action, first, speak(lab, {"clean": clients(AFTER_GREETING, action)["clean"]})


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("test", BEFORE_GREETING)
def test_before_the_greeting(before_greeting: tuple[str, Talks], server: str, test: str) -> None:
    action, talks = before_greeting
    assert talks[server, test].verdict == expected(BEFORE_GREETING, action, test), talks[server, test]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("test", AFTER_GREETING)
def test_after_the_greeting(after_greeting: tuple[str, Talks, Talks], server: str, test: str) -> None:
    action, talks, _second = after_greeting
    assert talks[server, test].verdict == expected(AFTER_GREETING, action, test), talks[server, test]


@pytest.mark.parametrize("server", SERVERS)
def test_clean_client_passes_when_it_comes_back(after_greeting: tuple[str, Talks, Talks], server: str) -> None:
    _action, _first, second = after_greeting
    assert second[server, "clean"].verdict == 250
