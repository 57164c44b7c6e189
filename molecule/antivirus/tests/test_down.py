# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a part of the filter is missing mail waits: none is lost, none passes unexamined. A mirror may be down."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

import pytest
from lab import filtering, lifecycle, mail
from lab.filtering import EICAR, Letter
from lab.scanner import scan, wait_for
from lab.topology import MTA_HOSTS, PEER, Lab

HOSTS = [host.name for host in MTA_HOSTS]
CLEAN = 18
LETTERS = {f"clean-{number}": Letter() for number in range(CLEAN)} | {
    "virus": Letter(files={"a.txt": EICAR}),
    "script": Letter(files={"a.vbs": b"text"}),
}
UPDATE = "mailops-mta-definitions"
CLAMD = "clamav-daemon.socket clamav-daemon.service"
# An update that has begun would start clamd when it ends.
STOP_CLAMD = f"systemctl stop {UPDATE}.timer {UPDATE}.service; systemctl stop {CLAMD}"
START_CLAMD = f"systemctl start {UPDATE}.timer clamav-daemon.service"
FILES = "$(find /var/lib/clamav -type f -name '*.[hn]db')"
LISTENS = "until (exec 3<>/dev/tcp/127.0.0.1/{}) 2>/dev/null; do sleep 0.2; done"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the filter: how it goes and comes back on a mail host, and on the peer."""

    stop: str
    start: str
    peer_stop: str = "true"
    peer_start: str = "true"


PARTS = {
    "amavis": Part("systemctl stop amavis", "systemctl start amavis"),
    "clamd": Part(STOP_CLAMD, START_CLAMD),
    # They come back with the next update after the mirror does, and nobody starts anything.
    "definitions-and-mirror": Part(
        f"{STOP_CLAMD}; mkdir /root/taken; mv {FILES} /root/taken; {START_CLAMD}",
        "true",
        "systemctl stop web",
        "systemctl start web",
    ),
}


def queue(lab: Lab, host: str) -> list[dict[str, object]]:
    """The messages in the queue."""
    return [json.loads(line) for line in mail.output(lab, host, "postqueue", "-j").splitlines()]


@pytest.mark.parametrize("part", PARTS)
def test_mail_waits_for(lab: Lab, part: str) -> None:
    batch = mail.new_token()
    cursors = {name: mail.journal_cursor(lab, name) for name in HOSTS}
    on_peer(lab, PARTS[part].peer_stop)
    on_all(lab, PARTS[part].stop)
    try:
        replies = filtering.submit(lab, LETTERS, batch)
        assert {reply.code for reply in replies.values()} == {250}
        for name in HOSTS:
            filtering.follow(lab, name, cursors[name], batch, [], deferred=len(LETTERS))
        assert mail.stored(lab, batch, 0, 0) == []
        assert {name: len(queue(lab, name)) for name in HOSTS} == dict.fromkeys(HOSTS, len(LETTERS))
    finally:
        on_peer(lab, PARTS[part].peer_start)
        on_all(lab, PARTS[part].start)
    on_all(lab, f"timeout 60 bash -c '{LISTENS.format(10024)}'")
    on_all(lab, "clamdscan --config-file=/etc/clamav/mailops-mta-clamd.conf --ping 60:1")
    on_all(lab, "postqueue -f")
    logs = {
        name: filtering.follow(lab, name, cursors[name], batch, [f"{name}.{key}" for key in LETTERS]) for name in HOSTS
    }
    require_all_examined(lab, batch, logs)
    on_all(lab, "test ! -e /root/taken || { mv /root/taken/* /var/lib/clamav; rmdir /root/taken; clamdscan --reload; }")


def test_a_mirror_that_is_down_holds_nothing_up(lab: Lab) -> None:
    batch = mail.new_token()
    cursors = {name: mail.journal_cursor(lab, name) for name in HOSTS}
    on_peer(lab, "systemctl stop web")
    try:
        for name in HOSTS:
            wait_for(lambda name=name: "Download failed" in mail.journal(lab, name, cursors[name]), "no update failed")
            wait_for(lambda name=name: scan(lab, name, "virusofthelab").endswith("FOUND"), "clamd does not scan")
        assert {reply.code for reply in filtering.submit(lab, LETTERS, batch).values()} == {250}
        logs = {
            name: filtering.follow(lab, name, cursors[name], batch, [f"{name}.{key}" for key in LETTERS])
            for name in HOSTS
        }
    finally:
        on_peer(lab, "systemctl start web")
    require_all_examined(lab, batch, logs)


def test_all_of_it_comes_back_with_a_reboot(lab: Lab) -> None:
    lifecycle.restart(lab, MTA_HOSTS)
    for port in (10024, 10026, 25, 587):
        on_all(lab, f"timeout 120 bash -c '{LISTENS.format(port)}'")
    for name in HOSTS:
        wait_for(lambda name=name: scan(lab, name, "virusofthelab").endswith("FOUND"), "clamd does not scan")
    fates = filtering.send(lab, LETTERS)
    for (_host, name), fate in fates.items():
        assert fate.reply.code == 250
        assert len(fate.copies) == name.startswith("clean")
        assert ("Passed CLEAN" if fate.copies else "Blocked ") in fate.log


def require_all_examined(lab: Lab, batch: str, logs: dict[str, dict[str, str]]) -> None:
    """Every clean letter arrived once, the others were found, and nothing waits."""
    arrived = mail.stored(lab, batch, 0, 0)
    copies = Counter(message_id(copy.message) for copy in arrived if copy.sender)
    assert copies == {f"{name}.clean-{number}@{batch}": 1 for name in HOSTS for number in range(CLEAN)}
    for name in HOSTS:
        assert "Blocked INFECTED (Lab." in logs[name][f"{name}.virus@{batch}"]
        assert "Blocked BANNED" in logs[name][f"{name}.script@{batch}"]
        assert queue(lab, name) == []


def on_all(lab: Lab, script: str) -> None:
    """Run a script on both mail hosts."""
    for name in HOSTS:
        mail.output(lab, name, "bash", "-c", script)


def on_peer(lab: Lab, script: str) -> None:
    """Run a script on the peer."""
    mail.output(lab, PEER.name, "sh", "-c", script)


def message_id(message: str) -> str:
    """The Message-ID of a message, without brackets."""
    return filtering.headers(message)["Message-ID"].strip("<>")
