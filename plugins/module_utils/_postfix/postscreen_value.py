# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``postscreen_dnsbl_sites`` and ``postscreen_access_list`` (postconf(5); server_acl(3), postscreen_dnsbl.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dnsbl import dnsbl_problem
from .kind import INT_MAX
from .table_reference import table_problem
from .word_list import UnbalancedBracesError, nearest_name, split_words, spoken

_COMMANDS = ("permit_mynetworks", "permit", "reject", "dunno")


@dataclass(frozen=True, slots=True)
class DnsblSites:
    """``domain[=filter][*weight]`` words; any bad one stops postscreen, and with it port 25."""

    def problem(self, value: str) -> str | None:
        if value.rstrip().endswith(","):
            return "there is a comma after the last site"
        for word in re.split(r"[,\s]+", value) if value else ():
            problem = _site_problem(word)
            if problem:
                return f"{word}: {problem}; expected domain[=d.d.d.d][*weight]"
        return None


def _site_problem(word: str) -> str | None:
    site, star, weight = word.partition("*")
    if star and (not re.fullmatch(r"[+-]?[0-9]+", weight) or abs(int(weight)) > INT_MAX):
        return f"*{weight} is no weight, which is a whole number such as *2 or *-2"
    problem = dnsbl_problem(site)
    if problem is None and "." not in site.partition("=")[0]:
        # "zen example.test" are two sites: the first one would be asked for every client, in vain
        return "a DNSBL domain has a dot in it"
    return problem


@dataclass(frozen=True, slots=True)
class AccessList:
    """Commands and type:table. An unknown command makes postscreen ignore the rest of the list."""

    table_types: frozenset[str]

    def problem(self, value: str) -> str | None:
        try:
            words = split_words(value)
        except UnbalancedBracesError as error:
            return str(error)
        return next((text for text in map(self._word_problem, words) if text), None)

    def _word_problem(self, word: str) -> str | None:
        if ":" in word:
            return table_problem(word, self.table_types)
        if "$" in word or word.lower() in _COMMANDS:
            return None
        near = nearest_name(word, _COMMANDS)
        hint = f" (did you mean {near}?)" if near else ""
        return f"there is no command {word}{hint}: expected {spoken((*_COMMANDS, 'type:table'))}"
