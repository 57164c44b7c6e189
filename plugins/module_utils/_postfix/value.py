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
    "render_value",
    "same_value",
    "table_references",
    "value_problem",
)

# Set by Postfix itself (mail_params.h, master(8)); a line in main.cf would lie.
_READ_ONLY = frozenset({"mail_release_date", "mail_version", "process_id", "process_name", "service_name"})
# A $ in these is expanded per use, by names of its own, or is plain text (CONFIG_RAW_TABLE).
_RAW = name_set("""
    command_execution_directory default_rbl_reply forward_path luser_relay mailbox_command postscreen_expansion_filter
    postscreen_reject_footer smtpd_expansion_filter smtpd_reject_footer
""")
# Control characters, and the surrogates that stand for bytes which are no UTF-8.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
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
    if (value.endswith("$") or "${" in value or "$(" in value) and (problem := macro_problem(value)):
        return problem
    kind = kind_of(parameter, installed)
    if has_macro(value) and not isinstance(kind, _WORD_BY_WORD):
        return None
    try:
        return kind.problem(value)
    except UnbalancedBracesError as error:
        return str(error)


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


def render_value(value: object) -> str:
    """The text of main.cf for a value of YAML: yes/no for a boolean, words joined by ", " for a list.

    Raises ValueError where no faithful text exists.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        raise ValueError(f"{value} is a decimal number, in which 3.10 and 3.1 are the same: put it in quotes")
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_list_item(item) for item in value)
    raise ValueError(f"expected a text, a number, a boolean or a list of them, not {type(value).__name__}")


def _list_item(item: object) -> str:
    if isinstance(item, (list, tuple)):
        raise ValueError("a list inside a list has no meaning in main.cf")
    text = render_value(item)
    if not text:
        raise ValueError("an item of the list is empty")
    return text


def _one_line(value: str) -> str:
    """Strip blanks and the line end of a block scalar; postconf writes other control characters as they are."""
    text = value.replace("\t", " ").strip(" \n")
    if "\n" in text or "\r" in text:
        raise ValueError("a line break inside a value: write a list, or a folded block (>-)")
    if found := _CONTROL.search(text):
        raise ValueError(f"the character U+{ord(found[0]):04X} inside a value, which no configuration file may hold")
    return text
