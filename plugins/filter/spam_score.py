# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: spam_score
short_description: A tolerance for spam as a score of SpamAssassin
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Administrators think of a tolerance in words or in percent, where 100 % are 20 points. SpamAssassin counts points.
options:
  _input:
    description:
      - A score, a percentage (V(33%)), or one of the words of O(levels).
    type: raw
    required: true
  levels:
    description: What the words mean, as scores or percentages.
    type: dict
    default: {}
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: spam_score
"""

EXAMPLES = r"""
- name: Show a score
  ansible.builtin.debug:
    msg: "{{ 'medium' | mailops.mta.spam_score(levels={'medium': '33%'}) }}"  # 6.6
"""

RETURN = r"""
_value:
  description: The score.
  type: float
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_NUMBER: t.Final = re.compile(r"(-?\d{1,4}(?:\.\d{1,4})?)\s*(%?)")
_FULL: t.Final = 20


def spam_score(value: t.Any, levels: t.Mapping[str, t.Any] | None = None, variable: str = "spam_score") -> float:
    """Return *value* in points."""
    words = levels or {}
    text = words.get(value, value) if isinstance(value, str) else value
    match = None if isinstance(text, bool) else _NUMBER.fullmatch(str(text).strip())
    if match is None or (match[2] and match[1].startswith("-")):
        accepted = ", ".join(map(str, words))
        raise AnsibleFilterError(
            f'{variable}: "{value}" is not accepted; write a score (6.6), a percentage of 20 points (33%)'
            + (f" or one of {accepted}" if words else "")
        )
    return round(float(match[1]) * _FULL / 100, 4) if match[2] else float(match[1])


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"spam_score": spam_score}
