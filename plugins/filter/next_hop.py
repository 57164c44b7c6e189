# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: next_hop
short_description: A relay host as Postfix spells it
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Spells host, port and the choice between the host itself and its MX records the one way that C(relayhost),
    C(smtp_fallback_relay), C(transport_maps) and the keys of C(smtp_sasl_password_maps) share.
options:
  _input:
    description:
      - The relay host with the keys C(host), C(port) (default 25) and C(mx) (default V(false)).
      - Without C(mx) the name is put in brackets, so that Postfix asks for its address and not for its MX records.
      - C(username), C(password) and C(tls) may stand beside them, for P(mailops.mta.credentials#filter) and
        P(mailops.mta.tls_policies#filter).
      - An empty mapping gives an empty text, which is no relay host.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: next_hop
"""

EXAMPLES = r"""
- name: Show a next hop
  ansible.builtin.debug:
    msg: "{{ {'host': 'relay.example.com', 'port': 587} | mailops.mta.next_hop }}"  # [relay.example.com]:587
"""

RETURN = r"""
_value:
  description: The next hop.
  type: str
"""

import ipaddress
import re
import typing as t

from ansible.errors import AnsibleFilterError

_LABEL: t.Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
_HOST: t.Final = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE)
# The keys of a relay host, and those that the transports filter knows besides.
_KEYS: t.Final = ("host", "port", "mx", "username", "password", "tls")
_TRANSPORT_KEYS: t.Final = ("transport", "match_subdomains")


def next_hop(relay: t.Any, variable: str = "next_hop") -> str:
    """Return "[host]:port", "host:port" or an empty text. No message shows a password."""
    if not isinstance(relay, t.Mapping):
        raise AnsibleFilterError(f'{variable}: "{relay}" is not accepted; write {{host: NAME, port: 25, mx: false}}')
    if not set(relay) - set(_TRANSPORT_KEYS):
        return ""
    unknown = [str(key) for key in relay if key not in (*_KEYS, *_TRANSPORT_KEYS)]
    if unknown:
        raise AnsibleFilterError(f"{variable}: a relay host has no {', '.join(unknown)}; it has {', '.join(_KEYS)}")
    host, mx = _unbracketed(str(relay.get("host") or "")), relay.get("mx", False)
    if not isinstance(mx, bool):
        raise AnsibleFilterError(f'{variable}: mx is "{mx}", not true or false')
    address = _is_address(host)
    if not address and not _HOST.fullmatch(host):
        raise AnsibleFilterError(f'{variable}: the host "{host}" is neither a host name nor an address')
    if address and mx:
        raise AnsibleFilterError(f"{variable}: the address {host} has no MX records; set mx to false")
    port = _port(relay.get("port", 25), variable)
    return f"{host}:{port}" if mx else f"[{host}]:{port}"


def _unbracketed(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _port(port: t.Any, variable: str) -> int:
    text = str(port)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise AnsibleFilterError(f'{variable}: the port "{port}" is not a number from 1 to 65535')
    return int(text)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"next_hop": next_hop}
