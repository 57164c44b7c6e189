# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch from the peer whether the mail hosts of a lab answer."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.engine import environment
from lab.topology import MTA_HOSTS, PEER, Lab


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to have a recipient taken; times in seconds since the epoch, which all containers share."""

    host: str
    start: float
    end: float
    answer: str

    @property
    def good(self) -> bool:
        return self.answer.startswith("250 ")


@dataclass(slots=True)
class Watch:
    """The tries so far."""

    tries: list[Try] = field(default_factory=list)

    def between(self, host: str, start: float, end: float) -> list[Try]:
        """The tries of one host that began and ended in a span of time."""
        return [each for each in list(self.tries) if each.host == host and start <= each.start and each.end <= end]

    def wait(self, host: str, since: float, seconds: float = 10) -> Try:
        """The first good try that began after a moment; TimeoutError when none came."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for each in self.between(host, since, float("inf")):
                if each.good:
                    return each
            time.sleep(0.05)
        raise TimeoutError(
            f"{host} took no recipient within {seconds} s: {self.between(host, since, float('inf'))[-1:]}"
        )

    def longest_gap(self, host: str, start: float, end: float) -> float:
        """The longest time (s) without a good try."""
        good = [each.end for each in self.between(host, start, end) if each.good]
        return max(later - earlier for earlier, later in zip([start, *good], [*good, end], strict=True))


@contextlib.contextmanager
def watched(lab: Lab, interval: float = 0.1) -> Iterator[Watch]:
    """Ask both hosts, with so many seconds between two tries, while the block runs."""
    servers = json.dumps({host.name: lab.address(host.name) for host in MTA_HOSTS})
    command = [
        "podman",
        "exec",
        "-i",
        lab.container(PEER.name),
        "python3",
        "-u",
        "/opt/lab/watch.py",
        str(interval),
        servers,
    ]
    watch = Watch()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), stdin=pipe, stdout=pipe, text=True) as child:
        assert child.stdin is not None
        reader = threading.Thread(target=_read, args=(child, watch))
        reader.start()
        try:
            yield watch
        finally:
            child.stdin.close()
            reader.join()


def _read(child: subprocess.Popen[str], watch: Watch) -> None:
    for line in child.stdout or ():
        watch.tries.append(Try(**json.loads(line)))
