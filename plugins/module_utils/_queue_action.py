# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EFFECTS on the queue: one postsuper(1) for all IDs, which come on its standard input, and what has to follow."""

from __future__ import annotations

import os
import shutil
import time
import typing as t
from itertools import chain

from ._files import make_directory
from ._plan import MakeDirectory, Outcome
from ._postfix.instance import PostfixError
from ._postfix.queue_action import Request, Selection, read_request, refuse_corrupt, select, told_ids
from ._postfix.queue_filter import read_filter
from ._postfix.queue_outcome import NOTES, outcome
from ._queue import corrupt, find, listed, named
from ._queue_wake import kick, left_alone, next_attempts, wake

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ._module import Module
    from ._postfix.queue_message import Message


class Work(t.NamedTuple):
    """A request and the messages that it found."""

    request: Request
    found: Selection


def plan(module: Module) -> Work:
    """Find the messages. One scan: of file names where they say enough, else of postqueue's list."""
    wanted = read_filter(module.options)
    request = read_request(module.options, wanted)
    directory = module.postfix.effective["queue_directory"]
    if request.name == "flush" and not module.postfix.running:
        raise PostfixError("flush needs Postfix's queue manager, and this instance is stopped")
    located = find(directory, wanted.ids or ())
    refuse_corrupt(request, located)
    found = select(_messages(module, request, directory), request, time.time())
    found.unchanged = {queue_id: queue for queue_id, queue in located.items() if queue_id not in found.queue_of}
    found.absent = tuple(queue_id for queue_id in sorted(wanted.ids or ()) if queue_id not in located)
    return Work(request, found)


def _messages(module: Module, request: Request, directory: str) -> Iterator[Message]:
    if not request.needs_listing:
        return named(directory, request.queues)
    with_corrupt = "corrupt" in request.queues and request.wanted.knows_corrupt
    lists = listed(module) if set(request.queues) - {"corrupt"} else iter(())
    return chain(lists, corrupt(directory) if with_corrupt else ())


def predict(work: Work) -> Outcome:
    """Tell what performing would do, if nothing changes meanwhile."""
    return outcome(*work, work.found.queue_of, NOTES.get(work.request.name, ""), would=True)


def perform(module: Module, work: Work) -> Outcome:
    """Act, and tell what was really changed."""
    request, found = work
    if not found.queue_of:
        return outcome(request, found, ())
    done = {"flush": _flush, "set_aside": _set_aside}.get(request.name, _postsuper)(module, work)
    return outcome(request, found, done, _follow_up(module, request, done))


def _postsuper(module: Module, work: Work) -> frozenset[str]:
    request, found = work
    queues = [queue for queue in request.queues if queue != "corrupt"]
    ids = found.input_for(queues)
    done: frozenset[str] = frozenset()
    if ids:
        # With the queues named, a message that has moved out of the ones that were asked for is left alone.
        argv = ["postsuper", "-c", module.options["config_directory"], request.action.option, "-", *queues]
        status, _out, err = module.run(argv, ids)
        done = told_ids(request, err)
        if status:
            raise PostfixError(f"{' '.join(argv)} failed with exit status {status}: {err.strip()[-500:]}")
    return done | frozenset(_remove_corrupt(module, found))


def _corrupt_files(module: Module, found: Selection) -> dict[str, str]:
    """Return the paths of the selected corrupt files, which came from a listing of their directory, by ID."""
    directory = os.path.join(module.postfix.effective["queue_directory"], "corrupt")
    return {queue_id: os.path.join(directory, queue_id) for queue_id, q in found.queue_of.items() if q == "corrupt"}


def _remove_corrupt(module: Module, found: Selection) -> Iterator[str]:
    """Postsuper refuses the directory of corrupt messages."""
    for queue_id, path in _corrupt_files(module, found).items():
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        yield queue_id


def _set_aside(module: Module, work: Work) -> frozenset[str]:
    directory = module.options["directory"]
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    make_directory(MakeDirectory(directory, 0o700))
    done = set()
    for queue_id, path in _corrupt_files(module, work.found).items():
        target = os.path.join(directory, queue_id)
        if os.path.lexists(target):
            raise PostfixError(f"{target} is there already; nothing is overwritten")
        try:
            shutil.move(path, target)
        except FileNotFoundError:
            continue
        done.add(queue_id)
    return frozenset(done)


def _flush(module: Module, work: Work) -> frozenset[str]:
    request, found = work
    directory = module.postfix.effective["queue_directory"]
    if request.needs_listing or request.wanted.ids is not None:
        before = wake(module, found.queue_of)
    else:
        before = next_attempts(directory, found.queue_of)
        module.postfix.postfix_program("postqueue", "-f")
    found.waiting = left_alone(directory, before)
    return frozenset(before) - found.waiting


def _follow_up(module: Module, request: Request, done: frozenset[str]) -> str:
    """Wake whom Postfix would not wake for a minute or more; return what the user should know."""
    if module.postfix.running:
        if request.name == "requeue":
            kick(module, "pickup", "W")
        if request.name == "expire":
            wake(module, done)
    return NOTES.get(request.name, "")
