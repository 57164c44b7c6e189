# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module queue says it has done, or would do."""

from __future__ import annotations

import typing as t
from collections.abc import Collection

from .._plan import Outcome
from .queue_action import LINES_COMPARED, LINES_DONE, LINES_SHOWN, Request, Selection

NOTES: t.Final = {
    "requeue": "each gets a new queue ID",
    "flush": "held messages stay",
}


def outcome(
    request: Request, found: Selection, done: Collection[str], note: str = "", *, would: bool = False
) -> Outcome:
    """Put into words what became of a selection; *done* are the IDs that were really changed."""
    still_there = found.waiting.union(done)
    gone = [*found.absent, *(queue_id for queue_id in found.queue_of if queue_id not in still_there)]
    facts: dict[str, object] = {
        "msg": _sentence(request, found, len(done), gone, note, would=would),
        "matched": found.matched,
        "done": len(done),
        "vanished": len(gone),
        "messages": _lines(request, found, would=would),
    }
    if gone:
        facts["vanished_ids"] = gone[:LINES_SHOWN]
    if found.waiting:
        facts["waiting"] = len(found.waiting)
    if found.unchanged:
        facts["unchanged"] = [f"{queue_id} {queue}" for queue_id, queue in found.unchanged.items()][:LINES_SHOWN]
    compared = [queue_id for queue_id in found.queue_of if queue_id in done][:LINES_COMPARED]
    becomes = request.action.becomes
    return Outcome(
        changed=bool(done),
        header="queue",
        before="".join(f"{queue_id} {found.queue_of[queue_id]}\n" for queue_id in compared),
        after="".join(f"{queue_id} {becomes}\n" for queue_id in compared if becomes),
        facts=facts,
    )


def _sentence(request: Request, found: Selection, done: int, gone: list[str], note: str, *, would: bool) -> str:
    verb = f"would be {request.action.done}" if would else request.action.done
    parts = [f"{_messages(done)} {verb}"]
    if found.matched > len(found.queue_of):
        parts.append(f"{found.matched} match, limit {request.limit}")
    if gone:
        parts.append(f"{len(gone)} had vanished")
    if found.waiting:
        waiting = "1 waits until the queue manager takes it"
        if len(found.waiting) > 1:
            waiting = f"{len(found.waiting)} wait until the queue manager takes them"
        parts.append(waiting)
    if found.unchanged:
        parts.append(f"{len(found.unchanged)} left as they are")
    return "; ".join([*parts, *([note] if note and done else [])])


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _lines(request: Request, found: Selection, *, would: bool) -> list[str]:
    """Return the first messages; of what has been done by file names alone, IDs would be all that there is to tell."""
    if not would and not request.needs_listing and request.wanted.ids is None:
        return []
    lines = found.lines if would else found.lines[:LINES_DONE]
    more = len(found.queue_of) - len(lines)
    return [*lines, f"and {more} more"] if more > 0 else lines
