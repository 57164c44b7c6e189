# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure time and memory of the whole site: all roles, the content filter among them, on both mail hosts at once.

The first run installs all packages. Memory is what the processes take, pages that several share in equal parts (PSS).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from common import new_lab
from lab import play
from lab.demonstration import FILTER
from lab.engine import podman
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark"
PARTS = {"Postfix": "postfix/sbin", "Amavis": "amavisd", "clamd": "clamd", "Dovecot": "dovecot"}


def memory(lab: Lab, host: str) -> dict[str, int]:
    """The MiB that each part takes on a host, and all processes together; read from outside, where root may see all."""
    leader = podman("inspect", "--format", "{{.State.Pid}}", lab.container(host)).strip()
    space = os.readlink(f"/proc/{leader}/ns/pid")
    kib = dict.fromkeys((*PARTS, "all"), 0)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "ns/pid") != space:
                continue
            command = os.readlink(process / "exe") + (process / "cmdline").read_text()
            lines = (process / "smaps_rollup").read_text().splitlines()
            size = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:  # it has ended meanwhile, or is none of ours
            continue
        for part in ("all", *(part for part, word in PARTS.items() if word in command)):
            kib[part] += size
    return {part: size // 1024 for part, size in kib.items()}


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
