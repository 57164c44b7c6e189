# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before anything changes, in check mode as well, and what the programs themselves refuse."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from lab import filtering, mail, play
from lab.filtering import Letter
from lab.topology import MTA_HOSTS, Lab

PREFIX = "antivirus_antispam_"
# One for each way to be refused; the filters' own tables are in tests/unit.
CASES: dict[str, tuple[dict[str, object], str]] = {
    "level": ({"spam_tag_level": "few"}, 'spam_tag_level: "few" is not accepted'),
    "levels-in-the-wrong-order": ({"spam_tag_level": 8, "spam_kill_level": "33%"}, "spam_tag_level: 8.0 is more than"),
    "extension": ({"blocked_extensions": ["tar gz"]}, 'blocked_extensions: "tar gz"'),
    "switch": ({"virus_check": "maybe"}, "virus_check: write true or false"),
    "destiny": ({"spam_destiny": "bounce"}, "spam_destiny"),
}


def test_wrong_values_are_refused_in_one_sentence(lab: Lab) -> None:
    host = MTA_HOSTS[-1].name
    cases = {
        (host, name): {f"{PREFIX}enabled": True, **{PREFIX + key: value for key, value in values.items()}}
        for name, (values, _told) in CASES.items()
    }
    outcome = play.run_cases(lab, cases, "--check")
    messages = {name: outcome.failed[f"{host}-{name}"].message for name in CASES}
    assert {name: message for name, message in messages.items() if CASES[name][1] not in message} == {}
    assert [each for each in outcome.outcomes if each.outcome == "changed" and "antivirus" in each.task] == []


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ({"antivirus_antispam_spam_rules": [{"name": "BROKEN", "body": "/(/"}]}, "Configure SpamAssassin"),
        ({"antivirus_antispam_amavis_settings": {"$no_such_setting": 1}}, "Configure Amavis"),
    ],
    ids=["rule", "setting"],
)
def test_what_the_programs_refuse_leaves_all_as_it_was(
    lab: Lab, scenario: Mapping[str, object], values: Mapping[str, object], task: str
) -> None:
    before = files(lab)
    run = play.run(lab, group={**scenario, **values})
    assert {host: each.task.rpartition(" : ")[2] for host, each in run.failed.items()} == dict.fromkeys(
        [host.name for host in MTA_HOSTS], task
    )
    assert files(lab) == before
    assert {fate.log.count("Passed CLEAN") for fate in filtering.send(lab, {"plain": Letter()}).values()} == {1}


def files(lab: Lab) -> dict[str, str]:
    """The files of both programs, and when each started."""
    script = "sha256sum /etc/amavis/conf.d/* /etc/spamassassin/*.cf; systemctl show -p MainPID amavis"
    return {host.name: mail.output(lab, host.name, "sh", "-c", script) for host in MTA_HOSTS}
