# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role: requests in their order, metrics as Prometheus gets them, and nothing left when they are switched off."""

from __future__ import annotations

import json
import re

import pytest
from lab import mail, play
from lab.engine import REPOSITORY
from lab.play import Play, Variables
from lab.queues import HOSTS, call, listed
from lab.topology import PEER, Lab

PLAYBOOK = REPOSITORY / "playbooks" / "queue.yml"
DASHBOARD = REPOSITORY / "roles" / "mta_queue" / "files" / "grafana-dashboard.json"
# Prints what an exporter says when Python calls a condition on its *text* true, or after half a minute.
SCRAPE = """
import sys, time, urllib.request
deadline = time.monotonic() + 30
while True:
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics") as answer:
        text = answer.read().decode()
    if eval(sys.argv[2]) or time.monotonic() > deadline:
        break
    time.sleep(0.2)
print(text)
"""
METRICS = {"mta_queue_textfile": True, "mta_queue_textfile_interval": "5s", "mta_queue_exporter": True}


def scrape(lab: Lab, host: str, port: int, condition: str = "True") -> dict[str, float]:
    """Return the metrics of an exporter, by name and labels."""
    text = mail.output(lab, host, "python3", "-c", SCRAPE, str(port), condition)
    lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith("postfix_")]
    return {name: float(value) for name, _blank, value in lines}


def run(lab: Lab, *options: str, **variables: object) -> Play:
    """Run the playbook with the scenario's metrics and some more variables."""
    group: Variables = {**METRICS, **variables}
    return play.run(lab, *options, playbook=PLAYBOOK, group=group)


@pytest.mark.usefixtures("empty")
def test_requests_in_their_order(lab: Lab) -> None:
    for host in HOSTS:
        for name in ("defer1", "defer2", "defer3"):
            mail.sendmail(lab, host, "ann@example.org", f"{name}@example.net", "Subject: x\n\nx\n")
    wanted = {
        "mta_queue_actions": [{"action": "hold", "domain": "example.net"}],
        "mta_queue_actions_group": [{"action": "delete", "recipient": "defer1@*", "queue": "hold"}],
        "mta_queue_actions_host": [{"action": "release", "recipient": "defer2@*"}],
        "mta_queue_listing": {"list": True, "summary": True},
    }
    applied = run(lab, **wanted)
    assert applied.code == 0, applied.output
    assert applied.output.count('"2 messages: 1 deferred, 1 hold; the oldest waits for ') == len(HOSTS), applied.output
    for told in (
        r'"\w+ hold \S+ \d+ bytes ann@example.org -> defer3@example.net: host .* said: 451 ',
        r'"to example.net: 2"',
        r'"from ann@example.org: 2"',
        r'"because of host .*: [12]"',
    ):
        assert len(re.findall(told, applied.output)) >= len(HOSTS), told + applied.output
    assert {(host, "mailops.mta.mta_queue : Act on the queue") for host in HOSTS} <= applied.changed
    for host in HOSTS:
        found = {each["recipients"][0]["address"]: each["queue_name"] for each in listed(lab, host)}
        assert found == {"defer2@example.net": "deferred", "defer3@example.net": "hold"}


@pytest.mark.usefixtures("empty")
def test_metrics(lab: Lab) -> None:
    for host in HOSTS:
        for number in range(3):
            mail.sendmail(lab, host, "ann@example.org", f"defer{number}@example.net", "Subject: x\n\nx\n")
    counted = 'postfix_queue_messages{queue="%s"}'
    for host in HOSTS:
        # Nobody but the timer writes them.
        found = scrape(lab, host, 9100, f"'{counted % 'deferred'} 3\\n' in text")
        assert found[counted % "deferred"] == 3
    told = call(lab, "queue_info", {})
    for host in HOSTS:
        found = scrape(lab, host, 9100, f"'{counted % 'deferred'} 3\\n' in text")
        for name, queue in told[host]["queues"].items():
            assert found[counted % name] == queue["messages"]
            assert found[f'postfix_queue_bytes{{queue="{name}"}}'] == queue["bytes"]
            age = found[f'postfix_queue_oldest_age_seconds{{queue="{name}"}}']
            assert abs(age - (queue["oldest_age"] or 0)) < 60
        exported = scrape(lab, host, 9154, "'postfix_cleanup_messages_processed_total 0' not in text")
        assert exported["postfix_cleanup_messages_processed_total"] > 0
        assert exported['postfix_up{path="/var/spool/postfix/public/showq"}'] == 1
        assert exported['postfix_showq_message_size_bytes_count{queue="deferred"}'] == 3
        # Only this host itself can ask.
        assert mail.execute(lab, PEER.name, "nc", "-z", "-w", "5", lab.address(host), "9154").code != 0
        names = {name.partition("{")[0] for name in (*found, *exported)}
        asked = set(re.findall(r"postfix_\w+", json.dumps(json.loads(DASHBOARD.read_text(encoding="utf-8")))))
        assert asked - names == set()


def test_switched_off(lab: Lab) -> None:
    """Checked, applied, applied again; and with everything off, nothing of it is left."""
    off = {"mta_queue_textfile": False, "mta_queue_exporter": False}
    checked, applied, again = (run(lab, *mode, **off) for mode in (["--check"], [], []))
    assert (checked.code, applied.code, again.code) == (0, 0, 0), checked.output + applied.output + again.output
    assert checked.changed == applied.changed != set()
    assert again.changed == set()
    for host in HOSTS:
        assert scrape(lab, host, 9100) == {}
        assert mail.execute(lab, host, "python3", "-c", SCRAPE, "9154", "True").code != 0
        left = "ls /etc/systemd/system /usr/local/lib/mailops-mta | grep -e queue"
        assert mail.execute(lab, host, "sh", "-c", left).out == ""
