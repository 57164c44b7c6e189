# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: duration
short_description: A time as Postfix reads it, judged
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns a time as it is, and refuses what the Postfix parameter would not take. A host judges it too, but later,
    when other settings have changed already.
options:
  _input:
    description: A whole number with one of the units V(s), V(m), V(h), V(d), V(w), such as V(90s) or V(5d).
    type: str
    required: true
  variable:
    description: The variable, called like its role and its parameter in postconf(5). The bounds of the parameter hold.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show a time
  ansible.builtin.debug:
    msg: "{{ '3d' | mailops.mta.duration('mta_base_maximal_queue_lifetime') }}"  # 3d
"""

RETURN = r"""
_value:
  description: The time, as it was given.
  type: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.bounds import duration_kind

_ROLE: t.Final = re.compile(r"[a-z]+_[a-z]+_")


def duration(value: t.Any, variable: str) -> str:
    """Return *value* as text."""
    text = "" if value is None or isinstance(value, bool) else str(value).strip()
    problem = duration_kind(_ROLE.sub("", variable, count=1), "1s").problem(text)
    if problem:
        raise AnsibleFilterError(f'{variable}: "{value}" is not accepted: {problem}')
    return text


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"duration": duration}
