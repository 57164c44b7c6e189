# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: the grammar of SPF records (RFC 7208 sections 4.5, 4.6 and 12)."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ._networks import Network, RefusedError

_VERSION: t.Final = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_MECHANISM: t.Final = re.compile(r"([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)([:/].*)?", re.IGNORECASE)
_MODIFIER: t.Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_HOST: t.Final = re.compile(r"(?::([^/]+))?(?:/(\d{1,2}))?(?://(\d{1,3}))?")
_IP4: t.Final = re.compile(r":([0-9.]+(?:/\d{1,2})?)")
_IP6: t.Final = re.compile(r":([0-9a-f:.]+(?:/\d{1,3})?)", re.IGNORECASE)
_LABEL: t.Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: t.Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})+")


@dataclasses.dataclass(frozen=True, slots=True)
class Mechanism:
    """domain: of include, a and mx; network: of ip4 and ip6; prefix_*: of a and mx."""

    name: str
    passes: bool
    domain: str = ""
    network: Network | None = None
    prefix_ipv4: int = 32
    prefix_ipv6: int = 128


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """redirect: the domain whose record goes on when no mechanism matches, or nothing."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str


def is_spf(text: str) -> bool:
    """Say whether a TXT record is meant for SPF."""
    return bool(_VERSION.match(text))


def target(text: str, domain: str) -> str:
    """Return the domain name that *text* is, in lower case; RefusedError for macros and for no name."""
    _refuse_macro(text, domain)
    name = text.lower().removesuffix(".")
    if not _DOMAIN.fullmatch(name):
        raise RefusedError(f'"{text}" in the record of {domain} is not a domain name')
    return name


def _refuse_macro(text: str, domain: str) -> None:
    if "%" in text:
        raise RefusedError(f"the record of {domain} has a macro, which depends on the client: {text.lstrip(':')}")


def parse(text: str, domain: str) -> Record:
    """Return the record; RefusedError for the first term that is not SPF."""
    mechanisms: list[Mechanism] = []
    redirects: list[str] = []
    for term in text.split(" ")[1:]:
        if not term:
            continue
        if (found := _MECHANISM.fullmatch(term)) is not None:
            mechanisms.append(_mechanism(*(part or "" for part in found.groups()), domain=domain))
        elif (found := _MODIFIER.fullmatch(term)) is None:
            raise RefusedError(f'"{term}" in the record of {domain} is not a term of SPF')
        elif found[1].lower() == "redirect":
            redirects.append(target(found[2], domain))
    if len(redirects) > 1:
        raise RefusedError(f"the record of {domain} has {len(redirects)} redirects")
    return Record(tuple(mechanisms), "".join(redirects))


def _mechanism(qualifier: str, name: str, rest: str, *, domain: str) -> Mechanism:
    name = name.lower()
    passes = qualifier in ("", "+")
    refused = RefusedError(f'"{qualifier}{name}{rest}" in the record of {domain} is not a term of SPF')
    match name:
        case "ip4" | "ip6":
            return Mechanism(name, passes, network=_network(name, rest, refused))
        case "include" if rest.startswith(":"):
            return Mechanism(name, passes, target(rest[1:], domain))
        case "a" | "mx":
            return _host(name, passes, rest, domain, refused)
        case "all" if not rest:
            return Mechanism(name, passes)
        case "ptr" | "exists":
            return Mechanism(name, passes)
    raise refused


def _network(name: str, rest: str, refused: RefusedError) -> Network:
    found = (_IP4 if name == "ip4" else _IP6).fullmatch(rest)
    if found is None:
        raise refused
    try:
        kind = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
        return kind(found[1], strict=False)
    except ValueError:
        raise refused from None


def _host(name: str, passes: bool, rest: str, domain: str, refused: RefusedError) -> Mechanism:
    _refuse_macro(rest, domain)
    found = _HOST.fullmatch(rest)
    if found is None:
        raise refused
    four, six = int(found[2] or 32), int(found[3] or 128)
    if four > 32 or six > 128:
        raise refused
    return Mechanism(name, passes, target(found[1] or domain, domain), None, four, six)
