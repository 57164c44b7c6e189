# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed rules for the values of main.cf: what Postfix takes silently and then dies of is refused here."""

from __future__ import annotations

import re

from .endpoint import Milters
from .installed import Installed
from .macro import has_macro, macro_problem, same_spelling
from .network_list import NetworkList
from .parameter_kind import kind_of
from .postscreen_value import AccessList
from .relay import open_relay_problem, relay_protection_problem
from .restriction import LocalRewriteClients, RestrictionList
from .table_reference import TableList, table_references
from .word_list import UnbalancedBracesError, name_set, nearest_name, split_words

__all__ = (
    "Installed",
    "is_read_only",
    "macro_problem",
    "nearest_name",
    "open_relay_problem",
    "relay_protection_problem",
    "same_value",
    "table_references",
    "value_problem",
    "written_problem",
)

# Set by Postfix itself (mail_params.h, master(8)); a line in main.cf would lie.
_READ_ONLY = frozenset({"mail_release_date", "mail_version", "process_id", "process_name", "service_name"})
# A $ in these is expanded per use, by names of its own, or is plain text (CONFIG_RAW_TABLE).
_RAW = name_set("""
    command_execution_directory default_rbl_reply forward_path luser_relay mailbox_command postscreen_expansion_filter
    postscreen_reject_footer smtpd_expansion_filter smtpd_reject_footer
""")
# Kinds that leave a single word out when it still holds a macro.
_WORD_BY_WORD = (AccessList, LocalRewriteClients, Milters, NetworkList, RestrictionList, TableList)
_LISTS = re.compile(
    r".*_(maps|checks|restrictions|networks|hosts|domains|exceptions|clients|keywords|macros|options|classes|protocols"
    r"|interfaces|exclusions|commands|users|milters|locks?)|my(destination|networks)|alias_database|debug_peer_list"
    r"|postscreen_(access_list|dnsbl_sites)|propagate_unmatched_extensions|parent_domain_matches_subdomains"
    r"|import_environment|export_environment|relayhost"
)


def value_problem(parameter: str, value: str, installed: Installed) -> str | None:
    """What is wrong with an expanded value (one line, single blanks) and what is accepted; None when all is well.

    A value in which something is left to expand at run time, such as ``${stress?...}``, has only its syntax judged.
    """
    if is_read_only(parameter):
        return "Postfix sets this parameter itself"
    if parameter in _RAW:
        return None
    kind = kind_of(parameter, installed)
    if has_macro(value) and not isinstance(kind, _WORD_BY_WORD):
        return None
    try:
        return kind.problem(value)
    except UnbalancedBracesError as error:
        return str(error)


def written_problem(parameter: str, value: str, installed: Installed) -> str | None:
    """As value_problem(), for a value as it is written in main.cf: a broken macro keeps postconf from expanding it."""
    problem = None if parameter in _RAW else macro_problem(value)
    return problem or value_problem(parameter, value, installed)


def is_read_only(parameter: str) -> bool:
    """Whether Postfix computes the parameter, so that nobody may set it."""
    return parameter in _READ_ONLY


def same_value(parameter: str, one: str, other: str, default: str | None) -> bool:
    """Whether Postfix reads two values as they are written in main.cf as the same; default tells the kind.

    Folded lines, white space, ``$name`` for ``${name}``, commas or blanks in lists and Yes for yes make no difference.
    Times are not converted: 5d and 120h differ.
    """
    return _normalised(parameter, one, default) == _normalised(parameter, other, default)


def _normalised(parameter: str, value: str, default: str | None) -> str:
    text = " ".join(same_spelling(value).split())
    if default in ("yes", "no") and text.lower() in ("yes", "no"):
        return text.lower()
    if not _LISTS.fullmatch(parameter):
        return text
    try:
        return " ".join(split_words(text))
    except UnbalancedBracesError:
        return text
