# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that boot: a Dovecot that takes its time keeps no user waiting at a Postfix that hangs up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from lab import lifecycle, mail
from lab.submission import SERVERS, as_ann, codes
from lab.topology import MTA_HOSTS, PEER, Lab

UNIT = "/etc/systemd/system/dovecot.service.d/slow.conf"
SLOW = f"mkdir -p $(dirname {UNIT}); printf '[Service]\\nExecStartPre=/bin/sleep 8\\n' >{UNIT}"
FAST = f"rm {UNIT}; systemctl daemon-reload"
# What the submission service says to somebody who tries again and again, each answer once.
TRY = """
import socket, sys, time
seen, end = [], time.monotonic() + 120
while "220" not in seen and time.monotonic() < end:
    said = "away"
    try:
        with socket.create_connection((sys.argv[1], 587), 2) as session:
            said = "hung up"
            session.settimeout(20)
            said = session.recv(3).decode() or said
    except OSError:
        pass
    seen += [said] * (said not in seen)
    time.sleep(0.1)
print(*seen, sep=",")
"""


@pytest.fixture(scope="module")
def told(lab: Lab) -> dict[str, str]:
    """Boot both servers; what a client was told meanwhile, by server."""
    for server in SERVERS:
        mail.output(lab, server, "sh", "-c", SLOW)
    try:
        lifecycle.restart(lab, MTA_HOSTS)
        with ThreadPoolExecutor() as pool:
            told = pool.map(
                lambda server: mail.output(lab, PEER.name, "python3", "-", lab.address(server), stdin=TRY), SERVERS
            )
        return {server: each.strip() for server, each in zip(SERVERS, told, strict=True)}
    finally:
        for server in SERVERS:
            mail.output(lab, server, "sh", "-c", FAST)


def test_postfix_listens_when_dovecot_does(told: dict[str, str], mta: str) -> None:
    assert told[mta].removeprefix("away,") == "220"


def test_users_log_in_after_a_boot(lab: Lab, told: dict[str, str], mta: str) -> None:
    assert told
    assert codes(mail.dialogue(lab, mta, as_ann(), port=587))[-1] == 235
