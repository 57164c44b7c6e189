# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second instance made by postmulti(1): all modules keep to its directory, and the first one notices nothing."""

from __future__ import annotations

import pytest
from lab import mail
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab

DIRECTORY = "/etc/postfix-out"
STATE = (
    "cat /var/spool/postfix/pid/master.pid; cd /etc/postfix; find . -type f -printf '%p %i %T@\\n' -exec sha256sum {} +"
)
MASTER = shell("cat /var/spool/postfix-out/pid/master.pid")
INSTANCE: Task = {"mailops.mta.instance": {}}
TASKS: dict[str, Task] = {
    "create": shell(
        "postmulti -e init && postmulti -I postfix-out -G out -e create && postmulti -i postfix-out -e enable"
    ),
    "before": shell(STATE),
    "services": {"mailops.mta.master_services": {"services": {"smtp/inet": None, "2526/inet": {"command": "smtpd"}}}},
    "tables": {"mailops.mta.lookup_tables": {"tables": {"hash:domains": {"entries": {"a.example": "OK"}}}}},
    "parameters": {
        "mailops.mta.postconf": {
            "parameters": {
                "master_service_disable": "", "myhostname": "out.example.test", "mydestination": "$myhostname",
                "inet_interfaces": "all",
                "relay_domains": "hash:/etc/postfix-out/domains",
                "smtpd_relay_restrictions": ["permit_mynetworks", "reject_unauth_destination"],
            },
        }
    },
    "start": INSTANCE,
    "first master": MASTER,
    "reload": {"mailops.mta.postconf": {"parameters": {"relayhost": "[relay.example.net]"}}},
    "reloaded": INSTANCE,
    "same master": MASTER,
    "restart": {"mailops.mta.postconf": {"parameters": {"inet_interfaces": ["127.0.0.1", "{{ ansible_host }}"]}}},
    "restarted": INSTANCE,
    "other master": MASTER,
    "info": {"mailops.mta.postconf_info": {"parameters": ["queue_directory"]}},
    "again": INSTANCE,
    "after": shell(STATE),
}  # fmt: skip


@pytest.fixture(scope="session")
def answers(lab: Lab) -> dict[str, dict[str, Answer]]:
    """The answers by host and name; the directory is given once, as a default of the action group."""
    defaults = {"group/mailops.mta.postfix": {"config_directory": DIRECTORY}}
    given = run_tasks(lab, list(TASKS.values()), module_defaults=defaults)
    return {host: dict(zip(TASKS, all_, strict=True)) for host, all_ in given.items()}


@pytest.mark.parametrize("name", TASKS)
def test_task(answers: dict[str, dict[str, Answer]], mta: str, name: str) -> None:
    answer = answers[mta][name]
    assert not answer["failed"], answer
    assert answer["changed"] == (name not in ("info", "again"))


def test_activation(answers: dict[str, dict[str, Answer]], mta: str) -> None:
    told = answers[mta]
    assert (told["reloaded"]["activation"], told["restarted"]["activation"]) == ("reload", "restart")
    first, same, other = (told[name]["stdout"].strip() for name in ("first master", "same master", "other master"))
    assert first == same != other


def test_first_instance_untouched(answers: dict[str, dict[str, Answer]], mta: str) -> None:
    assert answers[mta]["before"]["stdout"] == answers[mta]["after"]["stdout"]


def test_info(answers: dict[str, dict[str, Answer]], mta: str) -> None:
    info = answers[mta]["info"]
    assert info["effective"] == {"queue_directory": "/var/spool/postfix-out"}
    assert info["running"]
    assert "2526/inet" in info["services"]


def test_answers(lab: Lab, answers: dict[str, dict[str, Answer]], mta: str) -> None:
    """Each instance greets on its own port with its own name."""
    assert answers
    assert "out.example.test" in mail.dialogue(lab, mta, [], port=2526)[0].text
    assert f"{mta}.example.test" in mail.dialogue(lab, mta, [])[0].text
