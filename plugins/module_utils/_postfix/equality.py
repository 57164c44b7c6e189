# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: when Postfix reads two values of main.cf as the same."""

from __future__ import annotations

import re

from .macro import same_spelling
from .word_list import UnbalancedBracesError, split_words

_LISTS = re.compile(
    r".*_(maps|checks|restrictions|networks|hosts|domains|exceptions|clients|keywords|macros|options|classes|protocols"
    r"|interfaces|exclusions|commands|users|milters|locks?)|my(destination|networks)|alias_database|debug_peer_list"
    r"|postscreen_(access_list|dnsbl_sites)|propagate_unmatched_extensions|parent_domain_matches_subdomains"
    r"|import_environment|export_environment|relayhost"
)


def same_value(parameter: str, one: str, other: str) -> bool:
    """Whether Postfix reads two values as they are written in main.cf as the same.

    Folded lines, white space, ``$name`` for ``${name}``, commas or blanks in lists and Yes for yes make no difference.
    Times are not converted: 5d and 120h differ.
    """
    return _normalised(parameter, one) == _normalised(parameter, other)


def _normalised(parameter: str, value: str) -> str:
    text = " ".join(same_spelling(value).split())
    if text.lower() in ("yes", "no"):
        return text.lower()
    if not _LISTS.fullmatch(parameter):
        return text
    try:
        return " ".join(split_words(text))
    except UnbalancedBracesError:
        return text
