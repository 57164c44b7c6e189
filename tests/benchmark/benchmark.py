# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a first and a no-op converge against a play with one ping, over SSH, and hold them to their goals.

usage: benchmark.py

Each round runs the ping play, the first converge of a stock Postfix, and the no-op, on one host after the other, so
that a busy machine slows all three. The ratios are those of the shortest times, because what else a machine does only
adds; and while they miss their goals, there is another round, because it adds more to what takes longer.
"""

from __future__ import annotations

import sys
from pathlib import Path

from common import INSTALL, new_lab, play, verdict
from lab import mail
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark"
# name -> (playbook, highest ratio to the ping play)
GOALS = {"first": 4.0, "no-op": 2.5}
ROUNDS, MOST_ROUNDS = 3, 12
STOCK = "/root/stock-postfix"
PREPARE = f"""{INSTALL}
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


def measure(lab: Lab, host: str, directory: Path) -> dict[str, float]:
    """Return the shortest times in seconds of ping, first and no-op."""
    mail.output(lab, host, "sh", "-c", PREPARE)
    tables = ["-e", f"tables_directory={directory}"]
    shortest = dict.fromkeys(("ping", *GOALS), float("inf"))
    play("ping.yml", host, directory)  # opens the connection
    for number in range(MOST_ROUNDS):
        mail.output(lab, host, "sh", "-c", RESET)
        seconds = {
            "ping": play("ping.yml", host, directory),
            "first": play("converge.yml", host, directory, *tables),
            "no-op": play("converge.yml", host, directory, *tables),
        }
        shortest = {name: min(before, seconds[name]) for name, before in shortest.items()}
        if number + 1 >= ROUNDS and all(shortest[name] <= goal * shortest["ping"] for name, goal in GOALS.items()):
            break
    return shortest


def main() -> int:
    failed = 0
    with new_lab(LAB) as (lab, directory):
        for name, line in ENTRIES.items():
            (directory / name).write_text("".join(line.format(n=n) for n in range(1000)))
        for host in MTA_HOSTS:
            shortest = measure(lab, host.name, directory)
            print(f"{host.name}: ping play {shortest['ping']:.2f} s", flush=True)
            for name, goal in GOALS.items():
                ratio = shortest[name] / shortest["ping"]
                failed += verdict(f"{host.name}: {name} converge {shortest[name]:.2f} s, {ratio:.2f} x", ratio, goal)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
