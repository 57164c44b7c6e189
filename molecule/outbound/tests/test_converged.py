# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mail goes, who it is from and how it is encrypted, as the scenario has converged."""

from __future__ import annotations

import re
import typing as t

import pytest
from lab import lifecycle, mail
from lab.letters import Arrivals, Letter, send, waiting
from lab.topology import PEER, Lab

ANN = "ann@example.test"
# What each letter is expected to be at the peer; server is 1 for the peer's own address, 2 for its second smart host.
# Where a table beside the role's own would have another answer, the role's own gives it: domain-of-sender,
# domain-of-a-whole, canonical, sender-canonical, recipient-canonical, generic, no-tls, test_one_recipient_becomes_two.
ARRIVES: dict[str, tuple[Letter, dict[str, t.Any]]] = {
    "relay-host": (Letter(ANN, "any@example.com"), {"server": 2, "port": 587, "user": "relay", "tls": True}),
    "relay-host-without-mx": (
        Letter("host@example.test", "any@example.com"), {"server": 1, "port": 587, "user": "relay", "tls": True}
    ),
    "internal-relay-host": (Letter(ANN, "bob@example.test"), {"server": 1, "port": 2525, "user": None}),
    "domain-of-sender": (Letter("any@branch.test", "any@example.com"), {"server": 2, "port": 587, "user": "branch"}),
    "sender-out-of-a-domain": (Letter("boss@branch.test", "any@example.com"), {"server": 2, "user": "relay"}),
    "another-domain-with-the-same-host": (Letter("any@other.test", "any@example.com"), {"server": 2, "user": "backup"}),
    "table-of-senders": (
        Letter("any@table.test", "any@example.com"),
        {"server": 1, "port": 2525, "user": None, "sender": "any@table.test"},
    ),
    # Postfix asks all tables for an address before it asks any of them for a domain.
    "address-in-the-table-of-senders": (Letter("chief@branch.test", "any@example.com"), {"server": 1, "port": 2525}),
    # Transports
    "domain": (Letter(ANN, "any@partner.test"), {"server": 1, "port": 2525}),
    "not-its-subdomain": (Letter(ANN, "any@sub.partner.test"), {"server": 2, "port": 587, "user": "relay"}),
    "domain-of-a-whole": (Letter(ANN, "any@whole.test"), {"port": 2525}),
    "subdomain-of-a-whole": (Letter(ANN, "any@a.b.whole.test"), {"port": 2525}),
    "subdomain": (Letter(ANN, "any@sub.below.test"), {"port": 2525}),
    "not-the-domain-above": (Letter(ANN, "any@below.test"), {"port": 587}),
    "address": (Letter(ANN, "ann@person.test"), {"server": 2, "port": 25}),
    "not-another-address": (Letter(ANN, "bob@person.test"), {"port": 587}),
    "lmtp": (Letter(ANN, "any@local.test"), {"port": 24}),
    "past-the-relay-host": (Letter(ANN, "any@example.org"), {"server": 1, "port": 25, "user": None, "tls": True}),
    "table-of-transports": (Letter(ANN, "any@table.test"), {"server": 1, "port": 2525}),
    "raw-line": (
        Letter("bouncer@example.test", "any@moved.test"), {"recipients": ["bouncer@example.test"], "sender": ""}
    ),
    # Addresses
    "canonical": (Letter("ann@old.test", "any@partner.test"), {"sender": ANN, "from": ANN}),
    "sender-canonical": (
        Letter("nick@example.test", "any@partner.test"),
        {"sender": "full-name@example.test", "from": "full-name@example.test"},
    ),
    "recipient-canonical": (Letter(ANN, "typo@partner.test"), {"recipients": ["right@partner.test"]}),
    "generic": (Letter("root", "any@partner.test"), {"sender": "admin@example.test", "from": "admin@example.test"}),
    "canonical-table": (
        Letter("ann@canonical.test", "bob@canonical.test"),
        {"sender": ANN, "from": ANN, "recipients": ["bob@example.test"]},
    ),
    "sender-canonical-table": (
        Letter("ann@sender.test", "bob@sender.test"), {"sender": ANN, "from": ANN, "recipients": ["bob@sender.test"]}
    ),
    "recipient-canonical-table": (
        Letter("ann@recipient.test", "bob@recipient.test"),
        {"sender": "ann@recipient.test", "recipients": ["bob@example.test"]},
    ),
    "generic-table": (
        Letter("daemon", "any@partner.test"), {"sender": "service@example.test", "from": "service@example.test"}
    ),
    "virtual-alias-table": (Letter(ANN, "table@virtual.test"), {"recipients": ["three@partner.test"]}),
    # Logins
    "login-beside-the-relay-host": (Letter(ANN, "any@keyed.test"), {"server": 1, "port": 587, "user": "relay"}),
    # TLS
    "encrypted-to-a-self-signed-host": (Letter(ANN, "any@sealed.test"), {"port": 25, "tls": True}),
    "verified": (Letter(ANN, "any@certified.test"), {"port": 2526, "tls": True}),
    "secure-by-another-name": (Letter(ANN, "any@renamed.test"), {"port": 2526, "tls": True}),
    "no-tls": (Letter(ANN, "any@open.test"), {"port": 25, "tls": False}),
    "policy-table": (Letter(ANN, "any@open.table.test"), {"port": 25, "tls": False}),
}  # fmt: skip
WAITS: dict[str, tuple[Letter, str]] = {
    "wrong-password": (Letter("wrong@example.test", "kept@example.com"), "SASL authentication failed"),
    "password-in-clear-text": (Letter(ANN, "kept@clear.test"), "no mechanism available"),
    "no-tls-offered": (Letter(ANN, "kept@plain.test"), "TLS is required, but was not offered"),
    "self-signed": (Letter(ANN, "kept@selfmade.test"), "Server certificate not"),
    "wrong-name": (Letter(ANN, "kept@misnamed.test"), "Server certificate not verified"),
    "wrong-fingerprint": (Letter(ANN, "kept@mispinned.test"), "Server certificate not verified"),
    "policy-of-a-domain": (Letter(ANN, "kept@strict.test"), "Server certificate not"),
}


@pytest.fixture(scope="module")
def arrivals(lab: Lab) -> Arrivals:
    """All letters at once."""
    lifecycle.add_records(lab, ["mx-host=strict.test,mail.example.net,10"])
    both = {"both": Letter(ANN, "both@virtual.test")}
    waits = {name: Letter(one.sender, one.recipient, copies=0) for name, (one, _reason) in WAITS.items()}
    return send(lab, {**{name: one for name, (one, _seen) in ARRIVES.items()}, **both, **waits})


@pytest.mark.parametrize("name", ARRIVES)
def test_letter_arrives(lab: Lab, arrivals: Arrivals, mta: str, name: str) -> None:
    (seen,) = arrivals[mta, name]
    servers = {lab.address(PEER.name): 1, lab.client(126): 2}
    writer = re.search("^From: (.*?)\r?$", seen.message, re.MULTILINE)
    found = {
        **{field: getattr(seen, field) for field in ("port", "user", "tls", "sender", "recipients")},
        "server": servers.get(seen.server), "from": writer and writer[1],
    }  # fmt: skip
    _letter, expected = ARRIVES[name]
    assert {field: found[field] for field in expected} == expected, seen


@pytest.mark.parametrize("name", WAITS)
def test_letter_waits(lab: Lab, arrivals: Arrivals, mta: str, name: str) -> None:
    letter, reason = WAITS[name]
    assert reason in waiting(lab, mta, letter.recipient)
    assert arrivals[mta, name] == []


def test_one_recipient_becomes_two(arrivals: Arrivals, mta: str) -> None:
    (seen,) = arrivals[mta, "both"]
    assert sorted(seen.recipients) == ["one@partner.test", "two@partner.test"]


def test_other_addresses_of_a_virtual_domain_are_refused(lab: Lab, mta: str) -> None:
    commands = ["EHLO client.example.org", "MAIL FROM:<a@example.org>"]
    commands += ["RCPT TO:<both@virtual.test>", "RCPT TO:<other@virtual.test>"]
    *_rest, known, unknown = mail.dialogue(lab, mta, commands)
    assert (known.code, unknown.code, "User unknown in virtual alias table" in unknown.text) == (250, 550, True)


def test_the_bounce_says_why(arrivals: Arrivals, mta: str) -> None:
    (seen,) = arrivals[mta, "raw-line"]
    assert "this domain has moved" in seen.message


def test_helo_name(arrivals: Arrivals, mta: str) -> None:
    (seen,) = arrivals[mta, "relay-host"]
    assert seen.helo == f"out-{mta}.example.test"
