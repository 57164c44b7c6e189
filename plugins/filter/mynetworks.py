# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mynetworks
short_description: Client networks as Postfix reads them
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Turns what administrators write into values of the parameter C(mynetworks) that Postfix takes. Host bits are
    cleared, IPv6 addresses are put in brackets, octet prefixes such as V(192.168.88) and ranges become networks,
    duplicates go.
  - Postfix itself answers each of these with a temporary error for every recipient, with a dead server or not at all.
  - Exclusions (V(!10.1.2.3)) are put first, because the first match counts.
requirements:
  - netaddr on the controller
options:
  _input:
    description:
      - Addresses, networks (prefix length or netmask), octet prefixes, or ranges (V(10.0.0.4-10.0.0.9)), each perhaps
        after an exclamation mark.
      - Host names and lookup tables are refused, since nobody can tell how much they let in.
    type: list
    elements: str
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: mynetworks
  allow_open_relay:
    description:
      - Accept networks that make the server an open relay. Without this, everything, and public networks
        wider than /16 (IPv4) or /32 (IPv6), are refused.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what a careless list becomes
  ansible.builtin.debug:
    # ['!10.0.0.66/32', '10.0.0.0/24', '192.168.88.0/24', '[::1]/128']
    msg: "{{ ['10.0.0.50/24', '192.168.88', '::1', '!10.0.0.66'] | mailops.mta.mynetworks }}"
"""

RETURN = r"""
_value:
  description: The networks, exclusions first.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

try:
    import netaddr
except ImportError:
    netaddr = None

_OCTETS: t.Final = re.compile(r"\d{1,3}(\.\d{1,3}){0,2}\.?")
_ACCEPTED: t.Final = "an address, a network, an octet prefix such as 192.168.88, or a range"
# IP version -> the shortest prefix that a public network may have.
_WIDEST_PUBLIC: t.Final[t.Mapping[int, int]] = {4: 16, 6: 32}
_NOT_PUBLIC: t.Final = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)


def mynetworks(networks: t.Any, variable: str = "mynetworks", allow_open_relay: bool = False) -> list[str]:
    """Return the networks for main.cf, exclusions first."""
    if netaddr is None:
        raise AnsibleFilterError(f"{variable} needs the Python library netaddr on the controller: pip install netaddr")
    if isinstance(networks, str) or not isinstance(networks, t.Sequence):
        raise AnsibleFilterError(f"{variable}: {networks!r} is not a list of networks")
    entries = [(text.startswith("!"), text.lstrip("! ")) for text in (_text(item, variable) for item in networks)]
    excluded = [network for out, text in entries if out for network in _parse(text, variable)]
    included = [network for out, text in entries if not out for network in _parse(text, variable)]
    if not allow_open_relay:
        _refuse_open_relay(included, variable)
    return list(dict.fromkeys([*(f"!{_spell(network)}" for network in excluded), *map(_spell, included)]))


def _text(item: t.Any, variable: str) -> str:
    if isinstance(item, str):
        return item.strip()
    raise AnsibleFilterError(
        f"{variable}: {item!r} is not text; put it in quotes (YAML reads 192.10 as the number 192.1)"
    )


def _parse(text: str, variable: str) -> list[t.Any]:
    """Return the networks that one entry stands for."""
    try:
        if _OCTETS.fullmatch(text):
            octets = text.rstrip(".").split(".")
            address = ".".join([*octets, "0", "0", "0"][:4])
            return [netaddr.IPNetwork(f"{address}/{8 * len(octets)}")]
        first, dash, last = text.partition("-")
        if dash:
            return list(netaddr.IPRange(first.strip(), last.strip()).cidrs())
        return [netaddr.IPNetwork(text.replace("[", "").replace("]", "")).cidr]
    except (netaddr.AddrFormatError, ValueError, TypeError):
        raise AnsibleFilterError(f'{variable}: "{text}" is not accepted; write {_ACCEPTED}') from None


def _refuse_open_relay(networks: t.Sequence[t.Any], variable: str) -> None:
    """Judge the networks together: 0.0.0.0/1 and 128.0.0.0/1 are everything."""
    inside = [netaddr.IPNetwork(text) for text in _NOT_PUBLIC]
    public = [network for network in networks if not any(network in block for block in inside)]
    for network in netaddr.cidr_merge(public):
        widest = _WIDEST_PUBLIC[network.version]
        if network.prefixlen < widest:
            raise AnsibleFilterError(
                f"{variable}: {_spell(network)} lets strangers relay through this server: public networks wider than "
                f"/{widest} are refused unless mta_base_allow_open_relay is true"
            )


def _spell(network: t.Any) -> str:
    return f"[{network.ip}]/{network.prefixlen}" if network.version == 6 else str(network)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"mynetworks": mynetworks}
