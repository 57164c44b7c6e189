# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: client_access
short_description: The lines of a cidr table that permits and refuses clients
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes one C(cidr) table for C(check_client_access) of clients to permit and clients to refuse.
  - The smallest network decides, so an address can be permitted out of a refused network and the other way round.
requirements:
  - netaddr on the controller
options:
  _input:
    description:
      - The clients to permit. Each is an address, a network, an octet prefix such as V(192.168.88), a range, or a
        dictionary with the keys C(client) and C(reason). The reason becomes a comment.
    type: list
    elements: raw
    required: true
  denylist:
    description: The clients to refuse. The reason is what the client is told.
    type: list
    elements: raw
    default: []
  variables:
    description: The names of the two variables, for error messages.
    type: list
    elements: str
    default: [allowlist, denylist]
"""

EXAMPLES = r"""
- name: Show a table
  ansible.builtin.debug:
    # ['192.0.2.7/32 OK', '192.0.2.0/24 REJECT no dial-up lines']
    msg: "{{ ['192.0.2.7'] | mailops.mta.client_access([{'client': '192.0.2', 'reason': 'no dial-up lines'}]) }}"
"""

RETURN = r"""
_value:
  description: The lines of the table, the smallest networks first.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.mynetworks import mynetworks

_VARIABLES: t.Final = ("allowlist", "denylist")


class Rule(t.NamedTuple):
    """A network, and what is done with its clients."""

    network: str
    permitted: bool
    reason: str

    @property
    def length(self) -> int:
        """Length of the prefix."""
        return int(self.network.rpartition("/")[2])

    @property
    def lines(self) -> list[str]:
        """The rule as lines of a cidr table."""
        if not self.permitted:
            return [f"{self.network} REJECT {self.reason}".rstrip()]
        return [*([f"# {self.reason}"] if self.reason else []), f"{self.network} OK"]


def client_access(allowlist: t.Any, denylist: t.Any = (), variables: t.Sequence[str] = _VARIABLES) -> list[str]:
    """Return the lines of the table."""
    allowed = _rules(allowlist, True, variables[0])
    denied = _rules(denylist, False, variables[1])
    both = sorted({rule.network for rule in allowed} & {rule.network for rule in denied})
    if both:
        raise AnsibleFilterError(f"{variables[1]}: {', '.join(both)} is in {variables[0]} too")
    unique = {rule.network: rule for rule in (*allowed, *denied)}
    # Sorting is stable, and an IPv4 network never holds an IPv6 address.
    ordered = sorted(unique.values(), key=lambda rule: rule.length, reverse=True)
    return [line for rule in ordered for line in rule.lines]


def _rules(clients: t.Any, permitted: bool, variable: str) -> list[Rule]:
    if isinstance(clients, str | t.Mapping) or not isinstance(clients, t.Sequence):
        raise AnsibleFilterError(f'{variable}: "{clients}" is not a list of clients')
    return [rule for client in clients for rule in _rule(client, permitted, variable)]


def _rule(client: t.Any, permitted: bool, variable: str) -> t.Iterator[Rule]:
    """Yield the rules of one entry: a range takes several networks."""
    entry = client if isinstance(client, t.Mapping) else {"client": client}
    reason = entry.get("reason") or ""
    if "client" not in entry or not set(entry) <= {"client", "reason"}:
        raise AnsibleFilterError(f'{variable}: "{client}" is not accepted; write {{client: 192.0.2.7, reason: text}}')
    if not isinstance(reason, str) or not reason.isprintable() or not reason.isascii():
        raise AnsibleFilterError(f'{variable}: "{reason}" is no reason; write one line of ASCII text')
    if str(entry["client"]).startswith("!"):
        raise AnsibleFilterError(f'{variable}: "{entry["client"]}" is not accepted; exclusions go to the other list')
    for network in mynetworks([entry["client"]], variable, allow_open_relay=True):
        rule = Rule(network.replace("[", "").replace("]", ""), permitted, reason.strip())
        if not rule.length:
            raise AnsibleFilterError(f'{variable}: "{entry["client"]}" is everybody')
        yield rule


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"client_access": client_access}
