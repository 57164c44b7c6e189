# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``$name``, ``${name}``, ``$(name)`` in main.cf values (postconf(5), section "Parameter syntax")."""

from __future__ import annotations

import re

_CLOSING = {"{": "}", "(": ")"}
_NAME = re.compile(r"[A-Za-z0-9_]+")
_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\((\w+)\))", re.ASCII)


# A $ in these is expanded per use, by names of its own, or is plain text (CONFIG_RAW_TABLE).
RAW = frozenset(
    [
        "command_execution_directory",
        "default_rbl_reply",
        "forward_path",
        "luser_relay",
        "mailbox_command",
        "postscreen_expansion_filter",
        "postscreen_reject_footer",
        "smtpd_expansion_filter",
        "smtpd_reject_footer",
    ]
)


def require_macros(parameter: str, written: str) -> str:
    """Return *written*, or raise ValueError: of a configuration with a broken macro postconf shows nothing at all."""
    problem = None if parameter in RAW else macro_problem(written)
    if problem is not None:
        raise ValueError(f'"{written}" is not accepted: {problem}')
    return written


def _end_of_group(value: str, start: int) -> int | None:
    """Index behind the bracket that closes the one at start; only the same kind of bracket nests."""
    opening, depth = value[start], 0
    for index in range(start, len(value)):
        if value[index] == opening:
            depth += 1
        elif value[index] == _CLOSING[opening]:
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def macro_problem(written: str) -> str | None:
    """What makes Postfix answer "macro processing error" for a value as it is WRITTEN in main.cf ($$ is a literal $).

    postconf -e writes such a value, then every program that evaluates it fails (measured: all smtpd dead).
    """
    index = 0
    while (index := written.find("$", index)) >= 0:
        following = written[index + 1 : index + 2]
        if following == "$":
            index += 2
        elif following in _CLOSING and following:
            end = _end_of_group(written, index + 1)
            if end is None:
                return f"the macro {written[index : index + 20]!r} has no closing {_CLOSING[following]!r}"
            if end == index + 3:
                return f"the macro {written[index:end]!r} has no name"
            index = end
        else:
            name = _NAME.match(written, index + 1)
            if name is None:
                return "a $ must be followed by a parameter name; write $$ for a literal $"
            index = name.end()
    return None


def has_macro(value: str) -> bool:
    """Whether something is left to expand, so that the final text cannot be judged."""
    return "$" in value


def refers_to(value: str, name: str) -> bool:
    """Whether ``$name`` or a form of it stands in a value."""
    return re.search(rf"\$[{{(]?{re.escape(name)}\b", value) is not None


def same_spelling(value: str) -> str:
    """Write ``$name`` and ``$(name)`` as ``${name}``; a conditional ``${name?...}`` stays as it is."""
    return _REFERENCE.sub(lambda found: "${" + (found[1] or found[2] or found[3]) + "}", value)
