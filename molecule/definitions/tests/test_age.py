# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role warns of databases of ClamAV that are older than they may be. In check mode: clamd could not load these."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from lab import mail, play
from lab.topology import Lab

Run = Callable[..., play.Play]

DATABASE = "/var/lib/clamav/daily.cvd"
# The age of the database of each server in days. Two, because Ansible shows the same warning of two servers once.
AGES = {"mx12": 10, "mx13": 20}
# antivirus_antispam_definitions_max_age -> which ages are warned of, with which limit.
WARNED = {
    "9d": {("10.0", "9"), ("20.0", "9")},
    "2w": {("20.0", "14")},
    "3w": set(),
}


@pytest.fixture(scope="module", autouse=True)
def databases(lab: Lab) -> Iterator[None]:
    """Put a database there that has no more than its head, which tells when it was built."""
    for host, days in AGES.items():
        built = int(time.time()) - days * 86400
        told = time.strftime("%d %b %Y %H-%M +0000", time.gmtime(built))
        head = f"ClamAV-VDB:{told}:27800:1:90:x:y:lab:{built}\n"
        mail.output(lab, host, "sh", "-c", f"cat >{DATABASE}", stdin=head)
    yield
    for host in AGES:
        mail.output(lab, host, "rm", DATABASE)


@pytest.mark.parametrize("limit", WARNED)
def test_old_databases_are_warned_of(run: Run, limit: str) -> None:
    checked = run("--check", antivirus_antispam_official_definitions=True, antivirus_antispam_definitions_max_age=limit)
    assert checked.code == 0, checked.output
    # A warning is folded.
    text = " ".join(checked.output.split())
    assert {*re.findall(r"built (\S+) days ago, which is more than (\S+) days", text)} == WARNED[limit]
