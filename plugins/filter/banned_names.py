# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: banned_names
short_description: The regular expressions by which Amavis bans attachments
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes the patterns of Amavis's C($banned_filename_re) that ban parts of a message by the extension of their name,
    and by what file(1) takes them for. Amavis applies them to attachments and to what it finds in archives, however
    deep.
options:
  _input:
    description: Extensions, with the dot or without it.
    type: list
    elements: str
    required: true
  types:
    description: For an extension, the types that Amavis calls such a file by its content.
    type: dict
    default: {}
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: banned_names
"""

EXAMPLES = r"""
- name: Show patterns
  ansible.builtin.debug:
    # ['.\.(?:exe|vbs)[\s.]*$', '^\.(?:exe-ms)$']
    msg: "{{ ['.vbs', 'exe'] | mailops.mta.banned_names(types={'exe': ['exe-ms']}) }}"
"""

RETURN = r"""
_value:
  description: The patterns. None without an extension.
  type: list
  elements: str
"""

import re
import typing as t

from ansible_collections.mailops.mta.plugins.filter.blocked_extensions import extension_names


def banned_names(
    extensions: t.Any, types: t.Mapping[str, t.Sequence[str]] | None = None, variable: str = "banned_names"
) -> list[str]:
    """Return the pattern of the names and, where there is one, that of the types."""
    names = extension_names(extensions, variable)
    found = sorted({each for name in names for each in (types or {}).get(name, ())})
    # Amavis writes a type with a dot and nothing before it. Windows drops dots and blanks at the end of a name.
    return [
        form.format("|".join(map(re.escape, words)))
        for form, words in ((r".\.(?:{})[\s.]*$", names), (r"^\.(?:{})$", found))
        if words
    ]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"banned_names": banned_names}
