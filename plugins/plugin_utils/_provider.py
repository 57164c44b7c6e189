# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator calls a provider, and its networks as of now: fresh, newly read or last good."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from . import _last_good
from ._last_good import LastGood
from ._networks import Limits, Network, RefusedError, UnavailableError, judge, judge_change


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """kind: how it is asked; at: a URL or a domain."""

    kind: t.Literal["endpoints", "spf"]
    at: str

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.at}"


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """max_age: of networks that are used without asking; accept_change: once, whatever max_change is."""

    cache_directory: str
    max_age: dt.timedelta
    limits: Limits
    accept_change: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Current:
    """warnings: what the administrator should know of where the networks are from."""

    source: Source
    networks: tuple[Network, ...]
    warnings: tuple[str, ...] = ()


# networks, and notes on what could not be read.
Found: t.TypeAlias = tuple[tuple[Network, ...], tuple[str, ...]]

_OFFICE365_SPF: t.Final = Source("spf", "spf.protection.outlook.com")
_GOOGLE_SPF: t.Final = Source("spf", "_spf.google.com")


def sources(provider: str, endpoints_url: str) -> tuple[Source, ...]:
    """Return where the networks of a provider are published; every other name with a dot is a domain with SPF."""
    endpoints = Source("endpoints", endpoints_url)
    known = {
        # Both, because mail comes from networks that the list has not got yet.
        "office365": (endpoints, _OFFICE365_SPF),
        "office365_endpoints": (endpoints,),
        "office365_spf": (_OFFICE365_SPF,),
        "google": (_GOOGLE_SPF,),
    }
    if provider in known:
        return known[provider]
    if "." in provider:
        return (Source("spf", provider.lower().removesuffix(".")),)
    raise RefusedError(f"not known; write {', '.join(known)} or a domain that publishes SPF")


def current(source: Source, ask: t.Callable[[Source], Found], policy: Policy, now: dt.datetime) -> Current:
    """Return the networks of a source; RefusedError, or UnavailableError when nothing is known of it yet."""
    known = _last_good.read(policy.cache_directory, source.name)
    if known and dt.timedelta(0) <= now - known.time < policy.max_age:
        return _judged(Current(source, known.networks), policy)
    try:
        networks, notes = ask(source)
    except UnavailableError as error:
        if known is None:
            raise
        since = known.time.isoformat(sep=" ", timespec="minutes")
        return _judged(Current(source, known.networks, (f"{error}; using the networks of {since}",)), policy)
    found = _judged(Current(source, networks, notes), policy)
    if known and not policy.accept_change:
        judge_change(networks, known.networks, policy.limits)
    _last_good.write(policy.cache_directory, LastGood(source.name, now, networks))
    return found


def _judged(found: Current, policy: Policy) -> Current:
    """Judge stored networks as well: the limits may have become narrower since."""
    judge(found.networks, policy.limits)
    return found
