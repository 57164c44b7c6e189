# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of the queue: what is a queue ID, what is meant, what one pass collects."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_filter import Filter, read_filter
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_listing import (
    NAMES_KEPT,
    Collected,
    Frequent,
    age_column,
    collect,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_message import (
    Message,
    Recipient,
    is_queue_id,
    parse_head,
    parse_messages,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_result import age_text, listing_result

NOW = 1_795_260_000
REASON = "connect to mx.example.net[192.0.2.1]:25: Connection timed out"
LISTED = {
    "queue_name": "deferred",
    "queue_id": "EC81621EFAB",
    "arrival_time": NOW - 7200,
    "message_size": 4096,
    "forced_expire": False,
    "sender": "Ann@Example.com",
    "recipients": [{"address": "bob@example.net", "delay_reason": REASON}, {"address": "carol@example.org"}],
}
LINE = json.dumps(LISTED).encode()
(MESSAGE,) = parse_messages([LINE])


@pytest.mark.parametrize("text", ["EC81621EFAB", "0FCE821EFB2", "123456", "4jWqQn377wzJjfx", "4jWqQw3LlNzJvgb"])
def test_queue_ids(text: str) -> None:
    assert is_queue_id(text)


NO_IDS = (
    *("", "-", "ALL", "all", "*", "../../etc/passwd", "deferred/E/EC81621EFAB", "EC81621EFAB ", "EC81621EFAB\n"),
    *("ec81621efab", "ABCDE", "4jWqQn377wJjfx", "4jWqQn377wz", "EC81621EFAB,B4A2221EFA8", "\u0661" * 6),
)


@pytest.mark.parametrize("text", NO_IDS)
def test_not_queue_ids(text: str) -> None:
    assert not is_queue_id(text)


def test_parse_messages() -> None:
    recipients = (Recipient("bob@example.net", REASON), Recipient("carol@example.org", ""))
    assert Message("deferred", "EC81621EFAB", NOW - 7200, 4096, "Ann@Example.com", recipients) == MESSAGE
    assert MESSAGE.reason == REASON
    assert list(parse_messages([])) == []
    many = [json.dumps({**LISTED, "message_size": number}).encode() + b"\n" for number in range(1000)]
    assert [message.size for message in parse_messages(many)] == list(range(1000))
    latin = json.dumps({**LISTED, "sender": "j\xf6rg"}, ensure_ascii=False).encode("latin-1")
    assert next(parse_messages([latin])).sender == "j\ufffdrg"


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b"1,2", json.dumps({**LISTED, "recipients": None}).encode()])
def test_no_message(line: bytes) -> None:
    with pytest.raises(
        ValueError, match=f"postqueue -j printed a line that is not a message: '{re.escape(line.decode()[:9])}"
    ):
        list(parse_messages([LINE, LINE, line, LINE]))


# Recorded from queue files of Postfix 3.7 and 3.10, which write the same.
HEAD = b"C_" + b" ".join(b"%15d" % number for number in (263, 238, 1, 0, 263, 0))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (HEAD + b"T\x111795258904 947483A\x16create_time=1795258904", (263, 1795258904)),
        (HEAD + b"L\x1dsmtp-amavis:[127.0.0.1]:10024T\x111795258904 947483A", (263, 1795258904)),
        (b"T\x101795259588 60962A\x15rewrite_context=local", (None, 1795259588)),
        (b"C_" + b" " * 95 + b"T\x111795258904 947483", None),
        (HEAD, None),
        (b"", None),
        (b"garbage", None),
    ],
)
def test_parse_head(head: bytes, expected: object) -> None:
    assert parse_head(head) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, True),
        ({"queue": ["deferred", "hold"]}, True),
        ({"queue": ["active"]}, False),
        ({"queue": []}, False),
        ({"id": ["EC81621EFAB"]}, True),
        ({"id": ["EC81621EFAC"]}, False),
        ({"id": []}, False),
        ({"sender": ["ann@example.com"]}, True),
        ({"sender": ["nn@example.com"]}, False),
        ({"sender": ["ann@example.co"]}, False),
        ({"sender": ["*@example.com"]}, True),
        ({"sender": ["x", "a?n@*"]}, True),
        ({"sender": ["/^a.*com$/"]}, True),
        ({"sender": ["/(?i)EXAMPLE/"]}, True),
        ({"sender": ["/^nn/"]}, False),
        ({"sender": ["<>"]}, False),
        ({"sender": []}, False),
        ({"sender_domain": ["example.com"]}, True),
        ({"sender_domain": ["com"]}, False),
        ({"recipient": ["carol@*"]}, True),
        ({"recipient": ["dan@*"]}, False),
        ({"domain": ["example.net"]}, True),
        ({"domain": ["*.example.net"]}, False),
        ({"reason": "*timed out"}, True),
        ({"reason": "timed out"}, False),
        ({"reason": "/timed out/"}, True),
        ({"domain": ["example.org"], "reason": "/timed out/"}, False),
        ({"domain": ["example.net"], "reason": "/timed out/"}, True),
        ({"older_than": "1h"}, True),
        ({"older_than": "120m"}, False),
        ({"older_than": "7199"}, True),
        ({"newer_than": "3h"}, True),
        ({"newer_than": "2h"}, False),
        ({"larger_than": "3K"}, True),
        ({"larger_than": "4k"}, False),
        ({"smaller_than": "1M"}, True),
        ({"smaller_than": "4096"}, False),
        ({"sender": ["*"], "domain": ["example.com"]}, False),
    ],
)
def test_filter(options: dict[str, object], expected: bool) -> None:
    assert read_filter(options).matches(MESSAGE, NOW) is expected


def test_corrupt_files_have_no_addresses() -> None:
    corrupt = Message("corrupt", "EC81621EFAB", NOW - 60, 10)
    assert read_filter({"older_than": "10s", "queue": ["corrupt"]}).matches(corrupt, NOW)
    for name in ("sender", "sender_domain", "recipient", "domain"):
        assert not read_filter({name: ["*"]}).matches(corrupt, NOW)


def test_empty_sender() -> None:
    bounce = Message("active", "EC81621EFAB", NOW, 1, "MAILER-DAEMON", (Recipient("a@example.net", ""),))
    assert read_filter({"sender": ["<>"]}).matches(bounce, NOW)
    assert not read_filter({"sender": ["*@*"]}).matches(bounce, NOW)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"id": ["ALL"]}, "id: 'ALL' is not accepted"),
        ({"id": ["-"]}, "id: '-' is not accepted"),
        ({"id": [""]}, "id: '' is not accepted"),
        ({"id": ["../../etc/passwd"]}, "id: '../../etc/passwd' is not accepted"),
        ({"sender": [""]}, "sender: an empty pattern is not accepted"),
        ({"reason": " "}, "reason: an empty pattern is not accepted"),
        ({"domain": ["/(/"]}, "domain: '/\\(/' is not accepted as a regular expression"),
        ({"older_than": "2 hours"}, "older_than: '2 hours' is not accepted: a number with a unit, such as 90, 30m, 2h"),
        ({"older_than": "-1"}, "older_than: '-1' is not accepted"),
        ({"larger_than": "1h"}, "larger_than: '1h' is not accepted: a number with a unit, such as 5000, 100K"),
        ({"smaller_than": ""}, "smaller_than: '' is not accepted"),
    ],
)
def test_refused_filters(options: dict[str, object], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        read_filter(options)


def messages(count: int) -> Iterator[Message]:
    """Yield messages of ever more senders, the newest first."""
    for number in range(count):
        reason = f"host mx{number} said: 450"
        recipient = Recipient(f"r{number}@d{number % 7}.test", reason)
        yield Message("deferred", f"{number:011X}", NOW - number, number % 100, f"s{number}@x.test", (recipient,))


def look(count: int, limit: int, **more: object) -> Collected:
    options = {"sort": "arrival", "reverse": False, "summarise": True, **more}
    return collect(messages(count), Filter(), NOW, limit=limit, **options)  # type: ignore[arg-type]


def test_collect() -> None:
    seen = look(1000, 3)
    assert [message.arrival for message in seen.kept] == [NOW - 999, NOW - 998, NOW - 997]
    assert [message.arrival for message in look(1000, 2, reverse=True).kept] == [NOW, NOW - 1]
    assert {message.size for message in look(1000, 10, sort="size", reverse=True).kept} == {99}
    assert look(1000, 0).kept == []
    assert seen.queues["deferred"] == seen.total
    assert seen.queues["active"].messages == 0
    assert (seen.total.messages, seen.total.recipients, seen.total.oldest) == (1000, 1000, NOW - 999)
    assert seen.total.size == sum(number % 100 for number in range(1000))
    found = listing_result(seen, NOW, None, True)
    assert found["matched"] == {"messages": 1000, "bytes": 49500, "oldest_age": 999, "recipients": 1000}
    summary = found["summary"]
    assert isinstance(summary, dict)
    assert summary["domains"][0] == {"domain": "d0.test", "recipients": 143, "ages": [43, 43, 57, *[0] * 7]}
    assert (len(summary["senders"]), summary["other_senders"]) == (20, 980)
    assert (len(summary["reasons"]), summary["other_reasons"]) == (20, 980)


@pytest.mark.parametrize(("age", "column"), [(-5, 0), (0, 0), (299, 0), (300, 1), (76799, 8), (76800, 9), (1e9, 9)])
def test_age_column(age: float, column: int) -> None:
    assert age_column(age) == column


def test_frequent_names_survive_rare_ones() -> None:
    names = Frequent(1)
    for number in range(4 * NAMES_KEPT):
        names.add(f"rare{number}", 0)
        names.add("often", 0)
    assert names.first(1) == [("often", [4 * NAMES_KEPT])]
    assert names.rest(1) == 4 * NAMES_KEPT
    assert len(names.rows) <= NAMES_KEPT


def test_memory_does_not_grow_with_the_queue() -> None:
    peaks = []
    for count in (20_000, 80_000):
        tracemalloc.start()
        look(count, 100)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (119, "119 s"), (5400, "90 min"), (47 * 3600, "47 h"), (3 * 86400 + 5, "3 d")]
)
def test_age_in_words(seconds: int, text: str) -> None:
    assert age_text(seconds) == text
