# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of each option and each variable: one message that says what is accepted, and all mail stays."""

from __future__ import annotations

import typing as t

import pytest
from lab import mail, queues, refused
from lab.engine import REPOSITORY
from lab.queues import HOSTS, whereabouts
from lab.tasks import Answer, Task, run_tasks
from lab.topology import Lab

PLAYBOOK = REPOSITORY / "playbooks" / "queue.yml"
NO_ID = "a queue ID as postqueue(1) prints it"
NO_BOOL = "unable to convert to bool"
NO_INT = "unable to convert to int"
# Module, options, and words of the message; those that could do harm come first.
WRONG: t.Final[tuple[tuple[str, dict[str, object], tuple[str, ...]], ...]] = (
    ("queue", {"action": "delete", "id": "ALL"}, ("id: 'ALL' is not accepted", NO_ID)),
    ("queue", {"action": "hold", "id": ["ABCDEF1", "-"]}, ("id: '-' is not accepted", NO_ID)),
    ("queue", {"action": "delete", "id": "../../../etc/passwd"}, ("id: '../../../etc/passwd' is not accepted", NO_ID)),
    ("queue", {"action": "delete"}, ("delete without a filter would delete everything in the queues; all: true",)),
    ("queue", {"action": "expire", "queue": "hold"}, ("would expire everything in the queue hold; all: true",)),
    ("queue", {"action": "delete", "sender": ""}, ("sender: an empty pattern is not accepted", "leave sender out")),
    ("queue", {"action": "delete", "sender": "*", "max_messages": 3}, ("5 messages match", "max_messages: 3")),
    ("queue", {"action": "delete", "all": True, "domain": "x"}, ("all: true is not accepted together with domain",)),
    ("queue", {"action": "purge"}, ("action must be one of: hold, release", "got: purge")),
    ("queue", {}, ("missing required arguments: action",)),
    ("queue", {"action": "hold", "sendr": "x"}, ("sendr", "Supported parameters")),
    ("queue", {"action": "hold", "all": "perhaps"}, ("all", "perhaps", NO_BOOL)),
    ("queue", {"action": "hold", "queue": "spam"}, ("queue must be one or more of: active, incoming", "spam")),
    ("queue", {"action": "release", "queue": "deferred"}, ("release is not possible in deferred: it works in hold",)),
    ("queue", {"action": "hold", "sender_domain": "/(/"}, ("sender_domain: '/(/' is not accepted as a regular",)),
    ("queue", {"action": "hold", "recipient": "/[/"}, ("recipient: '/[/' is not accepted as a regular",)),
    ("queue", {"action": "hold", "domain": " "}, ("domain: an empty pattern",)),
    ("queue", {"action": "hold", "reason": "/*/"}, ("reason: '/*/' is not accepted as a regular",)),
    ("queue", {"action": "hold", "older_than": "2 hours"}, ("older_than: '2 hours' is not accepted", "30m, 2h or 5d")),
    ("queue", {"action": "hold", "newer_than": "-1"}, ("newer_than: '-1' is not accepted", "30m, 2h or 5d")),
    ("queue", {"action": "hold", "larger_than": "1h"}, ("larger_than: '1h' is not accepted", "100K or 10M")),
    ("queue", {"action": "hold", "smaller_than": "1.5M"}, ("smaller_than: '1.5M' is not accepted", "100K or 10M")),
    ("queue", {"action": "hold", "limit": -1}, ("limit: -1 is not accepted: a number of messages, 0 or more",)),
    ("queue", {"action": "hold", "max_messages": "few"}, ("max_messages", "few", NO_INT)),
    ("queue", {"action": "set_aside", "directory": "here"}, ("directory: 'here' is not accepted: a path from the",)),
    ("queue", {"action": "flush", "config_directory": "/srv"}, ("config_directory /srv holds no Postfix instance",)),
    ("queue_info", {"ages": "some"}, ("ages", "some", NO_BOOL)),
    ("queue_info", {"list": "some"}, ("list", "some", NO_BOOL)),
    ("queue_info", {"limit": -1}, ("limit: -1 is not accepted: a number of messages, 0 or more",)),
    ("queue_info", {"sort": "age"}, ("sort must be one of: arrival, size", "got: age")),
    ("queue_info", {"reverse": "some"}, ("reverse", "some", NO_BOOL)),
    ("queue_info", {"origin": "some"}, ("origin", "some", NO_BOOL)),
    ("queue_info", {"summary": "some"}, ("summary", "some", NO_BOOL)),
    ("queue_info", {"show": "../x"}, ("show: '../x' is not accepted", NO_ID)),
    ("queue_info", {"config_directory": "/srv"}, ("config_directory /srv holds no Postfix instance",)),
    ("instance_info", {"certificate_days": -1}, ("certificate_days: -1 is not accepted: a number of days, 0 or more",)),
    ("instance_info", {"signature_days": "few"}, ("signature_days", "few", NO_INT)),
    ("instance_info", {"deferred_hours": -1}, ("deferred_hours: -1 is not accepted: a number of hours, 0 or more",)),
    ("instance_info", {"config_directory": "/srv"}, ("config_directory /srv holds no Postfix instance",)),
)
CHECKED = 8
ROWS = (*((row, False) for row in WRONG), *((row, True) for row in WRONG[:CHECKED]))


@pytest.fixture(scope="session")
def told(lab: Lab) -> dict[str, list[Answer]]:
    """What each is refused with, by host, in the order of ROWS; then a flush that the halted queue manager ignores."""
    asked: list[Task] = [{f"mailops.mta.{row[0]}": row[1], "check_mode": checked} for row, checked in ROWS]
    with queues.filled(lab) as filled:
        answers = run_tasks(lab, [*asked, {"mailops.mta.queue": {"action": "flush"}}])
        for host, ids in filled.items():
            assert whereabouts(lab, host) == {queue_id: queue for queue, queue_id in ids.items()}
    return answers


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{row[0]}-{n}" for n, (row, _c) in enumerate(ROWS)])
def test_refused(told: dict[str, list[Answer]], mta: str, number: int) -> None:
    answer, words = told[mta][number], ROWS[number][0][2]
    assert answer["failed"], answer
    assert [word for word in words if word not in answer["msg"]] == [], answer["msg"]
    assert "done" not in answer
    assert "Traceback" not in str(answer)


def test_a_queue_manager_that_does_nothing(told: dict[str, list[Answer]], mta: str) -> None:
    """What was asked for is not what was done."""
    answer = told[mta][-1]
    assert (answer["changed"], answer["done"], answer["waiting"], answer["vanished"]) == (False, 0, 1, 0), answer
    assert answer["msg"] == "0 messages tried again; 1 waits until the queue manager takes it"


HOLD = {"action": "hold", "domain": "example.net"}
VARIABLES: t.Final[tuple[tuple[str, t.Any, tuple[str, ...]], ...]] = (
    ("actions", "flush", ("str", "dict")),
    ("actions", [{"action": "purge"}], ("purge", "hold, release")),
    ("actions", [HOLD, {"action": "hold", "sendr": "ann@example.org"}], ("sendr", "Supported parameters")),
    ("actions", [HOLD, {"domain": "example.net"}], ("missing required arguments: action",)),
    # All of them are judged before the first one is carried out.
    ("actions", [HOLD, {"action": "delete"}], ("actions[1]: delete without a filter", "all: true")),
    ("actions_group", [HOLD, {"action": "hold", "older_than": "2 hours"}], ("group[1]: older_than: '2 hours'", "2h")),
    ("actions_host", [HOLD, {"action": "delete", "id": "ALL"}], ("host[1]: id: 'ALL' is not accepted", NO_ID)),
    ("listing", {"limit": -1}, ("listing: limit: -1 is not accepted",)),
    ("listing", {"sort": "age"}, ("age", "arrival, size")),
    ("listing", {"queue": ["spam"]}, ("spam", "active, incoming")),
    ("listing", {"lst": True}, ("lst", "Supported parameters")),
    ("textfile", "perhaps", ("perhaps", "bool")),
    ("textfile_interval", "often", ('"often" is not accepted', "s, m, h, d or w")),
    ("exporter", "perhaps", ("perhaps", "bool")),
    ("exporter_listen", "everywhere", ('"everywhere" is not accepted', "127.0.0.1:9154")),
    ("exporter_listen", "127.0.0.1:99999", ('"127.0.0.1:99999" is not accepted', "127.0.0.1:9154")),
)
CASES = refused.of_role("mta_queue", VARIABLES)


def state(lab: Lab) -> dict[str, tuple[dict[str, str], str]]:
    """Where the messages are, and the units of systemd."""
    files = "ls -l --time-style=full-iso /etc/systemd/system /etc/default; dpkg -l | sha256sum"
    return {host: (whereabouts(lab, host), mail.output(lab, host, "sh", "-c", files)) for host in HOSTS}


@pytest.fixture(scope="session")
def attempts(lab: Lab) -> refused.Attempts:
    """With a message that HOLD would move."""
    queues.clear(lab)
    for host in HOSTS:
        mail.sendmail(lab, host, "ann@example.org", "defer@example.net", "Subject: x\n\nx\n")
        mail.output(lab, host, "timeout", "60", "sh", "-c", "until postqueue -j | grep -q 451; do sleep 0.2; done")
    tried = refused.attempt(lab, CASES, state=state, playbook=PLAYBOOK)
    queues.clear(lab)
    return tried


@pytest.mark.parametrize(("case", "mode"), refused.tries(CASES), ids=refused.name)
def test_wrong_variable_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


def test_nothing_was_done(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()
