# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message in a Postfix queue: its ID, what postqueue(1) says of it, and what the head of its file says."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass
from itertools import islice

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

QUEUES: t.Final = ("active", "incoming", "deferred", "hold", "maildrop", "corrupt")

# Short: five digits of microseconds and an inode number, in hexadecimal. Long (enable_long_queue_ids): seconds and
# microseconds in base 52, a "z", an inode number in base 51; the digits have no vowels. (mail_queue.h)
_SHORT: t.Final = "[0-9A-F]{6,21}"
_LONG: t.Final = "[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]{1,12}"
_QUEUE_ID: t.Final = re.compile(f"{_SHORT}|{_LONG}", re.ASCII)

# The first record of a queue file is C, 95 bytes: size, offset, recipients, flags, ...; then L where there is a
# content_filter, less than 128 bytes; then T: seconds and microseconds of arrival. Files in maildrop begin with T.
# (rec_type.h, cleanup_envelope.c)
HEAD_BYTES: t.Final = 290
_HEAD: t.Final = re.compile(
    rb"(?:C_ *(\d+) [ \d]{79}(?:L[\x01-\x7f].{1,127}?)?)?T[\x0b-\x20](\d{9,11}) \d{1,6}", re.DOTALL
)


# How many lines of "postqueue -j" are read at once.
_AT_ONCE: t.Final = 200


class Recipient(t.NamedTuple):
    """A recipient that has not got the message yet; no reason before the first attempt."""

    address: str
    reason: str


@dataclass(slots=True)
class Message:
    """One message. arrival: seconds since 1970; size: bytes. Postfix shows the empty sender as MAILER-DAEMON."""

    queue: str
    queue_id: str
    arrival: int
    size: int
    sender: str = ""
    recipients: tuple[Recipient, ...] = ()
    expired: bool = False

    @property
    def reason(self) -> str:
        """The first delay reason."""
        return next((recipient.reason for recipient in self.recipients if recipient.reason), "")


def is_queue_id(text: str) -> bool:
    """Whether *text* is a queue ID, short or long."""
    return _QUEUE_ID.fullmatch(text) is not None


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case; empty without one."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


def parse_messages(lines: Iterable[bytes]) -> Iterator[Message]:
    """Read what "postqueue -j" prints, many lines at once, which takes half the time; ValueError names a bad line."""
    rest = iter(lines)
    while some := list(islice(rest, _AT_ONCE)):
        text = b",".join(some).decode("utf-8", "replace")
        try:
            messages = [_message(found) for found in json.loads(f"[{text}]")]
        except (KeyError, TypeError, ValueError):
            messages = [_parse_message(line.decode("utf-8", "replace")) for line in some]
        yield from messages


def _parse_message(line: str) -> Message:
    try:
        return _message(json.loads(line))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"postqueue -j printed a line that is not a message: {line[:200]!r}") from error


def _message(found: t.Mapping[str, t.Any]) -> Message:
    return Message(
        found["queue_name"],
        found["queue_id"],
        found["arrival_time"],
        found["message_size"],
        found["sender"],
        tuple([Recipient(each["address"], each.get("delay_reason", "")) for each in found["recipients"]]),
        found.get("forced_expire", False),
    )


def parse_head(head: bytes) -> tuple[int | None, int] | None:
    """Return size (None where it is not told) and arrival from the first bytes of a queue file, or None."""
    found = _HEAD.match(head)
    if found is None:
        return None
    return (int(found[1]) if found[1] else None), int(found[2])
