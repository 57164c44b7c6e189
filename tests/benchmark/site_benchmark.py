# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure time and memory of the whole site: all roles, the content filter among them, on both mail hosts at once.

The first run installs all packages. Memory is what the processes take, pages that several share in equal parts (PSS).
"""

from __future__ import annotations

import sys
import time

from common import new_lab
from lab import mail, play
from lab.demonstration import FILTER
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark"
PARTS = {"Postfix": "postfix/sbin", "Amavis": "amavisd", "clamd": "clamd", "Dovecot": "dovecot"}
_MEMORY = r"""
for process in /proc/[0-9]*; do
    command=$(tr '\0' ' ' <"$process/cmdline") && size=$(awk '/^Pss:/ { print $2 }' "$process/smaps_rollup") || continue
    test -z "$size" || echo "$size $command"
done 2>/dev/null
"""


def memory(lab: Lab, host: str) -> dict[str, int]:
    """The MiB that each part takes on a host, and all processes together."""
    lines = [line.split(None, 1) for line in mail.output(lab, host, "sh", "-c", _MEMORY).splitlines()]
    sizes = [(int(line[0]), line[1] if len(line) > 1 else "") for line in lines]
    parts = {part: sum(size for size, command in sizes if word in command) for part, word in PARTS.items()}
    return {name: kib // 1024 for name, kib in (parts | {"all": sum(size for size, _command in sizes)}).items()}


def converge(lab: Lab, name: str) -> None:
    """Run the site and print its seconds; SystemExit when it fails."""
    start = time.perf_counter()
    done = play.run(lab, group=FILTER)
    if done.code:
        raise SystemExit(done.output)
    print(f"{name}: {time.perf_counter() - start:.1f} s, {len(done.changed)} tasks changed something", flush=True)


def main() -> int:
    with new_lab(LAB) as (lab, _directory):
        for name in ("the site, first run", "the site, second run"):
            converge(lab, name)
        for host in MTA_HOSTS:
            told = ", ".join(f"{part} {mebibytes} MiB" for part, mebibytes in memory(lab, host.name).items())
            print(f"{host.name}: {told}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
