# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: table_list
short_description: Names of lookup tables, judged
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns names of lookup tables as they are, and refuses what no Postfix takes as one. Which types are installed and
    which tables exist, the host knows.
options:
  _input:
    description: Tables as C(type:name), such as V(hash:/etc/postfix/senders) or V(ldap:/etc/postfix/logins.cf).
    type: list
    elements: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: table_list
"""

EXAMPLES = r"""
- name: Show tables
  ansible.builtin.debug:
    msg: "{{ ['ldap:/etc/postfix/logins.cf'] | mailops.mta.table_list }}"
"""

RETURN = r"""
_value:
  description: The tables.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_reference import KNOWN_TYPES, TableList


def table_list(tables: t.Any, variable: str = "table_list") -> list[str]:
    """Return *tables*."""
    if not isinstance(tables, list):
        raise AnsibleFilterError(f'{variable}: "{tables}" is not a list; write [hash:/etc/postfix/name]')
    judge = TableList(KNOWN_TYPES, single=True)
    for table in tables:
        if not isinstance(table, str) or not table.strip():
            raise AnsibleFilterError(f'{variable}: "{table}" is no lookup table; write type:name')
        problem = judge.problem(table.strip())
        if problem:
            raise AnsibleFilterError(f'{variable}: "{table}" is not accepted: {problem}')
    return [table.strip() for table in tables]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"table_list": table_list}
