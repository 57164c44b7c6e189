# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: signature_urls
short_description: URLs of virus signatures by the name of the file
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - C(freshclam) calls the file that it fetches like the last part of the URL. Two URLs of the same name would overwrite
    each other.
options:
  _input:
    description: URLs that begin with V(http://), V(https://), V(ftp://), V(ftps://) or V(file://), and end in the name
      of a file that ClamAV can read.
    type: list
    elements: str
    required: true
  files:
    description: File names that are taken already.
    type: list
    elements: str
    default: []
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: signature_urls
"""

EXAMPLES = r"""
- name: Show the names of the files
  ansible.builtin.debug:
    msg: "{{ ['https://lists.example.com/own.ndb'] | mailops.mta.signature_urls }}"  # {own.ndb: https://...}
"""

RETURN = r"""
_value:
  description: The URLs by the name of their file.
  type: dict
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.virus_signature import FETCHED_KINDS, name_problem

# freshclam.conf(5) ends a value at a blank.
_URL: t.Final = re.compile(r"(?:https?|ftps?)://[^\s/]+/\S+|file:///\S+", re.IGNORECASE)


def signature_urls(urls: t.Any, files: t.Collection[str] = (), variable: str = "signature_urls") -> dict[str, str]:
    """Return the URLs by the name of the file that freshclam makes of each."""
    found: dict[str, str] = {}
    for url in dict.fromkeys(map(str, urls)):
        if not _URL.fullmatch(url):
            accepted = "write https://HOST/PATH/own.ndb, also with http, ftp, ftps or file"
            raise AnsibleFilterError(f'{variable}: "{url}" is not accepted; {accepted}')
        name = url.rpartition("/")[2]
        problem = name_problem(name, FETCHED_KINDS)
        if problem:
            raise AnsibleFilterError(f'{variable}: the file of "{url}": {problem}')
        if name in found or name in files:
            raise AnsibleFilterError(f'{variable}: "{url}": there is another file called {name}')
        found[name] = url
    return found


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"signature_urls": signature_urls}
