# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a variable: one message that names it and what is accepted; nothing changes, in check mode too."""

from __future__ import annotations

import typing as t

import pytest
from lab import play, refused
from lab.topology import Lab

LOGIN = {"username": "mx1", "password": "sesame-open"}
RELAY = {"host": "relay.example.net", "port": 587}
# Variable (without the prefix), its value, and words that the message has to hold besides the variable.
WRONG: list[tuple[str, t.Any, list[str]]] = [
    ("relayhost", {"host": "a b"}, ["a b", "neither a host name nor an address"]),
    ("relayhost", {**RELAY, "port": 0}, ["0", "1 to 65535"]),
    ("relayhost", {"host": "192.0.2.1", "mx": True}, ["192.0.2.1", "mx to false"]),
    ("relayhost", {**RELAY, "username": "mx1"}, ["[relay.example.net]:587", "both username and password"]),
    ("relayhost", {**RELAY, "tls": "encrpyt"}, ["encrpyt", "did you mean encrypt", "fingerprint"]),
    ("relay_transport", {"port": 25}, ["neither a host name nor an address"]),
    ("smtp_fallback_relay", [{**RELAY, **LOGIN}, {**RELAY, **LOGIN, "username": "mx2"}], ["another user name"]),
    ("sender_relayhosts", {"ann": RELAY}, ["ann", "write ann@example.com or @example.com"]),
    ("sender_relayhosts", {"ann@example.com": {**RELAY, "transport": "smtp"}}, ["no transport"]),
    ("sender_relayhosts", {"@a.test": {**RELAY, **LOGIN}, "b@a.test": RELAY}, ["b@a.test would use", "@a.test"]),
    ("transports", {"exa mple.com": RELAY}, ["exa mple.com", "write example.com, .example.com"]),
    ("transports", {"example.com": {**RELAY, "hsot": "x"}}, ["hsot", "host, port, mx"]),
    ("transports", {"example.com": {"transport": "smpt"}}, ["smpt", "did you mean smtp"]),
    ("transports", {".example.com": {**RELAY, "match_subdomains": True}}, [".example.com has no subdomains"]),
    ("transport_lines", ["example.com"], ["example.com", "write PATTERN TRANSPORT:NEXTHOP"]),
    ("transport_lines", ["example.com nosuch:[a.example]"], ["line 1", "there is no service nosuch"]),
    ("canonical", {"ann@example.com": ["a@b.test", "c@d.test"]}, ["ann@example.com", "one address"]),
    ("generic", {"example.com": "a@b.test"}, ["example.com", "write ann@example.com, @example.com or ann"]),
    ("virtual_aliases", {"ann@example.com": "a b"}, ["a b", "no address"]),
    ("tls_policies", {"example.com": "strict"}, ["strict", "none, may, encrypt"]),
    ("tls_policies", {"example.com": {"level": "encrypt", "match": "nexthop"}}, ["match", "verify or secure"]),
    ("tls_policies", {"example.com": {"level": "fingerprint", "match": ["ab:cd"]}}, ["ab:cd", "SHA-256"]),
    ("tls_policies", {"example com": "may"}, ["example com", "neither a domain nor a next hop"]),
    ("smtp_tls_security_level", "strict", ["strict", "dane-only"]),
    ("smtp_tls_security_level", "dane-only", ["would keep all mail back", "no validating name server"]),
    ("smtp_tls_policy_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("smtp_helo_name", "mail server", ["mail server", "mx1.example.com"]),
    ("mta_sts", "perhaps", ["perhaps", "bool"]),
]
CASES = refused.of_role("mta_outbound", WRONG)


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> refused.Attempts:
    """From the example site, so that nothing but the wrong values differs."""
    play.run(lab)
    return refused.attempt(lab, CASES, role="Where a Postfix server sends mail")


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize("mode", refused.MODES)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


def test_nothing_changed_and_no_password_was_shown(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()
    assert LOGIN["password"] not in attempts.checked.output + attempts.applied.output
