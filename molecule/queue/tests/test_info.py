# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queues are said to hold, and what is refused, while nothing moves."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Mapping
from datetime import datetime

import pytest
from lab.queues import HOSTS, IDs, call, listed, whereabouts
from lab.topology import Lab

ALIVE: t.Final = {"active", "incoming", "deferred", "hold", "maildrop"}
# What each filter does alone is in tests/unit/postfix/test_queue.py.
FILTERS: t.Final[tuple[tuple[dict[str, object], set[str]], ...]] = (
    ({}, {*ALIVE, "corrupt"}),
    ({"queue": "hold,corrupt"}, {"hold", "corrupt"}),
    ({"sender_domain": "SPAM.*", "newer_than": "1d", "larger_than": 100, "smaller_than": "1K"}, ALIVE),
    ({"recipient": "/^(active|mail).*net$/", "domain": "example.net"}, {"active", "maildrop"}),
    ({"sender": "spam@spam.example", "reason": "*451 4.3.0 Try again later*"}, {"deferred", "hold"}),
    ({"larger_than": 800}, {"corrupt"}),
)


@pytest.mark.parametrize(("options", "expected"), FILTERS)
def test_listing(lab: Lab, kept: Mapping[str, IDs], options: dict[str, object], expected: set[str]) -> None:
    found = call(lab, "queue_info", {**options, "list": True, "sort": "queue"})
    for host, ids in kept.items():
        result = found[host]
        assert {each["queue_id"]: each["queue"] for each in result["messages"]} == {ids[q]: q for q in expected}
        assert result["matched"]["messages"] == len(expected)
        assert result["matched"]["bytes"] == sum(each["size"] for each in result["messages"])
        assert [each["queue"] for each in result["messages"]] == sorted(expected)


def test_counts(lab: Lab, kept: Mapping[str, IDs]) -> None:
    before = time.time()
    found = call(lab, "queue_info", {})
    for host in HOSTS:
        result = found[host]
        assert {name: queue["messages"] for name, queue in result["queues"].items()} == dict.fromkeys(kept[host], 1)
        assert result["msg"].startswith("6 messages: 1 active, 1 incoming")
        assert result["total"]["messages"] == 6
        assert (result["running"], result["changed"], "messages" in result) == (True, False, False)
        scanned = datetime.fromisoformat(result["scanned_at"]).timestamp()
        assert before - 2 < scanned < time.time() + 1
        # What postqueue says of the same messages, by way of showq.
        for each in listed(lab, host):
            queue = result["queues"][each["queue_name"]]
            assert abs(scanned - each["arrival_time"] - queue["oldest_age"]) <= 1
            assert queue["bytes"] == each["message_size"]


def test_columns(lab: Lab, kept: Mapping[str, IDs]) -> None:
    found = call(lab, "queue_info", {"list": True, "queue": "deferred", "summary": True, "limit": 1})
    for host, ids in kept.items():
        (message,) = found[host]["messages"]
        assert message["queue_id"] == ids["deferred"]
        assert (message["sender"], message["sender_domain"]) == ("spam@spam.example", "spam.example")
        (recipient,) = message["recipients"]
        assert (recipient["address"], recipient["domain"]) == ("defer@example.net", "example.net")
        assert recipient["reason"] == message["reason"]
        assert "said: 451 4.3.0 Try again later" in message["reason"]
        assert (message["recipient_count"], message["expired"]) == (1, False)
        summary = found[host]["summary"]
        assert summary["domains"] == [{"domain": "example.net", "recipients": 1, "ages": summary["domains"][0]["ages"]}]
        assert sum(summary["domains"][0]["ages"]) == 1
        assert summary["senders"] == [{"sender": "spam@spam.example", "messages": 1, "bytes": message["size"]}]
        assert [each["recipients"] for each in summary["reasons"]] == [1]


@pytest.mark.usefixtures("kept")
def test_limit_keeps_totals_exact(lab: Lab) -> None:
    for result in call(lab, "queue_info", {"ages": False}).values():
        assert result["total"] == {"messages": 6, "bytes": None, "oldest_age": None}
    options = {"list": True, "limit": 2, "sort": "size", "reverse": True, "sender": "*", "queue": "corrupt"}
    assert [each["matched"]["messages"] for each in call(lab, "queue_info", options).values()] == [0, 0]
    for result in call(lab, "queue_info", {"list": True, "limit": 2, "sort": "size", "reverse": True}).values():
        assert {name: queue["messages"] for name, queue in result["queues"].items()} == dict.fromkeys(
            result["queues"], 1
        )
        assert (len(result["messages"]), result["matched"]["messages"]) == (2, 6)
        assert result["messages"][0]["queue"] == "corrupt"


def test_one_message(lab: Lab, kept: Mapping[str, IDs]) -> None:
    ids = kept["mx12"]
    message = call(lab, "queue_info", {"show": ids["hold"]})["mx12"]["message"]
    assert (message["queue_id"], message["queue"], message["truncated"]) == (ids["hold"], "hold", False)
    assert "Subject: token-" in message["header"]
    assert message["body"].startswith("Body of token-")
    message = call(lab, "queue_info", {"show": ids["corrupt"]})["mx12"]["message"]
    assert (message["queue_id"], message["queue"]) == (ids["corrupt"], "corrupt")
    for bad, answer in (("/etc/passwd", "is not accepted"), ("FFFFFFFFFFF", "is in no queue")):
        for result in call(lab, "queue_info", {"show": bad}).values():
            assert answer in result["msg"]
            assert "queues" not in result


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"action": "delete", "id": "ALL"}, "id: 'ALL' is not accepted"),
        ({"action": "hold", "id": ["ABCDEF1", "-"]}, "id: '-' is not accepted"),
        ({"action": "delete", "id": "../../../etc/passwd"}, "id: '../../../etc/passwd' is not accepted"),
        ({"action": "delete"}, "delete without a filter would delete everything in the queues; all: true says so"),
        ({"action": "delete", "sender": ""}, "sender: an empty pattern is not accepted"),
        ({"action": "delete", "sender": "*", "max_messages": 3}, "5 messages match, more than max_messages: 3"),
    ],
)
def test_refused(lab: Lab, kept: Mapping[str, IDs], options: dict[str, object], message: str) -> None:
    for result in call(lab, "queue", options).values():
        assert message in result["msg"]
        assert "done" not in result
    for host, ids in kept.items():
        assert whereabouts(lab, host) == {queue_id: queue for queue, queue_id in ids.items()}


@pytest.mark.usefixtures("kept")
def test_check_mode_refuses_the_same(lab: Lab) -> None:
    for result in call(lab, "queue", {"action": "delete", "id": "ALL"}, "--check").values():
        assert "id: 'ALL' is not accepted" in result["msg"]
