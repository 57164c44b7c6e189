# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a first and a no-op converge against a play with one ping, over SSH, and hold them to their goals.

usage: benchmark.py [ROUNDS]

Each round runs the ping play, the first converge of a stock Postfix, and the no-op, on one host after the other, so
that a busy machine slows all three. The ratios are those of the medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from lab import lifecycle, mail  # noqa: E402  (the path comes first)
from lab.topology import MTA_HOSTS, Lab, inventory  # noqa: E402

LAB = "benchmark"
# name -> (playbook, highest ratio to the ping play)
GOALS = {"first": 4.0, "no-op": 2.5}
STOCK = "/root/stock-postfix"
PREPARE = f"""
set -e
export DEBIAN_FRONTEND=noninteractive
dpkg -s postfix >/dev/null 2>&1 || apt-get install -qq -y --no-install-recommends postfix
hostname --fqdn >/etc/mailname
test -d {STOCK} || cp -a /etc/postfix {STOCK}
"""
RESET = f"""
set -e
rm -rf /etc/postfix /var/lib/mailops-mta
cp -a {STOCK} /etc/postfix
systemctl restart postfix
"""
ENTRIES = {
    "transport": "domain{n}.example.org smtp:[10.0.0.1]:2525\n",
    "relay_recipients": "user{n}@example.test OK\n",
    "virtual": "alias{n}@example.test user{n}@example.test\n",
}


def play(playbook: str, host: str, inventory_path: Path, tables: Path) -> float:
    """Run a playbook on one host and return its seconds; SystemExit when it fails."""
    argv = ["ansible-playbook", "-i", str(inventory_path), "-l", host, "-e", f"tables_directory={tables}"]
    environment = {**os.environ, "ANSIBLE_PIPELINING": "1"}
    start = time.perf_counter()
    done = subprocess.run([*argv, str(HERE / playbook)], env=environment, text=True, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    if playbook != "ping.yml" and "changed=" not in done.stdout:
        raise SystemExit(f"no summary of {playbook}: {done.stdout}")
    return seconds


def measure(lab: Lab, host: str, rounds: int, inventory_path: Path, tables: Path) -> dict[str, float]:
    """Return the medians in seconds of ping, first and no-op."""
    mail.output(lab, host, "sh", "-c", PREPARE)
    seconds: dict[str, list[float]] = {"ping": [], "first": [], "no-op": []}
    play("ping.yml", host, inventory_path, tables)  # opens the connection
    for _round in range(rounds):
        mail.output(lab, host, "sh", "-c", RESET)
        seconds["ping"].append(play("ping.yml", host, inventory_path, tables))
        seconds["first"].append(play("converge.yml", host, inventory_path, tables))
        seconds["no-op"].append(play("converge.yml", host, inventory_path, tables))
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    lab = lifecycle.up(LAB)
    failed = 0
    try:
        with tempfile.TemporaryDirectory() as directory:
            tables = Path(directory)
            for name, line in ENTRIES.items():
                (tables / name).write_text("".join(line.format(n=n) for n in range(1000)))
            inventory_path = tables / "inventory.yml"
            inventory_path.write_text(inventory(lab, lifecycle.ssh_config_path(lab.name)))
            for host in MTA_HOSTS:
                medians = measure(lab, host.name, rounds, inventory_path, tables)
                print(f"{host.name}: ping play {medians['ping']:.2f} s", flush=True)
                for name, goal in GOALS.items():
                    ratio = medians[name] / medians["ping"]
                    failed += ratio > goal
                    verdict = "TOO SLOW" if ratio > goal else "ok"
                    text = f"{name} converge {medians[name]:.2f} s, {ratio:.2f} x (at most {goal})"
                    print(f"{host.name}: {text} {verdict}", flush=True)
    finally:
        lifecycle.down(LAB)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
