# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on the queue: what is refused, which messages are chosen, what is said of it."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_action import (
    ACTIONS,
    Request,
    read_request,
    refuse_corrupt,
    select,
    told_ids,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_filter import OPTIONS, read_filter
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_message import Message, Recipient
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_outcome import outcome

NOW = 1_795_260_000
FIRST, SECOND, THIRD = "EC81621EFAB", "4jWqQn377wzJjfx", "0FCE821EFB2"
MESSAGES = (
    Message("deferred", FIRST, NOW - 50, 10, "a@x.test", (Recipient("b@y.test", ""), Recipient("c@y.test", ""))),
    Message("hold", SECOND, NOW - 90, 10, "a@x.test", (Recipient("b@y.test", ""),), expired=True),
    Message("active", THIRD, NOW - 70, 10, "a@x.test", (Recipient("b@y.test", ""),), expired=True),
)


def request(**given: object) -> Request:
    options = {**dict.fromkeys(OPTIONS), "all": False, "limit": None, "max_messages": None, **given}
    return read_request(options, read_filter(options))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"action": "delete"}, "delete without a filter would delete everything in the queues; all: true says so"),
        ({"action": "expire"}, "expire without a filter would expire everything"),
        ({"action": "delete", "queue": ["hold"]}, "delete everything in the queue hold; all: true says so"),
        ({"action": "delete", "limit": 5}, "delete without a filter"),
        ({"action": "delete", "all": True, "sender": ["*"]}, "all: true is not accepted together with sender"),
        ({"action": "hold", "all": True, "id": []}, "all: true is not accepted together with id"),
        ({"action": "release", "queue": ["deferred"]}, "release is not possible in deferred: it works in hold"),
        ({"action": "flush", "queue": ["hold"]}, "flush is not possible in hold: it works in deferred"),
        ({"action": "set_aside", "queue": ["hold"]}, "set_aside is not possible in hold: it works in corrupt"),
        ({"action": "requeue", "queue": ["maildrop"]}, "requeue is not possible in maildrop"),
        ({"action": "hold", "limit": -1}, "limit: -1 is not accepted"),
        ({"action": "hold", "max_messages": -1}, "max_messages: -1 is not accepted"),
        ({"action": "set_aside", "directory": "here"}, "directory: 'here' is not accepted: a path from the root"),
        *(
            ({"action": name, "queue": ["corrupt"]}, f"{name} is not possible in corrupt: Postfix could not read")
            for name in ("hold", "release", "requeue", "expire", "flush")
        ),
    ],
)
def test_refused_requests(given: dict[str, object], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        request(**given)


def test_corrupt_only_when_it_is_named() -> None:
    assert "corrupt" not in request(action="delete", all=True).queues
    assert "corrupt" not in request(action="delete", sender=["*"]).queues
    assert request(action="delete", all=True, queue=["corrupt"]).queues == ("corrupt",)
    assert "corrupt" in request(action="delete", id=[FIRST]).queues
    assert request(action="set_aside").queues == ("corrupt",)
    for name in ACTIONS:
        if name in ("delete", "set_aside"):
            refuse_corrupt(request(action=name, id=[FIRST]), {FIRST: "corrupt"})
            continue
        with pytest.raises(ValueError, match=f"id: {FIRST}: {name} is not possible in corrupt"):
            refuse_corrupt(request(action=name, id=[FIRST]), {FIRST: "corrupt"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"action": "hold"}, {FIRST: "deferred", THIRD: "active"}),
        ({"action": "hold", "queue": ["active"]}, {THIRD: "active"}),
        ({"action": "hold", "limit": 1}, {THIRD: "active"}),
        ({"action": "release"}, {SECOND: "hold"}),
        ({"action": "delete", "sender": ["a@*"]}, {FIRST: "deferred", SECOND: "hold", THIRD: "active"}),
        ({"action": "delete", "all": True, "limit": 2}, {SECOND: "hold", THIRD: "active"}),
        ({"action": "delete", "id": [FIRST]}, {FIRST: "deferred"}),
        ({"action": "delete", "id": []}, {}),
        # A held message that has expired has to be released; another one is on its way.
        ({"action": "expire", "all": True}, {FIRST: "deferred", SECOND: "hold"}),
        ({"action": "flush"}, {FIRST: "deferred"}),
    ],
)
def test_select(given: dict[str, object], expected: dict[str, str]) -> None:
    assert select(MESSAGES, request(**given), NOW).queue_of == expected


def test_max_messages() -> None:
    assert select(MESSAGES, request(action="hold", max_messages=2), NOW).matched == 2
    with pytest.raises(ValueError, match="2 messages match, more than max_messages: 1; nothing was changed"):
        select(MESSAGES, request(action="hold", max_messages=1, limit=1), NOW)


def test_input_is_one_id_a_line() -> None:
    found = select(MESSAGES, request(action="delete", sender=["*"]), NOW)
    assert found.input_for(["deferred", "hold"]) == f"{FIRST}\n{SECOND}\n".encode()


def test_told_ids() -> None:
    answer = (
        f"postsuper: warning: invalid mail queue id: ../x\npostsuper: {FIRST}: expired\n"
        f"postsuper: {SECOND}: released from hold\npostsuper: Force-expired: 1 message\n"
    )
    assert told_ids(request(action="expire", sender=["*"]), answer) == {FIRST, SECOND}
    assert told_ids(request(action="hold"), answer) == frozenset()


def test_outcome() -> None:
    asked = request(action="hold", limit=2)
    found = select(MESSAGES, asked, NOW)
    found.absent = ("B4A2221EFA8",)
    told = outcome(asked, found, {FIRST})
    assert told.changed
    assert told.before == f"{FIRST} deferred\n"
    assert told.after == f"{FIRST} hold\n"
    assert told.facts["msg"] == "1 message put on hold; 2 had vanished"
    assert told.facts["vanished_ids"] == ["B4A2221EFA8", THIRD]
    assert told.facts["messages"] == [
        f"{THIRD} active a@x.test -> b@y.test",
        f"{FIRST} deferred a@x.test -> b@y.test and 1 more",
    ]
    nothing = outcome(asked, found, ())
    assert not nothing.changed
    assert (nothing.before, nothing.after) == ("", "")
    assert outcome(asked, found, {FIRST, THIRD}, would=True).facts["msg"].startswith("2 messages would be put on hold")  # type: ignore[attr-defined]


def test_outcome_of_a_busy_queue_manager() -> None:
    """What nobody has taken up yet is neither done nor gone."""
    asked = request(action="flush")
    found = select(MESSAGES[:1], asked, NOW)
    found.waiting = frozenset({FIRST})
    told = outcome(asked, found, ())
    assert not told.changed
    assert told.facts["msg"] == "0 messages tried again; 1 waits until the queue manager takes it"
    assert (told.facts["waiting"], told.facts["vanished"]) == (1, 0)


def test_outcome_is_short() -> None:
    many = [Message("deferred", f"{number:011X}", number, 1) for number in range(5000)]
    asked = request(action="delete", all=True)
    found = select(many, asked, NOW)
    told = outcome(asked, found, found.queue_of)
    assert told.facts["messages"] == []
    expected = outcome(asked, found, found.queue_of, would=True).facts["messages"]
    assert isinstance(expected, list)
    assert (len(expected), expected[-1]) == (11, "and 4990 more")
    named = outcome(request(action="delete", sender=["*"]), found, found.queue_of).facts["messages"]
    assert isinstance(named, list)
    assert (len(named), named[-1]) == (4, "and 4997 more")
    assert told.before.count("\n") == 1000
    assert told.after == ""
