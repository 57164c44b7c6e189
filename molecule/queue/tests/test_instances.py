# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second instance made by postmulti(1): its queues are its own, and so is what is told of it."""

from __future__ import annotations

import pytest
from lab import mail, queues
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab

DIRECTORY = "/etc/postfix-two"
TOKEN = mail.new_token()
CREATE = f"""
set -e
postmulti -e init
postmulti -I postfix-two -e create
postconf -c {DIRECTORY} -X master_service_disable authorized_submit_users
postconf -c {DIRECTORY} -e myhostname=two.example.test inet_interfaces=127.0.0.1 relayhost=[127.0.0.1]:9
postconf -c {DIRECTORY} -MX smtp/inet
postconf -c {DIRECTORY} -F smtp/unix/chroot=n
postconf -c {DIRECTORY} -M '2527/inet=2527 inet n - n - - smtpd'
postmulti -i postfix-two -e enable
"""
REMOVE = """
systemctl -q stop postfix@two 2>/dev/null
postmulti -i postfix-two -p stop
postmulti -i postfix-two -e disable
rm -rf /etc/postfix-two /var/spool/postfix-two /var/lib/postfix-two
postconf -X multi_instance_directories multi_instance_enable multi_instance_wrapper
"""
# Postfix has only just started: its first attempt takes a moment.
SUBMIT = """
printf 'Subject: %s\\n\\nHello\\n' '{token}' | sendmail -C {directory} -i -f ann@example.org -- {recipient}
timeout 60 sh -c 'until postqueue -c {directory} -j | grep -q delay_reason; do sleep 0.2; done'
"""
TWO = {"config_directory": DIRECTORY}
TASKS: dict[str, Task] = {
    "create": shell(CREATE),
    "start": {"mailops.mta.instance": TWO},
    "first message": shell(SUBMIT.format(token=TOKEN, directory="/etc/postfix", recipient="defer@example.net")),
    "message": shell(SUBMIT.format(token=TOKEN, directory=DIRECTORY, recipient="bob@example.net")),
    "instance": {"mailops.mta.instance_info": TWO},
    "hold": {"mailops.mta.queue": {"action": "hold", "domain": "example.net", **TWO}},
    "first queue": {"mailops.mta.queue_info": {}},
    "delete first": {"mailops.mta.queue": {"action": "delete", "all": True}},
    "queue": {"mailops.mta.queue_info": {"list": True, **TWO}},
    "open": shell(f"postconf -c {DIRECTORY} -X relayhost; postfix -c {DIRECTORY} reload"),
    "release": {"mailops.mta.queue": {"action": "release", **TWO}},
    "flush": {"mailops.mta.queue": {"action": "flush", **TWO}},
}


@pytest.fixture(scope="session")
def answers(lab: Lab) -> dict[str, dict[str, Answer]]:
    """The answers by host and name; the instance is gone again when they are read."""
    queues.clear(lab)
    try:
        given = run_tasks(lab, list(TASKS.values()))
        # What was flushed is on its way.
        mail.stored(lab, TOKEN, count=len(given))
    finally:
        run_tasks(lab, [shell(REMOVE)])
    return {host: dict(zip(TASKS, all_, strict=True)) for host, all_ in given.items()}


def test_nothing_failed(answers: dict[str, dict[str, Answer]], mta: str) -> None:
    assert {name: answer for name, answer in answers[mta].items() if answer["failed"]} == {}


def test_each_has_its_own_queues(answers: dict[str, dict[str, Answer]], mta: str) -> None:
    told = answers[mta]
    assert [told[name]["done"] for name in ("hold", "delete first", "release", "flush")] == [1, 1, 1, 1]
    assert told["first queue"]["msg"].startswith("1 message: 1 deferred; the oldest waits for ")
    assert told["queue"]["msg"].startswith("1 message: 1 hold; ")
    assert told["queue"]["running"]
    assert told["queue"]["messages"][0]["recipients"][0]["address"] == "bob@example.net"


def test_flush_delivers(lab: Lab, answers: dict[str, dict[str, Answer]]) -> None:
    assert answers
    assert [each.recipients for each in mail.stored(lab, TOKEN, count=2)] == [["bob@example.net"]] * 2


def test_instance_info(answers: dict[str, dict[str, Answer]], mta: str) -> None:
    info = answers[mta]["instance"]
    assert info["hostname"] == "two.example.test"
    assert [each["address"] for each in info["listeners"]] == ["127.0.0.1:2527"]
    assert info["listeners"][0]["banner"].startswith("220 two.example.test ESMTP")
    assert (info["parts"]["postfix"]["running"], info["parts"]["postfix"]["answering"]) == (True, True)
    assert {name: queue["messages"] for name, queue in info["queues"].items() if queue["messages"]} == {"deferred": 1}
    assert info["last_reload"] is not None
