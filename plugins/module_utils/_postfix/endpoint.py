# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of policy servers and milters: ``inet:host:port``, ``unix:path``, or ``{ inet:host:port, timeout=10s }``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .word_list import UnbalancedBracesError, inside_braces, name_set, nearest_name, split_words

_ENDPOINT = re.compile(r"inet:.+:[^:]+|(?:unix|local):.+")
# smtpd_check.c and milter.c: main.cf's smtpd_policy_service_* and milter_* names without their prefix
POLICY_OPTIONS = name_set("""
    default_action max_idle max_ttl policy_context request_limit retry_delay timeout try_limit
""")
_MILTER_OPTIONS = name_set("command_timeout connect_timeout content_timeout default_action protocol")


def endpoint_problem(word: str, options: frozenset[str]) -> str | None:
    """What is wrong with one socket, alone or in braces with its options."""
    inner = inside_braces(word)
    words = split_words(inner) if inner is not None else [word]
    if not words or not _ENDPOINT.fullmatch(words[0]):
        return f"{word} is no socket: expected inet:host:port or unix:path"
    found = (_option_problem(given, options) for given in words[1:])
    return next((f"{word}: {text}" for text in found if text), None)


def _option_problem(given: str, options: frozenset[str]) -> str | None:
    """Blanks around the = are right in braces of its own only: else "malformed option", and smtpd does not start."""
    name, equals, _value = (inside_braces(given) or given).partition("=")
    if not equals or not name:
        return f"{given} is no option: expected name=value without blanks, or {{ name = value }}"
    if name.strip() in options:
        return None
    near = nearest_name(name.strip(), options)
    return f"there is no option {name.strip()}" + (f": did you mean {near}?" if near else "")


@dataclass(frozen=True, slots=True)
class Milters:
    """``smtpd_milters``: a wrong one is unreachable, and ``milter_default_action`` decides what becomes of the mail."""

    def problem(self, value: str) -> str | None:
        try:
            words = split_words(value)
        except UnbalancedBracesError as error:
            return str(error)
        found = (endpoint_problem(word, _MILTER_OPTIONS) for word in words if "$" not in word)
        return next((text for text in found if text), None)
