# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of parameter values. A kind says what is wrong with a value and what would be right, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from .word_list import nearest_name, spoken

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:[0-9]+[smhdw])*[0-9]+[smhdw]?")
_DURATION_FORM = "expected a whole number with one of the units s, m, h, d, w, for example 90s, 2h or 5d"
_SIZE_UNIT = {"k": 1024, "m": 1024**2, "g": 1024**3}
_SIZE = re.compile(r"([0-9]+)\s*([kmg])i?b?", re.IGNORECASE)


class Kind(Protocol):
    """One rule for a value that is already macro-expanded, on one line."""

    def problem(self, value: str) -> str | None:
        """None when Postfix accepts the value as it is meant, else the reason and the accepted form."""


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""

    may_be_empty: bool = True

    def problem(self, value: str) -> str | None:
        return None if value or self.may_be_empty else "expected a text, not nothing"


@dataclass(frozen=True, slots=True)
class Boolean:
    """``yes`` or ``no`` in any case; every other word is fatal for the daemon that reads it."""

    def problem(self, value: str) -> str | None:
        return None if value.lower() in ("yes", "no") else "expected yes or no"


@dataclass(frozen=True, slots=True)
class Number:
    """Plain decimal digits within bounds."""

    minimum: int = 0
    maximum: int = INT_MAX

    def problem(self, value: str) -> str | None:
        if size := _SIZE.fullmatch(value):
            plain = int(size[1]) * _SIZE_UNIT[size[2].lower()]
            return f"Postfix knows no size units: expected a plain number, {plain} for {size[0]}"
        if not re.fullmatch(r"-?[0-9]+", value):
            return f"expected a whole number{self._range()}"
        if not self.minimum <= int(value) <= self.maximum:
            return f"expected a number{self._range()}"
        return None

    def _range(self) -> str:
        if self.minimum < 0:
            return f" of at most {self.maximum}"
        if self.maximum in (INT_MAX, LONG_MAX):
            return f" of at least {self.minimum} that fits into {32 if self.maximum == INT_MAX else 64} bits"
        return f" from {self.minimum} to {self.maximum}"


@dataclass(frozen=True, slots=True)
class Duration:
    """Time in seconds, or with a unit; bounds in seconds."""

    unit: str = "s"
    minimum: int = 1
    maximum: int = INT_MAX

    def problem(self, value: str) -> str | None:
        if not _DURATION.fullmatch(value):
            return _DURATION_FORM
        count, unit = self._as_read(value)
        # conv_time() refuses what reaches INT_MAX / unit, before the multiplication
        if count > INT_MAX or (unit > 1 and count >= INT_MAX // unit):
            return "the time is too long for Postfix"
        if count * unit < self.minimum:
            return f"expected a time of at least {self.minimum}s"
        if count * unit > self.maximum:
            return f"expected a time of at most {self.maximum}s"
        return None

    def _as_read(self, value: str) -> tuple[int, int]:
        """Postfix reads the first number and its unit, and ignores what follows (conv_time(3))."""
        digits = "".join(takewhile(str.isdecimal, value))
        return int(digits), _SECONDS[value[len(digits) : len(digits) + 1] or self.unit]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words, or several of them where Postfix takes a list. Case does not matter."""

    words: tuple[str, ...]
    several: bool = False
    may_be_empty: bool = False

    def problem(self, value: str) -> str | None:
        given = re.split(r"[,\s]+", value.strip(", \t")) if self.several else [value]
        if given == [""]:
            return None if self.may_be_empty else self._expected()
        known = {word.lower() for word in self.words}
        for word in given:
            if word.lower() not in known:
                hint = nearest_name(word, known)
                return f"{word!r} is unknown{f' (did you mean {hint}?)' if hint else ''}: {self._expected()}"
        return None

    def _expected(self) -> str:
        empty = ("nothing",) if self.may_be_empty else ()
        if self.several:
            return f"expected some of {spoken((*self.words, *empty), 'and')}"
        return f"expected {spoken((*self.words, *empty))}"


@dataclass(frozen=True, slots=True)
class AbsolutePath:
    """A path from the root of the file system."""

    may_be_empty: bool = False
    other_words: tuple[str, ...] = ()
    several: bool = False

    def problem(self, value: str) -> str | None:
        if not value:
            return None if self.may_be_empty else self._expected()
        paths = re.split(r"[,\s]+", value) if self.several else [value]
        fine = all(path.startswith("/") or path in self.other_words for path in paths)
        return None if fine else self._expected()

    def _expected(self) -> str:
        form = "absolute paths" if self.several else "an absolute path"
        return f"expected {form}" + "".join(f" or {word}" for word in self.other_words)


@dataclass(frozen=True, slots=True)
class CompatibilityLevel:
    """``major[.minor[.patch]]``."""

    def problem(self, value: str) -> str | None:
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}", value):
            return None
        return "expected a Postfix version such as 3.6"
