# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: sets of networks and the limits that keep a provider's mistake from becoming an open relay."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

Network: t.TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# No mail of a provider comes from these over the Internet. Keys are what an error says of them.
_NEVER: t.Final[t.Mapping[str, tuple[Network, ...]]] = {
    "loopback": (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128")),
    "link-local": (ipaddress.IPv4Network("169.254.0.0/16"), ipaddress.IPv6Network("fe80::/10")),
    "multicast": (ipaddress.IPv4Network("224.0.0.0/4"), ipaddress.IPv6Network("ff00::/8")),
    "reserved": (ipaddress.IPv4Network("0.0.0.0/8"), ipaddress.IPv4Network("240.0.0.0/4")),
    # ::, and two ways to write all of IPv4.
    "not a client's own": tuple(map(ipaddress.IPv6Network, ("::/128", "::ffff:0:0/96", "64:ff9b::/96"))),
}
_PRIVATE: t.Final[t.Mapping[str, tuple[Network, ...]]] = {
    "private": (
        *map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")),
        ipaddress.IPv6Network("fc00::/7"),
    ),
}


class RefusedError(Exception):
    """What a provider publishes cannot be used; the message says which value of it, and why."""


class UnavailableError(Exception):
    """What a provider publishes cannot be had at the moment; the message says from where, and why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """widest_*: the shortest prefix accepted; max_change: percent of the addresses."""

    widest_ipv4: int
    widest_ipv6: int
    max_change: int
    allow_private: bool = False


def collapse(networks: t.Iterable[Network]) -> tuple[Network, ...]:
    """Return the networks sorted, IPv4 first, neighbours joined, and without what another one holds."""
    known = set(networks)
    four = [network for network in known if isinstance(network, ipaddress.IPv4Network)]
    six = [network for network in known if isinstance(network, ipaddress.IPv6Network)]
    return (*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six))


def subtract(networks: t.Iterable[Network], holes: t.Iterable[Network]) -> list[Network]:
    """Return what remains of the networks without the holes."""
    rest = list(networks)
    for hole in holes:
        rest = [part for network in rest for part in _without(network, hole)]
    return rest


def _without(network: Network, hole: Network) -> t.Iterator[Network]:
    if not network.overlaps(hole):
        yield network
    elif network.prefixlen < hole.prefixlen:
        yield from network.address_exclude(t.cast("t.Any", hole))  # overlaps: they are of one version


def judge(networks: t.Sequence[Network], limits: Limits) -> None:
    """Raise RefusedError unless the collapsed networks are some, narrow enough and public."""
    if not networks:
        raise RefusedError("no networks at all")
    never = _NEVER if limits.allow_private else {**_NEVER, **_PRIVATE}
    for network in networks:
        widest = limits.widest_ipv4 if network.version == 4 else limits.widest_ipv6
        if network.prefixlen < widest:
            raise RefusedError(f"{network} is wider than /{widest} (option widest_ipv{network.version})")
        for kind, blocks in never.items():
            if any(network.overlaps(block) for block in blocks):
                option = " (option allow_private)" if kind in _PRIVATE else ""
                raise RefusedError(f"{network} is {kind}{option}")


def judge_change(new: t.Sequence[Network], old: t.Sequence[Network], limits: Limits) -> None:
    """Raise RefusedError when more than the share of addresses came or went, for IPv4 and IPv6 apart.

    Addresses that came and went are counted, so that an exchange for a set of the same size is a change as well.
    """
    for version in (4, 6):
        before = [network for network in old if network.version == version]
        after = [network for network in new if network.version == version]
        allowed = _size(before) * limits.max_change
        for verb, difference in (("lost", subtract(before, after)), ("gained", subtract(after, before))):
            if _size(difference) * 100 > allowed:
                raise RefusedError(
                    f"IPv{version} {verb} {_spell(difference)}, {_share(difference, before)} of what was known and "
                    f"more than {limits.max_change} % (option max_change; accept_change takes it once)"
                )


def _size(networks: t.Iterable[Network]) -> int:
    return sum(network.num_addresses for network in networks)


def _share(part: t.Sequence[Network], whole: t.Sequence[Network]) -> str:
    return f"{100 * _size(part) / _size(whole):.0f} %" if whole else "all"


def _spell(networks: t.Sequence[Network]) -> str:
    shown = [str(network) for network in collapse(networks)]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
