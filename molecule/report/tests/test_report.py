# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/report.yml over hosts with mail that cannot leave: the page and the JSON tell what Postfix's tools tell."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser import sight
from browser.chromium import chromium
from lab import mail, play
from lab.engine import REPOSITORY
from lab.lifecycle import ssh_config_path
from lab.tasks import run_tasks, shell
from lab.topology import MTA_HOSTS, Lab, inventory

REPORT = REPOSITORY / "playbooks" / "report.yml"
HOSTS = [host.name for host in MTA_HOSTS]
HOSTILE_SENDER = "<script>document.title='owned'</script>"
HOSTILE_REASON = "<img src=x onerror=\"document.title='owned'\">"
# Mail for a peer that is down, for a transport that says something hostile, held mail, and a corrupt file.
FILL = f"""
echo | sendmail -f "\\"{HOSTILE_SENDER}\\"@evil.example" x@hostile.example
for number in $(seq 12); do echo | sendmail -f ann@example.com bob$number@partner.example.net carl@example.org; done
for try in $(seq 200); do test $(postqueue -j | grep -c '"deferred".*delay_reason') = 13 && break; sleep 0.2; done
postqueue -j | grep -m2 partner | sed 's/.*"queue_id": "//; s/".*//' | postsuper -h -
echo x >/var/spool/postfix/corrupt/0123456789
"""
EMPTY = shell("postsuper -d ALL; rm -f /var/spool/postfix/corrupt/*")
LISTED = 9


@dataclass(frozen=True)
class Written:
    """What a run of the playbook wrote, and what postqueue(1) said of each host before it: messages by queue."""

    page: Path
    report: dict[str, Any]
    queues: dict[str, Counter[str]]
    run: play.Play

    def server(self, name: str) -> dict[str, Any]:
        """Return what is said of one server."""
        return next(server for server in self.report["servers"] if server["name"] == name)


def write_inventory(lab: Lab, directory: Path) -> Path:
    """The two mail hosts, one that is not there, which comes first, and one without a Python."""
    text = inventory(lab, ssh_config_path(lab.name))
    address = {host: f"          ansible_host: {lab.address(host)}" for host in ("peer", "mx12")}
    more = (
        f"        a-lost-one:\n{address['peer']}9\n          ansible_ssh_common_args: -o ConnectTimeout=3\n"
        f"        odd-one:\n{address['mx12']}\n          ansible_python_interpreter: /nowhere/python\n"
    )
    path = directory / "hosts.yml"
    path.write_text(text.replace("      hosts:\n", "      hosts:\n" + more))
    return path


@pytest.fixture(scope="session")
def written(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Written:
    directory = tmp_path_factory.mktemp("report")
    mail.output(lab, "peer", "systemctl", "stop", "sink")
    try:
        run_tasks(lab, [EMPTY, shell(FILL)])
        queues = {host: listed(lab, host) for host in HOSTS}
        run = play.play(
            REPORT,
            [write_inventory(lab, directory)],
            "-e",
            f"mta_report_directory={directory} mta_report_messages={LISTED}",
        )
    finally:
        run_tasks(lab, [EMPTY])
        mail.output(lab, "peer", "systemctl", "start", "sink")
    assert run.code == 0, run.output
    page = directory / "mta-report.html"
    return Written(page, json.loads((directory / "mta-report.json").read_text()), queues, run)


def listed(lab: Lab, host: str) -> Counter[str]:
    lines = mail.output(lab, host, "postqueue", "-j").splitlines()
    return Counter(json.loads(line)["queue_name"] for line in lines)


def test_numbers_are_those_of_postqueue(written: Written, mta: str) -> None:
    told = {name: queue["messages"] for name, queue in written.server(mta)["queues"].items()}
    assert written.queues[mta] == {"deferred": 11, "hold": 2}
    assert told == {"active": 0, "incoming": 0, "deferred": 11, "hold": 2, "maildrop": 0, "corrupt": 1}
    server = written.server(mta)
    assert [server["total"]["messages"], server["matched"]["messages"]] == [14, 14]
    ages = {row["domain"]: row["ages"][0] for row in server["summary"]["domains"]}
    assert ages == {"example.org": 12, "partner.example.net": 12, "hostile.example": 1}


def test_totals(written: Written) -> None:
    totals = written.report["totals"]
    assert totals["states"] == {"ok": 2, "failed": 1, "unreachable": 1}
    assert [totals["queues"][name]["messages"] for name in ("deferred", "hold", "corrupt")] == [22, 4, 2]
    assert totals["all"]["messages"] == 28


def test_messages_are_capped_and_have_reasons(written: Written, mta: str) -> None:
    messages = written.server(mta)["messages"]
    assert len(messages) == LISTED
    assert [message["arrival_time"] for message in messages] == sorted(message["arrival_time"] for message in messages)
    reasons = [message["reason"] for message in messages if message["queue"] == "deferred"]
    assert "Connection refused" in reasons[-1]
    assert [reason for reason in reasons if "Connection refused" not in reason and HOSTILE_REASON not in reason] == []


def test_servers_that_cannot_be_read_are_shown(written: Written) -> None:
    lost, odd = written.server("a-lost-one"), written.server("odd-one")
    assert (lost["state"], odd["state"]) == ("unreachable", "failed")
    assert "10.53." in lost["error"]
    assert "/nowhere/python" in odd["error"]
    assert [problem["severity"] for problem in written.report["problems"][:2]] == ["critical", "critical"]


def test_corrupt_mail_is_a_problem_of_both(written: Written) -> None:
    found = [each["servers"] for each in written.report["problems"] if each["text"] == "1 message in the corrupt queue"]
    assert [sorted(servers) for servers in found] == [HOSTS]


def test_nothing_changed_on_the_servers(written: Written) -> None:
    assert {task for _host, task in written.run.changed} == {"Write the page", "Write the same as JSON"}


def test_what_a_person_sees(written: Written) -> None:
    """The real page in a browser: a click on a server shows why its mail waits; hostile mail is text."""
    with chromium() as browser:
        browser.open(written.page)
        browser.picture(REPOSITORY / ".cache" / "pictures" / "report.png")
        assert "1 unreachable" in sight.visible_text(browser)
        for selector in ('[data-server="mx12"] > summary', '[data-server="mx12"] .queue:not([open]) > summary'):
            browser.click(selector)
        seen = sight.visible_text(browser)
        assert "11 messages" in seen
        assert "Connection refused" in seen
        browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        everything = sight.visible_text(browser)
        assert HOSTILE_SENDER in everything
        assert HOSTILE_REASON in everything
        assert browser.evaluate("document.title").startswith("Mail servers, ")
        assert sight.intrusions(browser, written.page) == []
        assert sight.cut_texts(browser) == sight.faint_texts(browser) == []


def test_one_server_and_check_mode(lab: Lab, tmp_path: Path) -> None:
    """A report on one server holds that one; check mode writes nothing."""
    options = ("--limit", "mx13", "-e", f"mta_report_directory={tmp_path}")
    hosts = write_inventory(lab, tmp_path)
    assert play.play(REPORT, [hosts], *options, "--check").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["hosts.yml"]
    assert play.play(REPORT, [hosts], *options).code == 0
    report = json.loads((tmp_path / "mta-report.json").read_text())
    assert [server["name"] for server in report["servers"]] == ["mx13"]


@pytest.mark.parametrize(
    ("variable", "value", "accepted"),
    [
        ("mta_report_directory", "/nowhere/at/all", "the path of a directory that is there, on this machine"),
        ("mta_report_messages", "many", "a number of messages, from 0 to 999999"),
        ("mta_report_messages", "-1", "a number of messages, from 0 to 999999"),
    ],
)
def test_wrong_variables(lab: Lab, tmp_path: Path, variable: str, value: str, accepted: str) -> None:
    """One message, before any server is asked: without it the report would call every server broken."""
    right = f"mta_report_directory={tmp_path}"
    hosts = write_inventory(lab, tmp_path)
    run = play.play(REPORT, [hosts], "-e", right, "-e", f"{variable}={value}", "--check")
    assert run.code != 0
    assert [f'{variable}: "{value}" is not accepted; write {accepted}' in run.output, run.changed] == [True, set()]
    assert "Look at the server" not in {each.task for each in run.outcomes}
    assert [path.name for path in tmp_path.iterdir()] == ["hosts.yml"]
