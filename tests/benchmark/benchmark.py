# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a first and a no-op converge against a play with one ping, over SSH, and hold them to their goals.

usage: benchmark.py

Each round converges a stock Postfix, then once more without anything to do, with a ping play before, between and after.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from common import INSTALL, around, medians, new_lab, play, verdict
from lab import mail
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark"
# What a converge takes -> how many times a ping play at most.
GOALS = {"first converge, times a ping play": 4.0, "no-op converge, times a ping play": 2.5}
ROUNDS = range(3, 11)
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


def converge(lab: Lab, host: str, directory: Path) -> dict[str, float]:
    """Converge a stock Postfix twice; the ratios to a ping play."""
    mail.output(lab, host, "sh", "-c", RESET)

    def ping() -> float:
        return play("ping.yml", host, directory)

    def work() -> float:
        return play("converge.yml", host, directory, "-e", f"tables_directory={directory}")

    return {name: seconds / unit for name, (seconds, unit) in zip(GOALS, around(ping, work, work), strict=True)}


def main() -> int:
    failed = 0
    with new_lab(LAB) as (lab, directory):
        for name, line in ENTRIES.items():
            (directory / name).write_text("".join(line.format(n=n) for n in range(1000)))
        for host in (host.name for host in MTA_HOSTS):
            mail.output(lab, host, "sh", "-c", PREPARE)
            play("ping.yml", host, directory)  # opens the connection
            once = functools.partial(converge, lab, host, directory)
            failed += verdict(host, medians(once, GOALS, ROUNDS), GOALS)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
