# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``mynetworks`` and the other lists of client addresses (postconf(5), "mynetworks"; match_list(3) in the source)."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass

from .host_name import host_name_problem
from .table_reference import table_problem
from .word_list import UnbalancedBracesError, split_words

Network: t.TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_BRACKETED = re.compile(r"\[(?P<inside>[^\[\]]*)\](?P<after>/.*)?")
_PARTIAL = re.compile(r"[0-9]+(\.[0-9]+){0,2}\.?")
_FORM = "expected a network such as 192.0.2.0/24, [2001:db8::]/32 or an address such as 192.0.2.1, [2001:db8::1]"


class BadNetworkError(ValueError):
    """A word that should be an address or a network and is none."""


def is_network_list(parameter: str) -> bool:
    """Whether the words of a parameter are matched against client addresses."""
    return bool(
        re.fullmatch(
            r"mynetworks|permit_mx_backup_networks|smtpd_sasl_exceptions_networks|debug_peer_list|qmqpd_authorized_clients"
            r"|smtpd_authorized_(verp|xclient|xforward)_(clients|hosts)|smtpd_client_event_limit_exceptions"
            r"|smtpd_forbid_bare_newline_exclusions|postscreen_allowlist_interfaces",
            parameter,
        )
    )


@dataclass(frozen=True, slots=True)
class NetworkList:
    """Networks, addresses, ``!`` exclusions, /file and type:table; host names only where Postfix compares names."""

    table_types: frozenset[str]
    host_names: bool = True

    def problem(self, value: str) -> str | None:
        try:
            words = split_words(value)
        except UnbalancedBracesError as error:
            return str(error)
        return next((text for text in map(self._word_problem, words) if text), None)

    def _word_problem(self, word: str) -> str | None:
        item = word.lstrip("!")
        if not item:
            return "there is nothing after the !"
        if item.startswith("/") or "$" in item:
            return None
        if ":" in item and not item.startswith("[") and not _is_ipv6(item):
            return table_problem(item, self.table_types)
        try:
            parse_network(item)
        except BadNetworkError as error:
            names_fit = self.host_names and not host_name_problem(item.lstrip(".")) and not _PARTIAL.fullmatch(item)
            return None if names_fit else str(error)
        return None


def parse_network(word: str) -> Network:
    """The network that Postfix reads in ``192.0.2.0/24``, ``[2001:db8::]/32``, ``[::1]``. Raises BadNetworkError."""
    bracketed = _BRACKETED.fullmatch(word)
    text = bracketed["inside"] + (bracketed["after"] or "") if bracketed else word
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise BadNetworkError(_advice(word, text)) from None
    if network.version == 6 and not bracketed:
        raise BadNetworkError(f"{word} needs brackets: write {_spelt(network)}")
    if _has_netmask(text):
        raise BadNetworkError(f"{word}: Postfix takes no netmask: write {_spelt(network)}")
    return network


def _advice(word: str, text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return f"{word} is no network: {_FORM}"
    if _has_netmask(text):
        return f"{word}: Postfix takes no netmask: write {_spelt(network)}"
    return f"{word} has host bits set: write {_spelt(network)}, or the address alone"


def _has_netmask(text: str) -> bool:
    return "." in text.partition("/")[2]


def _spelt(network: Network) -> str:
    address, length = str(network.network_address), network.prefixlen
    if network.version == 6:
        return f"[{address}]/{length}"
    return address if length == 32 else f"{address}/{length}"


def _is_ipv6(item: str) -> bool:
    try:
        return ipaddress.ip_address(item.partition("/")[0]).version == 6
    except ValueError:
        return False
