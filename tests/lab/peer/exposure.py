# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at all processes again and again until a line comes in. Standard input: JSON with secrets and guarded.

Prints `watching`, then a JSON list of what was seen.
"""

from __future__ import annotations

import glob
import json
import os
import select
import sys
import time

# Seconds. A process is looked at all the time while it is new and may yet become another program, later now and then.
PAUSE, NEW, NOW_AND_THEN = 0.002, 0.1, 0.1


def exposed(pid: str) -> set[str]:
    """What shows a secret of one process."""
    found = set()
    for name in ("cmdline", "environ"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                content = file.read()
        except OSError:
            continue
        if any(secret in content for secret in secrets):
            found.add(f"{name} of a process")
    return found


def readable(pattern: str) -> set[str]:
    """The files that others than their owner may read."""
    found = set()
    for path in glob.glob(pattern, recursive=True):
        try:
            mode = os.stat(path).st_mode & 0o777
        except OSError:
            continue
        if mode & 0o077:
            found.add(f"{path} has mode {mode:o}")
    return found


wanted = json.loads(sys.stdin.readline())
secrets = [secret.encode() for secret in wanted["secrets"]]
print("watching", flush=True)
seen: set[str] = set()
since: dict[str, float] = {}
everybody = 0.0
while not select.select([sys.stdin], [], [], PAUSE)[0]:
    now = time.monotonic()
    since = {pid: since.get(pid, now) for pid in os.listdir("/proc") if pid.isdigit()}
    newer = now - NEW
    if now >= everybody:
        newer, everybody = 0.0, now + NOW_AND_THEN
    for pid in [pid for pid, first in since.items() if first > newer]:
        seen |= exposed(pid)
    for pattern in wanted["guarded"]:
        seen |= readable(pattern)
json.dump(sorted(seen), sys.stdout)
