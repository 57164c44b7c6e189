# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unowned
short_description: Raw parameters, if none of them belongs to a role
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns raw parameters as they are, and refuses those that a role writes from a variable of its own, since the two
    would undo each other in every run. The message names the variable.
options:
  _input:
    description: Raw parameters by name.
    type: dict
    required: true
  owners:
    description: The variable, or the role, that each owned parameter belongs to. A name may be a shell-style pattern.
    type: dict
    required: true
  variable:
    description: The name of the variable that holds the raw parameters, for error messages.
    type: str
    default: parameters
"""

EXAMPLES = r"""
- name: Fails, because relayhost has a variable of its own
  ansible.builtin.debug:
    msg: "{{ {'relayhost': 'mx.example.com'} | mailops.mta.unowned(owners={'relayhost': 'mta_outbound_relayhost'}) }}"
"""

RETURN = r"""
_value:
  description: The raw parameters.
  type: dict
"""

import typing as t
from fnmatch import fnmatchcase

from ansible.errors import AnsibleFilterError


def unowned(
    parameters: t.Mapping[str, t.Any], owners: t.Mapping[str, str], variable: str = "parameters"
) -> dict[str, t.Any]:
    """Return *parameters*, or raise for those that have an owner."""
    if not isinstance(parameters, t.Mapping):
        raise AnsibleFilterError(f'{variable}: "{parameters}" is not a mapping; write {{name: value}}')
    found = {name: _owner(str(name), owners) for name in parameters}
    owned = [f"{name} (set {owner} instead)" for name, owner in found.items() if owner]
    if owned:
        raise AnsibleFilterError(f"{variable}: a role writes {', '.join(owned)}")
    return dict(parameters)


def _owner(name: str, owners: t.Mapping[str, str]) -> str | None:
    return owners.get(name) or next((owner for pattern, owner in owners.items() if fnmatchcase(name, pattern)), None)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"unowned": unowned}
