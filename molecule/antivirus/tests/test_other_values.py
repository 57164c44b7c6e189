# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other values of the variables than those of the scenario, some of them for one server alone."""

from __future__ import annotations

import pytest
from lab import filtering, mail
from lab.filtering import ADMINISTRATOR, EICAR, GTUBE, PROGRAM, Fate, Letter
from lab.topology import MTA_HOSTS, Lab

OWN = {"via": "own", "sender": "ann@example.test", "recipient": "customer@example.net"}
LETTERS = {
    "plain": Letter(),
    "few": Letter("scoreoffew"),
    "some": Letter("scoreofsome"),
    "much": Letter("scoreofmuch"),
    "eicar": Letter(files={"a.txt": EICAR}),
    "foobar": Letter(files={"a.foobar": b"text"}),
    "program": Letter(files={"a.exe": PROGRAM}),
    "unsigned": Letter(sender="ann@example.test"),
    "own-gtube": Letter(GTUBE, **OWN),
    "own-eicar": Letter(files={"a.txt": EICAR}, **OWN),
    "own-foobar": Letter(files={"a.foobar": b"text"}, **OWN),
    "user-gtube": Letter(GTUBE, **{**OWN, "via": "login"}),
}
GROUP = {
    "antivirus_antispam_mynetworks_skip": [],
    "antivirus_antispam_check_outbound": False,
    "antivirus_antispam_spam_tag_level": "50%",
    "antivirus_antispam_spam_kill_level": 20,
    "antivirus_antispam_spam_subject_prefix": "",
    "antivirus_antispam_spam_headers": "spam",
    "mta_inbound_block_common_extensions": False,
    "antivirus_antispam_banned_notify_administrator": False,
    "antivirus_antispam_banned_notify_recipient": False,
    "antivirus_antispam_virus_notify_administrator": False,
    "antivirus_antispam_virus_notify_recipient": True,
    "antivirus_antispam_quarantine": [],
    "antivirus_antispam_dkim_keys": [],
    "antivirus_antispam_dkim_verify": False,
    "antivirus_antispam_rule_updates": False,
    "antivirus_antispam_use_bayes": False,
    "antivirus_antispam_log_level": 0,
}
# For one server alone.
HOSTS = {
    "mx13": {
        # 3.2 points, where the documented levels begin at 4.
        "antivirus_antispam_spam_tag_level": "high",
        "antivirus_antispam_spam_levels": "carbonio_ui",
        "antivirus_antispam_spam_destiny": "deliver",
        "antivirus_antispam_spam_headers": "none",
        "antivirus_antispam_virus_check": False,
        "mta_inbound_blocked_extensions": [],
        "antivirus_antispam_log_level": 5,
        "antivirus_antispam_spamassassin_log": "all",
    }
}
VERDICTS = {
    "plain": ("Passed CLEAN", "Passed CLEAN"),
    "few": ("Passed CLEAN", "Passed SPAMMY"),
    "some": ("Passed CLEAN", "Passed SPAMMY"),
    "much": ("Passed SPAMMY", "Passed SPAMMY"),
    "eicar": ("Blocked INFECTED", "Passed CLEAN"),
    "foobar": ("Blocked BANNED", "Passed CLEAN"),
    "program": ("Passed CLEAN", "Passed CLEAN"),
    # Some points, as SPF says no; they would be many more for a missing signature.
    "unsigned": ("Passed CLEAN", "Passed SPAMMY"),
    "own-gtube": ("Blocked SPAM", "Passed SPAM"),
    "own-eicar": ("Blocked INFECTED", "Passed CLEAN"),
    "own-foobar": ("Blocked BANNED", "Passed CLEAN"),
    "user-gtube": ("Passed CLEAN", "Passed CLEAN"),
}
Fates = dict[tuple[str, str], Fate]


@pytest.fixture(scope="module")
def fates(lab: Lab, converge: object) -> Fates:
    """What became of all letters."""
    converge(GROUP, HOSTS)
    return filtering.send(lab, LETTERS)


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(fates: Fates, mta: str, name: str) -> None:
    wanted = dict(zip([host.name for host in MTA_HOSTS], VERDICTS[name], strict=True))[mta]
    fate = fates[mta, name]
    assert fate.reply.code == 250
    assert f"{wanted} " in fate.log
    assert len(fate.copies) == ("Passed" in wanted)


def test_notices(fates: Fates) -> None:
    assert {*fates["mx12", "eicar"].notices} == {"bob@example.test"}
    assert {name for name in LETTERS if ADMINISTRATOR in fates["mx12", name].notices} == set()
    assert {name for name in LETTERS if fates["mx12", name].notices} == {"eicar"}
    assert {name for name in LETTERS if fates["mx13", name].notices} == set()


def test_headers(fates: Fates) -> None:
    assert fates["mx12", "much"].headers["X-Spam-Flag"] == "YES"
    assert "required=10" in fates["mx12", "much"].headers["X-Spam-Status"]
    assert "X-Spam-Flag" not in fates["mx12", "plain"].headers
    # It had learnt from hundreds of letters before.
    assert "BAYES" not in fates["mx12", "much"].headers["X-Spam-Status"]
    assert [name for name in fates["mx13", "much"].headers if name.startswith("X-Spam")] == []


def test_no_prefix_and_no_signature(fates: Fates, mta: str) -> None:
    assert fates[mta, "much"].headers["Subject"] == f"about {mta}.much"
    assert "DKIM-Signature" not in fates[mta, "user-gtube"].headers


def test_nothing_is_kept(fates: Fates, mta: str) -> None:
    assert [name for name in LETTERS if "uarantine" in fates[mta, name].log] == []


@pytest.mark.usefixtures("fates")
def test_rules_are_not_updated(lab: Lab, mta: str) -> None:
    assert mail.execute(lab, mta, "systemctl", "is-enabled", "spamassassin-maintenance.timer").out == "disabled\n"


@pytest.mark.usefixtures("fates")
def test_a_server_without_virus_check_runs_no_scanner(lab: Lab) -> None:
    states = {
        host.name: mail.execute(lab, host.name, "systemctl", "is-active", "clamav-daemon").out for host in MTA_HOSTS
    }
    assert states == {"mx12": "active\n", "mx13": "inactive\n"}


@pytest.mark.usefixtures("fates")
def test_how_much_is_logged(lab: Lab) -> None:
    since = 'journalctl -q -o cat -t amavis --since "$(systemctl show --value -p ActiveEnterTimestamp amavis)"'
    logs = {host.name: mail.output(lab, host.name, "sh", "-c", since) for host in MTA_HOSTS}
    # "Checking:" is of level 1.
    assert {host: " Checking: " in log for host, log in logs.items()} == {"mx12": False, "mx13": True}
    assert {host: "SA dbg: " in log for host, log in logs.items()} == {"mx12": False, "mx13": True}
