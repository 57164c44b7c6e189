# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: signature_files
short_description: Files of virus signatures with names that ClamAV can read
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Leaves out what is V(null), and refuses what ClamAV would skip without an error. The signatures themselves are
    judged by C(clamscan) on the server, see M(mailops.mta.virus_signatures).
options:
  _input:
    description: The text of each file by its name.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: signature_files
"""

EXAMPLES = r"""
- name: Show the files
  ansible.builtin.debug:
    msg: "{{ {'own.ndb': 'Example:0:*:65786520', 'old.ndb': none} | mailops.mta.signature_files }}"
"""

RETURN = r"""
_value:
  description: The text of each file by its name.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.virus_signature import wanted_files


def signature_files(files: t.Any, variable: str = "signature_files") -> dict[str, str]:
    """Return the files without those that are null."""
    if not isinstance(files, t.Mapping):
        raise AnsibleFilterError(f'{variable}: "{files}" is not accepted; write {{own.ndb: text of the signatures}}')
    wanted = {str(name): content for name, content in files.items() if content is not None}
    try:
        wanted_files(wanted)
    except ValueError as error:
        raise AnsibleFilterError(f"{variable}: {str(error).removeprefix('files: ')}") from error
    return wanted


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"signature_files": signature_files}
