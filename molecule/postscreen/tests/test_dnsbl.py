# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS lists: weights, replies that count, allowlists, error codes, and the name that a client is told.

The lab's zones: bl.test lists .190 and .192 (127.0.0.2) and .191 (127.0.0.10), wl.test lists .192 and .193 (127.0.2.1).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import lifecycle
from lab.sessions import Client, Talk, speak
from lab.tasks import Answer
from lab.topology import MTA_HOSTS, Lab

Apply = Callable[..., dict[str, list[Answer]]]
Talks = dict[tuple[str, str], Talk]

SERVERS = [host.name for host in MTA_HOSTS]
REPLIES = {
    "mailops.mta.lookup_tables": {
        "tables": {"texthash:dnsbl_reply": {"entries": {"bl.test": "lists.example.net"}, "mode": "0640"}}
    }
}
CLIENTS = {
    "listed": Client(190),
    "listed with less": Client(191),
    "on both lists": Client(192),
    "allowlisted": Client(193),
    "error code": Client(180),
    "on no list": Client(181),
}


@pytest.fixture(scope="module")
def talks(lab: Lab, apply: Apply) -> Talks:
    """How the clients were answered. Every client has to wait and then to come back, unless it is allowlisted."""
    reversed_network = ".".join(reversed(lab.client(0).split(".")[:3]))
    lifecycle.add_records(lab, [f"address=/180.{reversed_network}.errors.bl.test/127.255.255.254"])
    apply(
        REPLIES,
        greet={"action": "enforce", "ttl": "1s", "wait": "3s"},
        pipelining={"enable": True, "ttl": "1s"},
        dnsbl={
            "sites": [
                "bl.test*1, bl.test=127.0.0.2*1",
                "errors.bl.test*9",
                {"site": "wl.test", "weight": -3},
                {"site": "dnsbl.sorbs.net", "enabled": False},
            ],
            "action": "enforce",
            "threshold": 2,
            "allowlist_threshold": -1,
            "min_ttl": "1s",
            "max_ttl": "1s",
            "timeout": "5s",
            "reply_map": "texthash:/etc/postfix/dnsbl_reply",
        },
    )
    return speak(lab, CLIENTS)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("client", "code", "waits"),
    [
        # 1 for any listing and 1 more for 127.0.0.2 reach the threshold
        ("listed", 550, True),
        ("listed with less", 450, True),
        # 2 - 3 reaches the allowlist threshold: no wait, and no need to come back
        ("on both lists", 250, False),
        ("allowlisted", 250, False),
        # 127.255.255.254 is no listing; any answer would count 9
        ("error code", 450, True),
        ("on no list", 450, True),
    ],
)
def test_score(talks: Talks, server: str, client: str, code: int, waits: bool) -> None:
    talk = talks[server, client]
    assert (talk.verdict, talk.waited > 1.5) == (code, waits), talk


@pytest.mark.parametrize("server", SERVERS)
def test_reply_map_hides_the_name_of_the_list(talks: Talks, server: str) -> None:
    text = talks[server, "listed"].text
    assert "blocked using lists.example.net" in text
    assert "bl.test" not in text
