# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each action on each of the six states, and what can be done with corrupt files."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

import pytest
from lab import mail
from lab.queues import HOSTS, LOOK, QUEUES, IDs, call, ids_in, places, whereabouts
from lab.tasks import Task, run_tasks, shell
from lab.topology import Lab

# Where a message is afterwards, by where it was: None is nowhere; what is not named stays. An expired message and one
# that is tried again go to incoming at once, where they stay as long as qmgr is halted.
MOVES: t.Final[Mapping[str, Mapping[str, str | None]]] = {
    "hold": {"incoming": "hold", "active": "hold", "deferred": "hold"},
    "release": {"hold": "deferred"},
    "requeue": {"incoming": "maildrop", "active": "maildrop", "deferred": "maildrop", "hold": "maildrop"},
    "delete": dict.fromkeys(("incoming", "active", "deferred", "hold", "maildrop")),
    "expire": {"incoming": "incoming", "active": "active", "deferred": "incoming", "hold": "incoming"},
    "flush": {"deferred": "incoming"},
}
REFUSED = "Postfix could not read these files and never touches them again; delete or set_aside works"
FIND = shell(LOOK)
ALIVE = tuple(queue for queue in QUEUES if queue != "corrupt")


@pytest.mark.parametrize("action", MOVES)
def test_action_on_each_state(lab: Lab, filled: Mapping[str, IDs], action: str) -> None:
    """Each host gets its own IDs and the other's, which count as vanished."""
    moves = MOVES[action]
    asked: Task = {"mailops.mta.queue": {"action": action, "id": ids_in(filled, *ALIVE)}}
    given = run_tasks(lab, [{**asked, "check_mode": True}, FIND, asked, FIND, asked])
    for host, ids in filled.items():
        checked, before, applied, after, again = given[host]
        for result in (checked, applied):
            assert (result["done"], result["vanished"], result["changed"]) == (len(moves), len(ALIVE), True), result
            stays = sorted(f"{ids[queue]} {queue}" for queue in ALIVE if queue not in moves)
            assert sorted(result.get("unchanged", [])) == stays
        assert places(before["stdout"]) == {ids[queue]: queue for queue in QUEUES}
        expected = {ids[queue]: moves.get(queue, queue) for queue in QUEUES}
        assert places(after["stdout"]) == {queue_id: queue for queue_id, queue in expected.items() if queue}
        if action not in ("flush", "requeue"):
            assert (again["changed"], again["done"]) == (False, 0)


def test_corrupt_files(lab: Lab, filled: Mapping[str, IDs]) -> None:
    named = {"id": ids_in(filled, "corrupt")}
    for action in ("hold", "release", "requeue", "expire", "flush"):
        for result in call(lab, "queue", {"action": action, **named}).values():
            assert result["msg"].endswith(f"{action} is not possible in corrupt: {REFUSED}")
    # Everything does not mean corrupt files, unless they are named.
    assert [each["done"] for each in call(lab, "queue", {"action": "delete", "all": True}).values()] == [5, 5]
    for host, ids in filled.items():
        assert whereabouts(lab, host) == {ids["corrupt"]: "corrupt"}
    for result in call(lab, "queue", {"action": "set_aside", **named}).values():
        assert (result["done"], result["changed"]) == (1, True)
    for host, ids in filled.items():
        assert whereabouts(lab, host) == {}
        kept = f"/var/lib/mailops-mta/corrupt/{ids['corrupt']}"
        assert "no queue file" in mail.output(lab, host, "cat", kept)
        assert mail.output(lab, host, "stat", "-c", "%a %U", "/var/lib/mailops-mta/corrupt") == "700 root\n"
        mail.output(lab, host, "mv", kept, "/var/spool/postfix/corrupt/")
    removed = call(lab, "queue", {"action": "delete", "queue": "corrupt", "all": True})
    assert [(removed[host]["done"], whereabouts(lab, host)) for host in HOSTS] == [(1, {}), (1, {})]
