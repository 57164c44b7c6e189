# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converging the scenario with other variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from lab import mail
from lab.submission import SERVERS, held, run
from lab.topology import Lab

Variables = Mapping[str, object]


@pytest.fixture(params=SERVERS)
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host. Not of the session's scope, or pytest would go through the converges host by host."""
    return str(request.param)


@pytest.fixture(scope="module")
def replies(lab: Lab, request: pytest.FixtureRequest) -> dict[tuple[str, str], list[mail.Reply]]:
    """What both servers answered in every session of the module."""
    return held(lab, request.module.SESSIONS)


@pytest.fixture(scope="session")
def converge(lab: Lab) -> Callable[..., None]:
    """Converge the site with these variables on top of the scenario's: check mode predicts, nothing warns."""

    def converge(group: Variables, hosts: Mapping[str, Variables] | None = None) -> None:
        checked, applied = (run(lab, *mode, group=group, hosts=hosts) for mode in (["--check"], []))
        assert (checked.code, applied.code) == (0, 0), checked.output + applied.output
        assert checked.changed == applied.changed != set()
        assert checked.warnings + applied.warnings == []

    return converge


@pytest.fixture(scope="session")
def repeat(lab: Lab) -> Callable[..., None]:
    """Converge once more: nothing changes, and neither Postfix nor Dovecot notices."""

    def repeat(group: Variables, hosts: Mapping[str, Variables] | None = None) -> None:
        cursors = {server: mail.journal_cursor(lab, server) for server in SERVERS}
        repeated = run(lab, group=group, hosts=hosts)
        assert (repeated.code, repeated.changed) == (0, set()), repeated.output
        for server, cursor in cursors.items():
            journal = mail.journal(lab, server, cursor)
            noticed = ("postfix/master", "postfix-script", "dovecot: master", "systemd[1]: Re")
            assert [line for line in journal.splitlines() if any(word in line for word in noticed)] == []

    return repeat
