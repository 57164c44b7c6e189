# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the running Postfix needs after a change, and the way back when it no longer answers."""

from __future__ import annotations

import time
from typing import Any

import pytest
from lab import mail
from lab.tasks import Answer, Task, run_tasks
from lab.topology import MTA_HOSTS, Lab
from lab.watch import Watch, watched

INSTANCE: Task = {"mailops.mta.instance": {}}
ANSWERS_WITHIN = 10.0
REJECTED = "/var/lib/mailops-mta/etc-postfix/rejected"

# No rule refuses these: what they name exists only while another program runs.
DEADLY: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "smtpd": (
        {"smtpd_sasl_auth_enable": True, "smtpd_sasl_type": "dovecot", "smtpd_sasl_path": "private/none"},
        ("127.0.0.1:25", "SASL"),
    ),
    "policy server": (
        {"smtpd_recipient_restrictions": ["check_policy_service unix:private/none"]},
        ("127.0.0.1:25", "451 4.3.5"),
    ),
}

# A change, a second one that takes it back or goes on, and what each of them needs.
NEEDS: dict[str, tuple[Task, Task, str]] = {
    "relay host": (
        {"mailops.mta.postconf": {"parameters": {"relayhost": "[relay.example.net]"}}},
        {"mailops.mta.postconf": {"parameters": {"relayhost": None}}},
        "reload",
    ),
    "new service": (
        {"mailops.mta.master_services": {"services": {"10025/inet": {"command": "smtpd"}}}},
        {"mailops.mta.master_services": {"services": {"10026/inet": {"command": "smtpd"}}}},
        "reload",
    ),
    # A master that may not signal the processes of a service that is gone would wait for them after a reload.
    "service that is gone": (
        {"mailops.mta.master_services": {"services": {"10025/inet": None}}},
        {"mailops.mta.master_services": {"services": {"10026/inet": None}}},
        "restart",
    ),
    "interfaces": (
        {"mailops.mta.postconf": {"parameters": {"inet_interfaces": ["$myhostname", "localhost"]}}},
        {"mailops.mta.postconf": {"parameters": {"inet_interfaces": "all"}}},
        "restart",
    ),
    "protocols": (
        {"mailops.mta.postconf": {"parameters": {"inet_protocols": "ipv4"}}},
        {"mailops.mta.postconf": {"parameters": {"inet_protocols": "all"}}},
        "restart",
    ),
    "indexed table": (
        {"mailops.mta.lookup_tables": {"tables": {"hash:/srv/indexed": {"entries": {"a.example": "OK"}}}}},
        {"mailops.mta.lookup_tables": {"tables": {"hash:/srv/indexed": {"entries": {"b.example": "OK"}}}}},
        "none",
    ),
}


def look(lab: Lab, host: str) -> str:
    """Inode-free state of the configuration."""
    return mail.output(lab, host, "sh", "-c", "cd /etc/postfix && ls -A && sha256sum main.cf master.cf")


def master(lab: Lab, host: str) -> str:
    return mail.output(lab, host, "cat", "/var/spool/postfix/pid/master.pid").strip()


def call(lab: Lab, task: Task) -> dict[str, Answer]:
    """The answer of each host to one task in a play of its own."""
    return {host: answers[0] for host, answers in run_tasks(lab, [task]).items()}


def assert_answers_soon(watch: Watch, host: str, since: float) -> None:
    """Mail is taken, and never was away for 10 s since a moment."""
    watch.wait(host, time.time(), ANSWERS_WITHIN)
    gap = watch.longest_gap(host, since, time.time())
    print(f"{host}: longest time without an answer {gap:.1f} s")
    assert gap < ANSWERS_WITHIN


@pytest.mark.parametrize("name", DEADLY)
def test_roll_back(lab: Lab, name: str) -> None:
    """The task fails and says why, the old files are back, mail is taken again within 10 s."""
    parameters, words = DEADLY[name]
    call(lab, INSTANCE)
    before = {host.name: look(lab, host.name) for host in MTA_HOSTS}
    with watched(lab) as watch:
        changed = call(lab, {"mailops.mta.postconf": {"parameters": parameters}})
        start = time.time()
        failed = call(lab, INSTANCE)
        for host in failed:
            print(f"{host}: {failed[host]['msg']}")
            assert_answers_soon(watch, host, start)
    again = call(lab, INSTANCE)
    for host, answer in failed.items():
        assert changed[host]["changed"]
        assert changed[host]["activation"] == "reload"
        assert answer["failed"]
        expected = (*words, "last good configuration is back in /etc/postfix and serves mail again", REJECTED)
        assert [word for word in expected if word not in answer["msg"]] == []
        assert look(lab, host) == before[host]
        kept = mail.output(lab, host, "cat", f"{REJECTED}/etc-postfix-main.cf")
        assert all(parameter in kept for parameter in parameters)
        assert not again[host]["changed"]


@pytest.mark.parametrize("direction", [0, 1], ids=["there", "back"])
@pytest.mark.parametrize("name", NEEDS)
def test_activation(lab: Lab, name: str, direction: int) -> None:
    """A play that ended between change and activation is finished by the next one, with what the change needs."""
    task, needs = NEEDS[name][direction], NEEDS[name][2]
    masters = {host.name: master(lab, host.name) for host in MTA_HOSTS}
    changed, predicted = call(lab, task), call(lab, {**INSTANCE, "check_mode": True})
    cursors = {host.name: mail.journal_cursor(lab, host.name) for host in MTA_HOSTS}
    done, again = call(lab, INSTANCE), call(lab, INSTANCE)
    for host, answer in done.items():
        assert changed[host]["changed"]
        assert [changed[host]["activation"], answer["activation"], predicted[host]["activation"]] == [needs] * 3
        assert not answer["failed"]
        assert (master(lab, host) != masters[host]) == (needs == "restart")
        reloads = mail.journal(lab, host, cursors[host]).count("/master[" + masters[host] + "]: reload ")
        assert reloads == (needs == "reload")
        assert not again[host]["changed"]


# Three clients, of whom one has to wait, and what master(8) says then.
BUSY = """
import socket, subprocess, time
clients = [socket.create_connection(("127.0.0.1", 10027)) for number in range(3)]
deadline = time.monotonic() + 30
while time.monotonic() < deadline:
    told = subprocess.run(["journalctl", "-q", "-t", "postfix/master"], capture_output=True, text=True, check=True)
    if "(10027) has reached its process limit" in told.stdout:
        print("busy")
        break
    time.sleep(0.1)
"""


def test_a_busy_server_keeps_its_new_configuration(lab: Lab) -> None:
    """A service whose processes were all busy hangs up after one error for the next 1000 s, the witness's included."""
    service = {"command": "smtpd", "process_limit": 2, "options": {"smtpd_client_restrictions": "reject"}}
    call(lab, {"mailops.mta.master_services": {"services": {"10027/inet": service}}})
    assert not any(answer["failed"] for answer in call(lab, INSTANCE).values())
    for host in MTA_HOSTS:
        assert mail.output(lab, host.name, "python3", "-c", BUSY) == "busy\n"
    call(lab, {"mailops.mta.postconf": {"parameters": {"relayhost": "[relay.example.net]"}}})
    done = call(lab, INSTANCE)
    call(lab, {"mailops.mta.postconf": {"parameters": {"relayhost": None}}})
    call(lab, {"mailops.mta.master_services": {"services": {"10027/inet": None}}})
    call(lab, INSTANCE)
    for answer in done.values():
        assert not answer["failed"], answer["msg"]


def test_stopped(lab: Lab) -> None:
    """Where Postfix is stopped it is started, changes or not."""
    for host in MTA_HOSTS:
        mail.output(lab, host.name, "sh", "-c", "systemctl stop 'postfix*'")
    predicted, done = call(lab, {**INSTANCE, "check_mode": True}), call(lab, INSTANCE)
    with watched(lab) as watch:
        for host in done:
            assert predicted[host]["changed"]
            assert done[host]["changed"]
            assert watch.wait(host, 0)
