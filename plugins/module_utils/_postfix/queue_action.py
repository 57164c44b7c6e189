# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be done with messages of the queue, where, to which of them, and what came of it."""

from __future__ import annotations

import heapq
import re
import typing as t
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .queue_filter import NAMES, Filter
from .queue_message import Message
from .word_list import spoken

# A message that somebody looks for in the result is in the first lines; a diff has room for more.
LINES_SHOWN: t.Final = 10
# Of what has been done some are enough: the result of a hundred servers has to be read.
LINES_DONE: t.Final = 3
LINES_COMPARED: t.Final = 1_000
_REMOVING: t.Final = ("delete", "expire")


@dataclass(frozen=True, slots=True)
class Action:
    """queues: where messages can be for it. option: that of postsuper(1), which prints one of *told* with each ID."""

    queues: tuple[str, ...]
    done: str
    option: str = ""
    told: tuple[str, ...] = ()
    becomes: str = ""


ACTIONS: t.Final[Mapping[str, Action]] = {
    "hold": Action(("incoming", "active", "deferred"), "put on hold", "-h", ("placed on hold",), "hold"),
    "release": Action(("hold",), "released", "-H", ("released from hold",), "deferred"),
    "requeue": Action(("hold", "incoming", "active", "deferred"), "requeued", "-r", ("requeued",), "maildrop"),
    "delete": Action(("maildrop", "hold", "incoming", "active", "deferred", "corrupt"), "deleted", "-d", ("removed",)),
    # -f is -e that releases held messages, which would never get back to their senders otherwise. (postsuper(1))
    "expire": Action(
        ("hold", "incoming", "active", "deferred"), "expired", "-f", ("expired", "released from hold"), "expired"
    ),
    "flush": Action(("deferred",), "tried again", becomes="tried now"),
    "set_aside": Action(("corrupt",), "set aside", becomes="set aside"),
}


@dataclass(frozen=True, slots=True)
class Request:
    """An action on what a filter finds: on *limit* messages at most, on none if there are more than *max_messages*."""

    name: str
    wanted: Filter
    queues: tuple[str, ...]
    limit: int | None = None
    max_messages: int | None = None

    @property
    def action(self) -> Action:
        """The row of the table."""
        return ACTIONS[self.name]

    @property
    def needs_listing(self) -> bool:
        """Whether file names are not enough: addresses count, the order of arrival, or what has expired already."""
        return self.wanted.needs_listing or self.limit is not None or self.name == "expire"

    def concerns(self, message: Message, now: float) -> bool:
        """Whether *message* is meant and there is something to do."""
        done_before = self.name == "expire" and message.expired and message.queue != "hold"
        return message.queue in self.queues and not done_before and self.wanted.matches(message, now)


@dataclass(slots=True)
class Selection:
    """The messages to act upon, ID to queue, how many matched before *limit*, and given IDs that are not.

    waiting: those that nobody has taken up by the time that the result is told.
    """

    queue_of: dict[str, str] = field(default_factory=dict)
    matched: int = 0
    lines: list[str] = field(default_factory=list)
    unchanged: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    waiting: frozenset[str] = frozenset()

    def input_for(self, queues: Iterable[str]) -> bytes:
        """Return the IDs of the messages in these queues as a program reads them, one a line."""
        among = frozenset(queues)
        return "".join(f"{queue_id}\n" for queue_id, queue in self.queue_of.items() if queue in among).encode("ascii")


def read_request(options: Mapping[str, t.Any], wanted: Filter) -> Request:
    """Judge the options of a module; ValueError says what is refused and why."""
    name: str = options["action"]
    queues = ACTIONS[name].queues
    asked: Sequence[str] | None = options["queue"]
    for queue in asked or ():
        if queue not in queues:
            raise ValueError(f"queue: {_out_of_reach(name, queue)}")
    if asked is None and wanted.ids is None:
        queues = tuple(queue for queue in queues if queue != "corrupt" or name == "set_aside")
    judge_bounds(options)
    directory = options.get("directory")
    if directory and not directory.startswith(("/", "~")):
        raise ValueError(f"directory: {directory!r} is not accepted: a path from the root, such as /var/lib/corrupt")
    _refuse_everything(name, options)
    chosen = tuple(queue for queue in queues if asked is None or queue in asked)
    return Request(name, wanted, chosen, options["limit"], options["max_messages"])


def judge_bounds(options: Mapping[str, t.Any]) -> None:
    """Raise ValueError for a number of messages below 0."""
    for bound in ("limit", "max_messages"):
        if (options.get(bound) or 0) < 0:
            raise ValueError(f"{bound}: {options[bound]} is not accepted: a number of messages, 0 or more")


def _refuse_everything(name: str, options: Mapping[str, t.Any]) -> None:
    """Deleting everything takes somebody who says so, and says nothing else. A queue alone narrows nothing down."""
    given = [option for option in NAMES if option != "queue" and options.get(option) is not None]
    if options["all"] and given:
        raise ValueError(f"all: true is not accepted together with {spoken(given, 'and')}: do you mean all, or these?")
    if name in _REMOVING and not given and not options["all"]:
        where = f"the queue {spoken(options['queue'], 'and')}" if options["queue"] else "the queues"
        raise ValueError(f"{name} without a filter would {name} everything in {where}; all: true says so")


def _out_of_reach(name: str, queue: str) -> str:
    if queue == "corrupt":
        possible = [each for each, action in ACTIONS.items() if "corrupt" in action.queues]
        reason = "Postfix could not read these files and never touches them again"
        return f"{name} is not possible in corrupt: {reason}; {spoken(possible)} works"
    return f"{name} is not possible in {queue}: it works in {spoken(ACTIONS[name].queues, 'and')}"


def refuse_corrupt(request: Request, located: Mapping[str, str]) -> None:
    """Raise ValueError when one of the given IDs is corrupt and nothing can be done with it. *located*: ID to queue."""
    corrupt = [queue_id for queue_id, queue in located.items() if queue == "corrupt"]
    if corrupt and "corrupt" not in request.action.queues:
        raise ValueError(f"id: {corrupt[0]}: {_out_of_reach(request.name, 'corrupt')}")


def select(messages: Iterable[Message], request: Request, now: float) -> Selection:
    """Go through *messages* once; ValueError when there are more than max_messages."""
    found = Selection()

    def matching() -> Iterator[Message]:
        for message in messages:
            if request.concerns(message, now):
                found.matched += 1
                yield message

    chosen: Iterable[Message] = matching()
    if request.limit is not None:
        chosen = heapq.nsmallest(request.limit, chosen, key=lambda each: (each.arrival, each.queue_id))
    for message in chosen:
        found.queue_of[message.queue_id] = message.queue
        if len(found.lines) < LINES_SHOWN:
            found.lines.append(_line(message))
    if request.max_messages is not None and found.matched > request.max_messages:
        more = f"{found.matched} messages match, more than max_messages: {request.max_messages}"
        raise ValueError(f"{more}; nothing was changed")
    return found


def _line(message: Message) -> str:
    """Return one message on one line: ID, queue, and who writes to whom where that is known."""
    first = [f"{message.queue_id} {message.queue}"]
    if message.recipients:
        more = f" and {len(message.recipients) - 1} more" if len(message.recipients) > 1 else ""
        first.append(f"{message.sender} -> {message.recipients[0].address}{more}")
    return " ".join(first)


def told_ids(request: Request, answer: str) -> frozenset[str]:
    """Return the IDs that postsuper(1) says it has acted upon. Its exit status is 0 in any case."""
    pattern = rf"^postsuper: (\w+): (?:{'|'.join(request.action.told)})$"
    return frozenset(re.findall(pattern, answer, re.MULTILINE))
