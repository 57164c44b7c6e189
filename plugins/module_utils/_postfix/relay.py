# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open relays: the two ways to become one, clients trusted too widely and no refusal of foreign recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from .network_list import BadNetworkError, Network, parse_network
from .table_reference import TableReference, table_references
from .word_list import UnbalancedBracesError, inside_braces, name_set, split_words

# More public addresses than one /8 (IPv4) or one /16 (IPv6) are not somebody's own network.
_MOST_IPV4 = 2**24
_MOST_IPV6 = 2**112
_PRIVATE_IPV4 = [
    IPv4Network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
]
_PRIVATE_IPV6 = [IPv6Network(text) for text in ("::1/128", "::ffff:0:0/96", "fc00::/7", "fe80::/10")]
# Strangers from all over the address space: a pattern that fits two of them fits anybody.
_STRANGERS = ("8.8.8.8", "93.184.216.34", "203.0.113.77", "2001:db8:77::9", "2a00:1450:4001:80b::200e")
_PATTERN = re.compile(r"(?P<delimiter>[^\w\s\\!])(?P<body>(?:\\.|(?!(?P=delimiter)).)*)(?P=delimiter)")

# smtpd_check.c, smtpd_check_init(): one of these or smtpd does not start.
_PERMIT_ALL = re.compile(r"static:(ok|permit|[0-9]+)")
_RELAY_PROTECTION = name_set("""
    reject_unauth_destination defer_unauth_destination reject defer defer_if_permit check_relay_domains
""")


# Postfix wants a refusal in one of the two.
RELAY_LISTS = ("smtpd_recipient_restrictions", "smtpd_relay_restrictions")


def open_relay_problem(mynetworks: str, tables: Mapping[str, Sequence[str]] | None = None) -> str | None:
    """Why an expanded ``mynetworks`` makes an open relay.

    tables: lines of the tables and /files it names, by "type:name" or "/file"; those that are not given are not judged.
    Exclusions do not count: the first match wins in ``0.0.0.0/0 !192.0.2.1``, and the other order trusts all the rest.
    """
    found = _any_client_table(mynetworks, tables or {})
    if found:
        return f"an open relay: {found} trusts every client"
    networks = list(_networks(mynetworks, tables or {}))
    ipv4 = _public_addresses((network for network in networks if isinstance(network, IPv4Network)), _PRIVATE_IPV4)
    if ipv4 > _MOST_IPV4:
        return f"an open relay: it trusts {ipv4} public IPv4 addresses, more than a whole /8"
    ipv6 = _public_addresses((network for network in networks if isinstance(network, IPv6Network)), _PRIVATE_IPV6)
    if ipv6 > _MOST_IPV6:
        return "an open relay: it trusts more public IPv6 addresses than a whole /16"
    return None


def _public_addresses(networks: Iterable[Network], private: Sequence[Network]) -> int:
    """How many addresses of the union are public; a network around a private one counts whole."""
    # All of one IP version, which mypy cannot know.
    public = [network for network in networks if not any(network.subnet_of(own) for own in private)]  # type: ignore[arg-type]
    union: Iterable[Network] = collapse_addresses(public)  # type: ignore[type-var]
    return sum(network.num_addresses for network in union)


def _words(value: str) -> list[str]:
    try:
        return [word for word in split_words(value) if not word.startswith("!")]
    except UnbalancedBracesError:
        return []


def _networks(value: str, tables: Mapping[str, Sequence[str]]) -> Iterator[Network]:
    for word in _words(value):
        if word.startswith("/"):
            yield from _networks(" ".join(_content(tables.get(word, ()))), {})
            continue
        try:
            yield parse_network(word)
        except BadNetworkError:
            continue
    for reference in table_references("mynetworks", value):
        if reference.type == "cidr":
            yield from _cidr_networks(_rules(reference, tables))


def _content(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _rules(reference: TableReference, tables: Mapping[str, Sequence[str]]) -> list[str]:
    """Rules of a text table: inline ones in braces, or the lines of its file."""
    inline = inside_braces(reference.name)
    if inline is not None:
        return [inside_braces(rule) or rule for rule in split_words(inline)]
    return _content(tables.get(str(reference), ()))


def _cidr_networks(rules: Iterable[str]) -> Iterator[Network]:
    for rule in rules:
        pattern = rule.split()[0].strip("[]").replace("]/", "/")
        try:
            yield ip_network(pattern)
        except ValueError:
            continue


def _any_client_table(value: str, tables: Mapping[str, Sequence[str]]) -> str | None:
    """The first table that answers for any address whatever."""
    excluded = {word.lstrip("!") for word in value.split() if word.startswith("!")}
    for reference in table_references("mynetworks", value):
        if str(reference) in excluded:
            continue
        if reference.type in ("static", "randmap"):
            return str(reference)
        if reference.type in ("regexp", "pcre") and any(map(_fits_strangers, _rules(reference, tables))):
            return str(reference)
    return None


def _fits_strangers(rule: str) -> bool:
    found = _PATTERN.match(rule)
    if found is None:
        return False
    try:
        pattern = re.compile(found["body"], re.IGNORECASE)
    except re.error:
        return False
    return sum(bool(pattern.search(address)) for address in _STRANGERS) > 1


def relay_protection_problem(effective: Mapping[str, str]) -> str | None:
    """smtpd refuses to start unless one of the two recipient lists ends in a refusal that is sure to be reached.

    effective: every parameter with its expanded value in force, restriction classes included.
    """
    for parameter in RELAY_LISTS:
        if _protects(effective.get(parameter, ""), effective, frozenset()):
            return None
    return (
        "neither smtpd_relay_restrictions nor smtpd_recipient_restrictions keeps strangers from relaying: put "
        "reject_unauth_destination into smtpd_relay_restrictions, before any permit"
    )


def _protects(restrictions: str, effective: Mapping[str, str], seen: frozenset[str]) -> bool:
    try:
        words = split_words(restrictions)
    except UnbalancedBracesError:
        return False
    classes = frozenset(effective.get("smtpd_restriction_classes", "").replace(",", " ").split()) - seen
    for position, word in enumerate(words):
        lower = word.lower()
        if position and words[position - 1].lower() == "warn_if_reject":
            continue
        if lower == "permit" or _PERMIT_ALL.fullmatch(lower):
            return False
        if lower in _RELAY_PROTECTION:
            return True
        if word in classes and _protects(effective.get(word, ""), effective, seen | {word}):
            return True
    return False
