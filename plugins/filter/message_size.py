# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: message_size
short_description: A size in bytes from a number or from text such as 20M
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Postfix takes sizes in bytes only. Administrators think in megabytes.
options:
  _input:
    description:
      - A number of bytes, or a number with the unit V(K), V(M) or V(G), perhaps followed by V(B) or V(iB). Units are
        powers of 1024. V(0) stays 0, which Postfix reads as no limit.
    type: raw
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: message_size
"""

EXAMPLES = r"""
- name: Show a size in bytes
  ansible.builtin.debug:
    msg: "{{ '20M' | mailops.mta.message_size }}"  # 20971520
"""

RETURN = r"""
_value:
  description: The size in bytes.
  type: int
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_SIZE: t.Final = re.compile(r"(\d{1,15})\s*(?:([KMG])I?)?B?", re.IGNORECASE)
_FACTOR: t.Final = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def message_size(value: t.Any, variable: str = "message_size") -> int:
    """Return *value* in bytes."""
    match = None if isinstance(value, bool) else _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise AnsibleFilterError(f'{variable}: "{value}" is not accepted; write bytes, or a number with K, M or G: 20M')
    return int(match[1]) * _FACTOR[(match[2] or "").upper()]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"message_size": message_size}
