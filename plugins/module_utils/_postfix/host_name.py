# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host names, next hops and transports (valid_hostname(3), host_port(3), transport(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from .word_list import nearest_name, split_words, spoken

_TRANSPORT = re.compile(
    r"(?:address_verify_)?(?:default|local|relay|virtual)_transport|(?:mailbox|fallback|best_mx)_transport|content_filter"
)
_NEXT_HOP = re.compile(r"relayhost|address_verify_relayhost|(?:smtp|lmtp)_fallback_relay")


def host_name_problem(name: str) -> str | None:
    """What valid_hostname(3) has against a name; labels may hold underscores, and one label is enough."""
    if not name:
        return "expected a host name, not nothing"
    for label in name.split("."):
        if not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", label) and not _is_unicode_label(label):
            return f"{name} is no host name: expected labels of letters, digits and inner hyphens between single dots"
    if re.fullmatch(r"[0-9.]+", name):
        return f"{name} is no host name: expected a letter in it"
    return f"{name} is longer than 255 characters" if len(name) > 255 else None


def _is_unicode_label(label: str) -> bool:
    return not label.isascii() and all(character.isalnum() or character in "-_" for character in label)


@dataclass(frozen=True, slots=True)
class HostName:
    """``myhostname`` and the like."""

    def problem(self, value: str) -> str | None:
        return host_name_problem(value)


@dataclass(frozen=True, slots=True)
class Interfaces:
    """``inet_interfaces``, ``proxy_interfaces``: addresses or host names of this server, without prefix length."""

    def problem(self, value: str) -> str | None:
        for word in split_words(value):
            name = word.removeprefix("[").removesuffix("]")
            if not _is_address(name) and host_name_problem(name):
                return f"{word} is no interface: expected all, loopback-only, or addresses or names of this host"
        return None


@dataclass(frozen=True, slots=True)
class Address:
    """``smtp_bind_address`` (version 4), ``smtp_bind_address6`` (version 6): one address or nothing."""

    version: int

    def problem(self, value: str) -> str | None:
        if value and not (_is_address(value) and ip_address(value).version == self.version):
            return f"expected an IPv{self.version} address of this host, without brackets and prefix length"
        return None


def is_transport(parameter: str) -> bool:
    """Whether a parameter takes transport:nexthop."""
    return bool(_TRANSPORT.fullmatch(parameter))


@dataclass(frozen=True, slots=True)
class Transport:
    """``transport:nexthop`` with a service of master.cf as the transport; mail for another one is deferred for ever."""

    services: frozenset[str]

    def problem(self, value: str) -> str | None:
        name = value.partition(":")[0]
        if not value or name in self.services:
            return None
        if not name:
            return f"{value} has no transport before the colon: expected transport:nexthop"
        near = nearest_name(name, self.services)
        hint = f" (did you mean {near}?)" if near else ""
        return f"there is no service {name} in master.cf{hint}: expected transport:nexthop"


@dataclass(frozen=True, slots=True)
class TransportList:
    """``defer_transports``: names of delivery services."""

    services: frozenset[str]

    def problem(self, value: str) -> str | None:
        unknown = [word for word in split_words(value) if word not in self.services]
        return f"there is no service {spoken(unknown)} in master.cf" if unknown else None


def is_next_hop(parameter: str) -> bool:
    """Whether a parameter takes hosts to relay to, without a transport name."""
    return bool(_NEXT_HOP.fullmatch(parameter))


@dataclass(frozen=True, slots=True)
class NextHops:
    """``[host]:port`` (no MX lookup) or ``domain:port``, separated by comma or blank."""

    def problem(self, value: str) -> str | None:
        return next((text for text in map(_next_hop_problem, split_words(value)) if text), None)


def _next_hop_problem(word: str) -> str | None:
    form = f"{word} is no next hop: expected [host]:port, domain:port or [address]:port"
    if word.startswith("["):
        host, bracket, after = word[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            return form
        port = after[1:]
    else:
        host, _colon, port = word.rpartition(":") if ":" in word else (word, "", "")
    if not _is_address(host.removeprefix("ipv6:").removeprefix("IPv6:")) and host_name_problem(host):
        return form
    if re.fullmatch(r"[0-9]+", port):
        return None if 0 < int(port) < 65536 else f"{port} is no port number: expected 1 to 65535"
    return None if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*|", port) else form


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
