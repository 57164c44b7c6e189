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

wanted = json.loads(sys.stdin.readline())
secrets = [secret.encode() for secret in wanted["secrets"]]
print("watching", flush=True)
seen: set[str] = set()
while not select.select([sys.stdin], [], [], 0.001)[0]:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    content = file.read()
            except OSError:
                continue
            if any(secret in content for secret in secrets):
                seen.add(f"{name} of a process")
    for path in (path for pattern in wanted["guarded"] for path in glob.glob(pattern, recursive=True)):
        try:
            mode = os.stat(path).st_mode & 0o777
        except OSError:
            continue
        if mode & 0o077:
            seen.add(f"{path} has mode {mode:o}")
json.dump(sorted(seen), sys.stdout)
