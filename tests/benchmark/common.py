# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks share: a lab, a stopwatch for plays, and the verdict."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from lab import lifecycle  # noqa: E402  (the path comes first)
from lab.topology import Lab, inventory  # noqa: E402  (as above)

INSTALL = """
set -e
export DEBIAN_FRONTEND=noninteractive
dpkg -s postfix >/dev/null 2>&1 || apt-get install -qq -y --no-install-recommends postfix
hostname --fqdn >/etc/mailname
"""


@contextlib.contextmanager
def new_lab(name: str) -> Iterator[tuple[Lab, Path]]:
    """Bring a lab up for a while; the lab and a directory with its inventory.yml."""
    lab = lifecycle.up(name)
    try:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory)
            (path / "inventory.yml").write_text(inventory(lab, lifecycle.ssh_config_path(lab.name)))
            yield lab, path
    finally:
        lifecycle.down(name)


def play(playbook: str, host: str, directory: Path, *options: str) -> float:
    """Run a playbook on one host and return its seconds; SystemExit when it fails."""
    argv = ["ansible-playbook", "-i", str(directory / "inventory.yml"), "-l", host, *options]
    environment = {**os.environ, "ANSIBLE_PIPELINING": "1"}
    start = time.perf_counter()
    done = subprocess.run([*argv, str(HERE / playbook)], env=environment, text=True, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    if playbook != "ping.yml" and "changed=" not in done.stdout:
        raise SystemExit(f"no summary of {playbook}: {done.stdout}")
    return seconds


def around(ping: Callable[[], float], *works: Callable[[], float]) -> list[tuple[float, float]]:
    """Run each work between two pings; the seconds of each work, and the mean of the pings before and after it."""
    times, before = [], ping()
    for work in works:
        seconds, after = work(), ping()
        times.append((seconds, (before + after) / 2))
        before = after
    return times


def medians(once: Callable[[], Mapping[str, float]], goals: Mapping[str, float], rounds: range) -> dict[str, float]:
    """Return the medians of what some rounds measure, of more of them while one of them is over its goal.

    A round compares what ran within seconds of each other, so the machine's pace matters little. The shortest times of
    all rounds are no good measure: what is short finds a quick moment sooner than what is long.
    """
    found: dict[str, list[float]] = {name: [] for name in goals}
    for done in range(1, rounds.stop):
        for name, value in once().items():
            found[name].append(value)
        middle = {name: statistics.median(values) for name, values in found.items()}
        if done in rounds and all(middle[name] <= goal for name, goal in goals.items()):
            break
    return middle


def verdict(host: str, values: Mapping[str, float], goals: Mapping[str, float]) -> int:
    """Print values with their goals; how many miss them."""
    missed = 0
    for name, goal in goals.items():
        over = values[name] > goal
        missed += over
        print(f"{host}: {name} {values[name]:.2f} (at most {goal:g}) {'TOO MUCH' if over else 'ok'}", flush=True)
    return missed
