# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: the SMTP networks in the answer of Microsoft's endpoint web service, a JSON list of endpoint sets."""

from __future__ import annotations

import ipaddress
import json
import typing as t

from ._networks import Network, RefusedError, UnavailableError, collapse

_SMTP: t.Final = "25"


def smtp_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of the sets that serve Exchange on port 25.

    UnavailableError for an answer that is not the list, such as a page of a proxy. RefusedError for a bad network.
    """
    try:
        sets = json.loads(text)
    except ValueError:
        raise UnavailableError("the answer is not JSON") from None
    if not isinstance(sets, list) or not all(isinstance(entry, dict) for entry in sets):
        raise UnavailableError("the answer is not a list of endpoint sets")
    return collapse(_network(ip) for entry in sets if _is_smtp(entry) for ip in entry.get("ips", ()))


def _is_smtp(entry: t.Mapping[str, t.Any]) -> bool:
    ports = str(entry.get("tcpPorts", "")).split(",")
    return entry.get("serviceArea") == "Exchange" and _SMTP in (port.strip() for port in ports)


def _network(text: t.Any) -> Network:
    try:
        return ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        raise RefusedError(f'"{text}" is not a network') from None
