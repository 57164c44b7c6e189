# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converging other variables than the scenario's."""

from __future__ import annotations

import tempfile
import typing as t
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from lab import mail, play
from lab.topology import MTA_HOSTS, Lab

SCENARIO = Path(__file__).parents[1]
VARIABLES: Mapping[str, t.Any] = yaml.safe_load((SCENARIO / "molecule.yml").read_text())["provisioner"]["inventory"][
    "group_vars"
]["mta"]
# What comes before the scanner stays as the scenario converged it.
START = "--start-at-task=*antivirus_antispam : Look which packages are there and how the services are"

# An archive with a password, made by zip(1).
ENCRYPTED = (
    "UEsDBAoACQAAAO9bdV35bYo8GwAAAA8AAAAIABwAbm90ZS50eHRVVAkAAxKBAWsSgQFrdXgLAAEEAAAAAAQAAAAAEziJAsygpgi6"
    "f0ocyGLrWORLTuKJFkvwovX3UEsHCPltijwbAAAADwAAAFBLAQIeAwoACQAAAO9bdV35bYo8GwAAAA8AAAAIABgAAAAAAAEAAACk"
    "gQAAAABub3RlLnR4dFVUBQADEoEBa3V4CwABBAAAAAAEAAAAAFBLBQYAAAAAAQABAE4AAABtAAAAAAA="
)

Run = Callable[..., play.Play]


@pytest.fixture(params=[host.name for host in MTA_HOSTS])
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host. Not of the session's scope, or pytest would go through the converges host by host."""
    return str(request.param)


@pytest.fixture(scope="session")
def run(lab: Lab) -> Run:
    """Run the scenario's playbook with some variables (group, hosts) that differ from the scenario's."""

    def converge(*options: str, hosts: Mapping[str, Mapping[str, object]] | None = None, **group: object) -> play.Play:
        with tempfile.TemporaryDirectory() as name:
            play.write_overlay(Path(name), lab, {**VARIABLES, **group}, hosts or {})
            return play.play(SCENARIO / "converge.yml", [Path(name)], START, *options)

    return converge


@pytest.fixture
def encrypted_verdict(lab: Lab, mta: str) -> str:
    """clamd's verdict on an encrypted archive."""
    script = "base64 -d >/tmp/encrypted.zip; clamdscan --fdpass --no-summary /tmp/encrypted.zip"
    return mail.execute(lab, mta, "sh", "-c", script, stdin=ENCRYPTED).out
