# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the virus signatures of ClamAV: the heads of their files, and what clamd(8) says of those that it has read."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import datetime

# Files that ClamAV's own mirror hands out; whatever else lies beside them may stay as it is for years.
OFFICIAL: t.Final = ("daily", "main", "bytecode")
# "ClamAV-VDB:21 Nov 2026 07-21 +0000:27800:2077045:90:md5:signature:builder:1795245660": the head is 512 bytes long.
_HEAD: t.Final = "ClamAV-VDB"
_BUILT = re.compile(
    r"(?P<day>\d+) (?P<month>[A-Z][a-z]{2}) (?P<year>\d{4}) (?P<hour>\d\d)-(?P<minute>\d\d) (?P<zone>[+-]\d{4})"
)
_MONTHS: t.Final = "JanFebMarAprMayJunJulAugSepOctNovDec"  # strptime() would read those of the locale
# "ClamAV 1.4.3/27800/Sat Nov 21 07:21:00 2026": clamd prints its local time.
_LOADED = re.compile(r"ClamAV (?P<version>[^/\s]+)(?:/(?P<number>\d+)/(?P<built>.+))?")


@dataclass(frozen=True, slots=True)
class Signatures:
    """One database file. number, built (seconds since 1970) and count are 0 for a file that has no head."""

    name: str
    number: int
    built: int
    count: int
    changed: int


def parse_head(name: str, head: str, changed: int) -> Signatures:
    """Read the head of a .cvd or .cld file; a plain list of signatures counts as built when it was last written."""
    fields = head.split(":")
    if fields[0] != _HEAD or len(fields) < 4:
        return Signatures(name, 0, 0, 0, changed)
    return Signatures(name, _number(fields[2]), _built(fields[1]), _number(fields[3]), changed)


def parse_loaded(answer: str) -> tuple[str, int]:
    """Read clamd's answer to VERSION: its version, and the number of the daily signatures, 0 when it has none."""
    match = _LOADED.match(answer)
    return (match["version"], int(match["number"] or 0)) if match else ("", 0)


def newest(found: t.Iterable[Signatures]) -> int:
    """Return when the newest of the official files was built, in seconds since 1970; 0 without any."""
    return max((each.built for each in found if each.name.partition(".")[0] in OFFICIAL), default=0)


def _built(text: str) -> int:
    """Read "21 Nov 2026 07-21 +0000"; 0 when it is written otherwise."""
    match = _BUILT.fullmatch(text.strip())
    if match is None or match["month"] not in _MONTHS:
        return 0
    month = _MONTHS.index(match["month"]) // 3 + 1
    day = f"{match['year']}-{month:02}-{int(match['day']):02}T{match['hour']}:{match['minute']}:00{match['zone']}"
    return int(datetime.fromisoformat(day).timestamp())


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
