# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: definition_mirrors
short_description: Mirrors of virus definitions as freshclam spells them
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - A public mirror is a host name. One's own is a URL; C(freshclam) then asks no DNS for the newest version, and asks
    no public mirror.
options:
  _input:
    description: The mirrors in the order in which they are tried, such as V(database.clamav.net) or
      V(http://mirror.example.com:8080/clamav).
    type: list
    elements: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: definition_mirrors
"""

EXAMPLES = r"""
- name: Show the lines of freshclam.conf
  ansible.builtin.debug:
    # {private: [], public: [database.clamav.net]}
    msg: "{{ ['database.clamav.net'] | mailops.mta.definition_mirrors }}"
"""

RETURN = r"""
_value:
  description: The values of C(PrivateMirror) and C(DatabaseMirror), without repetitions.
  type: dict
  contains:
    private:
      description: One's own mirrors.
      type: list
      elements: str
    public:
      description: Public mirrors; none where there are private ones, because C(freshclam) would not ask them.
      type: list
      elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_LABEL: t.Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: t.Final = rf"{_LABEL}(\.{_LABEL})*"
_PUBLIC: t.Final = re.compile(rf"(?=.*[a-z]){_HOST}", re.IGNORECASE)
_PRIVATE: t.Final = re.compile(rf"https?://({_HOST}|\[[0-9a-f:]+\])(:[0-9]{{1,5}})?(/[\w.~/%-]*)?", re.IGNORECASE)


def definition_mirrors(mirrors: t.Any, variable: str = "definition_mirrors") -> dict[str, list[str]]:
    """Return the mirrors by their kind."""
    if not isinstance(mirrors, list) or not mirrors:
        raise AnsibleFilterError(f"{variable}: name one mirror at least, without which freshclam does not start")
    private, public = [], []
    for mirror in dict.fromkeys(map(str, mirrors)):
        if _PRIVATE.fullmatch(mirror):
            private.append(mirror.rstrip("/"))
        elif _PUBLIC.fullmatch(mirror):
            public.append(mirror)
        else:
            accepted = "write a host name, or the URL of a mirror of your own: http://mirror.example.com"
            raise AnsibleFilterError(f'{variable}: "{mirror}" is not accepted; {accepted}')
    return {"private": private, "public": [] if private else public}


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"definition_mirrors": definition_mirrors}
