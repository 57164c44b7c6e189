# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that make a mail host's configuration, as a test compares them."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

from lab.engine import environment
from lab.mail import output
from lab.topology import Lab

CONFIGURATION = ("/etc/postfix", "/etc/aliases", "/etc/aliases.db", "/var/lib/mailops-mta")

# Mode, owner, inode and times (a write that changes nothing shows there), and what is in it.
_LIST = r"""
for path; do
    [ ! -e "$path" ] || find "$path" -type f -printf '%p\t%m %u:%g %i %T@ %C@\t' -exec sha256sum '{}' ';' \
        -o -not -type f -printf '%p\t%y %m %u:%g %l\n'
done"""
_COUNT = """
import os, select, sys
seen = set()
while not select.select([sys.stdin], [], [], 0.002)[0]:
    try:
        status = os.stat(sys.argv[1])
    except FileNotFoundError:
        continue
    seen.add((status.st_ino, status.st_ctime_ns))
print(len(seen) - 1)
"""


def configuration(lab: Lab, host: str) -> dict[str, str]:
    """State and content of each file of the configuration, by path."""
    lines = output(lab, host, "sh", "-c", _LIST, "list", *CONFIGURATION).splitlines()
    return dict(line.partition("\t")[::2] for line in lines)


@contextlib.contextmanager
def writes_counted(lab: Lab, host: str, path: str) -> Iterator[list[int]]:
    """Count how often a file is replaced or written inside a `with`; the list holds the number after it."""
    counted: list[int] = []
    command = ["podman", "exec", "-i", lab.container(host), "python3", "-c", _COUNT, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), text=True, **pipes) as watch:
        yield counted
        counted.append(int(watch.communicate("\n")[0]))
