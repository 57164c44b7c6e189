# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_addresses
short_description: Mail addresses, judged
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns addresses as they are, and refuses what Postfix would never look up in a table of addresses.
options:
  _input:
    description: Addresses as C(user@example.com), or C(@example.com) for all of a domain.
    type: list
    elements: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: mail_addresses
"""

EXAMPLES = r"""
- name: Show addresses
  ansible.builtin.debug:
    msg: "{{ ['ann@example.com', '@example.org'] | mailops.mta.mail_addresses }}"
"""

RETURN = r"""
_value:
  description: The addresses.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_LABEL: t.Final = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS: t.Final = re.compile(rf"[^\s@,]*@{_LABEL}(\.{_LABEL})*")
_FORM: t.Final = "write user@example.com, or @example.com for all of a domain"


def mail_addresses(addresses: t.Any, variable: str = "mail_addresses") -> list[str]:
    """Return *addresses*."""
    if not isinstance(addresses, list):
        raise AnsibleFilterError(f'{variable}: "{addresses}" is not a list of addresses')
    for address in addresses:
        require_address(address, variable)
    return addresses


def require_address(address: t.Any, variable: str) -> None:
    """Raise AnsibleFilterError unless *address* is user@domain or @domain."""
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise AnsibleFilterError(f'{variable}: "{address}" is no address; {_FORM}')


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"mail_addresses": mail_addresses}
