# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of all scenarios start from: the scenario's lab, and its mail hosts one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest
import testinfra
from lab import lifecycle, play
from lab.topology import MTA_HOSTS, Lab
from testinfra.host import Host


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The scenario's lab."""
    return lifecycle.existing(os.environ["MOLECULE_SCENARIO_NAME"])


@pytest.fixture(scope="session", params=[host.name for host in MTA_HOSTS])
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host: a test that asks for it runs once on each."""
    return request.param


@pytest.fixture(scope="session")
def host(lab: Lab, mta: str) -> Host:
    """The same mail host for testinfra."""
    return testinfra.get_host(f"ssh://{mta}", ssh_config=str(lifecycle.ssh_config_path(lab.name)))


@pytest.fixture(scope="session")
def converge(lab: Lab) -> Callable[..., None]:
    """Converge the site with these variables: check mode predicts, the second run changes nothing, nothing warns."""

    def run(group: Mapping[str, object], hosts: Mapping[str, Mapping[str, object]] | None = None) -> None:
        checked, applied, again = (play.run(lab, *mode, group=group, hosts=hosts) for mode in (["--check"], [], []))
        assert (checked.code, applied.code, again.code) == (0, 0, 0), checked.output + applied.output + again.output
        assert checked.changed == applied.changed != set()
        assert again.changed == set(), again.output
        assert checked.warnings + applied.warnings + again.warnings == []

    return run
