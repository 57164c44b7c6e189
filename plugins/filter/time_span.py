# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: time_span
short_description: A number of seconds from text such as 5s, 2h or 3w
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Reads a time from seconds to weeks.
options:
  _input:
    description: A number of one digit at least, and the unit V(s), V(m), V(h), V(d) or V(w). At most V(52w).
    type: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: time_span
"""

EXAMPLES = r"""
- name: Show a time in seconds
  ansible.builtin.debug:
    msg: "{{ '2h' | mailops.mta.time_span }}"  # 7200
"""

RETURN = r"""
_value:
  description: The time in seconds.
  type: int
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_SPAN: t.Final = re.compile(r"([0-9]{1,9})\s?([smhdw])")
_SECONDS: t.Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST: t.Final = 52 * _SECONDS["w"]


def time_span(value: t.Any, variable: str = "time_span") -> int:
    """Return *value* in seconds."""
    match = _SPAN.fullmatch(str(value).strip())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 0 < seconds <= _LONGEST:
        accepted = "write a number with s, m, h, d or w, from 1s to 52w: 2h"
        raise AnsibleFilterError(f'{variable}: "{value}" is not accepted; {accepted}')
    return seconds


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"time_span": time_span}
