# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every filter: what it makes of good input, and the one message that bad input gets."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.credentials import credentials
from ansible_collections.mailops.mta.plugins.filter.message_size import message_size
from ansible_collections.mailops.mta.plugins.filter.mynetworks import mynetworks
from ansible_collections.mailops.mta.plugins.filter.next_hop import next_hop
from ansible_collections.mailops.mta.plugins.filter.relay_domains import relay_domains
from ansible_collections.mailops.mta.plugins.filter.tables_below import tables_below
from ansible_collections.mailops.mta.plugins.filter.unowned import unowned

RELAY = {"host": "relay.example.com", "port": 587}
NETWORKS: list[tuple[list[str], list[str]]] = [
    (["10.0.0.50/24"], ["10.0.0.0/24"]),  # host bits: 451 for every recipient
    (["::1", "fd00::7/64"], ["[::1]/128", "[fd00::]/64"]),  # without brackets: smtpd dies
    (["[::1]/128", "[fd00::/64]"], ["[::1]/128", "[fd00::]/64"]),
    (["192.168.88", "172.16.", "10."], ["192.168.88.0/24", "172.16.0.0/16", "10.0.0.0/8"]),  # Postfix ignores these
    (["10.0.0.4-10.0.0.9"], ["10.0.0.4/30", "10.0.0.8/31"]),
    (["10.0.0.0/255.255.255.0"], ["10.0.0.0/24"]),
    (["203.0.113.7"], ["203.0.113.7/32"]),
    (["10.0.0.1/24", "10.0.0.0/24", "10.0.0"], ["10.0.0.0/24"]),
    (["10.0.0.0/24", "!10.0.0.66", "! 10.0.0.99"], ["!10.0.0.66/32", "!10.0.0.99/32", "10.0.0.0/24"]),
    (["!0.0.0.0/0"], ["!0.0.0.0/0"]),
    (["198.18.0.0/16"], ["198.18.0.0/16"]),
    ([], []),
]
REFUSED_NETWORKS: list[tuple[t.Any, str]] = [
    (["0.0.0.0/0"], "0.0.0.0/0 lets strangers relay"),
    (["::/0"], "[::]/0 lets strangers relay"),
    (["0.0.0.0/1", "128.0.0.0/1"], "0.0.0.0/0 lets strangers relay"),
    (["198.18.0.0/16", "198.19.0.0/16"], "198.18.0.0/15 lets strangers relay"),
    (["172.0.0.0/8"], "172.0.0.0/8 lets strangers relay"),  # a typing error for 172.16.0.0/12
    (["2001:db8::/31"], "[2001:db8::]/31 lets strangers relay"),
    (["!10.0.0.1", "0.0.0.0/0"], "0.0.0.0/0 lets strangers relay"),
    (["localhost"], '"localhost" is not accepted'),
    (["*"], '"*" is not accepted'),
    (["300.1.1.1"], '"300.1.1.1" is not accepted'),
    (["300.1"], '"300.1" is not accepted'),
    (["10.0.0.0/33"], '"10.0.0.0/33" is not accepted'),
    (["10.0.0.9-10.0.0.4"], '"10.0.0.9-10.0.0.4" is not accepted'),
    (["hash:/etc/postfix/networks"], '"hash:/etc/postfix/networks" is not accepted'),
    ([""], '"" is not accepted'),
    ([192.1], "192.1 is not text; put it in quotes"),
    ("10.0.0.1, 10.0.0.2", "is not a list"),
]
SIZES: list[tuple[t.Any, int]] = [
    (0, 0),
    (10240000, 10240000),
    ("10240000", 10240000),
    ("20M", 20971520),
    ("10 MB", 10485760),
    ("5 mib", 5242880),
    ("512k", 524288),
    ("1G", 1073741824),
    ("7B", 7),
]
NEXT_HOPS: list[tuple[dict[str, t.Any], str]] = [
    ({}, ""),
    (RELAY, "[relay.example.com]:587"),
    ({**RELAY, "mx": True}, "relay.example.com:587"),
    ({"host": "relay"}, "[relay]:25"),
    ({"host": "192.0.2.1", "port": "2525"}, "[192.0.2.1]:2525"),
    ({"host": "2001:db8::1"}, "[2001:db8::1]:25"),
    ({"host": "[relay.example.com]"}, "[relay.example.com]:25"),
    ({**RELAY, "username": "u", "password": "p"}, "[relay.example.com]:587"),
]
REFUSED_NEXT_HOPS: list[tuple[t.Any, str]] = [
    ("[relay.example.com]:587", "write {host: NAME"),
    ({"port": 25}, 'the host "" is neither'),
    ({"host": "relay.example.com:587"}, 'the host "relay.example.com:587" is neither'),
    ({"host": "a b"}, 'the host "a b" is neither'),
    ({"host": "relay.example.com", "port": 0}, 'the port "0"'),
    ({"host": "relay.example.com", "port": 65536}, 'the port "65536"'),
    ({"host": "relay.example.com", "port": "smtp"}, 'the port "smtp"'),
    ({"host": "192.0.2.1", "mx": True}, "has no MX records"),
    ({"host": "relay.example.com", "mx": "no"}, 'mx is "no"'),
    ({"host": "[mx.example.com"}, 'the host "[mx.example.com" is neither'),
]
DOMAINS: list[tuple[dict[str, t.Any], list[str]]] = [
    ({"example.com": {}, "Example.ORG": {"match_subdomains": True}}, ["example.com", "example.org", ".example.org"]),
    ({"example.com": {"match_subdomains": False}, "example.net": None}, ["example.com"]),
    ({}, []),
]
REFUSED_DOMAINS: list[tuple[dict[str, t.Any], str]] = [
    ({"*": {}}, '"*" is not a domain'),
    ({".example.com": {}}, '".example.com" is not a domain'),
    ({"user@example.com": {}}, '"user@example.com" is not a domain'),
    ({"münchen.example": {}}, "is not a domain"),
    ({"example.com": {"subdomains": True}}, "example.com takes"),
    ({"example.com": True}, "example.com takes"),
    ({"example.com": {"match_subdomains": "x"}}, 'match_subdomains of example.com is "x"'),
]
CREDENTIALS: list[tuple[list[dict[str, t.Any]], dict[str, dict[str, str]]]] = [
    ([{**RELAY, "username": "u", "password": "p"}], {"[relay.example.com]:587": {"username": "u", "password": "p"}}),
    (
        [{**RELAY, "username": "u", "password": "p"}, {**RELAY, "username": "v", "password": "q"}],
        {"[relay.example.com]:587": {"username": "v", "password": "q"}},
    ),
    ([{**RELAY, "username": "u", "password": "p"}, RELAY], {}),
    ([], {}),
]
TABLES: list[tuple[dict[str, t.Any], dict[str, t.Any]]] = [
    ({"hash:senders": {"entries": {}}}, {"hash:/m/senders": {"entries": {}}}),
    ({"lmdb:/srv/senders": {"lines": []}}, {"lmdb:/srv/senders": {"lines": []}}),
    ({"hash:senders": None, "lmdb:senders": {}}, {"hash:/m/senders": None, "lmdb:/m/senders": {}}),
]


@pytest.mark.parametrize(("networks", "expected"), NETWORKS)
def test_networks(networks: list[str], expected: list[str]) -> None:
    assert mynetworks(networks) == expected
    assert mynetworks(expected) == expected


@pytest.mark.parametrize(("networks", "message"), REFUSED_NETWORKS)
def test_refused_networks(networks: t.Any, message: str) -> None:
    refused(message, mynetworks, networks)


def test_an_open_relay_that_is_wanted() -> None:
    assert mynetworks(["0.0.0.0/0", "::/0"], allow_open_relay=True) == ["0.0.0.0/0", "[::]/0"]


@pytest.mark.parametrize(("size", "expected"), SIZES)
def test_sizes(size: t.Any, expected: int) -> None:
    assert message_size(size) == expected


@pytest.mark.parametrize("size", ["", "M", "20MEG", "-1", -1, 1.5, "1.5M", True, None, "20 T", ["20M"]])
def test_refused_sizes(size: t.Any) -> None:
    refused(f'"{size}" is not accepted', message_size, size)


@pytest.mark.parametrize(("relay", "expected"), NEXT_HOPS)
def test_next_hops(relay: dict[str, t.Any], expected: str) -> None:
    assert next_hop(relay) == expected


@pytest.mark.parametrize(("relay", "message"), REFUSED_NEXT_HOPS)
def test_refused_next_hops(relay: t.Any, message: str) -> None:
    refused(message, next_hop, relay)


@pytest.mark.parametrize(("domains", "expected"), DOMAINS)
def test_domains(domains: dict[str, t.Any], expected: list[str]) -> None:
    assert relay_domains(domains) == expected


@pytest.mark.parametrize(("domains", "message"), REFUSED_DOMAINS)
def test_refused_domains(domains: dict[str, t.Any], message: str) -> None:
    refused(message, relay_domains, domains)


@pytest.mark.parametrize(("rows", "expected"), CREDENTIALS)
def test_credentials(rows: list[dict[str, t.Any]], expected: dict[str, dict[str, str]]) -> None:
    assert credentials(rows) == expected


REFUSED_CREDENTIALS: list[dict[str, t.Any]] = [
    {**RELAY, "password": "s3cret"},
    {"password": "s3cret", "username": "u"},
    {**RELAY, "password": "s3cret", "username": "a:b"},
    {**RELAY, "password": "s3cret ", "username": "u"},
    {**RELAY, "password": ["s3cret"], "username": "u"},
]


@pytest.mark.parametrize("row", REFUSED_CREDENTIALS)
def test_refused_credentials_do_not_show_the_password(row: dict[str, t.Any]) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        credentials([row], variable="the_variable")
    assert "the_variable" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(("tables", "expected"), TABLES)
def test_tables(tables: dict[str, t.Any], expected: dict[str, t.Any]) -> None:
    assert tables_below(tables, "/m") == expected


@pytest.mark.parametrize("name", ["senders", "hash.senders", "hash:", "hash:../senders", "hash:a b", "HASH:senders"])
def test_refused_tables(name: str) -> None:
    refused(f'"{name}" is not accepted', tables_below, {name: {}}, "/m")


def test_a_table_is_no_file_of_the_system() -> None:
    refused("hash:/etc/passwd: a table lies below /etc/postfix",
            tables_below, {"hash:/etc/passwd": {}}, "/etc/postfix/m")  # fmt: skip
    refused("hash:a.db: name the source", tables_below, {"hash:a.db": None}, "/m")


def test_two_tables_do_not_share_a_file() -> None:
    refused("hash:senders and lmdb:senders would share the file /m/senders",
            tables_below, {"hash:senders": {}, "lmdb:senders": {}}, "/m")  # fmt: skip


def test_raw_parameters() -> None:
    owners = {"relayhost": "mta_outbound_relayhost", "postscreen_*": "mta_inbound_postscreen"}
    assert unowned({"biff": None}, owners) == {"biff": None}
    refused("postscreen_x (set mta_inbound_postscreen instead)", unowned, {"postscreen_x": "1d"}, owners)
    refused("relayhost (set mta_outbound_relayhost instead)", unowned, {"biff": None, "relayhost": "x"}, owners)


def refused(message: str, function: t.Callable[..., t.Any], *arguments: t.Any) -> None:
    """Expect one error that names the variable and holds *message*."""
    with pytest.raises(AnsibleFilterError) as caught:
        function(*arguments, variable="the_variable")
    assert str(caught.value).startswith("the_variable: ")
    assert message in str(caught.value)
