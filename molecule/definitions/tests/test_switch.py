# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virus check off on one server, and on again: nothing of it runs, then all of it."""

from __future__ import annotations

from collections.abc import Callable

from lab import mail, play
from lab.scanner import scan, wait_for
from lab.topology import Lab

Run = Callable[..., play.Play]

UNITS = ("clamav-daemon.service", "clamav-daemon.socket", "mailops-mta-definitions.timer", "clamav-freshclam.service")


def test_off_on_one_server_and_on_again(lab: Lab, run: Run) -> None:
    off = {"mx12": {"antivirus_antispam_virus_check": False}}
    checked, applied, again = run("--check", hosts=off), run(hosts=off), run(hosts=off)
    assert (applied.code, again.code) == (0, 0), applied.output + again.output
    assert {task for host, task in applied.changed if host == "mx12"} != set()
    assert {each for each in checked.changed if each[0] == "mx12"} == {
        each for each in applied.changed if each[0] == "mx12"
    }
    assert again.changed == set(), again.output
    states = mail.execute(lab, "mx12", "systemctl", "is-active", *UNITS).out.split()
    enabled = mail.execute(lab, "mx12", "systemctl", "is-enabled", *UNITS).out.split()
    assert (states, enabled) == (["inactive"] * 4, ["disabled"] * 3 + ["masked"])
    wait_for(lambda: scan(lab, "mx12", "lab-file").startswith("ERROR: Could not connect to clamd"), "clamd runs")
    assert scan(lab, "mx13", "lab-file") == "Lab.File.UNOFFICIAL FOUND"
    assert run().code == 0
    assert scan(lab, "mx12", "lab-file") == "Lab.File.UNOFFICIAL FOUND"
