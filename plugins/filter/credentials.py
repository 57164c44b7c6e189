# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: credentials
short_description: Client credentials by the next hop that Postfix looks them up with
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Gives each row of a list of relay hosts with user name and password the key that
    P(mailops.mta.next_hop#filter) makes for the relay host itself, so that brackets and port cannot differ.
options:
  _input:
    description:
      - Rows with the keys of P(mailops.mta.next_hop#filter), C(username) and C(password).
      - A later row for the same next hop wins. A row with neither C(username) nor C(password) removes the next hop.
    type: list
    elements: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: credentials
  relays:
    description:
      - Relay hosts that may hold C(username) and C(password) themselves, by the name of the variable they come from.
      - Two relay hosts with one next hop cannot have different credentials. A row of the list wins over them.
    type: dict
    default: {}
  senders:
    description:
      - The same by the sender, V(ann@example.com) or V(@example.com). Where not all that goes to one next hop has
        the same credentials, the sender is the key instead of the next hop.
    type: dict
    default: {}
  sender_variable:
    description: The name of the variable that they come from, for error messages.
    type: str
    default: senders
"""

EXAMPLES = r"""
- name: Keep the password of a relay host
  mailops.mta.sasl_credentials:
    credentials: "{{ [relay] | mailops.mta.credentials }}"
  vars:
    relay:
      host: relay.example.com
      port: 587
      username: mx1
      password: "{{ vault_relay_password }}"
"""

RETURN = r"""
_value:
  description: The mapping from next hop or sender to user name and password that M(mailops.mta.sasl_credentials) takes.
  type: dict
"""

import dataclasses
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.next_hop import next_hop
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sasl import read_credential

_Login = dict[str, str]


def credentials(
    rows: t.Any,
    variable: str = "credentials",
    relays: t.Mapping[str, t.Sequence[t.Any]] | None = None,
    senders: t.Mapping[str, t.Any] | None = None,
    sender_variable: str = "senders",
) -> dict[str, _Login]:
    """Return {next hop or sender: {"username": ..., "password": ...}}. No message shows a password."""
    found = _of_relays(relays or {}) | _of_senders(senders or {}, relays or {}, sender_variable)
    for row in rows:
        hop = next_hop(row, variable)
        if not hop:
            raise AnsibleFilterError(f"{variable}: a row without host")
        login = _login(row, f"{variable}: {hop}")
        found.pop(hop, None)
        if login:
            found[hop] = login
    return found


def _of_relays(relays: t.Mapping[str, t.Sequence[t.Any]]) -> dict[str, _Login]:
    found: dict[str, _Login] = {}
    owners: dict[str, str] = {}
    for owner, relay in ((owner, relay) for owner, group in relays.items() for relay in group):
        hop = next_hop(relay, owner)
        login = _login(relay, f"{owner}: {hop}") if hop else {}
        if login and found.setdefault(hop, login) != login:
            raise AnsibleFilterError(f"{owner}: {hop} has another user name or password than in {owners[hop]}")
        owners.setdefault(hop, owner)
    return found


def _of_senders(
    senders: t.Mapping[str, t.Any], relays: t.Mapping[str, t.Sequence[t.Any]], variable: str
) -> dict[str, _Login]:
    """The key is the next hop where all that goes there has one login, else the sender.

    Postfix offers the login of a sender to every server that its mail goes to, a fallback relay too (measured,
    both releases); that of a next hop goes nowhere else.
    """
    hops = {sender: next_hop(relay, f"{variable}: {sender}") for sender, relay in senders.items() if relay}
    logins = {sender: _login(senders[sender], f"{variable}: {sender}") for sender in hops}
    others = [(next_hop(relay, owner), _login(relay, owner)) for owner, group in relays.items() for relay in group]
    found: dict[str, _Login] = {}
    for sender, login in logins.items():
        same = [*others, *((hops[other], logins[other]) for other in hops)]
        shared = any(hop == hops[sender] and other != login for hop, other in same)
        found |= {sender if shared else hops[sender]: login} if login else {}
    return found | _kept_apart(logins, found, variable)


def _kept_apart(logins: t.Mapping[str, _Login], found: t.Mapping[str, _Login], variable: str) -> dict[str, _Login]:
    """Postfix looks for the sender, then for the sender's domain, then for the next hop."""
    apart = {
        sender: login
        for sender, login in logins.items()
        if sender not in found and f"@{sender.partition('@')[2]}" in found
    }
    for sender, login in apart.items():
        if not login:
            domain = sender.partition("@")[2]
            raise AnsibleFilterError(f"{variable}: {sender} would use the credentials of @{domain}; give it its own")
    return apart


def _login(relay: t.Mapping[str, t.Any], where: str) -> _Login:
    given = {name: relay[name] for name in ("username", "password") if relay.get(name) is not None}
    if len(given) == 1:
        raise AnsibleFilterError(f"{where} needs both username and password, or neither")
    try:
        return dataclasses.asdict(read_credential(given)) if given else {}
    except ValueError as error:
        raise AnsibleFilterError(f"{where}: {error}") from None


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"credentials": credentials}
