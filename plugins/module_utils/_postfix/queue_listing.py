# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One pass over the messages of a queue: exact totals, the few messages that are wanted, and a summary.

Memory does not grow with the queue: of messages the first ones in order are kept, of names the most frequent.
"""

from __future__ import annotations

import heapq
import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .queue_filter import Filter
from .queue_message import QUEUES, Message, domain_of

# Minutes, as qshape(1) has them; the last column has no end.
AGE_LIMITS: t.Final = (5, 10, 20, 40, 80, 160, 320, 640, 1280)
NAMES_KEPT: t.Final = 5_000

Order = Callable[[Message], tuple[t.Any, ...]]
ORDERS: t.Final[Mapping[str, Order]] = {
    "arrival": lambda message: (message.arrival, message.queue_id),
    "size": lambda message: (message.size, message.queue_id),
    "queue": lambda message: (message.queue, message.arrival, message.queue_id),
    "sender": lambda message: (message.sender.lower(), message.arrival, message.queue_id),
    "recipients": lambda message: (len(message.recipients), message.queue_id),
    "reason": lambda message: (message.reason, message.arrival, message.queue_id),
}


@dataclass(slots=True)
class Total:
    """What a number of messages come to."""

    messages: int = 0
    recipients: int = 0
    size: int = 0
    oldest: int | None = None

    def add(self, message: Message) -> None:
        """Count a message."""
        self.messages += 1
        self.recipients += len(message.recipients)
        self.size += message.size
        if self.oldest is None or message.arrival < self.oldest:
            self.oldest = message.arrival

    def merge(self, other: Total) -> None:
        """Add what another part has counted."""
        self.messages += other.messages
        self.recipients += other.recipients
        self.size += other.size
        self.oldest = min((each for each in (self.oldest, other.oldest) if each is not None), default=None)


@dataclass(slots=True)
class Frequent:
    """Counts per name, a row of columns each. When there are too many names, the rare half goes into *others*."""

    columns: int
    rows: dict[str, list[int]] = field(default_factory=dict)
    others: int = 0

    def add(self, name: str, column: int, amount: int = 1) -> None:
        """Count *amount* in one column of a name; column 0 decides how frequent a name is."""
        row = self.rows.get(name)
        if row is None:
            if len(self.rows) >= NAMES_KEPT:
                self._drop_rare()
            row = self.rows[name] = [0] * self.columns
        row[column] += amount

    def first(self, count: int) -> list[tuple[str, list[int]]]:
        """Return the most frequent names with their rows."""
        return heapq.nsmallest(count, self.rows.items(), key=lambda item: (-item[1][0], item[0]))

    def rest(self, count: int) -> int:
        """Return column 0 of all but the first *count* names."""
        return self.others + sum(row[0] for row in self.rows.values()) - sum(row[0] for _name, row in self.first(count))

    def _drop_rare(self) -> None:
        kept = dict(self.first(NAMES_KEPT // 2))
        self.others += sum(row[0] for name, row in self.rows.items() if name not in kept)
        self.rows = kept


@dataclass(slots=True)
class Summary:
    """Recipients by their domain and age, messages and bytes by sender, recipients by reason."""

    now: float
    domains: Frequent = field(default_factory=lambda: Frequent(2 + len(AGE_LIMITS)))
    senders: Frequent = field(default_factory=lambda: Frequent(2))
    reasons: Frequent = field(default_factory=lambda: Frequent(1))

    def add(self, message: Message) -> None:
        """Count a message."""
        column = 1 + age_column(self.now - message.arrival)
        for address, reason in message.recipients:
            domain = domain_of(address)
            self.domains.add(domain, 0)
            self.domains.add(domain, column)
            if reason:
                self.reasons.add(reason, 0)
        self.senders.add(message.sender, 0)
        self.senders.add(message.sender, 1, message.size)


@dataclass(frozen=True, slots=True)
class Collected:
    """The messages that are kept, in order, the totals of all that match, and those of each queue, match or not."""

    kept: list[Message]
    total: Total
    summary: Summary | None
    queues: dict[str, Total]


def age_column(age: float) -> int:
    """Return the column of AGE_LIMITS for an age in seconds; messages from the future are new."""
    return next((column for column, minutes in enumerate(AGE_LIMITS) if age < minutes * 60), len(AGE_LIMITS))


def collect(
    messages: Iterable[Message], wanted: Filter, now: float, *, sort: str, reverse: bool, limit: int, summarise: bool
) -> Collected:
    """Go through *messages* once."""
    total, summary = Total(), Summary(now) if summarise else None
    queues = {name: Total() for name in QUEUES}

    def counted() -> Iterator[Message]:
        for message in messages:
            queues[message.queue].add(message)
            if wanted.matches(message, now):
                total.add(message)
                if summary is not None:
                    summary.add(message)
                yield message

    select = heapq.nlargest if reverse else heapq.nsmallest
    if limit > 0:
        return Collected(select(limit, counted(), key=ORDERS[sort]), total, summary, queues)
    for _message in counted():
        pass
    return Collected([], total, summary, queues)
