# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: postscreen_options
short_description: Options of postscreen, judged
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns options of the module M(mailops.mta.postscreen) as they are, and refuses what the module would refuse on any
    host. Which tables and table types there are, the host knows.
options:
  _input:
    description: Options of the module by their names.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: postscreen_options
"""

EXAMPLES = r"""
- name: Show options
  ansible.builtin.debug:
    msg: "{{ {'enabled': true, 'greet': {'action': 'drop'}} | mailops.mta.postscreen_options }}"
"""

RETURN = r"""
_value:
  description: The options.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.mta.plugins.module_utils._postfix.installed import Installed
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen import STOCK, read_options
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_options import OPTIONS
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_reference import KNOWN_TYPES

# Any Postfix that the collection knows: of its version depends nothing here.
_ANY: t.Final = Installed((3, 7, 0), STOCK, KNOWN_TYPES, frozenset())


def postscreen_options(options: t.Mapping[str, t.Any], variable: str = "postscreen_options") -> dict[str, t.Any]:
    """Return *options*."""
    checked = ArgumentSpecValidator(OPTIONS).validate({**options, "variable": variable})
    if checked.error_messages:
        raise AnsibleFilterError(f"{variable}: {'; '.join(checked.error_messages)}")
    try:
        read_options(checked.validated_parameters, _ANY, "/etc/postfix")
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from None
    return dict(options)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"postscreen_options": postscreen_options}
