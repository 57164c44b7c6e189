# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: the networks that an SPF record lets send (RFC 7208), given somebody who asks the DNS."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from . import _spf_record
from ._networks import Network, RefusedError, collapse, subtract

Question: t.TypeAlias = t.Literal["TXT", "A", "AAAA", "MX"]
# (name, question) -> the strings of each TXT record joined, addresses, or names of mail exchangers.
# Nothing when there are none; an error of the resolver's own when nobody knows.
Resolve: t.TypeAlias = t.Callable[[str, Question], t.Sequence[str]]

# RFC 7208 section 4.6.4.
_MAX_TERMS: t.Final = 10
_MAX_VOID: t.Final = 2
_MAX_EXCHANGERS: t.Final = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Expansion:
    """networks: collapsed; notes: what of the record cannot be told as networks."""

    networks: tuple[Network, ...]
    notes: tuple[str, ...]


@dataclasses.dataclass(slots=True)
class _Evaluation:
    """What one check of a domain has asked so far, its includes and redirects among it."""

    resolve: Resolve
    terms: int = 0
    void: int = 0
    notes: list[str] = dataclasses.field(default_factory=list)

    def count_term(self, domain: str) -> None:
        self.terms += 1
        if self.terms > _MAX_TERMS:
            raise RefusedError(f"the record of {domain} takes more than {_MAX_TERMS} DNS look-ups")

    def count_void(self, name: str) -> None:
        self.void += 1
        if self.void > _MAX_VOID:
            raise RefusedError(f"more than {_MAX_VOID} names of the record do not exist, {name} is the last of them")


def expand(domain: str, resolve: Resolve) -> Expansion:
    """Return the networks for which the SPF record of *domain* says pass; RefusedError for a permanent error."""
    evaluation = _Evaluation(resolve)
    networks = _passing(evaluation, _spf_record.target(domain, domain), ())
    return Expansion(collapse(networks), tuple(evaluation.notes))


def _passing(evaluation: _Evaluation, domain: str, path: tuple[str, ...]) -> list[Network]:
    """Return what passes at *domain*. The first match decides, so `-ip4:` before a wider `ip4:` is a hole in it."""
    if domain in path:
        raise RefusedError(f"the record of {domain} includes itself: {' -> '.join((*path, domain))}")
    path = (*path, domain)
    record = _record(evaluation, domain, path)
    passing: list[Network] = []
    decided: list[Network] = []
    for mechanism in record.mechanisms:
        if mechanism.name == "all":
            if mechanism.passes:
                evaluation.notes.append(f"{domain} lets the whole Internet send (+all), which adds nothing")
            return passing
        matched = _matched(evaluation, mechanism, path)
        if mechanism.passes:
            passing += subtract(matched, decided)
        decided += matched
    if record.redirect:
        evaluation.count_term(domain)
        passing += subtract(_passing(evaluation, record.redirect, path), decided)
    return passing


def _record(evaluation: _Evaluation, domain: str, path: tuple[str, ...]) -> _spf_record.Record:
    found = [text for text in evaluation.resolve(domain, "TXT") if _spf_record.is_spf(text)]
    if len(found) != 1:
        number = f"{len(found)} SPF records" if found else "no SPF record"
        origin = f" (reached by {' -> '.join(path)})" if len(path) > 1 else ""
        raise RefusedError(f"{domain} has {number}{origin}")
    return _spf_record.parse(found[0], domain)


def _matched(evaluation: _Evaluation, mechanism: _spf_record.Mechanism, path: tuple[str, ...]) -> list[Network]:
    """Return the networks that one mechanism matches, whatever its qualifier makes of them."""
    if mechanism.network:
        return [mechanism.network]
    evaluation.count_term(path[-1])
    match mechanism.name:
        case "include":
            return _passing(evaluation, mechanism.domain, path)
        case "a":
            return _addresses(evaluation, mechanism, mechanism.domain)
        case "mx":
            return _exchangers(evaluation, mechanism)
    # exists and ptr (section 5.5, 5.7) depend on the single client.
    evaluation.notes.append(f"{path[-1]}: {mechanism.name} cannot be told as networks and adds nothing")
    return []


def _exchangers(evaluation: _Evaluation, mechanism: _spf_record.Mechanism) -> list[Network]:
    names = evaluation.resolve(mechanism.domain, "MX")
    if len(names) > _MAX_EXCHANGERS:
        raise RefusedError(f"mx:{mechanism.domain} has {len(names)} exchangers, more than {_MAX_EXCHANGERS}")
    if not names:
        evaluation.count_void(mechanism.domain)
    return [network for name in names for network in _addresses(evaluation, mechanism, name)]


def _addresses(evaluation: _Evaluation, mechanism: _spf_record.Mechanism, name: str) -> list[Network]:
    """Return the networks around the addresses of *name*.

    A check of one client asks for A or for AAAA, so a name that has only one of them is no void look-up.
    """
    four = evaluation.resolve(name, "A")
    six = evaluation.resolve(name, "AAAA")
    if not four and not six:
        evaluation.count_void(name)
    return [
        *(ipaddress.IPv4Network((address, mechanism.prefix_ipv4), strict=False) for address in four),
        *(ipaddress.IPv6Network((address, mechanism.prefix_ipv6), strict=False) for address in six),
    ]
