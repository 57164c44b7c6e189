# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: credentials
short_description: Client credentials by the next hop that Postfix looks them up with
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Gives each row of a list of relay hosts with user name and password the key that
    P(mailops.mta.next_hop#filter) makes for the relay host itself, so that brackets and port cannot differ.
options:
  _input:
    description:
      - Rows with the keys of P(mailops.mta.next_hop#filter), C(username) and C(password).
      - A later row for the same next hop wins. A row with neither C(username) nor C(password) removes the next hop.
    type: list
    elements: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: credentials
"""

EXAMPLES = r"""
- name: Keep the password of a relay host
  mailops.mta.sasl_credentials:
    credentials: "{{ [relay] | mailops.mta.credentials }}"
  vars:
    relay:
      host: relay.example.com
      port: 587
      username: mx1
      password: "{{ vault_relay_password }}"
"""

RETURN = r"""
_value:
  description: The mapping from next hop to user name and password that M(mailops.mta.sasl_credentials) takes.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.next_hop import next_hop


def credentials(rows: t.Any, variable: str = "credentials") -> dict[str, dict[str, str]]:
    """Return {next hop: {"username": ..., "password": ...}}. No message shows a password."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        hop = next_hop(row, variable)
        if not hop:
            raise AnsibleFilterError(f"{variable}: a row without host")
        given = {name: row[name] for name in ("username", "password") if row.get(name) is not None}
        if len(given) == 1:
            raise AnsibleFilterError(f"{variable}: {hop} needs both username and password, or neither to be removed")
        found.pop(hop, None)
        if given:
            found[hop] = given
    return found


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"credentials": credentials}
