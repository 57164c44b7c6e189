# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may come out of a provider's list: the limits, the change since the last good one, the endpoint list."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import typing as t

import pytest
from ansible_collections.mailops.mta.plugins.plugin_utils._endpoints import smtp_networks
from ansible_collections.mailops.mta.plugins.plugin_utils._networks import (
    Limits,
    Network,
    RefusedError,
    UnavailableError,
    collapse,
    judge,
    judge_change,
    subtract,
)

LIMITS: t.Final = Limits(widest_ipv4=12, widest_ipv6=32, max_change=50)


def parse(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(word) for word in text.split())


def spell(networks: t.Iterable[Network]) -> str:
    return " ".join(map(str, networks))


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ("", ""),
        ("2001:db8::/33 10.0.0.1/32 2001:db8:8000::/33 9.0.0.0/8", "9.0.0.0/8 10.0.0.1/32 2001:db8::/32"),
        ("10.0.0.0/25 10.0.0.128/25 10.0.0.7/32 10.0.0.0/25", "10.0.0.0/24"),
        ("::a00:0/104 10.0.0.0/8", "10.0.0.0/8 ::a00:0/104"),
    ],
)
def test_collapse(networks: str, expected: str) -> None:
    assert spell(collapse(parse(networks))) == expected


@pytest.mark.parametrize(
    ("networks", "holes", "expected"),
    [
        ("10.0.0.0/24", "", "10.0.0.0/24"),
        ("10.0.0.0/24", "10.0.0.0/24", ""),
        ("10.0.0.0/24", "10.0.0.0/8", ""),
        ("10.0.0.0/24", "10.0.0.64/26", "10.0.0.0/26 10.0.0.128/25"),
        ("10.0.0.0/24", "10.0.0.0/26 10.0.0.128/25", "10.0.0.64/26"),
        ("10.0.0.0/24 ::a00:0/120", "::a00:0/120 10.0.1.0/24", "10.0.0.0/24"),
    ],
)
def test_subtract(networks: str, holes: str, expected: str) -> None:
    assert spell(collapse(subtract(parse(networks), parse(holes)))) == expected


# What Office 365 (/14) and Google (/36) publish, and what is as wide as the limits.
@pytest.mark.parametrize("networks", ["52.100.0.0/14", "2001:4860:4000::/36", "198.48.0.0/12", "2001:db8::/32"])
def test_accepted(networks: str) -> None:
    judge(parse(networks), LIMITS)


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ("", "no networks at all"),
        ("0.0.0.0/0", "0.0.0.0/0 is wider than /12 (option widest_ipv4)"),
        ("::/0", "::/0 is wider than /32 (option widest_ipv6)"),
        ("198.51.100.0/24 198.32.0.0/11", "198.32.0.0/11 is wider than /12"),
        ("2001:db8::/31", "2001:db8::/31 is wider than /32"),
        ("10.1.0.0/16", "10.1.0.0/16 is private (option allow_private)"),
        ("172.16.0.0/12", "172.16.0.0/12 is private"),
        ("192.168.1.1/32", "192.168.1.1/32 is private"),
        ("100.64.0.0/24", "100.64.0.0/24 is private"),
        ("192.160.0.0/12", "192.160.0.0/12 is private"),  # holds 192.168.0.0/16
        ("fd00::/64", "fd00::/64 is private"),
        ("127.0.0.1/32", "127.0.0.1/32 is loopback"),
        ("::1/128", "::1/128 is loopback"),
        ("169.254.0.0/16", "169.254.0.0/16 is link-local"),
        ("fe80::/64", "fe80::/64 is link-local"),
        ("224.0.0.0/24", "224.0.0.0/24 is multicast"),
        ("ff02::/64", "ff02::/64 is multicast"),
        ("0.0.0.0/32", "0.0.0.0/32 is reserved"),
        ("255.255.255.255/32", "255.255.255.255/32 is reserved"),
        ("::ffff:0:0/96", "::ffff:0:0/96 is not a client's own"),
        ("64:ff9b::/96", "64:ff9b::/96 is not a client's own"),
    ],
)
def test_refused(networks: str, message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        judge(parse(networks), LIMITS)
    assert message in str(caught.value)


def test_private_networks_by_choice() -> None:
    own = dataclasses.replace(LIMITS, allow_private=True)
    judge(parse("10.1.0.0/16 fd00::/64"), own)
    with pytest.raises(RefusedError, match="is loopback"):
        judge(parse("127.0.0.1/32"), own)


def test_narrower_limits() -> None:
    with pytest.raises(RefusedError, match=r"52\.100\.0\.0/14 is wider than /16"):
        judge(parse("52.100.0.0/14"), dataclasses.replace(LIMITS, widest_ipv4=16))


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("10.0.0.0/25", "10.0.0.0/24"),  # 50 % went
        ("10.0.0.0/24 10.0.1.0/25", "10.0.0.0/24"),  # 50 % came
        ("10.0.0.0/25 10.0.1.0/25", "10.0.0.0/24"),  # 50 % came, 50 % went
        ("10.0.0.0/25 10.0.0.128/25", "10.0.0.0/24"),  # the same, written otherwise
    ],
)
def test_small_change(new: str, old: str) -> None:
    judge_change(parse(new), parse(old), LIMITS)
    judge_change(parse(new), parse(new), dataclasses.replace(LIMITS, max_change=0))


@pytest.mark.parametrize(
    ("new", "old", "message"),
    [
        ("10.0.0.0/26", "10.0.0.0/24", "IPv4 lost 10.0.0.64/26, 10.0.0.128/25, 75 % of what was known"),
        ("10.0.0.0/24", "10.0.0.0/25", "IPv4 gained 10.0.0.128/25, 100 % of"),
        ("10.0.1.0/24", "10.0.0.0/24", "IPv4 lost 10.0.0.0/24, 100 %"),  # of the same size
        ("10.0.0.0/24 2001:db8::/32", "10.0.0.0/24", "IPv6 gained 2001:db8::/32, all"),
        ("10.0.0.0/24", "10.0.0.0/24 2001:db8::/128", "IPv6 lost 2001:db8::/128, 100 %"),
        ("10.0.0.0/24 2001:db8::/60", "10.0.0.0/24 2001:db8::/56", "IPv6 lost"),
        ("10.0.0.0/24", "10.0.0.0/30", "10.0.0.64/26 and 1 more, 6300 % of what"),
    ],
)
def test_large_change(new: str, old: str, message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        judge_change(parse(new), parse(old), LIMITS)
    assert message in str(caught.value)
    assert "more than 50 % (option max_change; accept_change takes it once)" in str(caught.value)


ENDPOINTS: list[dict[str, t.Any]] = [
    {"id": 1, "serviceArea": "Exchange", "urls": ["web.example"], "ips": ["198.51.100.0/24"], "tcpPorts": "80,443"},
    {"id": 2, "serviceArea": "Exchange", "ips": ["198.51.101.0/24"], "tcpPorts": "143,587,993,995"},
    {"id": 10, "serviceArea": "Exchange", "ips": ["203.0.113.0/25", "2001:db8:25::/48"], "tcpPorts": "25"},
    {"id": 11, "serviceArea": "Exchange", "ips": ["203.0.113.128/25"], "tcpPorts": "443, 25"},
    {"id": 12, "serviceArea": "Exchange", "urls": ["names.only.example"], "tcpPorts": "25"},
    {"id": 13, "serviceArea": "Skype", "ips": ["198.51.102.0/24"], "tcpPorts": "25"},
    {"id": 14, "serviceArea": "Exchange", "ips": ["198.51.103.0/24"], "udpPorts": "25"},
]


def test_smtp_networks_of_the_endpoint_list() -> None:
    assert spell(smtp_networks(json.dumps(ENDPOINTS))) == "203.0.113.0/24 2001:db8:25::/48"
    assert smtp_networks("[]") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("<html>Please log in</html>", "not JSON"),
        (json.dumps(ENDPOINTS)[:200], "not JSON"),
        ('{"error": "too many requests"}', "not a list"),
        ('["203.0.113.0/24"]', "not a list"),
    ],
)
def test_answer_that_is_not_the_endpoint_list(text: str, message: str) -> None:
    with pytest.raises(UnavailableError, match=message):
        smtp_networks(text)


@pytest.mark.parametrize("ip", ["203.0.113.0/33", "smtp.example", None, 5])
def test_endpoint_that_is_not_a_network(ip: t.Any) -> None:
    with pytest.raises(RefusedError, match="is not a network"):
        smtp_networks(json.dumps([{"serviceArea": "Exchange", "ips": [ip], "tcpPorts": "25"}]))
