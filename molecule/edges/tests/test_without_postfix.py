# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host without Postfix. These tests come last: they remove the package."""

from __future__ import annotations

import pytest
from lab import mail, refused
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import MTA_HOSTS, Lab

CHANGING: dict[str, Task] = {
    "postconf": {"mailops.mta.postconf": {"parameters": {"biff": False}}},
    "master_services": {"mailops.mta.master_services": {"services": {"2525/inet": {"command": "smtpd"}}}},
    "lookup_tables": {"mailops.mta.lookup_tables": {"tables": {"hash:t": {"entries": {"a": "b"}}}}},
    "instance": {"mailops.mta.instance": {}},
}
REMOVING: dict[str, Task] = {
    "postconf": {"mailops.mta.postconf": {"parameters": {"biff": None}}},
    "master_services": {"mailops.mta.master_services": {"services": {"2525/inet": None}}},
    "lookup_tables": {"mailops.mta.lookup_tables": {"tables": {"hash:t": None}}},
    "sasl_credentials": {"mailops.mta.sasl_credentials": {}},
    "postscreen": {"mailops.mta.postscreen": {"enabled": False}},
    "postconf_info": {"mailops.mta.postconf_info": {}},
}
REMOVE = shell("DEBIAN_FRONTEND=noninteractive apt-get -q -y purge postfix && rm -rf /etc/postfix && hash -r")
INFO: Task = {"mailops.mta.postconf_info": {}}
LEFT = shell("find /etc/postfix /var/lib/mailops-mta")

# Of the roles that come after mta_base, which installs Postfix.
WRONG = refused.on_servers(
    {
        "inbound-choice": refused.Wrong(
            {"mta_inbound_sender_login_mismatch": "some"}, ("off, authenticated, all", "some")
        ),
        "inbound-network": refused.Wrong(
            {"mta_inbound_client_allowlist": ["0.0.0.0/0"]}, ("mta_inbound_client_allowlist",)
        ),
        "outbound-choice": refused.Wrong({"mta_outbound_smtp_tls_security_level": "some"}, ("none, may", "some")),
        "outbound-port": refused.Wrong(
            {"mta_outbound_relayhost": {"host": "relay.example.net", "port": 70000}},
            ("mta_outbound_relayhost", "70000"),
        ),
        "filter-number": refused.Wrong(
            {"antivirus_antispam_max_threads": "many"}, ("antivirus_antispam_max_threads", "many")
        ),
        "filter-time": refused.Wrong(
            {"antivirus_antispam_enabled": True, "antivirus_antispam_quarantine_retention": "5x"},
            ("antivirus_antispam_quarantine_retention", "5x", "30d"),
        ),
    }
)

# pytest would run all tests of the fixture mta for one host before those for the other, and so these amid the rest.
on_each_server = pytest.mark.parametrize("server", [host.name for host in MTA_HOSTS])


@pytest.fixture(scope="session")
def answers(lab: Lab) -> dict[str, list[Answer]]:
    pairs = [{**task, "check_mode": check} for task in CHANGING.values() for check in (True, False)]
    removals = [{**task, "check_mode": True} for task in REMOVING.values()]
    return run_tasks(lab, [shell("rm -rf /var/lib/mailops-mta"), REMOVE, INFO, *pairs, *removals, LEFT])


@on_each_server
@pytest.mark.parametrize("name", CHANGING)
def test_changing(answers: dict[str, list[Answer]], server: str, name: str) -> None:
    """Check mode says that everything would be new, since a play would have installed the package; the run fails."""
    start = 3 + 2 * list(CHANGING).index(name)
    predicted, done = answers[server][start : start + 2]
    assert predicted["changed"]
    assert "not installed yet" in predicted["msg"]
    assert_one_sentence(done)


@on_each_server
@pytest.mark.parametrize("name", REMOVING)
def test_removing(answers: dict[str, list[Answer]], server: str, name: str) -> None:
    """Check mode says that there is nothing to remove."""
    predicted = answers[server][3 + 2 * len(CHANGING) + list(REMOVING).index(name)]
    assert (predicted["failed"], predicted["changed"]) == (False, False)
    assert "not installed yet" in predicted["msg"]


@on_each_server
def test_info(answers: dict[str, list[Answer]], server: str) -> None:
    assert_one_sentence(answers[server][2])


@on_each_server
def test_nothing_made(answers: dict[str, list[Answer]], server: str) -> None:
    assert answers[server][1]["rc"] == 0
    assert answers[server][-1]["stdout"] == ""


@pytest.fixture(scope="session")
def attempts(lab: Lab, answers: dict[str, list[Answer]]) -> refused.Attempts:
    assert answers
    return refused.attempt(lab, WRONG, state=packages)


@pytest.mark.parametrize(("case", "mode"), refused.tries(WRONG), ids=refused.name)
def test_refused_before_anything_is_installed(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    """What is wrong in the variables of a later role is said before the first one changes a fresh server."""
    attempts.message(case, mode)


def test_nothing_installed(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()


def packages(lab: Lab) -> dict[str, str]:
    """The packages on both mail hosts."""
    return {host.name: mail.output(lab, host.name, "dpkg-query", "--show") for host in MTA_HOSTS}


def assert_one_sentence(answer: Answer) -> None:
    assert answer["failed"]
    assert not answer["changed"]
    assert "Postfix is not installed on this host" in answer["msg"]
    assert "Traceback" not in str(answer)
