# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters of mta_outbound make of good input, and the one message that bad input gets."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.address_map import address_map
from ansible_collections.mailops.mta.plugins.filter.credentials import credentials
from ansible_collections.mailops.mta.plugins.filter.sender_relayhosts import sender_relayhosts
from ansible_collections.mailops.mta.plugins.filter.tls_policies import tls_policies
from ansible_collections.mailops.mta.plugins.filter.transports import transports

RELAY = {"host": "relay.example.com", "port": 587}
HOP = "[relay.example.com]:587"
ONE = {"username": "one", "password": "first-secret"}
TWO = {"username": "two", "password": "second-secret"}
DIGEST = "ab" * 32
COLONS = ":".join(["AB"] * 32)
POLICIES: list[tuple[t.Any, str]] = [
    ("encrypt", "encrypt"),
    ({"level": "none"}, "none"),
    ({"level": "dane-only", "servername": None}, "dane-only"),
    ({"level": "secure", "match": ["nexthop", ".example.org"]}, "secure match=nexthop:.example.org"),
    ({"level": "verify", "match": "hostname", "ciphers": "high"}, "verify match=hostname ciphers=high"),
    ({"level": "may", "protocols": [">=TLSv1.2", "<=TLSv1.3"]}, "may protocols=>=TLSv1.2:<=TLSv1.3"),
    ({"level": "fingerprint", "match": [DIGEST, COLONS.lower()]}, f"fingerprint match={COLONS}|{COLONS}"),
    ({"level": "secure", "tafile": "/ca.pem", "servername": "hostname"}, "secure tafile=/ca.pem servername=hostname"),
    ({"level": "encrypt", "exclude": ["aNULL", "MD5"]}, "encrypt exclude=aNULL:MD5"),
]  # fmt: skip
REFUSED_POLICIES: list[tuple[t.Any, str]] = [
    ("dnae", '"dnae" is no level (did you mean dane?)'),
    (True, '"True" is no level'),
    ({"match": "nexthop"}, '"None" is no level'),
    ({"level": "secure", "mtach": "nexthop"}, '"mtach" is no attribute (did you mean match?)'),
    ({"level": "none", "ciphers": "high"}, "takes no attributes"),
    ({"level": "may", "match": "nexthop"}, "match is for the levels fingerprint, verify or secure"),
    ({"level": "encrypt", "tafile": "/x"}, "tafile is for the levels"),
    ({"level": "fingerprint"}, "needs match"),
    ({"level": "fingerprint", "match": "ab:cd"}, "no SHA-256 fingerprint"),
    ({"level": "secure", "match": "a b"}, "holds a blank"),
    ({"level": "secure", "match": []}, "the list is empty"),
    ({"level": "secure", "match": "example"}, "no name to match"),
    ({"level": "may", "protocols": "TLSv9"}, "no TLS version"),
    ({"level": "may", "ciphers": "strong"}, '"strong" is no grade'),
    ({"level": "may", "servername": "a/b"}, "no name for SNI"),
    ({"level": "verify", "tafile": "ca.pem"}, "no absolute path"),
]
KEYS = ["example.com", ".example.com", "example.com:25", HOP, "[192.0.2.1]", "[2001:db8::1]:25", "a_b.example"]
REFUSED_KEYS = ["", "*", "exa mple.com", "user@example.com", "[a", "example.com:smtp", "..example.com"]
TRANSPORTS: list[tuple[dict[str, t.Any], list[str]]] = [
    ({"example.com": RELAY}, [f"example.com smtp:{HOP}"]),
    ({"example.com": {**RELAY, "match_subdomains": True}}, [f"example.com smtp:{HOP}", f".example.com smtp:{HOP}"]),
    ({"example.com": {**RELAY, "mx": True, "transport": "relay"}}, ["example.com relay:relay.example.com:587"]),
    ({"example.net": {"match_subdomains": True}}, ["example.net smtp:", ".example.net smtp:"]),
    ({".example.com": {}, "example.org": None, "*": {"transport": "error"}}, [".example.com smtp:", "* error:"]),
    ({"ann+list@example.com": {**RELAY, **ONE, "tls": "encrypt"}}, [f"ann+list@example.com smtp:{HOP}"]),
]
REFUSED_TRANSPORTS: list[tuple[dict[str, t.Any], str]] = [
    ({"a b": RELAY}, '"a b" is neither a domain nor an address'),
    ({"example.com": "smtp:[a]"}, "write {host: NAME"),
    ({"example.com": {**RELAY, "match_subdomains": "yes"}}, "not true or false"),
    ({"ann@example.com": {**RELAY, "match_subdomains": True}}, "has no subdomains"),
    ({"example.com": {**RELAY, "transport": "a b"}}, "not the name of a service"),
    ({"example.com": {**RELAY, "transport": "lmtp", "tls": "encrypt"}}, "goes by lmtp"),
    ({"example.com": {"port": 25}}, "transports: example.com: the host"),
    ({"example.com": {**RELAY, "user": "x"}}, "a relay host has no user"),
]
LINES = ["example.org error:5.1.2 we have moved", "# a remark", "example.net :[a.example]", "a.test smtp:"]
REFUSED_LINES = ["", " example.org smtp:", "example.org", "example.org smtp", "a.test smtp:\nb.test smtp:", 7]
ADDRESSES: list[tuple[dict[str, t.Any], dict[str, str]]] = [
    ({"ann@old.test": "ann@new.test"}, {"ann@old.test": "ann@new.test"}),
    ({"@old.test": "@new.test"}, {"@old.test": "@new.test"}),
    ({"root": "admin@new.test", "bob": None}, {"root": "admin@new.test"}),
    ({"all@a.test": ["x@a.test", "y"]}, {"all@a.test": "x@a.test, y"}),
]  # fmt: skip
REFUSED_ADDRESSES: list[tuple[dict[str, t.Any], str]] = [
    ({"old.test": "new.test"}, '"old.test" is not accepted'),
    ({"a b@x.test": "c@x.test"}, "is not accepted"),
    ({"a@x.test": "b c"}, 'replaced by "b c"'),
    ({"a@x.test": []}, "not by 0"),
    ({"a@x.test": 7}, 'replaced by "7"'),
]


@pytest.mark.parametrize(("policy", "expected"), POLICIES)
def test_policy(policy: t.Any, expected: str) -> None:
    assert tls_policies({"example.com": policy}) == {"example.com": expected}
    assert tls_policies({}, {"relayhost": [{**RELAY, "tls": policy}]}) == {HOP: expected}


@pytest.mark.parametrize(("policy", "message"), REFUSED_POLICIES)
def test_refused_policy(policy: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^my_policies: example.com: ") as error:
        tls_policies({"example.com": policy}, variable="my_policies")
    assert message in str(error.value)


def test_keys_of_policies() -> None:
    assert list(tls_policies(dict.fromkeys(KEYS, "may"))) == KEYS
    assert tls_policies({"example.com": None}) == {}
    for key in REFUSED_KEYS:
        with pytest.raises(AnsibleFilterError, match="neither a domain nor a next hop"):
            tls_policies({key: "may"})


def test_policies_of_one_next_hop() -> None:
    strict, lax = {**RELAY, "tls": "secure"}, {**RELAY, "tls": "may"}
    assert tls_policies({}, {"a": [strict, {}], "b": [strict, RELAY]}) == {HOP: "secure"}
    assert tls_policies({HOP: "encrypt"}, {"a": [strict]}) == {HOP: "encrypt"}
    assert tls_policies({}, {"transports": [{"transport": "error"}, {"match_subdomains": True}]}) == {}
    with pytest.raises(AnsibleFilterError, match=r'^b: tls of .* is "may" here and "secure" elsewhere'):
        tls_policies({}, {"a": [strict], "b": [lax]})


@pytest.mark.parametrize(("destinations", "expected"), TRANSPORTS)
def test_transports(destinations: dict[str, t.Any], expected: list[str]) -> None:
    assert transports(destinations, LINES) == [*expected, *LINES]


@pytest.mark.parametrize(("destinations", "message"), REFUSED_TRANSPORTS)
def test_refused_transports(destinations: dict[str, t.Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^transports: ") as error:
        transports(destinations)
    assert message in str(error.value)


@pytest.mark.parametrize("line", REFUSED_LINES)
def test_refused_line(line: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"write PATTERN TRANSPORT:NEXTHOP"):
        transports({}, [line])


@pytest.mark.parametrize(("addresses", "expected"), ADDRESSES)
def test_addresses(addresses: dict[str, t.Any], expected: dict[str, str]) -> None:
    assert address_map(addresses, several=True) == expected


@pytest.mark.parametrize(("addresses", "message"), REFUSED_ADDRESSES)
def test_refused_addresses(addresses: dict[str, t.Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^my_map: ") as error:
        address_map(addresses, variable="my_map")
    assert message in str(error.value)


def test_one_address_is_replaced_by_one() -> None:
    with pytest.raises(AnsibleFilterError, match="by one address, not by 2"):
        address_map({"a@x.test": ["b@x.test", "c@x.test"]})


def test_sender_relayhosts() -> None:
    senders = {"@a.test": RELAY, "ann@a.test": {}, "bob@a.test": None}
    assert sender_relayhosts(senders) == {"@a.test": HOP, "ann@a.test": "DUNNO"}


@pytest.mark.parametrize(
    ("sender", "relay"), [("a.test", RELAY), ("a b@c.test", RELAY), ("@a.test", {**RELAY, "transport": "x"})]
)
def test_refused_sender_relayhosts(sender: str, relay: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match=f'"?{sender}'):
        sender_relayhosts({sender: relay})


def test_credentials_of_relay_hosts() -> None:
    relays = {"relayhost": [{**RELAY, **ONE}], "fallback": [{"host": "b.example"}, {}]}
    assert credentials([], relays=relays) == {HOP: ONE}
    assert credentials([{**RELAY, **TWO}], relays=relays) == {HOP: TWO}
    assert credentials([RELAY], relays=relays) == {}
    with pytest.raises(
        AnsibleFilterError, match=r"^transports: .* another user name or password than in relayhost"
    ) as error:
        credentials([], relays={**relays, "transports": [{**RELAY, **TWO}]})
    assert "secret" not in str(error.value)


# The senders' relay hosts, other relay hosts, and the keys of the credentials.
SENDERS: list[tuple[dict[str, t.Any], list[t.Any], dict[str, t.Any]]] = [
    ({"@a.test": {**RELAY, **ONE}}, [], {HOP: ONE}),
    ({"@a.test": {**RELAY, **ONE}, "b@b.test": {**RELAY, **ONE}}, [{**RELAY, **ONE}], {HOP: ONE}),
    ({"@a.test": {**RELAY, **ONE}, "@b.test": {**RELAY, **TWO}}, [], {"@a.test": ONE, "@b.test": TWO}),
    # Mail without credentials has the same next hop.
    ({"@a.test": {**RELAY, **ONE}}, [RELAY], {"@a.test": ONE}),
    ({"@a.test": {**RELAY, **ONE}}, [{**RELAY, **TWO}], {HOP: TWO, "@a.test": ONE}),
    # One of the domain's own has to be found before the domain.
    (
        {"@a.test": {**RELAY, **ONE}, "x@a.test": {"host": "c.example", **TWO}},
        [{**RELAY, **TWO}],
        {HOP: TWO, "@a.test": ONE, "[c.example]:25": TWO, "x@a.test": TWO},
    ),
    ({"@a.test": RELAY, "x@a.test": {}}, [], {}),
]


@pytest.mark.parametrize(("senders", "others", "expected"), SENDERS)
def test_credentials_of_senders(senders: dict[str, t.Any], others: list[t.Any], expected: dict[str, t.Any]) -> None:
    assert credentials([], relays={"relayhost": others}, senders=senders) == expected


def test_a_sender_without_credentials_does_not_use_those_of_its_domain() -> None:
    senders = {"@a.test": {**RELAY, **ONE}, "x@a.test": {"host": "c.example"}}
    with pytest.raises(AnsibleFilterError, match=r"^mine: x@a\.test would use the credentials of @a.test"):
        credentials([], relays={"relayhost": [RELAY]}, senders=senders, sender_variable="mine")
