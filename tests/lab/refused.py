# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong values of role variables: one message each that says what is wrong; nothing changes, in check mode too."""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import files, play
from lab.topology import MTA_HOSTS, Lab


@dataclass(frozen=True, slots=True)
class Wrong:
    """Variables of which one is wrong, and words that the message has to hold."""

    variables: play.Variables
    told: Sequence[str]


# By mail host and name.
Cases = Mapping[tuple[str, str], Wrong]


def on_servers(wrong: Mapping[str, Wrong]) -> Cases:
    """Each on one mail host: the releases take turns, because nearly all of this is decided on the controller."""
    servers = itertools.cycle(host.name for host in MTA_HOSTS)
    return {(server, name): case for server, (name, case) in zip(servers, wrong.items(), strict=False)}


def of_role(role: str, rows: Iterable[tuple[str, t.Any, Sequence[str]]], **others: object) -> Cases:
    """Cases of a role's variables.

    rows: a variable without the role's prefix, its wrong value, and what the message holds besides the variable.
    others: variables that all cases set.
    """
    return on_servers(
        {
            f"{name.replace('_', '-')}-{number}": Wrong(
                {**others, f"{role}_{name}": value}, (f"{role}_{name}", *map(str, told))
            )
            for number, (name, value, told) in enumerate(rows)
        }
    )


def tries(cases: Cases) -> list[tuple[tuple[str, str], str]]:
    """What is tried, as parameters of a test: each case and a mode, "checked" or "applied"."""
    return [(case, mode) for mode in ("applied", "checked") for case in cases]


def name(value: str | tuple[str, str]) -> str:
    """How a test calls a case or a mode."""
    return value if isinstance(value, str) else "-".join(value)


@dataclass(frozen=True, slots=True)
class Attempts:
    """All cases in one run, in check mode and without it, and the state of the mail hosts before and after."""

    cases: Cases
    checked: play.Play
    applied: play.Play
    before: object
    after: object

    def message(self, case: tuple[str, str], mode: str) -> str:
        """What a case was refused with; AssertionError when it was not, or when something is missing there."""
        failed = getattr(self, mode).failed.get("-".join(case))
        assert failed is not None, "not refused"
        missing = [word for word in self.cases[case].told if word not in failed.message]
        assert not missing, f"not told: {missing} in {failed.message}"
        assert "Traceback" not in failed.message, failed.message
        return str(failed.message)

    def require_unchanged(self) -> None:
        """AssertionError when a task says that it changed something, or when something did change."""
        changed = self.checked.changed | self.applied.changed
        assert not changed, changed
        assert self.after == self.before


def attempt(
    lab: Lab,
    cases: Cases,
    *options: str,
    role: str = "",
    state: Callable[[Lab], object] | None = None,
    playbook: Path = play.SITE,
) -> Attempts:
    """Run the playbook with every case, in check mode and without it.

    role: the short description of the role that refuses; what comes before it is the same for all cases and left out.
    state: what may not change, the files of Postfix unless it is given.
    """
    look = state or configuration
    start = [f"--start-at-task=Validating arguments* {role}"] if role else []
    before = look(lab)
    checked, applied = (
        play.run_cases(lab, {key: case.variables for key, case in tried.items()}, *start, *mode, playbook=playbook)
        for tried, mode in ((cases, [*options, "--check"]), (cases, options))
    )
    return Attempts(cases, checked, applied, before, look(lab))


def configuration(lab: Lab) -> dict[str, dict[str, str]]:
    """The files of Postfix on both mail hosts."""
    return {host.name: files.configuration(lab, host.name) for host in MTA_HOSTS}
