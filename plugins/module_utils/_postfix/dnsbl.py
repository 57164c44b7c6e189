# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS lists: ``domain[=reply filter][*weight]`` (postconf(5), "postscreen_dnsbl_sites", "reject_rbl_client")."""

from __future__ import annotations

import re

from .host_name import host_name_problem

_FIELD = re.compile(r"[0-9]+|\[([^\[\]]*)\]")
_RANGE = re.compile(r"([0-9]+)(?:\.\.([0-9]+))?")
# ip_match(3) takes brackets around all four fields as well
_WHOLE_IN_BRACKETS = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
_FORM = "expected four fields as in 127.0.0.[2..11] or 127.0.[0;1].4"


def dnsbl_problem(word: str) -> str | None:
    """``domain[=d.d.d.d]``, as smtpd's reject_rbl_client takes it."""
    domain, equals, reply_filter = word.partition("=")
    problem = host_name_problem(domain)
    return problem or (reply_filter_problem(reply_filter) if equals else None)


def reply_filter_problem(pattern: str) -> str | None:
    """``d.d.d.d`` where a d is 0..255 or ``[a;b..c]``."""
    inner = pattern[1:-1] if _WHOLE_IN_BRACKETS.fullmatch(pattern) else pattern
    position, fields = 0, 0
    while position < len(inner):
        if fields and inner[position] == ".":
            position += 1
        elif fields:
            break
        field = _FIELD.match(inner, position)
        if field is None or not _field_fits(field[0]):
            return f"={pattern} is no reply filter: {_FORM}, numbers from 0 to 255, ranges upwards"
        position, fields = field.end(), fields + 1
        if fields == 4:
            break
    if fields != 4 or position != len(inner):
        return f"={pattern} is no reply filter: {_FORM}"
    return None


def _field_fits(field: str) -> bool:
    for part in field.strip("[]").split(";"):
        found = _RANGE.fullmatch(part)
        if found is None:
            return False
        low, high = int(found[1]), int(found[2] or found[1])
        if not low <= high <= 255:
            return False
    return True
