# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a variable: one message that names it and what is accepted; nothing changes, in check mode too."""

from __future__ import annotations

import typing as t

import pytest
from lab import files, refused
from lab.tasks import run_tasks, shell
from lab.topology import MTA_HOSTS, Lab

# Variable (without the prefix), its value, and words that the message has to hold besides the variable.
WRONG: list[tuple[str, t.Any, list[str]]] = [
    ("definition_mirrors", [], ["one mirror at least"]),
    ("definition_mirrors", ["ftp://mirror.example.com"], ["ftp://mirror.example.com", "http://mirror.example.com"]),
    ("definition_mirrors", ["192.0.2.1"], ["192.0.2.1", "a host name, or the URL"]),
    ("definitions_update_interval", "2", ['"2"', "from 1s to 52w: 2h"]),
    ("definitions_update_interval", "0s", ["0s", "from 1s to 52w"]),
    ("definitions_update_interval", "2 months", ["2 months", "s, m, h, d or w"]),
    ("definitions_max_age", "never", ["never", "from 1s to 52w"]),
    ("definitions_timeout", "soon", ["soon", "int"]),
    ("definitions_timeout", 0, ['"0"', "1 to 3600"]),
    ("signature_files", {"own.exe": "x"}, ["own.exe", "kind of signature", "ndb"]),
    ("signature_files", {"../own.ndb": "x"}, ["../own.ndb", "plain file name"]),
    ("signature_files", {"daily.ndb": "x"}, ["daily.ndb", "own databases"]),
    ("signature_files", {"own.ndb": ""}, ["own.ndb", "no signatures"]),
    ("signature_urls", ["lists.example.com/own.ndb"], ["lists.example.com/own.ndb", "https://HOST/PATH/own.ndb"]),
    ("signature_urls", ["http://a/x.ndb", "http://b/x.ndb"], ["http://b/x.ndb", "another file called x.ndb"]),
    ("official_definitions", False, ["signature_files", "signature_urls"]),
    ("alert_encrypted", "perhaps", ["perhaps", "bool"]),
    ("virus_check", "perhaps", ['"perhaps" is not accepted', "true or false"]),
    ("max_threads", 0, ['"0"', "1 to"]),
]
CASES = refused.of_role("antivirus_antispam", WRONG, antivirus_antispam_enabled=True)
FIND = "find /etc/clamav /etc/systemd/system /var/lib/clamav -type f ! -name freshclam.dat"
CONFIGURATION = f"{FIND} -exec sha256sum {{}} +; dpkg -l | sha256sum"


def configuration(lab: Lab) -> list[object]:
    """The files of Postfix and of ClamAV, and the packages."""
    answers = run_tasks(lab, [shell(CONFIGURATION)])
    return [(files.configuration(lab, host.name), answers[host.name][0]["stdout"]) for host in MTA_HOSTS]


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> refused.Attempts:
    return refused.attempt(lab, CASES, role="What a Postfix server finds in messages", state=configuration)


@pytest.mark.parametrize(("case", "mode"), refused.tries(CASES), ids=refused.name)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


def test_nothing_changed(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()
