# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the text of a lookup table as postmap(1) and postalias(1) read it, and their complaints about it."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from .rendering import render_value

_LOGICAL_LINE: t.Final = re.compile(rb"^[^\s#]", re.MULTILINE)
_UNFIT: t.Final = {
    b"\0": "a NUL byte, behind which Postfix reads nothing",
    b"\xef\xbb\xbf": "a byte order mark, which hides the first key",
}
# "postmap: warning: cidr map /path, line 3: text", "postmap: warning: /path, line 3: text -- ignoring this line"
_LOCATED: t.Final = re.compile(r"line (\d+)(?:-\d+)?: (.*)")
_DUPLICATE: t.Final = re.compile(r'duplicate entry: "(.*)"')
_AFTERTHOUGHT: t.Final = re.compile(r"( -- ignoring this line|: skipping this rule)$")
_QUOTATION: t.Final = re.compile(r"(?: in| input)?[ :]*[\"']")
# What Postfix takes for a blank: ISSPACE() knows ASCII alone.
_BLANKS: t.Final = " \t\n\r\v\f"
_MAX_SHOWN: t.Final = 5
_MAX_QUOTED: t.Final = 80
_MAX_LINES: t.Final = 1000
_ALIASES_FORM: t.Final = "a line is a name, a colon and at least one address"
_PAIRS_FORM: t.Final = "a line is a key, blanks and a value; no key comes twice, and capitals make no difference"
_FORMS: t.Final = {
    "cidr": "a line is network/prefix length, blanks and a result",
    "regexp": "a line is /pattern/flags, blanks and a result",
    "pcre": "a line is /pattern/flags, blanks and a result",
}


class Entry(t.NamedTuple):
    """One entry; line is the number of its first line, from 1."""

    line: int
    key: str
    value: str


def render_entries(entries: t.Mapping[object, object], table_type: str, aliases: bool) -> bytes:
    """Write a mapping as the source of a table; None leaves its key out. Raises ValueError that names every bad key."""
    lines: list[str] = []
    problems: list[str] = []
    for key, value in entries.items():
        try:
            lines += [] if value is None else [_line(_key(key, table_type), value, ": " if aliases else "\t")]
        except ValueError as error:
            problems.append(f"{key!r}: {error}")
    if problems:
        raise ValueError("; ".join(problems[:_MAX_SHOWN]))
    return "".join(lines).encode("utf-8", "surrogateescape")


def _key(key: object, table_type: str) -> str:
    if isinstance(key, bool):
        raise ValueError("YAML reads this key as true or false; put it in quotes")
    text = str(key)
    if not text or text[0] == "#" or text != text.strip(_BLANKS) or any(ord(letter) < 32 for letter in text):
        raise ValueError("a key is not empty, does not start with # or a blank, and has no control characters")
    # A pattern may hold blanks between its delimiters; elsewhere the key ends at the first one.
    if table_type not in ("regexp", "pcre") and re.search(r"\s", text, re.ASCII):
        raise ValueError("a key cannot hold blanks")
    return text


def _line(key: str, value: object, separator: str) -> str:
    text = render_value(value)
    if not text.strip(_BLANKS) or re.search(r"[\0\r\n]", text):
        raise ValueError("a value is not empty and stands on one line")
    return f"{key}{separator}{text.strip(_BLANKS)}\n"


def text_problem(text: bytes) -> str | None:
    """Tell what Postfix would silently not read."""
    for unfit, meaning in _UNFIT.items():
        if unfit in text:
            return f"line {text[: text.index(unfit)].count(10) + 1} has {meaning}"
    return None


def count_entries(text: bytes) -> int:
    """Count the logical lines of a source."""
    return len(_LOGICAL_LINE.findall(text))


def parse_entries(text: str, aliases: bool) -> t.Iterator[Entry]:
    """Yield the entries of a source that postmap or postalias has accepted, in their order."""
    for number, line in _logical_lines(text):
        key, value = _split_alias(line) if aliases else _split_pair(line)
        yield Entry(number, key, value)


def _logical_lines(text: str) -> t.Iterator[tuple[int, str]]:
    """Join folded lines: a line that starts with a blank continues the one before, past comments and empty lines."""
    start, parts = 0, [""]
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip(_BLANKS) or line.lstrip(_BLANKS)[0] == "#":
            continue
        if line[0] in _BLANKS:
            parts.append(line)
            continue
        if start:
            yield start, "".join(parts)
        start, parts = number, [line]
    if start:
        yield start, "".join(parts)


def _split_pair(line: str) -> tuple[str, str]:
    """Split at the first blank that is neither quoted nor escaped, as postmap does since Postfix 3.2."""
    key = re.match(r'(?:\\.|"(?:\\.|[^"\\])*"|[^\s"\\])*', line, re.DOTALL | re.ASCII)
    end = key.end() if key else 0
    return line[:end], line[end:].strip(_BLANKS)


def _split_alias(line: str) -> tuple[str, str]:
    quoted = re.match(r'"((?:\\.|[^"\\])*)"\s*:', line)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1]), line[quoted.end() :].strip(_BLANKS)
    key, _colon, value = line.partition(":")
    return key.strip(_BLANKS), value.strip(_BLANKS)


def spoken_complaints(complaints: str, text: str, table_type: str, aliases: bool, secret: bool) -> str:
    """Tell what postmap or postalias said about a source: line number, line, reason; then what is accepted.

    The lines of a *secret* source are not quoted, nor is what the program quotes from them.
    """
    unique = dict.fromkeys(line for line in complaints.splitlines() if line.strip())
    told = list(dict.fromkeys(_told(line, text, aliases, secret) for line in unique))
    more = f"; and {len(told) - _MAX_SHOWN} more" if len(told) > _MAX_SHOWN else ""
    form = _ALIASES_FORM if aliases else _FORMS.get(table_type, _PAIRS_FORM)
    return f"{'; '.join(told[:_MAX_SHOWN])}{more} ({form}; a line that starts with a blank continues the one before)"


def _told(complaint: str, text: str, aliases: bool, secret: bool) -> str:
    reason = re.sub(r"^\S+: ((warning|error|fatal): )?", "", complaint)
    located = _LOCATED.search(reason)
    number, reason = (int(located[1]), located[2]) if located else _located_by_text(reason, text, aliases)
    reason = _AFTERTHOUGHT.sub("", reason)
    lines = text.split("\n")
    quoted = lines[number - 1].strip()[:_MAX_QUOTED] if 0 < number <= len(lines) and not secret else ""
    place = f"line {number}{f' ({quoted})' if quoted else ''}: " if number else ""
    return place + (_QUOTATION.split(reason)[0].strip() if secret else reason)


def _located_by_text(reason: str, text: str, aliases: bool) -> tuple[int, str]:
    """Find the line of a complaint that comes without its number; 0 when it is not about a line."""
    duplicate = _DUPLICATE.search(reason)
    if duplicate:
        return _second_line(duplicate[1], text, aliases), "this key stands on an earlier line already"
    if "must not start with whitespace" in reason:
        return next(_logical_starts(text), 0), "the first entry starts with a blank"
    if "MDB_BAD_VALSIZE" in reason:
        longest = max(parse_entries(text, aliases), key=lambda entry: len(entry.key.encode("utf-8", "surrogateescape")))
        return longest.line, "the key of an lmdb table has at most 511 bytes"
    return 0, reason


def _logical_starts(text: str) -> t.Iterator[int]:
    lines = enumerate(text.split("\n"), 1)
    return (number for number, line in lines if line.strip(_BLANKS) and line.lstrip(_BLANKS)[0] != "#")


def _second_line(key: str, text: str, aliases: bool) -> int:
    folded = key.casefold()
    lines = [entry.line for entry in parse_entries(text, aliases) if entry.key.casefold() == folded]
    return lines[1] if len(lines) > 1 else 0


def changed_lines(before: bytes, after: bytes) -> tuple[str, str]:
    """Return the lines of both texts that differ, for a diff; a count of them when they are many."""
    old, new = (text.decode("utf-8", "replace").split("\n") for text in (before, after))
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if gone.total() + come.total() > _MAX_LINES:
        return f"({gone.total()} lines that go)\n", f"({come.total()} lines that come)\n"
    if not gone and not come:
        return "(the same lines in another order)\n", "(in the wanted order)\n"
    return _only(old, gone), _only(new, come)


def _only(lines: t.Sequence[str], counts: Counter[str]) -> str:
    left = Counter(counts)
    chosen = []
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
            chosen.append(line + "\n")
    return "".join(chosen)
