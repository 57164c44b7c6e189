# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions of header_checks(5) and body_checks(5) tables: a bad one is skipped, and mail passes unchecked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .word_list import name_set, nearest_name

_ACTIONS = name_set("""
    BCC DISCARD DUNNO FILTER HOLD IGNORE INFO OK PASS PREPEND REDIRECT REJECT REPLACE STRIP WARN
""")
# Action -> what its argument must look like, and how to say so. (PREPEND and REPLACE of a header need a whole header.)
_ARGUMENTS = {
    "BCC": (r"\S*@\S+", "user@domain"),
    "REDIRECT": (r"\S*@\S+", "user@domain"),
    "FILTER": (r"\S+:.*", "transport:destination"),
    "PREPEND": (r".+", "a text"),
    "REPLACE": (r".+", "a text"),
}
_RULE = re.compile(r"!?(?P<delimiter>[^\w\s\\#])(?:\\.|(?!(?P=delimiter)).)*(?P=delimiter)\w*(?P<action>.*)")


def check_actions_problem(lines: Iterable[str]) -> tuple[int, str] | None:
    """Number (from 1) and fault of the first bad rule in the lines of a regexp or pcre table."""
    for number, line in _logical_lines(lines):
        problem = _line_problem(line)
        if problem:
            return number, problem
    return None


def _logical_lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Whole lines with the number of their first part; one that starts with a blank continues the line before."""
    whole, first = "", 0
    for number, line in enumerate(lines, 1):
        text = line.rstrip()
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if text[0].isspace() and whole:
            whole += text
            continue
        if whole:
            yield first, whole
        whole, first = text.strip(), number
    if whole:
        yield first, whole


def _line_problem(line: str) -> str | None:
    if re.match(r"endif\b", line, re.IGNORECASE):
        return None
    condition = re.match(r"if\s+(.*)", line, re.IGNORECASE)
    found = _RULE.fullmatch(condition[1] if condition else line)
    if found is None:
        return "expected /pattern/flags ACTION"
    if condition:
        return None
    return action_problem(found["action"].strip())


def action_problem(action: str) -> str | None:
    """What is wrong with ``ACTION argument``."""
    if not action:
        return "the rule has no action"
    word, _blank, argument = action.partition(" ")
    name = word.upper()
    if name not in _ACTIONS:
        near = nearest_name(name.lower(), [known.lower() for known in _ACTIONS])
        return f"there is no action {word}" + (f": did you mean {near.upper()}?" if near else "")
    form, spoken_form = _ARGUMENTS.get(name, (r".*", ""))
    if not re.fullmatch(form, argument.strip()):
        return f"{name} needs {spoken_form} after it"
    return None
