# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sender_logins
short_description: The entries of a table of sender logins
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes the entries of a table for C(smtpd_sender_login_maps), the logins that own each address.
options:
  _input:
    description:
      - The login, or a list of logins, by C(user@example.com) or C(@example.com). An address that is V(null) is left
        out.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: sender_logins
"""

EXAMPLES = r"""
- name: Show entries
  ansible.builtin.debug:
    # {'ann@example.com': 'ann', 'sales@example.com': 'ann, bob'}
    msg: "{{ {'ann@example.com': 'ann', 'sales@example.com': ['ann', 'bob']} | mailops.mta.sender_logins }}"
"""

RETURN = r"""
_value:
  description: The entries of the table.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.mail_addresses import require_address


def sender_logins(logins: t.Mapping[t.Any, t.Any], variable: str = "sender_logins") -> dict[str, str]:
    """Return {address: "login, login"}."""
    for address in logins:
        require_address(address, variable)
    return {address: _owners(address, value, variable) for address, value in logins.items() if value is not None}


def _owners(address: str, value: t.Any, variable: str) -> str:
    owners = value if isinstance(value, list) else [value]
    for owner in owners:
        if not isinstance(owner, str) or not owner or "," in owner or owner.split() != [owner]:
            raise AnsibleFilterError(
                f'{variable}: {address} belongs to "{owner}", which is no login; write a name, or a list'
            )
    if not owners:
        raise AnsibleFilterError(f"{variable}: {address} belongs to nobody; write null to leave it out")
    return ", ".join(owners)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"sender_logins": sender_logins}
