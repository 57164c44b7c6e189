# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before anything changes, in check mode as well."""

from __future__ import annotations

from lab import play
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
