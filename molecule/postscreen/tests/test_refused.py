# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad options are refused in one sentence with the option, its value and what is accepted; no file changes.

Each of them would stop postscreen(8), and port 25 with it, or be ignored, while "postfix check" reports success. The
forms of all values are in the tables of the unit tests.
"""

from __future__ import annotations

from typing import Any

import pytest
from lab.tasks import Answer, Task, run_tasks
from lab.topology import MTA_HOSTS, Lab

CASES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "other action": ({"greet": {"action": "banana"}}, ("action", "greet", "banana", "ignore, enforce, drop")),
    "action of a table": ({"denylist_action": "reject"}, ("denylist_action", "reject", "ignore, enforce, drop")),
    "unknown option": ({"gret": {"action": "drop"}}, ("gret", "greet")),
    "unknown option of a test": ({"pipelining": {"enabled": True}}, ("pipelining.enabled", "enable")),
    "switch": ({"pipelining": {"enable": "perhaps"}}, ("enable", "perhaps", "bool")),
    "other protocol": ({"upstream_proxy_protocol": "proxy"}, ("upstream_proxy_protocol", "proxy", "haproxy")),
    "threshold that is no number": ({"dnsbl": {"threshold": "two"}}, ("threshold", "two", "int")),
    "threshold of nothing": ({"dnsbl": {"threshold": 0}}, ("dnsbl.threshold", '"0"', "at least 1")),
    "positive allowlist threshold": (
        {"dnsbl": {"allowlist_threshold": 2}}, ("dnsbl.allowlist_threshold", '"2"', "negative", "-2"),
    ),
    "time": ({"greet": {"ttl": "1x"}}, ("greet.ttl", '"1x"', "s, m, h, d, w")),
    "short watchdog": ({"watchdog_timeout": "5s"}, ("watchdog_timeout", '"5s"', "at least 10s")),
    "reply filter": ({"dnsbl": {"sites": "bl.test=127.0.0.300"}}, ("dnsbl.sites", "bl.test=127.0.0.300", "0 to 255")),
    "two sites without a comma": ({"dnsbl": {"sites": "zen example.test"}}, ("dnsbl.sites", "zen", "dot")),
    "site twice": ({"dnsbl": {"sites": "bl.test, bl.test*2"}}, ("dnsbl.sites", "bl.test*2", "twice")),
    "closed list": ({"dnsbl": {"sites": ["dnsbl.sorbs.net"]}}, ("dnsbl.sites", "dnsbl.sorbs.net", "closed in 2024")),
    "key of a site": ({"dnsbl": {"sites": [{"site": "bl.test", "wieght": 2}]}}, ("dnsbl.sites", "wieght", "weight")),
    "misspelt word": (
        {"access_list": ["permit_mynetwork"]}, ("access_list", "permit_mynetwork", "permit_mynetworks"),
    ),
    "missing table": ({"access_list": ["cidr:/srv/none"]}, ("access_list", "cidr:/srv/none", "does not exist")),
    "missing reply map": ({"dnsbl": {"reply_map": "texthash:/srv/none"}}, ("reply_map", "texthash:/srv/none", "exist")),
    "host bits": ({"permit_networks": ["10.0.0.1/8"]}, ("permit_networks", "10.0.0.1/8", "10.0.0.0/8")),
    "permitted and rejected": (
        {"permit_networks": ["::1"], "reject_networks": ["::1"]}, ("reject_networks", "::1", "permit_networks"),
    ),
}  # fmt: skip

STATE = "find /etc/postfix -type f -printf '%p %m %T@ %C@ ' -exec sha256sum {} ';' | sort"
LOOK: Task = {"ansible.builtin.shell": STATE}

Verdicts = dict[tuple[str, str], list[Answer]]


@pytest.fixture(scope="module")
def verdicts(lab: Lab) -> Verdicts:
    """For each host and case: the files, the answer, the predicted answer, and the files again."""
    tasks: list[Task] = [LOOK]
    for options, _words in CASES.values():
        task = {"mailops.mta.postscreen": {"enabled": True, **options}}
        tasks += [task, {**task, "check_mode": True}, LOOK]
    answers = run_tasks(lab, tasks)
    return {
        (host, name): given[3 * position : 3 * position + 4]
        for host, given in answers.items()
        for position, name in enumerate(CASES)
    }


@pytest.mark.parametrize("server", [host.name for host in MTA_HOSTS])
@pytest.mark.parametrize("name", CASES)
def test_refused(verdicts: Verdicts, server: str, name: str) -> None:
    before, done, predicted, after = verdicts[server, name]
    for answer in (done, predicted):
        assert answer["failed"]
        assert [word for word in CASES[name][1] if word not in answer["msg"]] == [], answer["msg"]
        assert "Traceback" not in str(answer)
    assert after["stdout"] == before["stdout"]
