# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: smtpd_restrictions
short_description: A restriction list of Postfix from switches
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Knows which list each check that is switched on belongs to, and an order that makes sense. Own clients are permitted
    first, then those of the access table, cheap checks come before those that ask somebody.
  - The relay list always permits own clients and refuses everybody else's recipients, whatever is switched.
  - A list in which nothing is switched on is empty.
  - Restrictions of one's own stand before everything else in a list, or after it. A name that Postfix does not know is
    refused, since Postfix answers every recipient with a temporary error for it.
options:
  _input:
    description:
      - What is switched on. The restrictions of postconf(5) that need no argument take a boolean,
        C(reject_rbl_client) a list of DNS lists, each perhaps with a reply filter (V(bl.example.com=127.0.0.2)).
      - A DNS list without a reply filter gets V(=127.0.0.[2..11]). What DNS lists answer besides is an error code, for
        example to a name server that asks too often, and no reason to refuse mail.
      - C(client_access) is a list of tables for C(check_client_access) that permit or refuse clients, C(own_senders)
        and C(owned_senders) for C(check_sender_access) that refuse senders of own domains and senders that somebody
        owns,
        C(relay_clients) one of clients that may relay.
    type: dict
    required: true
  name:
    description: Which list is wanted.
    type: str
    choices: [client, helo, sender, relay, recipient, data, end_of_data]
    required: true
  authentication:
    description: Whether users can log in, so that those who have are permitted as own clients are.
    type: bool
    default: true
  before:
    description: Restrictions of one's own that come first, by V(client), V(helo), V(sender), V(relay), V(recipient).
    type: dict
    default: {}
  after:
    description:
      - Restrictions of one's own that come last, by V(client), V(helo), V(sender), V(recipient), V(data) and
        V(end_of_data).
    type: dict
    default: {}
  classes:
    description: Restrictions by the name of a restriction class; V(null) for a class that is no more.
    type: dict
    default: {}
  prefix:
    description: What the names of the variables begin with, for error messages.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Show restriction lists
  ansible.builtin.debug:
    # smtpd_helo_restrictions: [permit_mynetworks, permit_sasl_authenticated, reject_invalid_helo_hostname]
    # smtpd_relay_restrictions: [permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination]
    # all others: []
    msg: "{{ {'reject_invalid_helo_hostname': true} | mailops.mta.smtpd_restrictions(item) }}"
  loop: [client, helo, sender, relay, recipient, data, end_of_data]
"""

RETURN = r"""
_value:
  description: The restrictions.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.mailops.mta.plugins.module_utils._postfix.dnsbl import dnsbl_problem
from ansible_collections.mailops.mta.plugins.module_utils._postfix.relay import relay_protection_problem
from ansible_collections.mailops.mta.plugins.module_utils._postfix.restriction import RESTRICTIONS, RestrictionList
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_reference import KNOWN_TYPES

_OWN_CLIENTS: t.Final = ("permit_mynetworks", "permit_sasl_authenticated")
_ALWAYS: t.Final = frozenset({*_OWN_CLIENTS, "reject_unauth_destination"})
# List -> what it may hold, in its order. A client that the access table permits is spared the checks behind it.
_ORDER: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    "client": (
        *_OWN_CLIENTS,
        "client_access",
        "reject_unknown_reverse_client_hostname",
        "reject_unknown_client_hostname",
        "reject_rbl_client",
    ),
    "helo": (
        *_OWN_CLIENTS,
        "client_access",
        "reject_invalid_helo_hostname",
        "reject_non_fqdn_helo_hostname",
        "reject_unknown_helo_hostname",
    ),
    "sender": (
        # Whoever has logged in is held to his own addresses, from the own networks as well.
        "reject_authenticated_sender_login_mismatch",
        *_OWN_CLIENTS,
        "client_access",
        "reject_non_fqdn_sender",
        "owned_senders",
        "reject_unauthenticated_sender_login_mismatch",
        "reject_unknown_sender_domain",
        "relay_clients",
        "own_senders",
    ),
    "relay": (*_OWN_CLIENTS, "relay_clients", "reject_unauth_destination"),
    # Whether the recipient exists does not depend on the client, so the access table comes after that.
    "recipient": (*_OWN_CLIENTS, "reject_non_fqdn_recipient", "reject_unverified_recipient", "client_access"),
    "data": (),
    "end_of_data": (),
}
_TABLES: t.Final = {
    "client_access": "check_client_access",
    "relay_clients": "check_client_access",
    "own_senders": "check_sender_access",
    "owned_senders": "check_sender_access",
}
# What checks nothing when it stands alone. The clients that the access table refuses do not get past the first list.
_SPARE: t.Final = frozenset({*_OWN_CLIENTS, "relay_clients"})
_IDLE: t.Final = {name: _SPARE if name == "client" else _SPARE | {"client_access"} for name in _ORDER}
_LISTED: t.Final = "127.0.0.[2..11]"
_CLASS: t.Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

Switches = t.Mapping[str, t.Any]
Restrictions = t.Mapping[str, t.Any]


def smtpd_restrictions(
    switches: Switches,
    name: str,
    before: Restrictions | None = None,
    after: Restrictions | None = None,
    classes: Restrictions | None = None,
    prefix: str = "",
    authentication: bool = True,
) -> list[str]:
    """Return the restrictions of one list. Only its own switches are looked at."""
    if name not in _ORDER:
        raise AnsibleFilterError(f'smtpd_restrictions: there is no list "{name}"; there are: {", ".join(_ORDER)}')
    known = {key: value for key, value in (classes or {}).items() if value is not None}
    for key, value in known.items():
        _judge_class(key, value, frozenset(known), f"{prefix}restriction_classes")
    parameter = f"{prefix}smtpd_{name}_restrictions"
    first = _own((before or {}).get(name), frozenset(known), f"{parameter}_before")
    last = _own((after or {}).get(name), frozenset(known), parameter)
    nobody = set() if authentication else {"permit_sasl_authenticated"}
    checks = (check for check in _ORDER[name] if check not in nobody)
    wanted = [check for check in checks if check in _ALWAYS or _is_on(switches.get(check, False), prefix + check)]
    if not last and _IDLE[name].issuperset(wanted):
        wanted = []
    found = [*first, *(word for check in wanted for word in _words(check, switches, prefix)), *last]
    if name == "relay":
        _judge_relay(found, known, f"{parameter}_before")
    return found


def _judge_relay(restrictions: list[str], classes: Restrictions, variable: str) -> None:
    """Refuse what would let strangers relay before the relay protection is reached."""
    effective = {name: ", ".join(value) for name, value in classes.items()}
    effective |= {"smtpd_relay_restrictions": ", ".join(restrictions), "smtpd_restriction_classes": " ".join(classes)}
    if relay_protection_problem(effective):
        raise AnsibleFilterError(f'{variable}: "{restrictions[0]}" is not accepted: every client could relay')


def _is_on(value: t.Any, variable: str) -> bool:
    if isinstance(value, list):
        return bool(value)
    try:
        return bool(boolean(value))
    except TypeError:
        raise AnsibleFilterError(f'{variable}: "{value}" is not accepted; write true or false') from None


def _words(check: str, switches: Switches, prefix: str) -> list[str]:
    """Return the restrictions that one switch stands for."""
    if check in _TABLES:
        return [f"{_TABLES[check]} {table}" for table in switches[check]]
    if check == "reject_rbl_client":
        return [f"{check} {_dns_list(entry, prefix + check)}" for entry in switches[check]]
    return [check]


def _dns_list(entry: t.Any, variable: str) -> str:
    text = str(entry).strip()
    host, equals, _replies = text.partition("=")
    problem = dnsbl_problem(text) or (None if "." in host else "the name of a DNS list has a dot in it")
    if problem:
        raise AnsibleFilterError(f'{variable}: "{text}" is not accepted: {problem}; write bl.example.com=127.0.0.2')
    return text if equals else f"{text}={_LISTED}"


def _own(restrictions: t.Any, classes: frozenset[str], variable: str) -> list[str]:
    """Return somebody's own restrictions, judged by their names. Which tables there are, the host knows."""
    if restrictions is None:
        return []
    if not isinstance(restrictions, list) or not all(isinstance(each, str) for each in restrictions):
        raise AnsibleFilterError(f'{variable}: "{restrictions}" is not a list of restrictions')
    for each in restrictions:
        problem = RestrictionList(KNOWN_TYPES, classes).problem(each)
        if problem or not each.strip():
            raise AnsibleFilterError(f'{variable}: "{each}" is not accepted: {problem or "it is empty"}')
    return [each.strip() for each in restrictions]


def _judge_class(name: str, restrictions: t.Any, classes: frozenset[str], variable: str) -> None:
    if not _CLASS.fullmatch(name) or name.lower() in RESTRICTIONS:
        raise AnsibleFilterError(f'{variable}: "{name}" is no name for a class; write letters, digits and _')
    if not _own(restrictions, classes - {name}, f"{variable}: {name}"):
        raise AnsibleFilterError(f"{variable}: {name} has no restrictions; write null to remove the class")


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"smtpd_restrictions": smtpd_restrictions}
