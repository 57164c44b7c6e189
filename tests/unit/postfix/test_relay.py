# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of client lists and restrictions that make an open relay, and of some that look so but do not."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.relay import (
    open_relay_problem,
    relay_protection_problem,
)


@pytest.mark.parametrize(
    "mynetworks",
    [
        "0.0.0.0/0",
        "[::]/0",
        "[::/0]",
        "127.0.0.0/8 0.0.0.0/1 128.0.0.0/1",
        "0.0.0.0/2, 64.0.0.0/2",
        "64.0.0.0/7",
        "44.0.0.0/8 45.0.0.0/8",
        "0.0.0.0/0 !192.0.2.1",
        "!192.0.2.1 0.0.0.0/0",
        "[2000::]/3",
        "[2a00::]/15",
        "static:all",
        "randmap:{ok}",
        "proxy:static:all",
        "unionmap:{hash:/etc/postfix/a, static:x}",
        "cidr:{{0.0.0.0/0 ok}}",
        "regexp:{{/./ ok}}",
        "pcre:{{/^/ ok}}",
        "pcre:{{/\\d+\\.\\d+/ ok}}",
    ],
)
def test_open(mynetworks: str) -> None:
    assert "open relay" in (open_relay_problem(mynetworks) or "")


@pytest.mark.parametrize(
    "mynetworks",
    [
        "",
        "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128",
        "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 [fc00::]/7 [fe80::]/10",
        "44.0.0.0/8",
        "[2001:db8::]/32",
        "192.0.2.0/24, hash:/etc/postfix/clients, /etc/postfix/networks",
        "!static:all 192.0.2.0/24",
        "cidr:{{192.0.2.0/24 ok}}",
        "regexp:{{/^192\\.0\\.2\\./ ok}}",
        "not even a network",
    ],
)
def test_closed(mynetworks: str) -> None:
    assert open_relay_problem(mynetworks) is None


@pytest.mark.parametrize(
    ("word", "lines", "is_open"),
    [
        ("cidr:/etc/postfix/nets", ["# ours", "", "192.0.2.0/24 ok"], False),
        ("cidr:/etc/postfix/nets", ["192.0.2.0/24 ok", "0.0.0.0/0 ok"], True),
        ("cidr:/etc/postfix/nets", ["::/0 ok"], True),
        ("regexp:/etc/postfix/nets", ["/^10\\./ ok"], False),
        ("regexp:/etc/postfix/nets", ["/.*/ ok"], True),
        ("/etc/postfix/nets", ["# ours", "192.0.2.0/24", "10.0.0.0/8"], False),
        ("/etc/postfix/nets", ["0.0.0.0/0"], True),
    ],
)
def test_tables_whose_lines_are_known(word: str, lines: list[str], is_open: bool) -> None:
    assert (open_relay_problem(word, {word: lines}) is not None) is is_open


@pytest.mark.parametrize(
    ("relay", "recipient", "protected"),
    [
        ("permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination", "", True),
        ("permit_mynetworks reject_unauth_destination", "permit", True),
        ("", "permit_mynetworks, reject_unauth_destination", True),
        ("", "permit_mynetworks, REJECT", True),
        ("", "strict", True),
        ("permit", "", False),
        ("permit, reject_unauth_destination", "", False),
        ("permit_mynetworks", "", False),
        ("", "", False),
        ("warn_if_reject reject_unauth_destination", "", False),
        ("check_client_access static:ok, reject_unauth_destination", "", False),
        ("check_client_access static:{FILTER x:y}, reject_unauth_destination", "", True),
        ("lax", "", False),
        ("circular", "", False),
        ("{ reject", "", False),
    ],
)
def test_relay_protection(relay: str, recipient: str, protected: bool) -> None:
    effective = {
        "smtpd_relay_restrictions": relay,
        "smtpd_recipient_restrictions": recipient,
        "smtpd_restriction_classes": "strict, lax circular",
        "strict": "permit_mynetworks, reject_unauth_destination",
        "lax": "permit_mynetworks",
        "circular": "circular",
    }
    assert (relay_protection_problem(effective) is None) is protected
