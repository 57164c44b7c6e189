# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no test: banner, number of commands, memory, a load balancer in front, addresses where nobody new gets in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import mail
from lab.sessions import EHLO, QUIT, Client, Talk, speak
from lab.tasks import Answer
from lab.topology import MTA_HOSTS, Lab

Apply = Callable[..., dict[str, list[Answer]]]
Talks = dict[tuple[str, str], Talk]

SERVERS = [host.name for host in MTA_HOSTS]
NOOP = "NOOP\r\n"
# Addresses of documentation (RFC 5737): where a load balancer says that clients come from and went to.
DENIED, STRANGER, NORMAL, BACKUP = "198.51.100.7", "203.0.113.7", "192.0.2.25", "192.0.2.26"
MEMORY = "/var/lib/postfix/screen_memory"


def proxied(octet: int, client: str, server: str) -> Client:
    return Client(octet, early=f"PROXY TCP4 {client} {server} 40000 25\r\n")


@pytest.fixture(scope="module")
def talkative(lab: Lab, apply: Apply) -> Talks:
    """A screen of three commands; the pieces of a talk end with the one that is too many."""
    apply(
        greet={"banner": "please wait a moment", "wait": "2s", "ttl": "1s"},
        pipelining={"enable": True, "ttl": "1s"},
        command_count_limit=3,
        cache={"map": f"lmdb:{MEMORY}", "retention_time": "1d", "cleanup_interval": "1h"},
        watchdog_timeout="30s",
    )
    return speak(lab, {"few": Client(210, (EHLO, NOOP, QUIT)), "many": Client(211, (EHLO, NOOP, NOOP, NOOP, QUIT))})


@pytest.mark.parametrize("server", SERVERS)
def test_so_many_commands(talkative: Talks, server: str) -> None:
    assert [talkative[server, name].codes for name in ("few", "many")] == [
        (220, 250, 250, 221),
        (220, 250, 250, 250, 421),
    ]


@pytest.mark.parametrize("server", SERVERS)
def test_banner(talkative: Talks, server: str) -> None:
    assert "please wait a moment" in talkative[server, "few"].text


@pytest.mark.parametrize("server", SERVERS)
def test_memory(lab: Lab, talkative: Talks, server: str) -> None:
    assert talkative[server, "few"].codes
    assert mail.output(lab, server, "stat", "-c", "%U", f"{MEMORY}.lmdb").strip() == "postfix"


@pytest.fixture(scope="module")
def balanced(lab: Lab, apply: Apply) -> Talks:
    """A load balancer in front: it says who the client is, and which address the client chose."""
    apply(
        greet={"wait": "2s", "ttl": "1s"},
        upstream_proxy_protocol="haproxy",
        denylist_action="drop",
        reject_networks=[DENIED],
        allowlist_interfaces=[f"!{BACKUP}", "static:all"],
    )
    clients = {
        "denied": proxied(212, DENIED, NORMAL),
        "stranger": proxied(213, STRANGER, NORMAL),
        "stranger-at-the-backup": proxied(214, "203.0.113.8", BACKUP),
    }
    return speak(lab, clients)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("client", "code"), [("denied", 521), ("stranger", 250), ("stranger-at-the-backup", 450)])
def test_what_the_load_balancer_says_counts(balanced: Talks, server: str, client: str, code: int) -> None:
    assert balanced[server, client].verdict == code, balanced[server, client]
