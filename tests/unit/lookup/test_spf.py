# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF: the networks that records let send, the look-ups they may take, and the one message for a bad record."""

from __future__ import annotations

import collections
import typing as t

import pytest
from ansible_collections.mailops.mta.plugins.plugin_utils._networks import RefusedError
from ansible_collections.mailops.mta.plugins.plugin_utils._spf import Question, expand

# name -> records as zone lines: "TXT ...", "A ...", "AAAA ...", "MX ...".
Zone: t.TypeAlias = dict[str, list[str]]

HOSTS: Zone = {
    "example.com": ["A 192.0.2.10", "AAAA 2001:db8::10", "MX mx1.example.com", "MX mx2.example.com"],
    "mx1.example.com": ["A 192.0.2.20"],
    "mx2.example.com": ["AAAA 2001:db8::21"],
    "out.example.net": ["A 198.51.100.7", "A 198.51.100.9"],
}


def zone(records: dict[str, str | list[str]]) -> t.Callable[[str, Question], list[str]]:
    """Return who answers from SPF records (texts) and those of HOSTS."""
    answers: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    for name, lines in HOSTS.items():
        for line in lines:
            question, _space, answer = line.partition(" ")
            answers[name, question].append(answer)
    for name, texts in records.items():
        answers[name, "TXT"] += [texts] if isinstance(texts, str) else texts
    return lambda name, question: answers[name, question]


def networks(records: dict[str, str | list[str]]) -> list[str]:
    return [str(network) for network in expand("example.com", zone(records)).networks]


# The record of example.com -> what passes.
RECORDS: list[tuple[str, list[str]]] = [
    ("v=spf1", []),
    ("v=spf1 -all", []),
    ("v=spf1 ip4:203.0.113.7 -all", ["203.0.113.7/32"]),
    ("V=SPF1 IP4:203.0.113.0/24 -ALL", ["203.0.113.0/24"]),
    ("v=spf1   ip4:203.0.113.7/24  ", ["203.0.113.0/24"]),
    ("v=spf1 +ip4:203.0.113.128/25 ip4:203.0.113.0/25 ip4:203.0.113.9", ["203.0.113.0/24"]),
    ("v=spf1 ip6:2001:db8:1::/48 ip6:2001:db8:2::1 ip4:203.0.113.7",
     ["203.0.113.7/32", "2001:db8:1::/48", "2001:db8:2::1/128"]),
    ("v=spf1 ip6:2001:DB8::FFFF:203.0.113.7", ["2001:db8::ffff:cb00:7107/128"]),
    ("v=spf1 a -all", ["192.0.2.10/32", "2001:db8::10/128"]),
    ("v=spf1 a/24 -all", ["192.0.2.0/24", "2001:db8::10/128"]),
    ("v=spf1 a//64 -all", ["192.0.2.10/32", "2001:db8::/64"]),
    ("v=spf1 a:out.example.net/30//64 -all", ["198.51.100.4/30", "198.51.100.8/30"]),
    ("v=spf1 a:OUT.example.net. -all", ["198.51.100.7/32", "198.51.100.9/32"]),
    ("v=spf1 mx -all", ["192.0.2.20/32", "2001:db8::21/128"]),
    ("v=spf1 mx/28//48 -all", ["192.0.2.16/28", "2001:db8::/48"]),
    # Only what passes counts.
    ("v=spf1 -ip4:203.0.113.7 ~a ?mx ip4:198.51.100.1", ["198.51.100.1/32"]),
    # The first match decides.
    ("v=spf1 -ip4:203.0.113.0/25 ip4:203.0.113.0/24", ["203.0.113.128/25"]),
    ("v=spf1 ip4:203.0.113.0/24 -ip4:203.0.113.0/25", ["203.0.113.0/24"]),
    ("v=spf1 ?ip4:203.0.113.0/24 ip4:203.0.113.9", []),
    ("v=spf1 ip4:203.0.113.7 -all ip4:198.51.100.1 include:nowhere.example", ["203.0.113.7/32"]),
    # Modifiers that change nothing.
    ("v=spf1 ip4:203.0.113.7 exp=why.%{d} moo=cow/%{i} -all", ["203.0.113.7/32"]),
    ("v=spf1 ip4:203.0.113.7 include:_a.example", ["203.0.113.0/28", "203.0.113.64/28"]),
    ("v=spf1 ~include:_a.example -include:_a.example ip4:203.0.113.0/27", ["203.0.113.16/28"]),
    ("v=spf1 include:_all.example ip4:203.0.113.7", ["203.0.113.7/32"]),
    ("v=spf1 ip4:198.51.100.1 redirect=_a.example", ["198.51.100.1/32", "203.0.113.0/28", "203.0.113.64/28"]),
    ("v=spf1 redirect=_a.example -ip4:203.0.113.0/29", ["203.0.113.8/29", "203.0.113.64/28"]),
    ("v=spf1 ip4:198.51.100.1 redirect=_a.example -all", ["198.51.100.1/32"]),
    # One domain twice is no loop.
    ("v=spf1 include:_a.example include:_b.example", ["203.0.113.0/28", "203.0.113.64/28"]),
    # Two names that do not exist are allowed; a name with only one kind of address exists.
    ("v=spf1 a:x.example.com mx:y.example.com a:mx1.example.com a:mx2.example.com a:out.example.net ip4:203.0.113.7",
     ["192.0.2.20/32", "198.51.100.7/32", "198.51.100.9/32", "203.0.113.7/32", "2001:db8::21/128"]),
    ("v=spf1 " + "a " * 10 + "-all", ["192.0.2.10/32", "2001:db8::10/128"]),
    ("v=spf1 ip4:0.0.0.0/0", ["0.0.0.0/0"]),
]  # fmt: skip
OTHERS: dict[str, str | list[str]] = {
    "_a.example": "v=spf1 ip4:203.0.113.0/28 include:_deep.example -all",
    "_deep.example": "v=spf1 ip4:203.0.113.64/28 ?all",
    "_b.example": "v=spf1 include:_a.example -all",
    "_all.example": "v=spf1 +all",
    "_twice.example": ["v=spf1 -all", "v=spf1 ip4:203.0.113.7 -all"],
    "_loop.example": "v=spf1 include:_back.example -all",
    "_back.example": "v=spf1 redirect=_loop.example",
    "_nine.example": "v=spf1 " + "a:mx1.example.com " * 9 + "-all",
    "text.example": ["v=spf10 ip4:203.0.113.7", "v=spf1ip4:203.0.113.7", "something else"],
}


@pytest.mark.parametrize(("record", "expected"), RECORDS)
def test_networks_of_a_record(record: str, expected: list[str]) -> None:
    assert networks({**OTHERS, "example.com": ["google-site-verification=x", record]}) == expected


REFUSED: list[tuple[str | list[str], str]] = [
    ([], "example.com has no SPF record"),
    (["v=spf1 -all", "V=spf1 ip4:203.0.113.7"], "example.com has 2 SPF records"),
    ("v=spf1 include:none.example", "none.example has no SPF record (reached by example.com -> none.example)"),
    ("v=spf1 include:text.example", "text.example has no SPF record"),
    ("v=spf1 redirect=none.example", "none.example has no SPF record"),
    ("v=spf1 -include:_twice.example", "_twice.example has 2 SPF records"),
    ("v=spf1 include:example.com", "example.com includes itself: example.com -> example.com"),
    ("v=spf1 include:_loop.example", "example.com -> _loop.example -> _back.example -> _loop.example"),
    ("v=spf1 " + "a " * 11 + "-all", "the record of example.com takes more than 10 DNS look-ups"),
    ("v=spf1 include:_nine.example exists:%{i}.example.com ip4:203.0.113.7", "more than 10 DNS look-ups"),
    ("v=spf1 include:_nine.example ptr", "more than 10 DNS look-ups"),
    ("v=spf1 include:_nine.example redirect=_a.example", "more than 10 DNS look-ups"),
    ("v=spf1 a:x.example.com a:y.example.com mx:z.example.com",
     "more than 2 names of the record do not exist, z.example.com"),
    ("v=spf1 mx:many.example", "mx:many.example has 11 exchangers, more than 10"),
    ("v=spf1 include:%{d}.example.net", "has a macro, which depends on the client: %{d}.example.net"),
    ("v=spf1 a:%{i}.example.net", "has a macro"),
    ("v=spf1 a:%{d1r/}.example.net/24", "has a macro"),
    ("v=spf1 redirect=%{d2}", "has a macro"),
    ("v=spf1 ip4:203.0.113.256", '"ip4:203.0.113.256" in the record of example.com is not a term of SPF'),
    ("v=spf1 ip4:203.0.113.0/33", '"ip4:203.0.113.0/33"'),
    ("v=spf1 ip4:203.0.113.0/255.255.255.0", '"ip4:203.0.113.0/255.255.255.0"'),
    ("v=spf1 ip4=203.0.113.7 ip4", '"ip4" in the record'),
    ("v=spf1 ip4:2001:db8::1", '"ip4:2001:db8::1"'),
    ("v=spf1 ip6:203.0.113.7", '"ip6:203.0.113.7"'),
    ("v=spf1 ip6:fe80::1%eth0", '"ip6:fe80::1%eth0"'),
    ("v=spf1 a/33", '"a/33"'),
    ("v=spf1 mx//129", '"mx//129"'),
    ("v=spf1 a/24/64", '"a/24/64"'),
    ("v=spf1 a:", '"a:"'),
    ("v=spf1 include", '"include"'),
    ("v=spf1 include:", '"" in the record of example.com is not a domain name'),
    ("v=spf1 include:localhost", '"localhost" in the record of example.com is not a domain name'),
    ("v=spf1 include:-a.example", '"-a.example"'),
    ("v=spf1 include:_a.example/24", '"_a.example/24"'),
    ("v=spf1 include:mailb\xfcchse.example", "is not a domain name"),
    ("v=spf1 -all:x", '"-all:x"'),
    ("v=spf1 ipv4:203.0.113.7", '"ipv4:203.0.113.7"'),
    ("v=spf1 ip4:203.0.113.7,203.0.113.8", '"ip4:203.0.113.7,203.0.113.8"'),
    ("v=spf1 -all 203.0.113.7", '"203.0.113.7"'),  # a bad term counts wherever it is (section 4.6)
    ("v=spf1\tip4:203.0.113.7", "example.com has no SPF record"),
    ("v=spf1 redirect=_a.example redirect=_b.example", "has 2 redirects"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "message"), REFUSED)
def test_refused_record(record: str | list[str], message: str) -> None:
    resolve = zone({**OTHERS, "example.com": record})

    def with_many(name: str, question: Question) -> t.Sequence[str]:
        many = (name, question) == ("many.example", "MX")
        return [f"mx{number}.example.com" for number in range(11)] if many else resolve(name, question)

    with pytest.raises(RefusedError) as caught:
        expand("example.com", with_many)
    assert message in str(caught.value)


@pytest.mark.parametrize("domain", ["example", "", "exa mple.com", "example..com", "%{d}.com", "a" * 64 + ".com"])
def test_refused_domain(domain: str) -> None:
    with pytest.raises(RefusedError):
        expand(domain, zone({domain: "v=spf1 ip4:203.0.113.7"}))


def test_notes_on_what_adds_nothing() -> None:
    record = "v=spf1 exists:%{i}._spf.example.com ptr:example.com ip4:203.0.113.7 +all"
    assert expand("Example.COM.", zone({"example.com": record})).notes == (
        "example.com: exists cannot be told as networks and adds nothing",
        "example.com: ptr cannot be told as networks and adds nothing",
        "example.com lets the whole Internet send (+all), which adds nothing",
    )
    assert expand("example.com", zone({"example.com": "v=spf1 ip4:203.0.113.7 ~all"})).notes == ()
