# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a variable: one message that names it and what is accepted; nothing changes, in check mode too."""

from __future__ import annotations

import typing as t

import pytest
from lab import play, refused
from lab.topology import Lab

# Variable (without the prefix), its value, and words that the message has to hold besides the variable.
WRONG: list[tuple[str, t.Any, list[str]]] = [
    ("smtpd_reject_unlisted_sender", "perhaps", ["perhaps", "bool"]),
    ("sender_login_mismatch", "some", ["some", "off, authenticated, all"]),
    ("sender_login_mismatch", "all", ["refuses every sender", "mta_inbound_sender_logins"]),
    ("reject_unknown_client_hostname", "perhaps", ["perhaps", "bool"]),
    ("reject_rbl_client", ["bl.test=127.0.0"], ["bl.test=127.0.0", "bl.example.com=127.0.0.2"]),
    ("reject_rbl_client", ["bl_test"], ["bl_test"]),
    ("client_allowlist", ["mail.example.org"], ["mail.example.org", "an address"]),
    ("client_allowlist", ["0.0.0.0/0"], ["everybody"]),
    ("client_denylist", "mail.example.org", ["mail.example.org", "an address"]),
    ("client_denylist", [{"client": "10.0.0.1", "why": "x"}], ["why", "{client: 192.0.2.7, reason: text}"]),
    ("client_providers", ["provider"], ["provider"]),
    ("unverified_recipient_reject_code", 551, ["551", "450, 550"]),
    ("address_verify_negative_expire_time", "3 apples", ["3 apples"]),
    ("header_checks", ["/x/ REJEKT"], ["REJEKT", "REJECT"]),
    ("header_checks", [{"pattern": "(x", "action": "REJECT"}], ["line 1", "(x"]),
    ("body_checks", [{"pattern": "x"}], ["{pattern: PATTERN"]),
    ("mime_header_checks", ["x REJECT"], ["/pattern/flags ACTION"]),
    ("blocked_extensions", ["*.exe"], ["*.exe", "letters"]),
    ("own_domains", {"exa mple.com": {}}, ["exa mple.com", "write example.com"]),
    ("smtpd_recipient_restrictions", ["reject_unlisted_recipent"], ["reject_unlisted_recipient"]),
    ("smtpd_relay_restrictions_before", ["permit"], ["permit", "every client could relay"]),
    ("smtpd_client_restrictions", ["check_client_access hsah:/etc/postfix/clients"], ["hsah", "hash"]),
    ("restriction_classes", {"reject": ["permit"]}, ["reject", "letters"]),
    ("restriction_classes", {"relayhost": ["permit"]}, ["relayhost"]),
    ("postscreen", {"enabled": True, "greet": {"action": "explode"}}, ["explode", "ignore, enforce, drop"]),
    ("postscreen", {"enabled": True, "gret": {}}, ["gret", "greet"]),
    ("postscreen", {"enabled": True, "dnsbl": {"allowlist_threshold": 3}}, ["allowlist_threshold"]),
]
CASES = refused.of_role("mta_inbound", WRONG)


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> refused.Attempts:
    """From the example site, so that nothing but the wrong values differs."""
    play.run(lab, group={"mta_inbound_restriction_classes": {"friends_only": None}})
    return refused.attempt(lab, CASES, role="What a Postfix server takes from outside")


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize("mode", refused.MODES)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


def test_nothing_changed(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()
