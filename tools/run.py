# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run jobs of tools/jobs.py with all they need, side by side, and say in one screen how it went.

usage: run.py JOB_OR_GROUP... [-- COMMAND...]

COMMAND runs in the foreground, in the environment of the jobs, once they have succeeded; it takes the summary's place.
The last line is ``N passed, N failed``; the exit status is 0 only when nothing failed.
JOBS in the environment says how many jobs may run at once. Logs and pytest reports lie in .cache/log/.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time
import typing as t
import xml.etree.ElementTree as ET

from jobs import GROUPS, JOBS, Job

ROOT = pathlib.Path.cwd()
CACHE = ROOT / ".cache"
LOG = CACHE / "log"
LIMIT = 45 * 60  # seconds: a job that takes longer hangs
HEARTBEAT = 60  # seconds between two lines that say what is running
TAIL = 40  # lines of its log shown for a job that failed or measured something


@dataclasses.dataclass(slots=True)
class Outcome:
    """How a job ended: 'ok', 'FAILED' or 'not run'; tests are those of its pytest report."""

    job: Job
    result: str
    seconds: float = 0.0
    tests_passed: int = 0
    tests_failed: int = 0

    @property
    def passed(self) -> int:
        return self.tests_passed + (self.job.checks if self.result == "ok" else 0)

    @property
    def failed(self) -> int:
        if self.result == "ok":
            return self.tests_failed
        return self.tests_failed + self.job.checks or 1


@dataclasses.dataclass(slots=True)
class Running:
    job: Job
    child: subprocess.Popen[bytes]
    start: float


def environment() -> dict[str, str]:
    """Return the environment of all jobs: our tools first, Ansible's files under .cache, plain logs."""
    return os.environ | {
        "PATH": os.pathsep.join((str(CACHE / "venv/bin"), os.environ["PATH"], "/usr/sbin", "/sbin")),
        "PYTHON": sys.executable,
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(CACHE),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


def link_collection() -> None:
    """Let Ansible, ansible-lint and mypy find this checkout as .cache/ansible_collections/mailops/mta."""
    link = CACHE / "ansible_collections/mailops/mta"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../..")


def selection(names: t.Iterable[str]) -> list[Job]:
    """Return the jobs of these names and groups, and all that they need, in order of priority."""
    wanted: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name in GROUPS:
            queue += GROUPS[name]
        elif name in JOBS:
            wanted.add(name)
            queue += JOBS[name].needs
        else:
            sys.exit(f"run.py: no job or group {name!r}; there are: {' '.join((*GROUPS, *JOBS))}")
    return [job for job in JOBS.values() if job.name in wanted]


def start(job: Job) -> Running:
    """Start *job* in a process group of its own, under a lock: two runs in one checkout share the caches."""
    report = LOG / f"{job.name}.xml"
    script = f"exec >{shlex.quote(str(LOG / job.name))}.log 2>&1; rm -f {shlex.quote(str(report))}; {job.command}"
    child = subprocess.Popen(
        ["flock", str(LOG / f"{job.name}.lock"), "bash", "-euo", "pipefail", "-c", script],
        env=environment() | {"PYTEST_ADDOPTS": f"--junitxml={shlex.quote(str(report))}"},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Running(job, child, time.monotonic())


def finish(running: Running) -> Outcome:
    outcome = Outcome(
        running.job, "ok" if running.child.returncode == 0 else "FAILED", time.monotonic() - running.start
    )
    report = LOG / f"{running.job.name}.xml"
    if report.exists():
        for suite in ET.parse(report).getroot().iter("testsuite"):
            # A skipped test has shown nothing, so it is not among the passed ones.
            failed = sum(int(suite.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
            outcome.tests_failed += failed
            outcome.tests_passed += int(suite.get("tests", 0)) - failed
    return outcome


def stop(running: t.Iterable[Running]) -> None:
    """End what still runs, with all its children."""
    for each in running:
        os.killpg(each.child.pid, signal.SIGTERM)
    for each in running:
        try:
            each.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(each.child.pid, signal.SIGKILL)
            each.child.wait()


class Run:
    """All jobs of one run: what waits, what runs, what is over."""

    def __init__(self, jobs: list[Job]) -> None:
        self.waiting = jobs
        self.running: list[Running] = []
        self.over: dict[str, Outcome] = {}
        self.begin = self.spoken = time.monotonic()

    def say(self, text: str) -> None:
        self.spoken = time.monotonic()
        print(f"[{self.spoken - self.begin:5.0f} s] {text}", flush=True)

    def has_place(self, job: Job, places: int) -> bool:
        """Whether *job* may start now: a job that wants to be alone waits for the end of all others."""
        if job.alone:
            return not self.running and all(each.alone for each in self.waiting)
        taken = sum(each.job.places for each in self.running)
        return taken + job.places <= places or not self.running

    def step(self, places: int) -> None:
        for job in list(self.waiting):
            states = [self.over[need].result for need in job.needs if need in self.over]
            if any(state != "ok" for state in states):
                self.waiting.remove(job)
                self.over[job.name] = Outcome(job, "not run")
            elif len(states) == len(job.needs):
                if not self.has_place(job, places):
                    break  # a later job would take one of the places that this one waits for
                self.waiting.remove(job)
                self.say(f"{job.name} ...")
                self.running.append(start(job))
        for each in list(self.running):
            if time.monotonic() - each.start > LIMIT:
                stop([each])
            if each.child.poll() is not None:
                self.running.remove(each)
                self.over[each.job.name] = outcome = finish(each)
                self.say(f"{each.job.name}: {outcome.result}, {outcome.seconds:.0f} s")
        if time.monotonic() - self.spoken > HEARTBEAT:
            self.say("running: " + ", ".join(each.job.name for each in self.running))

    def finish(self, places: int) -> list[Outcome]:
        order = [job.name for job in self.waiting]
        try:
            while self.waiting or self.running:
                self.step(places)
                time.sleep(0.1)
        finally:
            stop(self.running)
        return [self.over[name] for name in order]


def summary(outcomes: list[Outcome]) -> str:
    """Return the table and the counts, so that they stay on the screen; before them what failed or was measured."""
    lines: list[str] = []
    for outcome in outcomes:
        if outcome.result == "FAILED" or (outcome.result == "ok" and outcome.job.alone):
            log = LOG / f"{outcome.job.name}.log"
            tail = log.read_text(errors="replace").splitlines()[-TAIL:]
            lines += [f"----- {log.relative_to(ROOT)}, last lines", *tail, ""]
    lines += ["", f"{'part':<28}{'result':<9}{'tests':>6}{'seconds':>9}"]
    for each in outcomes:
        tests = str(each.tests_passed + each.tests_failed or "")
        lines.append(f"{each.job.name:<28}{each.result:<9}{tests:>6}{each.seconds:>9.0f}")
    lines += ["", f"{sum(each.passed for each in outcomes)} passed, {sum(each.failed for each in outcomes)} failed"]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    names, command = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    LOG.mkdir(parents=True, exist_ok=True)
    link_collection()
    # One place more than processors: there is always a job that waits for a package or a mail.
    places = int(os.environ.get("JOBS") or len(os.sched_getaffinity(0)) + 1)
    # A plain kill ends the children too, like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outcomes = Run(selection(names)).finish(places)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    failed = any(each.failed for each in outcomes)
    if command and not failed:
        os.execvpe(command[0], command, environment())
    text = summary(outcomes)
    (LOG / "summary.txt").write_text(text + "\n")
    print(text)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
