# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tables_below
short_description: Lookup tables with their place in the file system
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Gives the lookup tables V(TYPE:NAME) of a mapping their place V(TYPE:DIRECTORY/NAME). A name that is an absolute
    path stays as it is; it has to be one where tables may lie, as M(mailops.mta.lookup_tables) says.
options:
  _input:
    description: Lookup tables by C(TYPE:NAME).
    type: dict
    required: true
  directory:
    description: The directory of the tables.
    type: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: tables
"""

EXAMPLES = r"""
- name: Show where a table is
  ansible.builtin.debug:
    # {'hash:/etc/postfix/maps.d/senders': {'entries': {}}}
    msg: "{{ {'hash:senders': {'entries': {}}} | mailops.mta.tables_below('/etc/postfix/maps.d') }}"
"""

RETURN = r"""
_value:
  description: The same tables by C(TYPE:PATH).
  type: dict
"""

import posixpath
import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_request import split_name

_REFERENCE: t.Final = re.compile(r"([a-z]+):(/[^\s,{}]+|[A-Za-z0-9_][A-Za-z0-9._-]*)")


def tables_below(tables: t.Mapping[str, t.Any], directory: str, variable: str = "tables") -> dict[str, t.Any]:
    """Return *tables* with absolute names. Two tables that would share a source file are refused."""
    found: dict[str, t.Any] = {}
    places: dict[str, str] = {}
    for name, table in tables.items():
        match = _REFERENCE.fullmatch(name)
        if match is None:
            raise AnsibleFilterError(f'{variable}: "{name}" is not accepted; write TYPE:NAME, such as hash:senders')
        path = match[2] if match[2].startswith("/") else f"{directory}/{match[2]}"
        try:
            split_name(f"{match[1]}:{path}", posixpath.dirname(directory))
        except ValueError as error:
            raise AnsibleFilterError(f"{variable}: {name}: {error}") from error
        if path in places and table is not None:
            raise AnsibleFilterError(f"{variable}: {places[path]} and {name} would share the file {path}")
        if table is not None:
            places[path] = name
        found[f"{match[1]}:{path}"] = table
    return found


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"tables_below": tables_below}
