# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the site with other variables than the scenario's."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from lab import mail, play
from lab.letters import SERVERS
from lab.topology import Lab

LOGINS = {"relay": "correct-horse", "branch": "branch-horse", "backup": "backup-horse"}
Variables = Mapping[str, t.Any]


@pytest.fixture(params=SERVERS)
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host. Not of the session's scope, or pytest would go through the converges host by host."""
    return str(request.param)


@pytest.fixture(scope="session", autouse=True)
def logins(lab: Lab) -> None:
    """The users that the smart hosts know."""
    mail.accept_logins(lab, LOGINS)


@pytest.fixture(scope="session")
def variables() -> Variables:
    """What the scenario has converged."""
    # PyYAML cannot tell what type a file holds.
    return yaml.safe_load((Path(__file__).parents[1] / "vars" / "main.yml").read_text())  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def run_site(lab: Lab, variables: Variables) -> t.Callable[..., play.Play]:
    """Run the site with the scenario's variables and changes of them.

    The result takes the changes, options of ansible-playbook, and as keywords the changes of single servers.
    """

    def run(changes: Variables, *options: str, **servers: Variables) -> play.Play:
        # The example inventory says something of the relay host of one server.
        relay = {"mta_outbound_relayhost": {**variables, **changes}["mta_outbound_relayhost"]}
        hosts = {server: {**relay, **servers.get(server, {})} for server in SERVERS}
        return play.run(lab, *options, group={**variables, **changes}, hosts=hosts)

    return run
