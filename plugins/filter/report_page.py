# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_page
short_description: A report on mail servers as one HTML page
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - The page needs no network and no script. What comes from mail, such as senders and reasons, is text in it and
    nothing else.
options:
  _input:
    description: What P(mailops.mta.report#filter) returned.
    type: dict
    required: true
seealso:
  - plugin: mailops.mta.report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ report | mailops.mta.report_page }}"
    dest: /srv/reports/mail.html
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

import typing as t

from ansible_collections.mailops.mta.plugins.plugin_utils._report import plain
from ansible_collections.mailops.mta.plugins.plugin_utils._report_page import page


def report_page(report: t.Mapping[str, t.Any]) -> str:
    """Return the page."""
    return page(plain(report))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"report_page": report_page}
