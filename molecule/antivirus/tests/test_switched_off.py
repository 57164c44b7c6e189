# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching the filter off while mail waits for it: the chain goes, and the mail goes on its way. Runs last."""

from __future__ import annotations

import pytest
from lab import filtering, mail
from lab.filtering import EICAR, Letter
from lab.topology import MTA_HOSTS, Lab

HOSTS = [host.name for host in MTA_HOSTS]
WAITING = {"waiting-1": Letter(), "waiting-2": Letter(via="own", sender="ann@example.test")}
LATER = {"virus": Letter(files={"a.txt": EICAR}), "user": Letter(via="login", sender="ann@example.test")}


@pytest.fixture(scope="module")
def batch(lab: Lab, converge: object) -> str:
    """What the letters of this module have in common."""
    token = mail.new_token()
    cursors = {name: mail.journal_cursor(lab, name) for name in HOSTS}
    for name in HOSTS:
        mail.output(lab, name, "systemctl", "stop", "amavis")
    waiting = filtering.submit(lab, WAITING, token)
    for name in HOSTS:
        filtering.follow(lab, name, cursors[name], token, [], deferred=len(WAITING))
    assert mail.stored(lab, token, 0, 0) == []
    converge({"antivirus_antispam_enabled": False})
    later = filtering.submit(lab, LATER, token)
    assert {reply.code for reply in (waiting | later).values()} == {250}
    return token


def test_all_mail_arrives_unfiltered(lab: Lab, batch: str) -> None:
    letters = {*WAITING, *LATER}
    arrived = mail.stored(lab, batch, len(HOSTS) * len(letters), 60)
    found = sorted(filtering.headers(each.message)["Message-ID"] for each in arrived)
    assert found == sorted(f"<{name}.{letter}@{batch}>" for name in HOSTS for letter in letters)
    assert [each for each in arrived if "X-Virus-Scanned" in each.message] == []


@pytest.mark.usefixtures("batch")
def test_the_chain_is_gone(lab: Lab, mta: str) -> None:
    assert mail.output(lab, mta, "postconf", "-h", "content_filter").strip() == ""
    services = mail.output(lab, mta, "postconf", "-M")
    assert [line for line in services.splitlines() if "amavis" in line or "10025" in line] == []
    assert "content_filter" not in mail.output(lab, mta, "postconf", "-P")
    listening = mail.output(lab, mta, "ss", "-Hltn")
    assert [line for line in listening.splitlines() if ":1002" in line] == []


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("unit", ["amavis", "clamav-daemon.service"])
def test_the_services_are_stopped(lab: Lab, mta: str, unit: str) -> None:
    assert mail.output(lab, mta, "systemctl", "show", "--value", "--property=MainPID", unit) == "0\n"
    assert mail.execute(lab, mta, "systemctl", "is-enabled", unit).out == "disabled\n"
