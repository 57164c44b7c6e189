# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of smtpd's access restrictions."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.restriction import RestrictionList

TYPES = frozenset({"cidr", "hash", "pcre", "proxy", "static"})
LIST = RestrictionList(TYPES, frozenset({"strict"}))
WITHOUT_SHORTHAND = RestrictionList(TYPES, frozenset(), shorthand=False)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
        "PERMIT_MYNETWORKS reject",
        "warn_if_reject reject_rbl_client zen.example.net=127.0.0.[2..11]",
        "reject_rhsbl_sender dbl.example.net=127.0.1.[2..99], permit",
        "check_client_access cidr:/etc/postfix/clients, hash:/etc/postfix/recipients",
        "check_client_access cidr:{ 192.0.2.0/24 reject }",
        "check_ccert_access { hash:/etc/postfix/certs, { search_order = cert_fingerprint } }",
        "check_reverse_client_hostname_mx_access static:dunno",
        "check_policy_service inet:127.0.0.1:10040",
        "check_policy_service unix:private/policy, reject",
        "check_policy_service { inet:[::1]:10040, timeout=10s, { default_action = DUNNO } }",
        "sleep 1, reject_unauth_pipelining",
        "strict, reject_sender_login_mismatch",
        "${mta_inbound_extra} check_client_access $my_table",
        "reject_authenticated_sender_login_mismatch defer_if_permit",
    ],
)
def test_accepted(value: str) -> None:
    assert LIST.problem(value) is None


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("permit_mynetwork", "did you mean permit_mynetworks?"),
        ("reject_unauth_destinations, permit", "did you mean reject_unauth_destination?"),
        ("reject_unknown_forward_client_hostname", "there is no restriction"),
        ("xyzzy", "there is no restriction xyzzy"),
        ("Strict", "did you mean strict?"),
        ("check_client_access", "needs type:name after it"),
        ("check_client_access permit", "needs type:name after it"),
        ("check_client_access /etc/postfix/clients", "needs type:name after it, not /etc/postfix/clients"),
        ("check_client_access hash:clients", "expected hash:/path/clients"),
        ("check_client_access lmdb:/etc/postfix/clients", "package postfix-lmdb"),
        ("check_client_access {cidr:/x", "without its }"),
        ("check_ccert_access { }", "needs type:name after it"),
        ("foo:/etc/postfix/x", "the table type foo does not exist"),
        ("/etc/postfix/x", "needs a check before it"),
        ("reject_rbl_client", "needs a DNS list domain after it"),
        ("reject_rbl_client reject", "needs a DNS list domain after it"),
        ("reject_rbl_client zen.example.net=127.0.0.[2..999]", "no reply filter"),
        ("reject_rbl_client zen..example.net", "no host name"),
        ("check_policy_service", "inet:host:port or unix:path"),
        ("check_policy_service 127.0.0.1:10040", "inet:host:port or unix:path"),
        ("check_policy_service { inet:127.0.0.1:10040, timout=1s }", "did you mean timeout?"),
        ("check_policy_service { inet:127.0.0.1:10040, timeout = 1s }", "without blanks"),
        ("sleep five", "number of seconds"),
        ("sleep", "number of seconds"),
    ],
)
def test_refused(value: str, advice: str) -> None:
    assert advice in (LIST.problem(value) or "accepted")


def test_tables_without_a_check_need_one_in_data_restrictions() -> None:
    assert LIST.problem("hash:/etc/postfix/x") is None
    assert "needs a check before it" in (WITHOUT_SHORTHAND.problem("hash:/etc/postfix/x") or "accepted")
