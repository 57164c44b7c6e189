# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make` can run: every job with its command, what must be done before it, and what it counts for."""

from __future__ import annotations

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """One command of bash, run in the root of the checkout.

    needs: the jobs that must have succeeded before.
    checks: what the job itself adds to the counts, beside the tests in its pytest report; 0 for a preparation.
    places: how many it takes of the places for jobs that run side by side.
    alone: starts when all others are over, because it measures time; the summary shows what it printed.
    """

    name: str
    command: str
    needs: tuple[str, ...] = ()
    checks: int = 1
    places: int = 1
    alone: bool = False


# The order is the priority: when a place is free, the first job whose needs are met takes it.
_PREPARATIONS = (
    Job("venv", "tools/venv.sh venv requirements-dev.txt", checks=0),
    Job("lab-packages", "tests/lab/lab deps", checks=0),
    Job("lab-images", "tests/lab/lab images", needs=("lab-packages",), checks=0),
    # After the lab's: two at once would meet at apt's lock.
    Job("browser-packages", "sh tools/prerequisites.sh chromium fonts-dejavu-core", needs=("lab-packages",), checks=0),
)
# The longest first, like the scenarios.
_CHECKS = (
    Job("sanity-2.19", "tools/sanity.sh 2.19 venv", needs=("venv",)),
    Job("venv-2.18", "tools/venv.sh venv-2.18 tests/requirements/core-2.18.txt", checks=0),
    Job("sanity-2.18", "tools/sanity.sh 2.18 venv-2.18", needs=("venv-2.18",)),
    Job("ansible-lint", "ansible-lint", needs=("venv",)),
    Job("unit", "pytest tests/unit", needs=("venv",), checks=0),
    Job("browser", "PYTHONPATH=tests pytest tests/browser", needs=("venv", "browser-packages"), checks=0),
    Job("ruff", "ruff check --output-format concise .", needs=("venv",)),
    Job("yamllint", "yamllint .", needs=("venv",)),
    Job("mypy", "tools/mypy.sh", needs=("venv",)),
    Job("changelog", "antsibull-changelog lint", needs=("venv",)),
    Job("docs", "antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .", needs=("venv",)),
    Job("build", "python3 tools/archive.py", needs=("venv",)),
    Job("venv-importer", "tools/venv.sh venv-importer tests/requirements/importer.txt", checks=0),
    Job("importer", "tools/importer.sh", needs=("build", "venv-importer")),
)


# How long mail was away is no good question on a machine that does two other things.
_PLACES = {"faults": 2}
# What takes longest starts first, so that at the end no place stays empty beside it.
_LONGEST = ("antivirus", "faults", "submission", "outbound", "queue", "postscreen")
# What a scenario needs beside its lab.
_MORE = {"default": ("venv-2.18",), "report": ("browser-packages",)}


def _scenarios() -> tuple[Job, ...]:
    found = {path.parent.name for path in pathlib.Path("molecule").glob("*/molecule.yml")}
    names = (*_LONGEST, *sorted(found.difference(_LONGEST)))
    return tuple(
        Job(
            f"molecule-{name}",
            f"molecule test -s {name}",
            needs=("venv", "lab-images", *_MORE.get(name, ())),
            places=_PLACES.get(name, 1),
        )
        for name in names
    )


SCENARIOS = _scenarios()
# Scenarios take longest, so they come before the checks, which fill the places left over.
_MEASURES = (
    Job("benchmark-converge", "python3 tests/benchmark/benchmark.py", needs=("venv", "lab-images"), alone=True),
    Job("benchmark-queue", "python3 tests/benchmark/queue_benchmark.py", needs=("venv", "lab-images"), alone=True),
    Job("benchmark-site", "python3 tests/benchmark/site_benchmark.py", needs=("venv", "lab-images"), alone=True),
)
JOBS = {job.name: job for job in (*_PREPARATIONS, *SCENARIOS, *_CHECKS, *_MEASURES)}
GROUPS = {
    "lint": ("ruff", "yamllint", "mypy", "changelog", "ansible-lint", "docs"),
    "sanity": ("sanity-2.19", "sanity-2.18"),
    "galaxy": ("build", "importer"),
    "molecule": tuple(job.name for job in SCENARIOS),
    "benchmark": tuple(job.name for job in _MEASURES),
    # Filling queues with 50,000 messages takes longer than all that is measured then; the site has no goal to miss.
    "test": tuple(name for name in JOBS if name not in ("benchmark-queue", "benchmark-site")),
}
