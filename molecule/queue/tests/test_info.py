# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queues are said to hold, while nothing moves. All is asked in one play, which costs the least."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from datetime import datetime

import pytest
from lab import queues
from lab.queues import IDs
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab

ALIVE: t.Final = {"active", "incoming", "deferred", "hold", "maildrop"}
# What each filter does alone is in tests/unit/postfix/test_queue.py.
FILTERS: t.Final[tuple[tuple[dict[str, object], set[str]], ...]] = (
    ({}, {*ALIVE, "corrupt"}),
    ({"queue": "hold,corrupt"}, {"hold", "corrupt"}),
    ({"id": "{{ ids[inventory_hostname].active }}"}, {"active"}),
    ({"sender_domain": "SPAM.*", "newer_than": "1d", "larger_than": 100, "smaller_than": "1K"}, ALIVE),
    ({"recipient": "/^(active|mail).*net$/", "domain": "example.net"}, {"active", "maildrop"}),
    ({"sender": "spam@spam.example", "reason": "*451 4.3.0 Try again later*"}, {"deferred", "hold"}),
    ({"larger_than": 800}, {"corrupt"}),
    ({"older_than": "1d"}, set()),
    ({"id": []}, set()),
)


def info(**options: object) -> Task:
    """A question."""
    return {"mailops.mta.queue_info": options}


LARGEST = {"list": True, "limit": 2, "sort": "size", "reverse": True}
QUESTIONS: t.Final[Mapping[str, Task]] = {
    "clock": shell("date +%s"),
    "counts": info(),
    "postqueue": shell("postqueue -j"),
    "columns": info(list=True, queue="deferred", summary=True, limit=1),
    "names": info(ages=False),
    "largest": info(**LARGEST),
    "corrupt by sender": info(**LARGEST, sender="*", queue="corrupt"),
    "held message": info(show="{{ ids[inventory_hostname].hold }}"),
    "corrupt message": info(show="{{ ids[inventory_hostname].corrupt }}"),
    "a path": info(show="/etc/passwd"),
    "nobody": info(show="FFFFFFFFFFF"),
    **{f"filter {number}": info(**options, list=True, sort="queue") for number, (options, _q) in enumerate(FILTERS)},
}


class Asked(t.NamedTuple):
    """The messages that were there, IDs by host and queue, and the answers by host and question."""

    ids: Mapping[str, IDs]
    answers: Mapping[str, Mapping[str, Answer]]


@pytest.fixture(scope="session")
def asked(lab: Lab) -> Asked:
    """All answers, with one message in each queue."""
    with queues.filled(lab) as ids:
        given = run_tasks(lab, list(QUESTIONS.values()), vars={"ids": ids, "ansible_ssh_use_tty": False})
    return Asked(ids, {host: dict(zip(QUESTIONS, all_, strict=True)) for host, all_ in given.items()})


@pytest.mark.parametrize("number", range(len(FILTERS)))
def test_listing(asked: Asked, mta: str, number: int) -> None:
    result, expected = asked.answers[mta][f"filter {number}"], FILTERS[number][1]
    assert {each["queue_id"]: each["queue"] for each in result["messages"]} == {asked.ids[mta][q]: q for q in expected}
    assert result["matched"]["messages"] == len(expected)
    assert result["matched"]["bytes"] == sum(each["size"] for each in result["messages"])
    assert [each["queue"] for each in result["messages"]] == sorted(expected)


def test_counts(asked: Asked, mta: str) -> None:
    result = asked.answers[mta]["counts"]
    assert {name: queue["messages"] for name, queue in result["queues"].items()} == dict.fromkeys(asked.ids[mta], 1)
    assert result["msg"].startswith("6 messages: 1 active, 1 incoming")
    assert result["total"]["messages"] == 6
    assert (result["running"], result["changed"], "messages" in result) == (True, False, False)
    scanned = datetime.fromisoformat(result["scanned_at"]).timestamp()
    assert int(asked.answers[mta]["clock"]["stdout"]) <= scanned
    # What postqueue says of the same messages, by way of showq.
    listed = [json.loads(line) for line in asked.answers[mta]["postqueue"]["stdout_lines"]]
    assert len(listed) == len(ALIVE)
    for each in listed:
        queue = result["queues"][each["queue_name"]]
        assert abs(scanned - each["arrival_time"] - queue["oldest_age"]) <= 1
        assert queue["bytes"] == each["message_size"]


def test_columns(asked: Asked, mta: str) -> None:
    (message,) = asked.answers[mta]["columns"]["messages"]
    assert message["queue_id"] == asked.ids[mta]["deferred"]
    assert (message["sender"], message["sender_domain"]) == ("spam@spam.example", "spam.example")
    (recipient,) = message["recipients"]
    assert (recipient["address"], recipient["domain"]) == ("defer@example.net", "example.net")
    assert recipient["reason"] == message["reason"]
    assert "said: 451 4.3.0 Try again later" in message["reason"]
    assert (message["recipient_count"], message["expired"]) == (1, False)
    summary = asked.answers[mta]["columns"]["summary"]
    assert summary["domains"] == [{"domain": "example.net", "recipients": 1, "ages": summary["domains"][0]["ages"]}]
    assert sum(summary["domains"][0]["ages"]) == 1
    assert summary["senders"] == [{"sender": "spam@spam.example", "messages": 1, "bytes": message["size"]}]
    assert [each["recipients"] for each in summary["reasons"]] == [1]


def test_limit_keeps_totals_exact(asked: Asked, mta: str) -> None:
    assert asked.answers[mta]["names"]["total"] == {"messages": 6, "bytes": None, "oldest_age": None}
    assert asked.answers[mta]["corrupt by sender"]["matched"]["messages"] == 0
    largest = asked.answers[mta]["largest"]
    assert {name: queue["messages"] for name, queue in largest["queues"].items()} == dict.fromkeys(largest["queues"], 1)
    assert (len(largest["messages"]), largest["matched"]["messages"]) == (2, 6)
    assert largest["messages"][0]["queue"] == "corrupt"


def test_one_message(asked: Asked, mta: str) -> None:
    held, corrupt = (asked.answers[mta][f"{name} message"]["message"] for name in ("held", "corrupt"))
    assert (held["queue_id"], held["queue"], held["truncated"]) == (asked.ids[mta]["hold"], "hold", False)
    assert "Subject: token-" in held["header"]
    assert held["body"].startswith("Body of token-")
    assert (corrupt["queue_id"], corrupt["queue"]) == (asked.ids[mta]["corrupt"], "corrupt")
    for name, told in (("a path", "show: '/etc/passwd' is not accepted"), ("nobody", "FFFFFFFFFFF is in no queue")):
        assert told in asked.answers[mta][name]["msg"]
        assert "queues" not in asked.answers[mta][name]
