# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: relay_domains
short_description: Relay domains as Postfix reads them
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Turns domains and their match for subdomains into the words of C(relay_domains). Subdomains are asked for by an
    entry of their own (V(.example.com)), for a Postfix whose C(parent_domain_matches_subdomains) leaves
    C(relay_domains) out.
options:
  _input:
    description:
      - Domains, each with the key C(match_subdomains) (default V(false)). A domain that is V(null) is left out.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: relay_domains
"""

EXAMPLES = r"""
- name: Show relay domains
  ansible.builtin.debug:
    # ['example.com', '.example.com', 'example.org']
    msg: "{{ {'example.com': {'match_subdomains': true}, 'example.org': {}} | mailops.mta.relay_domains }}"
"""

RETURN = r"""
_value:
  description: The words of C(relay_domains).
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_LABEL: t.Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: t.Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")


def relay_domains(domains: t.Mapping[str, t.Mapping[str, t.Any] | None], variable: str = "relay_domains") -> list[str]:
    """Return the domains in lower case, each with its .domain where subdomains match."""
    if not isinstance(domains, t.Mapping):
        raise AnsibleFilterError(f'{variable}: "{domains}" is not a mapping; write {{example.com: {{}}}}')
    found: list[str] = []
    for name, options in domains.items():
        domain = str(name).lower()
        if not _DOMAIN.fullmatch(domain):
            raise AnsibleFilterError(f'{variable}: "{name}" is not a domain; write example.com (IDN: the xn-- form)')
        if options is not None:
            found += [domain, f".{domain}"] if _matches_subdomains(domain, options, variable) else [domain]
    return found


def _matches_subdomains(domain: str, options: t.Any, variable: str) -> bool:
    if not isinstance(options, t.Mapping) or not set(options) <= {"match_subdomains"}:
        raise AnsibleFilterError(f"{variable}: {domain} takes {{match_subdomains: true}}, {{}} or null")
    wanted = options.get("match_subdomains", False)
    if not isinstance(wanted, bool):
        raise AnsibleFilterError(f'{variable}: match_subdomains of {domain} is "{wanted}"; write true or false')
    return wanted


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"relay_domains": relay_domains}
