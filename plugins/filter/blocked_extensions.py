# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: blocked_extensions
short_description: The lines of a table that refuses attachments by their file name extension
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes the lines of a C(pcre) table for C(mime_header_checks) that refuses a message with an attachment whose file
    name ends in one of the extensions.
  - This is the best that can be done with a pattern, which is not much. It sees plain and quoted names and names with
    percent signs. It sees neither names that are encoded (V(=?utf-8?B?...?=)) or cut into parts (V(name*0)), nor what
    is in an archive, nor what a file is whatever its name. A content filter looks at all of these.
options:
  _input:
    description: Extensions, with the dot or without it.
    type: list
    elements: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: blocked_extensions
"""

EXAMPLES = r"""
- name: Refuse programs
  mailops.mta.lookup_tables:
    tables:
      pcre:maps.d/blocked_extensions:
        lines: "{{ ['exe', '.com'] | mailops.mta.blocked_extensions }}"
"""

RETURN = r"""
_value:
  description: The lines of the table. None without an extension.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_EXTENSION: t.Final = re.compile(r"[a-z0-9_+-]{1,64}")
_NAME: t.Final = r"^Content-(?:Type|Disposition):.*?[;\s](?:file)?name(?:\*(?:0\*?)?)?\s*=\s*"
# Windows drops dots and blanks at the end of a name.
_QUOTED: t.Final = r'"(?:[^"\\]|\\.)*\.({extensions})[\s.]*"'
_PLAIN: t.Final = r"""[^"\s;]*(?:\.|%2E)({extensions})(?:\.|%2E|%20)*(?:[\s;]|$)"""
_ACTION: t.Final = "REJECT 5.7.1 attachments of the type .$1 are not accepted"


def blocked_extensions(extensions: t.Any, variable: str = "blocked_extensions") -> list[str]:
    """Return the lines, one for quoted names and one for all others. Case makes no difference to Postfix."""
    names = extension_names(extensions, variable)
    choice = "|".join(re.escape(name) for name in names)
    return [f"/{_NAME}{form.format(extensions=choice)}/ {_ACTION}" for form in (_QUOTED, _PLAIN) if names]


def extension_names(extensions: t.Any, variable: str) -> list[str]:
    """Return the extensions in lower case, without the dot, in their order, each once."""
    if isinstance(extensions, str) or not isinstance(extensions, t.Sequence):
        raise AnsibleFilterError(f'{variable}: "{extensions}" is not a list of extensions')
    return sorted({_extension(each, variable) for each in extensions})


def _extension(text: t.Any, variable: str) -> str:
    # YAML reads 001 as a number, and no as false.
    name = text.lower().removeprefix(".") if isinstance(text, str) else ""
    if not _EXTENSION.fullmatch(name):
        raise AnsibleFilterError(f'{variable}: "{text}" is not an extension; write letters, digits, _, + and - as text')
    return name


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"blocked_extensions": blocked_extensions}
