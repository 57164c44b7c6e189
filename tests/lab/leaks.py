# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search for secrets: in the files and the journal of a host, and in what its processes show while something runs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lab import play
from lab.engine import REPOSITORY, environment, podman
from lab.topology import MTA_HOSTS, Lab

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


def controller_files(secrets: list[str], since: float) -> list[Path]:
    """Files that Ansible may have left on the controller since then and that hold a secret."""
    places = (Path.home() / ".ansible", REPOSITORY / ".cache" / "ansible", Path(tempfile.gettempdir()))
    words = [secret.encode() for secret in secrets]
    found = []
    for path in (Path(parent, name) for place in places for parent, _rest, names in os.walk(place) for name in names):
        try:
            if path.is_file() and path.stat().st_mtime >= since and any(word in path.read_bytes() for word in words):
                found.append(path)
        except OSError:  # somebody else's file that went meanwhile
            continue
    return found


class Runs:
    """Runs of ansible-playbook with everything watched, and what was seen in each."""

    def __init__(self, lab: Lab, run: Callable[..., play.Play] = play.run) -> None:
        self.lab = lab
        self._run = run
        self.secrets: list[str] = []
        self.seen: list[str] = []

    def run(self, *options: str, guarded: tuple[str, ...] = (), **keywords: object) -> play.Play:
        """Run a playbook at -vvv --diff; whatever shows a secret is noted."""
        since = time.time()
        hosts = (None, *(host.name for host in MTA_HOSTS))
        with contextlib.ExitStack() as stack:
            lists = [
                stack.enter_context(watched(self.lab, host, self.secrets, guarded if host else ())) for host in hosts
            ]
            run = self._run(self.lab, "-vvv", "--diff", *options, **keywords)
        self.seen += [seen for watched in lists for seen in watched]
        self.seen += [
            f"output: {line}" for line in run.output.splitlines() if any(word in line for word in self.secrets)
        ]
        self.seen += map(str, controller_files(self.secrets, since))
        return run
