# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which messages of the queue are meant: by queue, queue ID, addresses, delay reason, age and size."""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass

from .queue_message import QUEUES, Message, domain_of, is_queue_id

PATTERNS: t.Final = ("sender", "sender_domain", "recipient", "domain", "reason")
AGES: t.Final = ("older_than", "newer_than")
SIZES: t.Final = ("larger_than", "smaller_than")
NAMES: t.Final = ("queue", "id", *PATTERNS, *AGES, *SIZES)

OPTIONS: t.Final[dict[str, t.Any]] = {
    "queue": {"type": "list", "elements": "str", "choices": list(QUEUES)},
    "id": {"type": "list", "elements": "str"},
    "sender": {"type": "list", "elements": "str"},
    "sender_domain": {"type": "list", "elements": "str"},
    "recipient": {"type": "list", "elements": "str"},
    "domain": {"type": "list", "elements": "str"},
    "reason": {"type": "str"},
    **{name: {"type": "str"} for name in (*AGES, *SIZES)},
}

_SECONDS: t.Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES: t.Final = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_ALL_QUEUES: t.Final = frozenset(QUEUES)
# postqueue(1) prints this for the empty sender.
_EMPTY_SENDER: t.Final = {"<>": "MAILER-DAEMON"}

Patterns: t.TypeAlias = "tuple[re.Pattern[str], ...] | None"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a message must be like; None is no condition. Ages are in seconds, sizes in bytes."""

    queues: frozenset[str] = _ALL_QUEUES
    ids: frozenset[str] | None = None
    sender: Patterns = None
    sender_domain: Patterns = None
    recipient: Patterns = None
    domain: Patterns = None
    reason: Patterns = None
    older_than: int | None = None
    newer_than: int | None = None
    larger_than: int | None = None
    smaller_than: int | None = None

    @property
    def needs_listing(self) -> bool:
        """Whether queue and queue ID, which the directories tell, are not enough."""
        return any(getattr(self, name) is not None for name in (*PATTERNS, *AGES, *SIZES))

    @property
    def knows_corrupt(self) -> bool:
        """Whether a corrupt file, of which neither addresses nor reason are known, can match."""
        return "corrupt" in self.queues and all(getattr(self, name) is None for name in PATTERNS)

    def matches(self, message: Message, now: float) -> bool:
        """Whether *message* is meant."""
        return (
            message.queue in self.queues
            and (message.queue != "corrupt" or self.knows_corrupt)
            and (self.ids is None or message.queue_id in self.ids)
            and self._in_bounds(now - message.arrival, message.size)
            and _found(self.sender, message.sender)
            and (self.sender_domain is None or _found(self.sender_domain, domain_of(message.sender)))
            and self._recipients_match(message)
        )

    def _in_bounds(self, age: float, size: int) -> bool:
        return (
            (self.older_than is None or age > self.older_than)
            and (self.newer_than is None or age < self.newer_than)
            and (self.larger_than is None or size > self.larger_than)
            and (self.smaller_than is None or size < self.smaller_than)
        )

    def _recipients_match(self, message: Message) -> bool:
        """Whether one recipient meets all that is asked of recipients."""
        if self.recipient is None and self.domain is None and self.reason is None:
            return True
        return any(
            _found(self.recipient, address)
            and (self.domain is None or _found(self.domain, domain_of(address)))
            and _found(self.reason, reason)
            for address, reason in message.recipients
        )


def read_filter(options: t.Mapping[str, t.Any]) -> Filter:
    """Make a filter of a module's options; ValueError names the option, the value and what is accepted."""
    given = {name: options[name] for name in NAMES if options.get(name) is not None}
    conditions: dict[str, t.Any] = {}
    for name in PATTERNS:
        if name in given:
            texts = given[name] if isinstance(given[name], list) else [given[name]]
            conditions[name] = tuple(_pattern(name, text) for text in texts)
    for names, units, example in ((AGES, _SECONDS, "90, 30m, 2h or 5d"), (SIZES, _BYTES, "5000, 100K or 10M")):
        for name in names:
            if name in given:
                conditions[name] = _number(name, str(given[name]), units, example)
    if "queue" in given:
        conditions["queues"] = frozenset(given["queue"])
    if "id" in given:
        conditions["ids"] = frozenset(checked_ids(given["id"]))
    return Filter(**conditions)


def checked_ids(ids: t.Sequence[str], name: str = "id") -> t.Sequence[str]:
    """Return *ids*; ValueError for the first one that is no queue ID."""
    for queue_id in ids:
        if not is_queue_id(queue_id):
            accepted = "a queue ID as postqueue(1) prints it, such as 4BzV8n2DkTz9Zq or 3F2A1C0B77"
            raise ValueError(f"{name}: {queue_id!r} is not accepted: {accepted}")
    return ids


def _found(patterns: Patterns, text: str) -> bool:
    return patterns is None or any(pattern.search(text) for pattern in patterns)


def _pattern(name: str, text: str) -> re.Pattern[str]:
    """Compile /regular expression/, found anywhere, or a shell-style pattern of the whole; case does not matter."""
    if not text.strip():
        raise ValueError(f"{name}: an empty pattern is not accepted; leave {name} out to match everything")
    if len(text) < 3 or not text.startswith("/") or not text.endswith("/"):
        shown = _EMPTY_SENDER.get(text, text) if name == "sender" else text
        return re.compile(rf"\A{fnmatch.translate(shown)}", re.IGNORECASE)
    try:
        return re.compile(text[1:-1], re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{name}: {text!r} is not accepted as a regular expression: {error}") from error


def _number(name: str, text: str, units: t.Mapping[str, int], example: str) -> int:
    found = re.fullmatch(r"(\d{1,15})([a-z]?)", text.strip().lower(), re.ASCII)
    if found is None or found[2] not in units:
        raise ValueError(f"{name}: {text!r} is not accepted: a number with a unit, such as {example}")
    return int(found[1]) * units[found[2]]
