# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the access list of postscreen(8), and the cidr table of the networks that it permits and rejects."""

from __future__ import annotations

import typing as t
from itertools import pairwise

from .network_list import BadNetworkError, Network, parse_network
from .word_list import split_words

_FINAL: t.Final = ("permit", "reject")


def access_words(given: t.Sequence[str] | None, table: str | None) -> list[str] | None:
    """Return the words of postscreen_access_list, *table* last; None for Postfix's default. Raises ValueError."""
    words = ["permit_mynetworks"] if given is None else [word for text in given for word in split_words(text)]
    if table is not None:
        words.append(table)
    for word, after in pairwise(words):
        if word.lower() in _FINAL:
            raise ValueError(f"{word} ends the list, so {after} is never looked at; put it last")
    return None if given is None and table is None else words


def network_table(permit: t.Sequence[str], reject: t.Sequence[str]) -> bytes:
    """Return the text of the cidr table, in which the first match counts: the narrowest networks come first.

    Raises ValueError that names each word that is no network, and each network that is both permitted and rejected.
    """
    problems: list[str] = []
    actions: dict[Network, str] = {}
    for option, action, words in (("permit_networks", "permit", permit), ("reject_networks", "reject", reject)):
        for word in words:
            try:
                network = _network(word)
            except BadNetworkError as error:
                problems.append(f"{option}: {error}")
                continue
            if actions.setdefault(network, action) != action:
                problems.append(f"{option}: {word} is in permit_networks as well")
    if problems:
        raise ValueError("; ".join(problems))
    ordered = sorted(actions, key=lambda network: (network.version, -network.prefixlen, int(network.network_address)))
    return "".join(f"{network} {actions[network]}\n" for network in ordered).encode()


def _network(word: str) -> Network:
    """Read a network; here an IPv6 one needs no brackets."""
    address, slash, length = word.strip().partition("/")
    bare = ":" in address and not address.startswith("[")
    return parse_network(f"[{address}]{slash}{length}" if bare else word.strip())
