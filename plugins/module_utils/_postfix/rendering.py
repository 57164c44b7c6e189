# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: YAML values as the text of Postfix's files."""

from __future__ import annotations

import re

# Control characters, and the surrogates that stand for bytes which are no UTF-8.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


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
