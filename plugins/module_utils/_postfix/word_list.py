# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's lists: words between commas and white space, where ``{ ... }`` keeps a word together."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SEPARATORS = frozenset(", \t\r\n")


class UnbalancedBracesError(ValueError):
    """A list with a ``{`` without ``}`` or the other way round."""


def split_words(value: str) -> list[str]:
    """Split as mystrtokq() does: separators inside braces do not split. Raises UnbalancedBracesError."""
    words: list[str] = []
    word = ""
    depth = 0
    for character in value:
        if depth == 0 and character in _SEPARATORS:
            if word:
                words.append(word)
            word = ""
            continue
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            raise UnbalancedBracesError("there is a } without a { before it")
        word += character
    if depth:
        raise UnbalancedBracesError("there is a { without its }")
    return [*words, word] if word else words


def inside_braces(word: str) -> str | None:
    """The text between the outer braces of ``{ ... }``; None for a word that is not in braces."""
    if word.startswith("{") and word.endswith("}"):
        return word[1:-1].strip()
    return None


def name_set(text: str) -> frozenset[str]:
    """The names in a text that white space separates."""
    return frozenset(text.split())


def spoken(words: Iterable[str], conjunction: str = "or") -> str:
    """``yes or no``, ``ignore, enforce or drop``."""
    names = list(words)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely stands for; None when nothing is near."""
    matches = get_close_matches(name.lower(), list(known), n=1, cutoff=0.75)
    return matches[0] if matches else None
