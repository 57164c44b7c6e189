# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inventory, two servers: the group's screen, one server's own action, the lists of clients, and off again.

Runs after the tests of the module, which want the scenario's own inventory.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab.sessions import Client, Talk, speak
from lab.topology import Lab

Talks = dict[tuple[str, str], Talk]
DENIED, ALLOWED, STRANGER = Client(200), Client(201), Client(202)
CLIENTS = {"denied": DENIED, "allowed": ALLOWED, "stranger": STRANGER}
SCREEN = {"greet": {"wait": "3s", "action": "enforce"}, "denylist_action": "enforce"}


def variables(lab: Lab, enabled: bool) -> dict[str, object]:
    """The group's: a screen, and the two lists of clients, which are smtpd's as well."""
    return {
        "mta_inbound_reject_non_fqdn_recipient": False,
        "mta_inbound_client_denylist": [{"client": lab.client(DENIED.octet - 128), "reason": "no mail from here"}],
        "mta_inbound_client_allowlist": [lab.client(ALLOWED.octet - 128)],
        "mta_inbound_postscreen": {"enabled": enabled, **SCREEN},
    }


@pytest.fixture(scope="module")
def talks(lab: Lab, converge: Callable[..., None]) -> dict[bool, Talks]:
    """How each client fared with the screen on, then off."""
    found = {}
    for enabled in (True, False):
        own = {"mx13": {"mta_inbound_postscreen_host": {"denylist_action": "drop", "greet": {"wait": "1s"}}}}
        converge(variables(lab, enabled), own)
        found[enabled] = speak(lab, CLIENTS)
    return found


@pytest.mark.parametrize(("server", "code"), [("mx12", 550), ("mx13", 521)])
def test_the_screen_refuses_as_each_server_says(talks: dict[bool, Talks], server: str, code: int) -> None:
    assert talks[True][server, "denied"].verdict == code


def test_strangers_wait_as_long_as_each_server_says(talks: dict[bool, Talks]) -> None:
    long, short = (talks[True][server, "stranger"] for server in ("mx12", "mx13"))
    # Postfix counts whole seconds, so a wait of 3 s takes more than 2.
    assert (long.verdict, short.verdict, long.waited > 2, short.waited < long.waited) == (250, 250, True, True), long


@pytest.mark.parametrize("server", ["mx12", "mx13"])
def test_an_allowed_client_does_not_wait(talks: dict[bool, Talks], server: str) -> None:
    allowed, stranger = talks[True][server, "allowed"], talks[True][server, "stranger"]
    assert (allowed.verdict, allowed.waited < stranger.waited) == (250, True), allowed


@pytest.mark.parametrize("server", ["mx12", "mx13"])
def test_without_the_screen_smtpd_refuses_and_nobody_waits(talks: dict[bool, Talks], server: str) -> None:
    off = {name: talks[False][server, name] for name in CLIENTS}
    assert {name: talk.verdict for name, talk in off.items()} == {"denied": 554, "allowed": 250, "stranger": 250}
    assert "no mail from here" in off["denied"].text
    assert off["stranger"].waited < talks[True][server, "stranger"].waited
