# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sasl_users
short_description: Users of a SASL server, if all of them are right
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns the users as they are, without those that are V(null), and refuses what M(mailops.mta.sasl_server) would
    refuse. No message holds a password or a hash.
options:
  _input:
    description: Users by name, as O(mailops.mta.sasl_server#module:users) takes them.
    type: dict
    required: true
  variable:
    description: The name of the variable that holds the users, for error messages.
    type: str
    default: users
"""

EXAMPLES = r"""
- name: Fails, because a name holds no blanks
  ansible.builtin.debug:
    msg: "{{ {'ann bee': {'password': vault_ann_password}} | mailops.mta.sasl_users }}"
"""

RETURN = r"""
_value:
  description: The users.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sasl_user import wanted_users


def sasl_users(users: t.Any, variable: str = "users") -> dict[str, t.Any]:
    """Return *users* without the removed ones, or raise."""
    if not isinstance(users, dict):
        raise AnsibleFilterError(f"{variable}: expected a mapping of user names")
    plain = {str(name): _decrypted(option) for name, option in users.items() if option is not None}
    try:
        wanted_users(plain)
    except ValueError as error:
        raise AnsibleFilterError(f"{variable}: {error}") from None
    return plain


def _decrypted(option: t.Any) -> t.Any:
    """Return an option with plain strings: ansible-core 2.18 gives a vaulted one as an object of its own."""
    if not isinstance(option, dict):
        return option
    return {key: str(text) if getattr(text, "__ENCRYPTED__", False) else text for key, text in option.items()}


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"sasl_users": sasl_users}
