# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the converge made of the inventory, where each host has an action of its own. Runs before the other tests."""

from __future__ import annotations

from lab.sessions import Client, speak
from lab.topology import Lab

HASTY = Client(130, early="EHLO client.example.org\r\n")


def test_each_host_has_its_own_action_and_wait(lab: Lab) -> None:
    talks = speak(lab, {"hasty": HASTY, "clean": Client(131)})
    assert {name: talk.verdict for name, talk in talks.items()} == {
        ("mx12", "hasty"): 550,
        ("mx13", "hasty"): 521,
        ("mx12", "clean"): 250,
        ("mx13", "clean"): 250,
    }
    # Postfix counts whole seconds, so a wait of 4 s takes more than 3.
    assert talks["mx12", "clean"].waited > 2.5 > talks["mx13", "clean"].waited, talks


def test_options_of_smtpd_came_along(lab: Lab) -> None:
    assert all("moved along" in talk.text for talk in speak(lab, {"clean": Client(131)}).values())
