# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: layers
short_description: The settings of a group and of one server on top of global ones
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Merges mappings like the filter P(ansible.builtin.combine#filter), and says which variable is no mapping. (Ansible
    takes the text V(a=b) for one where an argument is a dictionary.)
options:
  _input:
    description: Mappings, the later ones win.
    type: list
    elements: dict
    required: true
  recursive:
    description: Merge mappings within the mappings as well.
    type: bool
    default: false
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: layers
"""

EXAMPLES = r"""
- name: Show settings
  ansible.builtin.debug:
    msg: "{{ [{'a': 1}, {'a': 2}, {'b': 3}] | mailops.mta.layers }}"  # {'a': 2, 'b': 3}
"""

RETURN = r"""
_value:
  description: The merged mapping.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.vars import merge_hash

_SUFFIXES: t.Final = ("", "_group", "_host")


def layers(mappings: t.Sequence[t.Any], variable: str = "layers", recursive: bool = False) -> dict[str, t.Any]:
    """Return one mapping of those of *variable*, variable_group and variable_host."""
    merged: dict[str, t.Any] = {}
    for mapping, suffix in zip(mappings, _SUFFIXES, strict=True):
        if not isinstance(mapping, t.Mapping):
            raise AnsibleFilterError(f'{variable}{suffix}: "{mapping}" is not a mapping; write {{key: value}}')
        merged = merge_hash(merged, dict(mapping), recursive=recursive)
    return merged


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"layers": layers}
