# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab consists of: hosts, addresses, and the texts made from them. No input or output here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Host:
    """A container of every lab; `number` is the last octet of its address."""

    name: str
    fqdn: str
    image: str
    number: int


PEER = Host("peer", "peer.example.net", "peer", 2)
MX12 = Host("mx12", "mx12.example.test", "bookworm", 12)
MX13 = Host("mx13", "mx13.example.test", "trixie", 13)
MTA_HOSTS = (MX12, MX13)
HOSTS = {host.name: host for host in (PEER, *MTA_HOSTS)}

# The upper half of each network belongs to the peer: it can speak from any of these addresses.
FIRST_CLIENT = 128


@dataclass(frozen=True, slots=True)
class Lab:
    """One lab: a name and a /24 of its own."""

    name: str
    network: IPv4Network

    def __post_init__(self) -> None:
        check_name(self.name)

    def container(self, host: str) -> str:
        """Name of the container of a host."""
        return f"{self.name}-{HOSTS[host].name}"

    def address(self, host: str) -> str:
        """IPv4 address of a host."""
        return str(self.network[HOSTS[host].number])

    def client(self, offset: int) -> str:
        """Address of the peer's client number `offset`, 0 to 126."""
        return str(self.network[FIRST_CLIENT + offset])

    @property
    def clients(self) -> IPv4Network:
        """The addresses that the peer may use as a client."""
        return list(self.network.subnets(1))[1]


def check_name(name: str) -> str:
    """Return a lab's name; ValueError when podman could not use it."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise ValueError(f"lab name {name!r}: only a-z, 0-9, '-' and '_', at most 40 characters")
    return name


def candidate_networks(name: str) -> list[IPv4Network]:
    """All networks a lab may take, the one that its name hashes to first."""
    first = sum(byte * 31**index for index, byte in enumerate(name.encode()))
    return [IPv4Network(f"10.53.{(first + step) % 256}.0/24") for step in range(256)]


def zones(lab: Lab, template: str) -> str:
    """dnsmasq configuration of the test zones."""
    net = str(lab.network.network_address).rpartition(".")[0]
    return template.replace("@NET@", net).replace("@REV@", ".".join(reversed(net.split("."))))


def ssh_config(lab: Lab, key: Path) -> str:
    """ssh_config(5) with one Host per container."""
    hosts = "".join(f"Host {host}\n    HostName {lab.address(host)}\n" for host in HOSTS)
    return hosts + (
        "Host *\n"
        "    User root\n"
        f"    IdentityFile {key}\n"
        "    IdentitiesOnly yes\n"
        "    StrictHostKeyChecking no\n"
        "    UserKnownHostsFile /dev/null\n"
        "    LogLevel ERROR\n"
        "    ConnectTimeout 60\n"
        "    ServerAliveInterval 5\n"
    )


def inventory(lab: Lab, config: Path) -> str:
    """Ansible inventory in YAML: group mta with the two mail hosts, over SSH.

    The addresses keep the labs apart: Ansible shares a connection between hosts of the same name and user.
    """
    hosts = "".join(f"        {host.name}:\n          ansible_host: {lab.address(host.name)}\n" for host in MTA_HOSTS)
    return (
        "---\n"
        f"# lab {lab.name}, network {lab.network}\n"
        "all:\n  children:\n    mta:\n      hosts:\n"
        f"{hosts}"
        "      vars:\n"
        f"        ansible_ssh_common_args: -F {config}\n"
        "        ansible_python_interpreter: /usr/bin/python3\n"
    )
