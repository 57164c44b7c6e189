# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converging other variables than the scenario's, and the processes that run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest
import yaml
from lab import mail, play
from lab.engine import REPOSITORY
from lab.topology import MTA_HOSTS, Lab

SCENARIO = REPOSITORY / "molecule" / "antivirus" / "molecule.yml"
UNITS = ("amavis", "clamav-daemon", "postfix", "postfix@-", "dovecot")
Converge = Callable[..., play.Play]


@pytest.fixture(params=[host.name for host in MTA_HOSTS])
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host. Not of the session's scope, or pytest would go through the converges host by host."""
    return str(request.param)


@pytest.fixture(scope="session")
def scenario() -> Mapping[str, object]:
    """The variables of the scenario."""
    inventory = yaml.safe_load(SCENARIO.read_text())["provisioner"]["inventory"]
    variables: Mapping[str, object] = inventory["group_vars"]["mta"]
    return variables


@pytest.fixture(scope="session")
def converge(lab: Lab, scenario: Mapping[str, object]) -> Converge:
    """Converge the scenario with these variables: check mode predicts, the second run changes and restarts nothing."""
    os.environ.setdefault("MOLECULE_PROJECT_DIRECTORY", str(REPOSITORY))

    def run(variables: Mapping[str, object], hosts: Mapping[str, Mapping[str, object]] | None = None) -> play.Play:
        wanted = {"group": {**scenario, **variables}, "hosts": hosts}
        checked, applied = play.run(lab, "--check", **wanted), play.run(lab, **wanted)
        before = processes(lab)
        again = play.run(lab, **wanted)
        assert (checked.code, applied.code, again.code) == (0, 0, 0), checked.output + applied.output + again.output
        assert checked.changed == applied.changed != set()
        assert again.changed == set(), again.output
        assert processes(lab) == before
        assert checked.warnings + applied.warnings + again.warnings == []
        return applied

    return run


def processes(lab: Lab) -> dict[str, str]:
    """The main process of each service on both hosts."""
    query = ["systemctl", "show", "--property=Id,MainPID,ActiveState", *UNITS]
    return {host.name: mail.output(lab, host.name, *query) for host in MTA_HOSTS}
