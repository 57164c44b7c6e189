# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dkim_keys
short_description: Keys for DKIM as the module dkim_keys takes them
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Refuses what P(mailops.mta.dkim_keys#module) would refuse, before anything has been changed.
options:
  _input:
    description: Keys, each with C(domain), C(selector) and perhaps C(bits).
    type: list
    elements: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: dkim_keys
"""

EXAMPLES = r"""
- name: Show keys
  ansible.builtin.debug:
    msg: "{{ [{'domain': 'Example.com', 'selector': 'mx1'}] | mailops.mta.dkim_keys }}"
"""

RETURN = r"""
_value:
  description: The keys, with names in lower case and a length.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.dkim import wanted_keys

_NAMES: t.Final = {"domain", "selector", "bits"}


def dkim_keys(keys: t.Any, variable: str = "dkim_keys") -> list[dict[str, t.Any]]:
    """Return the keys with all that they have."""
    if isinstance(keys, t.Mapping | str) or not isinstance(keys, t.Sequence):
        raise AnsibleFilterError(f'{variable}: "{keys}" is not a list of keys')
    for key in keys:
        if not isinstance(key, t.Mapping) or not {"domain", "selector"} <= set(key) <= _NAMES:
            accepted = "write {domain: example.com, selector: mx1}, perhaps with bits"
            raise AnsibleFilterError(f'{variable}: "{key}" is not accepted; {accepted}')
    try:
        wanted = wanted_keys(keys, "")
    except ValueError as error:
        raise AnsibleFilterError(f"{variable}: {error}") from error
    return [{"domain": key.domain, "selector": key.selector, "bits": key.bits} for key in wanted]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"dkim_keys": dkim_keys}
