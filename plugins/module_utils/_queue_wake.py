# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EFFECTS: let Postfix's daemons look at messages now that they would look at later, and see whether they did."""

from __future__ import annotations

import contextlib
import os
import time
import typing as t

from ._queue import files

if t.TYPE_CHECKING:
    from collections.abc import Collection

    from ._module import Module

# postqueue -i takes one ID and some milliseconds; more messages than these are made due, which takes microseconds.
_ONE_BY_ONE: t.Final = 20
# qmgr(8): forget which destinations did not answer, look through the deferred queue.
_LOOK: t.Final = "FD"
_TIMED_OUT: t.Final = 124
_IDLE_SECONDS: t.Final = 3.0
_LONGEST_SECONDS: t.Final = 10.0


def kick(module: Module, service: str, request: str) -> None:
    """Master starts the daemon when nobody listens, and postkick(1) ends by SIGPIPE when one ends at that moment.

    A daemon that is busy finds the request when it gets to it; postkick would wait 100 s for that.
    """
    argv = ["timeout", "2", "postkick", "-c", module.options["config_directory"], "public", service, request]
    for _try in range(3):
        status, _out, _err = module.run(argv)
        if status in (0, _TIMED_OUT):
            return


def next_attempts(queue_directory: str, wanted: Collection[str]) -> dict[str, int]:
    """Return the times of the next attempt, which are those of the files, of the deferred ones among these IDs."""
    found = {}
    for place, name in files(os.path.join(queue_directory, "deferred")):
        if name in wanted:
            with contextlib.suppress(FileNotFoundError):
                found[name] = os.stat(name, dir_fd=place, follow_symlinks=False).st_mtime_ns
    return found


def wake(module: Module, wanted: Collection[str]) -> dict[str, int]:
    """Let the queue manager try the deferred ones among these messages now; return them with their times till then."""
    directory = module.postfix.effective["queue_directory"]
    if len(wanted) > _ONE_BY_ONE:
        due = _make_due(directory, wanted)
        kick(module, "qmgr", _LOOK)
        return due
    before = next_attempts(directory, wanted)
    for queue_id in before:
        module.postfix.postfix_program("postqueue", "-i", queue_id)
    return before


def _make_due(queue_directory: str, wanted: Collection[str]) -> dict[str, int]:
    # Whole seconds, which every file system keeps.
    now = int(time.time()) * 10**9
    found = {}
    for place, name in files(os.path.join(queue_directory, "deferred")):
        if name in wanted:
            with contextlib.suppress(FileNotFoundError):
                os.utime(name, ns=(now, now), dir_fd=place, follow_symlinks=False)
                found[name] = now
    return found


def left_alone(queue_directory: str, before: dict[str, int]) -> frozenset[str]:
    """Wait until no deferred message is as *before*, or that number stays the same; return those that still are."""
    start = progress = time.monotonic()
    waiting = frozenset(before)
    while waiting:
        present = next_attempts(queue_directory, waiting)
        same = frozenset(queue_id for queue_id, attempt in present.items() if attempt == before[queue_id])
        now = time.monotonic()
        if len(same) < len(waiting):
            progress = now
        elif now - progress > _IDLE_SECONDS:
            break
        waiting = same
        if now - start > _LONGEST_SECONDS:
            break
        time.sleep(0.05)
    return waiting
