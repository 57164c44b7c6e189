# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions at the peer's web server, and clamd's own answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from lab import mail
from lab.topology import PEER, Lab

CLAMD = "/run/clamav/clamd.ctl"
SECONDS = 60


def signature(text: str, name: str = "Lab") -> str:
    """A signature that finds a text in any file."""
    return f"{name}:0:*:{text.encode().hex()}\n"


def publish(lab: Lab, name: str, content: str) -> None:
    """Put a file on the peer's web server, whole, and newer than the one of that name by a second at least."""
    script = 'mkdir -p "$(dirname "$1")"; sleep 1; cat >"$1.part" && mv "$1.part" "$1"'
    mail.output(lab, PEER.name, "sh", "-ec", script, "publish", f"/var/lib/lab-web/{name}", stdin=content)


def withdraw(lab: Lab, name: str) -> None:
    """Take a file from the web server."""
    mail.output(lab, PEER.name, "rm", "-f", f"/var/lib/lab-web/{name}")


def requests(lab: Lab, host: str, cursor: str) -> list[str]:
    """What a mail host asked of the web server after a cursor of the peer's journal: "GET /daily.cvd 404"."""
    lines = mail.output(
        lab, PEER.name, "journalctl", "--quiet", f"--after-cursor={cursor}", "--unit=web", "--output=cat"
    ).splitlines()
    words = [line.replace('"', " ").split() for line in lines if line.startswith(lab.address(host) + " ")]
    return [f"{line[5]} {line[6]} {line[8]}" for line in words]


def scan(lab: Lab, host: str, text: str) -> str:
    """clamd's verdict on a text that is sent to it: "OK", or the names of what it found."""
    done = mail.execute(lab, host, "clamdscan", "--stream", "--no-summary", "-", stdin=text)
    return (done.out or done.err).strip().removeprefix("stream: ")


def wait_for(what: Callable[[], object], told: str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, told
        time.sleep(0.5)
