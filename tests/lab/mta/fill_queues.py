# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a mail host: put one message into each of the six queues, and keep them there. Prints their IDs by queue."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SPOOL = Path("/var/spool/postfix")
TOKEN = sys.argv[1]
QUIET = {"hold": "defer-hold", "deferred": "defer"}


def send(recipient: str, sender: str = "spam@spam.example") -> None:
    """Submit a message."""
    text = f"Subject: {TOKEN}\n\nBody of {TOKEN}\n"
    subprocess.run(["sendmail", "-i", "-f", sender, "--", recipient], input=text, text=True, check=True)


def listed() -> dict[str, tuple[str, str]]:
    """Return queue and ID by recipient."""
    done = subprocess.run(["postqueue", "-j"], capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["recipients"][0]["address"]: (each["queue_name"], each["queue_id"]) for each in found}


def wait(fulfilled: Callable[[], object], what: str) -> None:
    """Wait until something is so, or fail after a minute."""
    deadline = time.monotonic() + 60
    while not fulfilled():
        if time.monotonic() > deadline:
            sys.exit(f"not within a minute: {what}: {listed()}")
        time.sleep(0.1)


def arrived(recipient: str, queue: str) -> str:
    """Wait until the message for a recipient is in a queue, and return its ID."""
    wait(lambda: listed().get(recipient, ("",))[0] == queue, f"{recipient} in {queue}")
    return listed()[recipient][1]


def corrupt() -> str:
    """Let the queue manager find a file that is no message."""
    name = f"{time.time_ns() % 0x100000:05X}{os.getpid():X}C"
    temporary, user = SPOOL / name, pwd.getpwnam("postfix")
    temporary.write_bytes(b"this is no queue file\n" * 40)
    os.chown(temporary, user.pw_uid, user.pw_gid)
    temporary.chmod(0o700)
    place = SPOOL / "incoming"
    depth = place / name[0] if "incoming" in hashed() else place
    depth.mkdir(mode=0o700, exist_ok=True)
    os.chown(depth, user.pw_uid, user.pw_gid)
    temporary.rename(depth / name)

    def found() -> bool:
        subprocess.run(["postkick", "public", "qmgr", "I"], check=False)
        return (SPOOL / "corrupt" / name).exists()

    wait(found, f"{name} in corrupt")
    return name


def hashed() -> str:
    """Return the queues with subdirectories."""
    return subprocess.run(["postconf", "-xh", "hash_queue_names"], capture_output=True, text=True, check=True).stdout


def stop(program: str) -> None:
    """Halt one of Postfix's daemons."""
    for process in Path("/proc").glob("[0-9]*"):
        # Others end meanwhile.
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() == program:
                os.kill(int(process.name), signal.SIGSTOP)


def fill_quiet() -> dict[str, str]:
    """Fill the queues that take a next hop which answers: it puts off recipients whose name begins with defer."""
    send("defer-hold@example.net")
    send("defer@example.net")
    ids = {name: arrived(f"{local}@example.net", "deferred") for name, local in QUIET.items()}
    subprocess.run(["postsuper", "-h", ids["hold"]], check=True, capture_output=True)
    return {**ids, "corrupt": corrupt()}


def fill_busy() -> dict[str, str]:
    """Fill the others. The next hop takes connections and says nothing (SIGSTOP), so that delivery does not end."""
    ids = {}
    for name, then_stop in (("active", "qmgr"), ("incoming", "pickup"), ("maildrop", "")):
        send(f"{name}@example.net")
        ids[name] = arrived(f"{name}@example.net", name)
        if then_stop:
            # pickup removes the file that it has read after the message is in the queue.
            wait(lambda: not any((SPOOL / "maildrop").iterdir()), "maildrop empty")
            stop(then_stop)
    return ids


print(json.dumps({"quiet": fill_quiet, "busy": fill_busy}[sys.argv[2]]()))
