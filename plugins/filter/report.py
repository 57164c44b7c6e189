# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report
short_description: One report of what was found on the mail servers of a fleet
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Puts the answers of M(mailops.mta.instance_info) and M(mailops.mta.queue_info) together, adds totals, groups equal
    problems and sorts the servers, the worst first.
  - A server that could not be reached or read stays in the report, with the reason.
options:
  _input:
    description: What M(mailops.mta.instance_info) returned, by server.
    type: dict
    required: true
  queues:
    description: What M(mailops.mta.queue_info) returned with O(mailops.mta.queue_info#module:list) and
      O(mailops.mta.queue_info#module:summary), by server.
    type: dict
    required: true
  generated_at:
    description: The time of the report, in UTC.
    type: str
    required: true
seealso:
  - plugin: mailops.mta.report_page
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Keep a report as JSON
  ansible.builtin.copy:
    content: "{{ instances | mailops.mta.report(queues, now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ')) | to_nice_json }}"
    dest: /srv/reports/mail.json
    mode: "0640"
"""

RETURN = r"""
_value:
  description:
    - C(generated_at), C(totals), C(problems) with the servers that have them, C(domains) with the recipients that wait
      by age, and C(servers) with C(name), C(state) (C(ok), C(failed) or C(unreachable)), C(error) and what the modules
      returned.
  type: dict
"""

import typing as t

from ansible_collections.mailops.mta.plugins.plugin_utils import _report


def report(instances: t.Mapping[str, t.Any], queues: t.Mapping[str, t.Any], generated_at: str) -> dict[str, t.Any]:
    """Return the report."""
    return _report.report(_report.plain(instances), _report.plain(queues), str(generated_at))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"report": report}
