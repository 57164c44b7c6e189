# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches become restriction lists: each check in its list, in its order, and nothing that Postfix does not know."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.smtpd_restrictions import smtpd_restrictions

OWN = ["permit_mynetworks", "permit_sasl_authenticated"]
RELAY = [*OWN, "reject_unauth_destination"]
TABLE = {"client_access": ["cidr:/m/clients"]}
ACCESS = "check_client_access cidr:/m/clients"
# Arguments -> the lists that are not empty, without the relay list where it is just relay protection.
LISTS: list[tuple[dict[str, t.Any], dict[str, list[str]]]] = [
    ({}, {}),
    ({"reject_unknown_client_hostname": "no", "reject_rbl_client": []}, {}),
    (
        {"reject_unknown_client_hostname": True, "reject_unknown_reverse_client_hostname": "yes"},
        {"client": [*OWN, "reject_unknown_reverse_client_hostname", "reject_unknown_client_hostname"]},
    ),
    (
        {"reject_rbl_client": ["bl.example.com", "bl.example.org=127.0.0.2", "bl.example.net=127.0.[0..1].[2;4]"]},
        {
            "client": [
                *OWN,
                "reject_rbl_client bl.example.com=127.0.0.[2..11]",
                "reject_rbl_client bl.example.org=127.0.0.2",
                "reject_rbl_client bl.example.net=127.0.[0..1].[2;4]",
            ]
        },
    ),
    (
        {f"reject_{what}_helo_hostname": True for what in ("unknown", "non_fqdn", "invalid")},
        {"helo": [*OWN, *(f"reject_{what}_helo_hostname" for what in ("invalid", "non_fqdn", "unknown"))]},
    ),
    (
        {
            "reject_authenticated_sender_login_mismatch": True,
            "reject_unauthenticated_sender_login_mismatch": True,
            "reject_non_fqdn_sender": True,
            "reject_unknown_sender_domain": True,
            "owned_senders": ["pcre:/m/owned"],
            "own_senders": ["pcre:/m/own"],
        },
        {
            "sender": [
                "reject_authenticated_sender_login_mismatch",
                *OWN,
                "reject_non_fqdn_sender",
                "check_sender_access pcre:/m/owned",
                "reject_unauthenticated_sender_login_mismatch",
                "reject_unknown_sender_domain",
                "check_sender_access pcre:/m/own",
            ]
        },
    ),
    # Clients of a provider may relay; the lists that only they would be in stay empty.
    (
        {"relay_clients": ["cidr:/m/providers"]},
        {"relay": [*OWN, "check_client_access cidr:/m/providers", "reject_unauth_destination"]},
    ),
    (
        {"relay_clients": ["cidr:/m/providers"], "own_senders": ["pcre:/m/own"]},
        {
            "relay": [*OWN, "check_client_access cidr:/m/providers", "reject_unauth_destination"],
            "sender": [*OWN, "check_client_access cidr:/m/providers", "check_sender_access pcre:/m/own"],
        },
    ),
    # The access table comes before every check, and makes no list of its own but the first.
    (TABLE, {"client": [*OWN, ACCESS]}),
    (
        {
            **TABLE,
            **dict.fromkeys(("reject_invalid_helo_hostname", "reject_non_fqdn_sender", "reject_rbl_client"), True),
            "reject_rbl_client": ["bl.example.com=127.0.0.2"],
            "reject_non_fqdn_recipient": True,
            "reject_unverified_recipient": True,
        },
        {
            "client": [*OWN, ACCESS, "reject_rbl_client bl.example.com=127.0.0.2"],
            "helo": [*OWN, ACCESS, "reject_invalid_helo_hostname"],
            "sender": [*OWN, ACCESS, "reject_non_fqdn_sender"],
            "recipient": [*OWN, "reject_non_fqdn_recipient", "reject_unverified_recipient", ACCESS],
        },
    ),
]
# Where nobody can log in, nobody is permitted for it.
WITHOUT_LOGIN: list[tuple[dict[str, t.Any], dict[str, list[str]]]] = [
    ({}, {"relay": ["permit_mynetworks", "reject_unauth_destination"]}),
    (
        {"reject_non_fqdn_recipient": True},
        {
            "relay": ["permit_mynetworks", "reject_unauth_destination"],
            "recipient": ["permit_mynetworks", "reject_non_fqdn_recipient"],
        },
    ),
]
PLACES: list[tuple[dict[str, t.Any], dict[str, list[str]]]] = [
    (
        {"before": {"recipient": ["sleep 1"]}, "after": {"recipient": ["check_policy_service unix:private/spf"]}},
        {"recipient": ["sleep 1", *OWN, "check_policy_service unix:private/spf"]},
    ),
    ({"before": {"sender": ["reject_unlisted_sender"]}}, {"sender": ["reject_unlisted_sender"]}),
    (
        {"before": {"relay": ["check_client_access cidr:/m/partners"]}},
        {"relay": ["check_client_access cidr:/m/partners", *RELAY]},
    ),
    (
        {"after": {"data": ["reject_unauth_pipelining"], "end_of_data": ["check_policy_service inet:127.0.0.1:10031"]}},
        {"data": ["reject_unauth_pipelining"], "end_of_data": ["check_policy_service inet:127.0.0.1:10031"]},
    ),
    (
        {
            "after": {"recipient": ["sales"]},
            "classes": {"sales": ["deeper", "reject"], "deeper": ["permit"], "x": None},
        },
        {"recipient": [*OWN, "sales"]},
    ),
]
REFUSED: list[tuple[dict[str, t.Any], str]] = [
    (
        {"switches": {"reject_non_fqdn_sender": "perhaps"}},
        'the_reject_non_fqdn_sender: "perhaps" is not accepted; write true or false',
    ),
    ({"switches": {"reject_rbl_client": ["bl"]}}, 'the_reject_rbl_client: "bl" is not accepted'),
    ({"switches": {"reject_rbl_client": ["bl.example.com=127.0"]}}, 'the_reject_rbl_client: "bl.example.com=127.0"'),
    ({"switches": {"reject_rbl_client": ["bl.example.com*2"]}}, 'the_reject_rbl_client: "bl.example.com*2"'),
    (
        {"after": {"recipient": ["reject_unknown_sender_domian"]}},
        "there is no restriction reject_unknown_sender_domian: did you mean reject_unknown_sender_domain?",
    ),
    ({"before": {"relay": ["permit_mynetwork"]}}, "the_smtpd_relay_restrictions_before: \"permit_mynetwork\""),
    ({"after": {"client": ["check_client_access"]}}, "check_client_access needs type:name after it"),
    ({"after": {"client": ["cidr:clients"]}}, "cidr:clients is not an absolute path"),
    ({"after": {"client": "reject"}}, 'the_smtpd_client_restrictions: "reject" is not a list'),
    ({"after": {"client": [" "]}}, "it is empty"),
    ({"after": {"client": [5]}}, "is not a list of restrictions"),
    ({"classes": {"reject": ["permit"]}}, 'the_restriction_classes: "reject" is no name for a class'),
    ({"classes": {"a-b": ["permit"]}}, 'the_restriction_classes: "a-b" is no name for a class'),
    ({"classes": {"sales": []}}, "sales has no restrictions; write null"),
    ({"classes": {"sales": ["sales"]}}, "there is no restriction sales"),
    ({"after": {"client": ["sales"]}, "classes": {"sales": None}}, "there is no restriction sales"),
]  # fmt: skip


NAMES = ("client", "helo", "sender", "relay", "recipient", "data", "end_of_data")


def lists(switches: dict[str, t.Any], **own: t.Any) -> dict[str, list[str]]:
    found = {name: smtpd_restrictions(switches, name, **own) for name in NAMES}
    return {name: value for name, value in found.items() if value and (name, value) != ("relay", RELAY)}


@pytest.mark.parametrize(("switches", "expected"), LISTS)
def test_switches(switches: dict[str, t.Any], expected: dict[str, list[str]]) -> None:
    assert lists(switches) == expected


@pytest.mark.parametrize(("switches", "expected"), WITHOUT_LOGIN)
def test_users_who_cannot_log_in(switches: dict[str, t.Any], expected: dict[str, list[str]]) -> None:
    assert lists(switches, authentication=False) == expected


@pytest.mark.parametrize(("own", "expected"), PLACES)
def test_own_restrictions(own: dict[str, t.Any], expected: dict[str, list[str]]) -> None:
    assert lists({}, **own) == expected


@pytest.mark.parametrize("switches", [switches for switches, _expected in LISTS])
def test_relay_protection_is_always_there(switches: dict[str, t.Any]) -> None:
    relay = smtpd_restrictions(switches, "relay", before={"relay": ["permit_tls_clientcerts"]})
    assert relay[-1] == "reject_unauth_destination"


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_refused(arguments: dict[str, t.Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        lists(**{"switches": {}, **arguments}, prefix="the_")
    assert str(caught.value).startswith("the_")
    assert message in str(caught.value)


def test_unknown_list() -> None:
    with pytest.raises(AnsibleFilterError, match='no list "etrn"; there are: client, helo'):
        smtpd_restrictions({}, "etrn")
