# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions that a timer fetches every few seconds from a URL of one's own; what a bad answer of its server does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import mail, play
from lab.scanner import publish, requests, scan, signature, wait_for, withdraw
from lab.tasks import run_tasks, shell
from lab.topology import MTA_HOSTS, PEER, Lab

Run = Callable[..., play.Play]

UPDATE = "mailops-mta-definitions"
URL = "http://peer.example.net/fetched.ndb"
VARIABLES = {
    "antivirus_antispam_signature_files": {"own.ndb": None, "other.ndb": signature("lab-other", "Lab.Other")},
    "antivirus_antispam_signature_urls_host": [URL],
    "antivirus_antispam_definitions_update_interval": "5s",
    "antivirus_antispam_alert_encrypted": True,
}


@pytest.fixture(scope="module", autouse=True)
def converged(lab: Lab, run: Run) -> None:
    """Check mode predicts, and the third run changes nothing. The file is there when it is asked for."""
    publish(lab, "fetched.ndb", signature("lab-one", "Lab.One"))
    checked, applied, again = run("--check", **VARIABLES), run(**VARIABLES), run(**VARIABLES)
    assert (checked.code, applied.code, again.code) == (0, 0, 0), checked.output + applied.output + again.output
    assert checked.changed == applied.changed != set()
    assert again.changed == set(), again.output
    assert checked.warnings + applied.warnings + again.warnings == []


def test_file_and_url_take_the_place_of_the_old_file(lab: Lab, mta: str) -> None:
    assert scan(lab, mta, "lab-other") == "Lab.Other.UNOFFICIAL FOUND"
    assert scan(lab, mta, "lab-one") == "Lab.One.UNOFFICIAL FOUND"
    assert scan(lab, mta, "lab-file") == "OK"


def test_the_timer_and_nobody_else_updates(lab: Lab, mta: str) -> None:
    cursor = mail.journal_cursor(lab, PEER.name)
    wait_for(lambda: len(requests(lab, mta, cursor)) >= 3, "the timer did not fire three times")
    assert set(requests(lab, mta, cursor)) == {"GET /fetched.ndb 304"}
    states = mail.execute(lab, mta, "systemctl", "is-active", "clamav-freshclam.service", f"{UPDATE}.timer")
    assert states.out.split() == ["inactive", "active"]


def test_a_new_file_is_in_force_without_a_play(lab: Lab) -> None:
    """And a broken one, or none, leaves the last good one in force."""
    publish(lab, "fetched.ndb", signature("lab-two", "Lab.Two"))
    for host in MTA_HOSTS:
        wait_for(lambda name=host.name: "Lab.Two" in scan(lab, name, "lab-two"), "the new signature was not fetched")
        assert scan(lab, host.name, "lab-one") == "OK"
    for step, told in (
        (lambda: publish(lab, "fetched.ndb", "broken\n"), "Malformed database"),
        (lambda: withdraw(lab, "fetched.ndb"), "file not found"),
    ):
        cursors = {host.name: mail.journal_cursor(lab, host.name) for host in MTA_HOSTS}
        step()
        for name, cursor in cursors.items():
            wait_for(lambda name=name, cursor=cursor, told=told: told in mail.journal(lab, name, cursor), told)
            assert scan(lab, name, "lab-two") == "Lab.Two.UNOFFICIAL FOUND"
            assert mail.execute(lab, name, "systemctl", "is-failed", f"{UPDATE}.service").out.strip() != "active"


def test_encrypted_archives_are_alerted(encrypted_verdict: str) -> None:
    assert "Heuristics.Encrypted.Zip FOUND" in encrypted_verdict


def test_a_clamd_that_stopped_comes_back_with_an_update(lab: Lab) -> None:
    run_tasks(lab, [shell("systemctl stop clamav-daemon.socket clamav-daemon.service")])
    for host in MTA_HOSTS:
        wait_for(lambda name=host.name: "Lab.Two" in scan(lab, name, "lab-two"), "clamd does not run again")
