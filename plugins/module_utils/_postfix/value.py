# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed rules for the values of main.cf: what Postfix takes silently and then dies of is refused here."""

from __future__ import annotations

from .endpoint import Milters
from .installed import Installed
from .macro import RAW, has_macro, macro_problem
from .main_cf import READ_ONLY
from .network_list import NetworkList
from .parameter_kind import kind_of
from .postscreen_value import AccessList
from .relay import open_relay_problem, relay_protection_problem
from .restriction import LocalRewriteClients, RestrictionList
from .table_reference import TableList, table_references
from .word_list import UnbalancedBracesError, nearest_name

__all__ = (
    "Installed",
    "macro_problem",
    "nearest_name",
    "open_relay_problem",
    "relay_protection_problem",
    "table_references",
    "value_problem",
    "written_problem",
)

# Kinds that leave a single word out when it still holds a macro.
_WORD_BY_WORD = (AccessList, LocalRewriteClients, Milters, NetworkList, RestrictionList, TableList)


def value_problem(parameter: str, value: str, installed: Installed) -> str | None:
    """What is wrong with an expanded value (one line, single blanks) and what is accepted; None when all is well.

    A value in which something is left to expand at run time, such as ``${stress?...}``, has only its syntax judged.
    """
    if parameter in READ_ONLY:
        return "Postfix sets this parameter itself"
    if parameter in RAW:
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
    problem = None if parameter in RAW else macro_problem(value)
    return problem or value_problem(parameter, value, installed)
