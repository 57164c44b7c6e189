# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring both mail hosts to one state of the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab.tasks import Answer, Task, run_tasks
from lab.topology import Lab

Apply = Callable[..., dict[str, list[Answer]]]


@pytest.fixture(scope="session")
def apply(lab: Lab) -> Apply:
    """Return a function that runs tasks, then the module with its options, and makes Postfix take it up."""

    def converge(*before: Task, **options: object) -> dict[str, list[Answer]]:
        screen = {"mailops.mta.postscreen": {"enabled": True, **options}}
        answers = run_tasks(lab, [*before, screen, {"mailops.mta.instance": {}}])
        assert [answer for given in answers.values() for answer in given if answer["failed"]] == []
        return answers

    return converge
