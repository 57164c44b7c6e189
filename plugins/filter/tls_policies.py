# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tls_policies
short_description: TLS policies as Postfix spells them
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Turns levels and attributes into the entries of C(smtp_tls_policy_maps), and refuses those for which Postfix would
    keep the mail back.
options:
  _input:
    description:
      - Policies by what the mail goes to. V(example.com) is a recipient's domain or a next hop of that name,
        V(.example.com) its subdomains, V([relay.example.com]:587) and V(example.com:587) are next hops as
        P(mailops.mta.next_hop#filter) writes them.
      - A policy is a level (V(none), V(may), V(encrypt), V(dane), V(dane-only), V(fingerprint), V(verify), V(secure)),
        or a dictionary with the keys C(level), C(match), C(protocols), C(ciphers), C(exclude), C(servername) and
        C(tafile). C(match), C(protocols) and C(exclude) may be lists. V(null) leaves the entry out.
    type: dict
    required: true
  relays:
    description:
      - Relay hosts that may have a C(tls) policy themselves, by the name of the variable they come from. Their keys are
        their next hops.
      - Two relay hosts with one next hop cannot have different policies. An entry of the mapping wins over them.
    type: dict
    default: {}
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: tls_policies
"""

EXAMPLES = r"""
- name: Show the entries of a table
  ansible.builtin.debug:
    # {'example.com': 'encrypt', 'example.org': 'secure match=nexthop:.example.org ciphers=high'}
    msg: "{{ {'example.com': 'encrypt', 'example.org': strict} | mailops.mta.tls_policies }}"
  vars:
    strict: {level: secure, match: [nexthop, .example.org], ciphers: high}
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
from ansible_collections.mailops.mta.plugins.module_utils._postfix.tls_policy import policy_text

_NAME: t.Final = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*"
_KEY: t.Final = re.compile(rf"\.?{_NAME}|{_NAME}:[0-9]+|\[[A-Za-z0-9_.:-]+\](:[0-9]+)?")


def tls_policies(
    policies: t.Any, relays: t.Mapping[str, t.Sequence[t.Any]] | None = None, variable: str = "tls_policies"
) -> dict[str, str]:
    """Return {next hop or domain: policy}."""
    found: dict[str, str] = {}
    for owner, relay in ((owner, relay) for owner, group in (relays or {}).items() for relay in group):
        hop = next_hop(relay, owner)
        if not hop or relay.get("tls") is None:
            continue
        policy = _policy(relay["tls"], f"{owner}: tls of {hop}")
        if found.setdefault(hop, policy) != policy:
            raise AnsibleFilterError(f'{owner}: tls of {hop} is "{policy}" here and "{found[hop]}" elsewhere')
    for key, policy in policies.items():
        if not _KEY.fullmatch(str(key)):
            form = "write example.com, .example.com, example.com:587 or [relay.example.com]:587"
            raise AnsibleFilterError(f'{variable}: "{key}" is neither a domain nor a next hop; {form}')
        if policy is not None:
            found[str(key)] = _policy(policy, f"{variable}: {key}")
    return found


def _policy(policy: t.Any, where: str) -> str:
    try:
        return policy_text(policy)
    except ValueError as error:
        raise AnsibleFilterError(f"{where}: {error}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"tls_policies": tls_policies}
