# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search files and the journal for secrets. Standard input: JSON with secrets and directories. Prints a JSON list."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def holds(path: str, secrets: list[bytes]) -> bool:
    """Whether a file holds a secret; one that went meanwhile holds none."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return False
    return any(secret in content for secret in secrets)


def main() -> None:
    """Search regular files, then the journal, whose files are compressed."""
    wanted = json.load(sys.stdin)
    secrets = [secret.encode() for secret in wanted["secrets"]]
    found = [
        path
        for directory in wanted["directories"]
        for parent, _rest, names in os.walk(directory)
        for path in (os.path.join(parent, name) for name in names)
        if os.path.isfile(path) and not os.path.islink(path) and not path.endswith(".deb") and holds(path, secrets)
    ]
    journal = subprocess.run(["journalctl", "--all", "--output=export"], capture_output=True, check=True).stdout
    if any(secret in journal for secret in secrets):
        found.append("journal")
    json.dump(found, sys.stdout)


main()
