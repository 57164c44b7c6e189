# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sender_relayhosts
short_description: Relay hosts by sender, as Postfix spells them
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Turns senders and their relay hosts into the entries of C(sender_dependent_relayhost_maps).
options:
  _input:
    description:
      - Relay hosts, with the keys of P(mailops.mta.next_hop#filter), by C(ann@example.com) or C(@example.com).
      - An empty mapping is C(relayhost) itself, for a sender out of a domain that has another one. V(null) leaves the
        entry out.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: sender_relayhosts
"""

EXAMPLES = r"""
- name: Show the entries of a table
  ansible.builtin.debug:
    # {'@example.com': '[relay.example.com]:587', 'ann@example.com': 'DUNNO'}
    msg: "{{ {'@example.com': relay, 'ann@example.com': {}} | mailops.mta.sender_relayhosts }}"
  vars:
    relay: {host: relay.example.com, port: 587}
"""

RETURN = r"""
_value:
  description: The entries of the table.
  type: dict
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.next_hop import next_hop

_SENDER: t.Final = re.compile(r'([^\s@,:;"\\<>()\[\]]+)?@[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*')


def sender_relayhosts(senders: t.Mapping[str, t.Any], variable: str = "sender_relayhosts") -> dict[str, str]:
    """Return {sender: next hop}."""
    found: dict[str, str] = {}
    for sender, relay in senders.items():
        if not _SENDER.fullmatch(str(sender)):
            form = "write ann@example.com or @example.com"
            raise AnsibleFilterError(f'{variable}: "{sender}" is not accepted; {form}')
        if isinstance(relay, t.Mapping) and {"transport", "match_subdomains"} & set(relay):
            raise AnsibleFilterError(f"{variable}: {sender}: a sender has no transport and no subdomains")
        if relay is not None:
            found[str(sender)] = next_hop(relay, f"{variable}: {sender}") or "DUNNO"
    return found


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"sender_relayhosts": sender_relayhosts}
