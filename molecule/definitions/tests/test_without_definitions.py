# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No definitions: the role ends in time and says what is missing, clamd does not run; it starts when they arrive."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from lab import mail, play
from lab.scanner import publish, requests, scan, signature, wait_for, withdraw
from lab.tasks import run_tasks, shell
from lab.topology import MTA_HOSTS, PEER, Lab

Run = Callable[..., play.Play]

UNITS = "mailops-mta-definitions.timer mailops-mta-definitions.service clamav-daemon.socket clamav-daemon.service"
EMPTY = f"systemctl stop {UNITS}; rm -f /var/lib/clamav/*.*"
FIRST, SECOND = "http://peer.example.net/first", "http://peer.example.net/second"
# Takes connections and never answers.
SILENT = "http://peer.example.net:8099"
OFFICIAL = {"antivirus_antispam_official_definitions": True, "antivirus_antispam_signature_files": {}}


def gone(lab: Lab, server: str) -> bool:
    """Whether clamd is not there; while it ends, clamdscan says nothing at all."""
    return scan(lab, server, "x").startswith("ERROR: Could not connect to clamd")


def test_mirrors_that_have_nothing(lab: Lab, run: Run) -> None:
    """Every mirror is asked in turn, and one that was taken out is asked no more."""
    run_tasks(lab, [shell(EMPTY)])
    two = {**OFFICIAL, "antivirus_antispam_definitions_update_interval": "3w"}
    cursor = mail.journal_cursor(lab, PEER.name)
    done = run(
        **two, antivirus_antispam_definition_mirrors=[FIRST], antivirus_antispam_definition_mirrors_host=[SECOND]
    )
    for host in MTA_HOSTS:
        told = done.failed[host.name].message
        assert "missing in /var/lib/clamav: main, daily. clamd does not run" in told, told
        assert "The next update is in 3w." in told, told
        assert SECOND in told, told
        asked = requests(lab, host.name, cursor)
        assert {"GET /first/main.cvd 404", "GET /second/main.cvd 404"} <= set(asked), asked
        assert asked.index("GET /first/main.cvd 404") < asked.index("GET /second/main.cvd 404")
        wait_for(partial(gone, lab, host.name), "clamd runs")
    timers = run_tasks(lab, [shell("systemctl show -p TimersMonotonic mailops-mta-definitions.timer")])
    assert all("OnUnitActiveUSec=3w" in answers[0]["stdout"] for answers in timers.values()), timers
    cursor = mail.journal_cursor(lab, PEER.name)
    done = run(**two, antivirus_antispam_definition_mirrors=[SECOND])
    assert set(done.failed) == {host.name for host in MTA_HOSTS}
    for host in MTA_HOSTS:
        asked = requests(lab, host.name, cursor)
        assert asked
        assert [line for line in asked if "/first/" in line] == []


def test_a_mirror_that_does_not_answer(lab: Lab, run: Run) -> None:
    """The role has ended when the update has not, which is given up after two minutes."""
    mail.output(lab, PEER.name, "systemd-run", "--quiet", "--unit=silent", "nc", "-lk", "8099")
    done = run(**OFFICIAL, antivirus_antispam_definition_mirrors=[SILENT], antivirus_antispam_definitions_timeout=5)
    states = run_tasks(lab, [shell("systemctl is-active mailops-mta-definitions.service"), shell(EMPTY)])
    mail.output(lab, PEER.name, "systemctl", "stop", "silent")
    for host in MTA_HOSTS:
        assert "main, daily" in done.failed[host.name].message, done.output
        assert states[host.name][0]["stdout"].strip() == "activating"


def test_definitions_that_arrive_later_start_clamd(lab: Lab, run: Run) -> None:
    withdraw(lab, "late.ndb")
    run_tasks(lab, [shell(EMPTY)])
    done = run(
        antivirus_antispam_signature_files={},
        antivirus_antispam_signature_urls=["http://peer.example.net/late.ndb"],
        antivirus_antispam_definitions_update_interval="5s",
    )
    for host in MTA_HOSTS:
        assert "late.ndb. clamd does not run" in done.failed[host.name].message, done.output
        assert "ERROR" in scan(lab, host.name, "x")
    publish(lab, "late.ndb", signature("lab-late", "Lab.Late"))
    for host in MTA_HOSTS:
        wait_for(lambda name=host.name: "Lab.Late" in scan(lab, name, "lab-late"), "clamd did not start")


def test_one_url_that_is_down_does_not_keep_clamd_from_scanning(lab: Lab, run: Run) -> None:
    done = run(
        antivirus_antispam_signature_urls=["http://peer.example.net/late.ndb", "http://peer.example.net/never.ndb"]
    )
    for host in MTA_HOSTS:
        assert "missing in /var/lib/clamav: never.ndb. clamd scans without" in done.failed[host.name].message, (
            done.output
        )
        assert scan(lab, host.name, "lab-late") == "Lab.Late.UNOFFICIAL FOUND"
        assert scan(lab, host.name, "lab-file") == "Lab.File.UNOFFICIAL FOUND"
