# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of clients become one cidr table in which the smallest network decides."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.client_access import client_access

SPAM = {"client": "192.168", "reason": "no mail from here"}
TABLES: list[tuple[list[t.Any], list[t.Any], list[str]]] = [
    ([], [], []),
    (["192.0.2.7"], [], ["192.0.2.7/32 OK"]),
    ([], ["192.0.2.9/24", SPAM], ["192.0.2.0/24 REJECT", "192.168.0.0/16 REJECT no mail from here"]),
    (["192.168.88"], [SPAM], ["192.168.88.0/24 OK", "192.168.0.0/16 REJECT no mail from here"]),
    (["10."], ["10.1.2.3"], ["10.1.2.3/32 REJECT", "10.0.0.0/8 OK"]),
    ([{"client": "192.0.2.7", "reason": "a friend"}], [], ["# a friend", "192.0.2.7/32 OK"]),
    (["2001:db8::7", "[2001:db8:1::]/48"], [], ["2001:db8::7/128 OK", "2001:db8:1::/48 OK"]),
    ([], ["10.0.0.4-10.0.0.9"], ["10.0.0.8/31 REJECT", "10.0.0.4/30 REJECT"]),
    (["10.0.0.4", "10.0.0.4/32"], [], ["10.0.0.4/32 OK"]),
]
REFUSED: list[tuple[t.Any, t.Any, str]] = [
    ([], ["mail.example.com"], 'denied: "mail.example.com" is not accepted; write an address'),
    (["0.0.0.0/0"], [], 'allowed: "0.0.0.0/0" is everybody'),
    ([], ["::/0"], 'denied: "::/0" is everybody'),
    (["10.0.0.5/24"], ["10.0.0"], "denied: 10.0.0.0/24 is in allowed too"),
    (["!10.0.0.1"], [], 'allowed: "!10.0.0.1" is not accepted'),
    ([], [{"address": "10.0.0.1"}], "write {client: 192.0.2.7, reason: text}"),
    ([], [{"client": "10.0.0.1", "text": "x"}], "write {client: 192.0.2.7, reason: text}"),
    ([], [{"client": "10.0.0.1", "reason": "a\nb"}], "is no reason; write one line of ASCII text"),
    ([], [{"client": "10.0.0.1", "reason": "né"}], "is no reason; write one line of ASCII text"),
    ([192.1], [], "allowed: 192.1 is not text"),
    ("10.0.0.1", [], 'allowed: "10.0.0.1" is not a list'),
]


@pytest.mark.parametrize(("allowed", "denied", "expected"), TABLES)
def test_table(allowed: list[t.Any], denied: list[t.Any], expected: list[str]) -> None:
    assert client_access(allowed, denied) == expected


@pytest.mark.parametrize(("allowed", "denied", "message"), REFUSED)
def test_refused(allowed: t.Any, denied: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        client_access(allowed, denied, variables=["allowed", "denied"])
    assert message in str(caught.value)
