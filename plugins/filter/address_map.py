# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: address_map
short_description: Addresses by the address that they replace
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Judges the entries of a table that replaces addresses, such as C(canonical_maps), C(smtp_generic_maps) and
    C(virtual_alias_maps), or that looks addresses up.
options:
  _input:
    description:
      - Addresses by C(ann@example.com), C(@example.com) (all of a domain) or C(ann) (a local user). V(null) leaves the
        entry out.
    type: dict
    required: true
  several:
    description: Whether an address can be replaced by a list of addresses.
    type: bool
    default: false
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: address_map
"""

EXAMPLES = r"""
- name: Show the entries of a table
  ansible.builtin.debug:
    # {'root': 'admin@example.com', '@example.local': '@example.com'}
    msg: "{{ {'root': 'admin@example.com', '@example.local': '@example.com'} | mailops.mta.address_map }}"
"""

RETURN = r"""
_value:
  description: The entries of the table.
  type: dict
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_DOMAIN: t.Final = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*"
_LOCAL: t.Final = r'[^\s@,:;"\\<>()\[\]]+'
_ADDRESS: t.Final = re.compile(rf"({_LOCAL})?@{_DOMAIN}|{_LOCAL}")
_FORM: t.Final = "write ann@example.com, @example.com or ann"


def address_map(
    addresses: t.Mapping[str, t.Any], several: bool = False, variable: str = "address_map"
) -> dict[str, str]:
    """Return {address: address, or addresses with commas between them}."""
    found: dict[str, str] = {}
    for key, value in addresses.items():
        if not _ADDRESS.fullmatch(str(key)) or ("@" not in str(key) and "." in str(key)):
            raise AnsibleFilterError(f'{variable}: "{key}" is not accepted; {_FORM}')
        if value is not None:
            found[str(key)] = ", ".join(_targets(str(key), value, several, variable))
    return found


def _targets(key: str, value: t.Any, several: bool, variable: str) -> list[str]:
    targets = value if isinstance(value, list) else [value]
    if not targets or (len(targets) > 1 and not several):
        raise AnsibleFilterError(f"{variable}: {key} is replaced by one address, not by {len(targets)}")
    for target in targets:
        if not isinstance(target, str) or not _ADDRESS.fullmatch(target):
            raise AnsibleFilterError(f'{variable}: {key} is replaced by "{target}", which is no address; {_FORM}')
    return targets


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"address_map": address_map}
