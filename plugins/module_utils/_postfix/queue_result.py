# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What queue_info returns: plain values, times in ISO 8601 (UTC), ages in seconds, sizes in bytes."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from .queue_listing import AGE_LIMITS, Collected, Frequent, Summary, Total
from .queue_message import Message, domain_of

# Of a message to thousands, and of a summary with thousands of names, this many are told; the numbers are exact.
RECIPIENTS_SHOWN: t.Final = 20
NAMES_SHOWN: t.Final = 20
_UNITS: t.Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
ORIGIN: t.Final = ("origin_host", "origin_address", "content_filter")

Result: t.TypeAlias = "dict[str, object]"


def time_text(seconds: float) -> str:
    """Return a time as 2026-01-31T23:59:59Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age_of(arrival: int | None, now: float) -> int | None:
    """Return an age in whole seconds; None without a message."""
    return None if arrival is None else max(0, int(now - arrival))


def count_text(totals: Mapping[str, Total]) -> str:
    """Return "7 messages: 2 active, 5 deferred" for people."""
    messages = sum(total.messages for total in totals.values())
    parts = [f"{total.messages} {name}" for name, total in totals.items() if total.messages]
    return f"{messages} {'message' if messages == 1 else 'messages'}: {', '.join(parts)}" if parts else "empty"


def age_text(seconds: int) -> str:
    """Return an age in the largest unit of which there are two: "3 d", "47 h", "90 min", "12 s"."""
    size, unit = next((each for each in _UNITS if seconds >= 2 * each[0]), _UNITS[-1])
    return f"{seconds // size} {unit}"


def total_result(total: Total, now: float, ages: bool = True) -> Result:
    """Messages, bytes and the age of the oldest; without *ages* the last two have not been read."""
    size = total.size if ages else None
    return {"messages": total.messages, "bytes": size, "oldest_age": age_of(total.oldest, now)}


def queues_result(totals: Mapping[str, Total], now: float, ages: bool) -> Result:
    """The six queues, and all of them together."""
    oldest = min((total.oldest for total in totals.values() if total.oldest is not None), default=None)
    everything = Total(
        messages=sum(total.messages for total in totals.values()),
        size=sum(total.size for total in totals.values()),
        oldest=oldest,
    )
    age = age_of(oldest, now)
    return {
        "msg": count_text(totals) + ("" if age is None else f"; the oldest waits for {age_text(age)}"),
        "queues": {name: total_result(total, now, ages) for name, total in totals.items()},
        "total": total_result(everything, now, ages),
    }


def matched_result(total: Total, now: float) -> Result:
    """What matches the filter."""
    return {**total_result(total, now), "recipients": total.recipients}


def message_result(message: Message, now: float, origin: Mapping[str, str | None] | None) -> Result:
    """One message; *origin* adds what its queue file says of where it came from."""
    shown = message.recipients[:RECIPIENTS_SHOWN]
    return {
        "queue": message.queue,
        "queue_id": message.queue_id,
        "arrival_time": time_text(message.arrival),
        "age": age_of(message.arrival, now),
        "size": message.size,
        "sender": message.sender,
        "sender_domain": domain_of(message.sender),
        "recipients": [{"address": a, "domain": domain_of(a), "reason": reason} for a, reason in shown],
        "recipient_count": len(message.recipients),
        "reason": message.reason,
        "expired": message.expired,
        **(origin or {}),
    }


def listing_result(
    seen: Collected, now: float, origins: Mapping[str, Mapping[str, str | None]] | None, with_messages: bool
) -> Result:
    """What one pass over the queue has found. *origins* is None when nobody asked for them."""
    found: Result = {"matched": matched_result(seen.total, now)}
    if with_messages:
        unknown = None if origins is None else dict.fromkeys(ORIGIN)
        found["messages"] = [
            message_result(message, now, (origins or {}).get(message.queue_id, unknown)) for message in seen.kept
        ]
    if seen.summary is not None:
        found["summary"] = summary_result(seen.summary)
    return found


def summary_result(summary: Summary) -> Result:
    """Domains by age, senders and reasons, the most frequent first."""
    return {
        "age_limits": list(AGE_LIMITS),
        "domains": [{"domain": name, "recipients": row[0], "ages": row[1:]} for name, row in _first(summary.domains)],
        "other_domains": summary.domains.rest(NAMES_SHOWN),
        "senders": [{"sender": name, "messages": row[0], "bytes": row[1]} for name, row in _first(summary.senders)],
        "other_senders": summary.senders.rest(NAMES_SHOWN),
        "reasons": [{"reason": name, "recipients": row[0]} for name, row in _first(summary.reasons)],
        "other_reasons": summary.reasons.rest(NAMES_SHOWN),
    }


def _first(names: Frequent) -> Iterable[tuple[str, list[int]]]:
    return names.first(NAMES_SHOWN)
