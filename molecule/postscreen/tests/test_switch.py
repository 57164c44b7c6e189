# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On, off and on again: no client finds port 25 closed, and what was refused is accepted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lab import mail
from lab.sessions import Client, Talk, speak
from lab.tasks import Answer, Task, run_tasks
from lab.topology import MTA_HOSTS, PEER, Lab
from lab.watch import Try, watched

Apply = Callable[..., dict[str, list[Answer]]]

SERVERS = [host.name for host in MTA_HOSTS]
REJECTED = Client(170)
OLD_NAMES = {
    "postscreen_blacklist_action": "ignore",
    "postscreen_dnsbl_ttl": "2h",
    "postscreen_dnsbl_whitelist_threshold": "-2",
    "postscreen_whitelist_interfaces": "static:all",
}
OLD_WORDS = ("'blacklist_action'", "'whitelist_interfaces'", "'dnsbl.ttl'", "'dnsbl.whitelist_threshold'")


def options(lab: Lab, enabled: bool) -> dict[str, object]:
    """A screen that refuses one client, and that the peer itself passes at once, so that it can look all the time."""
    refused = {"denylist_action": "drop", "reject_networks": [f"{lab.client(REJECTED.octet - 128)}/32"]}
    return {"enabled": enabled, "permit_networks": [lab.address(PEER.name)], "greet": {"wait": "1s"}, **refused}


@dataclass(frozen=True, slots=True)
class Look:
    """A host after a switch: the ID of its master, its services and postscreen parameters, and how a client fared."""

    master: str
    services: str
    parameters: str
    talk: Talk


@pytest.fixture(scope="module")
def switched(lab: Lab, apply: Apply) -> tuple[list[dict[str, Look]], dict[str, list[Try]]]:
    """On (with the old names in main.cf), off and on: how each host looked, and all tries of a client meanwhile."""
    looks = []
    apply(enabled=False)
    with watched(lab) as watch:
        for enabled in (True, False, True):
            old: Task = {"mailops.mta.postconf": {"parameters": OLD_NAMES if enabled else {}}}
            screen: Task = {"mailops.mta.postscreen": options(lab, enabled)}
            again = [{**screen, "check_mode": True}, screen, screen]
            answers = run_tasks(lab, [old, *again, {"mailops.mta.instance": {}}])
            talks = speak(lab, {"rejected": REJECTED})
            looks.append({host: look(lab, host, talks[host, "rejected"], given) for host, given in answers.items()})
        for host in looks[0]:
            watch.wait(host, time.time())
    return looks, {host: watch.between(host, 0, float("inf")) for host in SERVERS}


def look(lab: Lab, host: str, talk: Talk, given: list[Answer]) -> Look:
    predicted, done, again = given[1:4]
    assert (predicted["changed"], done["changed"], again["changed"]) == (True, True, False)
    assert predicted["diff"] == done["diff"]
    assert not given[4]["failed"], given[4]
    return Look(
        master=mail.output(lab, host, "cat", "/var/spool/postfix/pid/master.pid").strip(),
        services=mail.output(lab, host, "postconf", "-M"),
        parameters="".join(
            line for line in mail.output(lab, host, "postconf", "-n").splitlines(True) if line.startswith("postscreen_")
        ),
        talk=talk,
    )


Switched = tuple[list[dict[str, Look]], dict[str, list[Try]]]


@pytest.mark.parametrize("server", SERVERS)
def test_port_was_open_all_the_time(switched: Switched, server: str) -> None:
    tries = switched[1][server]
    assert len(tries) > 20
    assert [each for each in tries if not each.good] == []


@pytest.mark.parametrize("server", SERVERS)
def test_same_master_all_the_time(switched: Switched, server: str) -> None:
    assert len({looks[server].master for looks in switched[0]}) == 1


@pytest.mark.parametrize("server", SERVERS)
def test_on_and_off_and_on(switched: Switched, server: str) -> None:
    on, off, again = (looks[server] for looks in switched[0])
    assert [each.talk.verdict for each in (on, off, again)] == [521, 250, 521]
    assert (again.services, again.parameters) == (on.services, on.parameters)
    assert "moved along" in off.talk.text
    assert (off.parameters, "postscreen" in off.services) == ("", False)


@pytest.mark.parametrize("server", SERVERS)
def test_new_names_alone(switched: Switched, server: str) -> None:
    table = "cidr:/etc/postfix/postscreen_access.cidr"
    assert switched[0][0][server].parameters.splitlines() == [
        f"postscreen_access_list = permit_mynetworks, {table}",
        "postscreen_denylist_action = drop",
        "postscreen_greet_wait = 1s",
    ]


def test_old_words_mean_the_new_ones_and_say_so(lab: Lab) -> None:
    dnsbl = {"sites": "bl.test", "ttl": "2h", "whitelist_threshold": -2}
    old = {"blacklist_action": "drop", "whitelist_interfaces": "static:all", "dnsbl": dnsbl}
    named = {"max_ttl": "2h", "allowlist_threshold": -2, "sites": "bl.test"}
    new = {"denylist_action": "drop", "allowlist_interfaces": "static:all", "dnsbl": named}
    tasks = [{"mailops.mta.postscreen": {"enabled": True, **words}, "check_mode": True} for words in (old, new)]
    for with_old, with_new in run_tasks(lab, tasks).values():
        assert with_old["diff"]["after"] == with_new["diff"]["after"]
        told = " ".join(note["msg"] for note in with_old["deprecations"])
        assert [word for word in OLD_WORDS if word not in told] == []
        assert with_new.get("deprecations", []) == []
