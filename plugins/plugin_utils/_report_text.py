# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: how a report writes numbers, ages, sizes, times and foreign text."""

from __future__ import annotations

import typing as t
import unicodedata

_UNITS: t.Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_NOTHING: t.Final = "\u2013"
_SIZES: t.Final = ("B", "kB", "MB", "GB", "TB")
_MONTHS: t.Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# Control characters, and those that change the direction of writing: a sender could dress up as somebody else.
_HIDDEN: t.Final = ("Cc", "Cf", "Cs", "Co", "Cn")


def number(value: int) -> str:
    """12 345 678 with thin spaces."""
    return f"{value:,}".replace(",", "\u202f")


def age(seconds: float | None) -> str:
    """The two largest units: "2 d 3 h", "45 min", "12 s"; a dash for nothing."""
    if seconds is None:
        return _NOTHING
    left, words = max(0, int(seconds)), list[str]()
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count or (unit == "s" and not words):
            words.append(f"{count} {unit}")
        elif words:
            break
    return " ".join(words[:2] if words[0].split()[1] in ("d", "h") else words[:1])


def size(count: float) -> str:
    """Bytes in decimal units: "3.3 kB"."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_SIZES[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {_SIZES[unit]}"


def time(text: str | None) -> str:
    """2026-01-31T23:59:59Z as "31 Jan 2026, 23:59 UTC"; a dash for nothing."""
    if not text:
        return _NOTHING
    day, _t, clock = text.partition("T")
    year, month, number_of_day = day.split("-")
    return f"{int(number_of_day)} {_MONTHS[int(month) - 1]} {year}, {clock[:5]} UTC"


def printable(text: t.Any) -> str:
    """Foreign text with a visible mark where a character would not be seen."""
    return "".join("\ufffd" if unicodedata.category(each) in _HIDDEN else each for each in str(text))
