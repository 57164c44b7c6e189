# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the DNS lists of postscreen(8) as people write them, and as ``postscreen_dnsbl_sites`` has them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .closed_dnsbl import closed_list_problem
from .postscreen_value import DnsblSites
from .word_list import nearest_name, spoken

_KEYS: t.Final = ("site", "replies", "weight", "enabled")
# Lists say "wrong resolver" or "too many questions" with 127.255.255.x, and where there is no filter any answer counts.
_LISTED: t.Final = "127.0.0.[2..11]"
# An allowlist answers 127.0.CATEGORY.SCORE, and 127.0.0.255 to those who ask too often (dnswl.org).
_ALLOWLISTED: t.Final = "127.0.[0..254].[0..254]"


@dataclass(frozen=True, slots=True)
class Site:
    """One list, the replies that count (d.d.d.d), and what such a reply adds to the client's score."""

    domain: str
    replies: str
    weight: int

    def __str__(self) -> str:
        weight = "" if self.weight == 1 else f"*{self.weight}"
        return f"{self.domain}={self.replies}{weight}"


def read_sites(given: t.Iterable[object]) -> tuple[Site, ...]:
    """Read texts (one site, or several between commas) and mappings. Raises ValueError that names each bad one."""
    sites: list[Site] = []
    problems: list[str] = []
    for item in given:
        for text in _texts(item, problems):
            try:
                sites.append(_site(text, sites))
            except ValueError as error:
                problems.append(f"{text}: {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(sites)


def _texts(item: object, problems: list[str]) -> tuple[str, ...]:
    """Return an item of the list as domain[=filter][*weight]; nothing for a site that is switched off."""
    if not isinstance(item, t.Mapping):
        return tuple(word for word in re.split(r"[,\s]+", str(item)) if word)
    try:
        return _text(item)
    except ValueError as error:
        problems.append(f"{item.get('site', 'a site')}: {error}")
        return ()


def _text(item: t.Mapping[object, object]) -> tuple[str, ...]:
    for key in item:
        if key not in _KEYS:
            near = nearest_name(str(key), _KEYS)
            raise ValueError(f'there is no "{key}"' + (f"; did you mean {near}?" if near else f" in {spoken(_KEYS)}"))
    if not isinstance(item.get("site"), str):
        raise ValueError('a mapping needs "site", the domain of the list')
    replies, weight = item.get("replies"), item.get("weight")
    filtered = f"{item['site']}={replies}" if replies else f"{item['site']}"
    return (filtered if weight is None else f"{filtered}*{weight}",) if _switch(item.get("enabled", True)) else ()


def _switch(value: object) -> bool:
    """Read a boolean; a template makes a text of it in older releases of Ansible."""
    text = str(value).lower()
    if text not in ("true", "false", "yes", "no"):
        raise ValueError(f'enabled "{value}" is not accepted: it is true or false')
    return text in ("true", "yes")


def _site(text: str, earlier: t.Iterable[Site]) -> Site:
    problem = DnsblSites().problem(text)
    if problem:
        # it names the text as well
        raise ValueError(problem.removeprefix(f"{text}: "))
    name, _star, number = text.partition("*")
    domain, _equals, replies = name.partition("=")
    weight = int(number or 1)
    site = Site(domain, replies or (_LISTED if weight >= 0 else _ALLOWLISTED), weight)
    if any((other.domain.lower(), other.replies) == (domain.lower(), site.replies) for other in earlier):
        raise ValueError(f"{domain} is there twice with the same replies {site.replies}")
    closed = closed_list_problem(domain)
    if closed:
        raise ValueError(f"{closed}; remove it, or set enabled: false")
    return site


def unreachable(sites: t.Sequence[Site], threshold: int | None, allowlist_threshold: int | None) -> t.Iterator[str]:
    """Yield what no combination of replies can reach. None stands for Postfix's defaults: 1, and off."""
    most = sum(site.weight for site in sites if site.weight > 0)
    least = sum(site.weight for site in sites if site.weight < 0)
    if most and most < (threshold or 1):
        yield f"dnsbl.threshold: {threshold} is never reached: the weights of all sites come to {most}, so none blocks"
    if sites and allowlist_threshold and least > allowlist_threshold:
        yield (
            f"dnsbl.allowlist_threshold: {allowlist_threshold} is never reached: the negative weights of all sites come"
            f" to {least}, so no client is let through"
        )
