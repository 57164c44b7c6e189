# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search for secrets: in the files and the journal of a host, and in what its processes show while something runs."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.engine import environment, podman
from lab.topology import Lab

SCRIPTS = Path(__file__).parent / "peer"
# Everything of a mail host but programs, kernel file systems and the packages that were downloaded.
DIRECTORIES = ("/boot", "/dev/shm", "/etc", "/home", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var")


def files(lab: Lab, host: str, secrets: Sequence[str], directories: Sequence[str] = DIRECTORIES) -> list[str]:
    """The files that hold one of the secrets, and `journal` when a journal does."""
    spoken = json.dumps({"secrets": list(secrets), "directories": list(directories)})
    script = (SCRIPTS / "search.py").read_text()
    found: list[str] = json.loads(podman("exec", "-i", lab.container(host), "python3", "-c", script, stdin=spoken))
    return found


@contextlib.contextmanager
def watched(lab: Lab, host: str | None, secrets: Sequence[str], guarded: Sequence[str] = ()) -> Iterator[list[str]]:
    """Watch a host, or the controller when it is None, inside a `with`; the list holds what was seen after it.

    secrets: searched in the command line and the environment of every process.
    guarded: patterns of glob(3); a file that others than its owner may read is reported.
    """
    seen: list[str] = []
    inside = ["podman", "exec", "-i", lab.container(host)] if host else []
    command = [*inside, "python3", "-c", (SCRIPTS / "exposure.py").read_text()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), text=True, **pipes) as watch:
        assert watch.stdin
        assert watch.stdout
        watch.stdin.write(json.dumps({"secrets": list(secrets), "guarded": list(guarded)}) + "\n")
        watch.stdin.flush()
        assert watch.stdout.readline() == "watching\n"
        yield seen
        seen += json.loads(watch.communicate("\n")[0])
