# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module virus_signatures: what ClamAV's own scanner refuses is not installed, and the old file stays."""

from __future__ import annotations

import time
import typing as t

import pytest
from lab.scanner import signature
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab

GOOD = signature("lab-file", "Lab.File")
OWN = {"own.ndb": GOOD}
# Name, text, and what the message has to say.
BROKEN = [
    ("own.ndb", f"{GOOD}Bad:0\n", ["own.ndb", "Problem parsing database at line 2"]),
    ("own.hdb", "no hash:1:Name\n", ["own.hdb", "invalid hash"]),
    ("own.yara", 'rule x { strings: $a = "x" condition: $b }', ["own.yara", "line 1", "undefined string"]),
    ("own.txt", GOOD, ["own.txt", "kind of signature"]),
    ("../own.ndb", GOOD, ["../own.ndb", "plain file name"]),
    ("daily.ndb", GOOD, ["daily.ndb", "own databases"]),
    ("own.ldb", "", ["own.ldb", "no signatures"]),
]
LOOK = "cd /var/lib/clamav; stat -c '%n %a %U %i %Z' *.*; cat own.ndb; cat /var/lib/mailops-mta/virus-signatures"


def put(files: t.Mapping[str, str], *, check: bool = False, **options: object) -> Task:
    """A task that puts these files, and no others, on a host without ClamAV's own databases."""
    return {"mailops.mta.virus_signatures": {"files": files, "official": False, **options}, "check_mode": check}


@pytest.fixture(scope="module")
def refused(lab: Lab) -> dict[str, list[Answer]]:
    """The broken files one after the other, in check mode and without it, between two looks."""
    attempts = [put({**OWN, name: text}, check=check) for name, text, _told in BROKEN for check in (True, False)]
    return run_tasks(lab, [put(OWN), shell(LOOK), *attempts, shell(LOOK), put(OWN)])


def test_broken_files_are_refused_and_the_old_ones_stay(refused: dict[str, list[Answer]]) -> None:
    for host, (_first, before, *attempts, after, again) in refused.items():
        assert before["stdout"].count("own.ndb 644 root") == 1, host
        assert after["stdout"] == before["stdout"], host
        assert again["changed"] is False, host
        for number, answer in enumerate(attempts):
            name, _text, told = BROKEN[number // 2]
            assert answer["failed"], (host, name)
            assert [word for word in told if word not in answer["msg"]] == [], answer["msg"]
            assert "/tmp" not in answer["msg"], answer["msg"]


def test_files_come_and_go(lab: Lab) -> None:
    more = {**OWN, "more.ldb": "Lab.More;Engine:51-255,Target:0;0;6c61622d6d6f7265\n"}
    tasks = [
        put(OWN),
        put(more, check=True),
        put(more),
        put(more),
        shell("clamdscan --reload; sleep 1; ls /var/lib/clamav"),
    ]
    tasks += [put(OWN, check=True), put(OWN), put(OWN), shell("ls /var/lib/clamav")]
    for host, answers in run_tasks(lab, tasks).items():
        _first, checked, added, again, listed, unchecked, removed, once_more, left = answers
        assert [checked["changed"], added["changed"], again["changed"]] == [True, True, False], host
        assert [unchecked["changed"], removed["changed"], once_more["changed"]] == [True, True, False], host
        assert "more.ldb" in listed["stdout"], host
        assert ("own.ndb" in left["stdout"], "more.ldb" in left["stdout"]) == (True, False), host


def test_files_of_others_stay(lab: Lab) -> None:
    """freshclam's files, and what an administrator put there by hand."""
    place = f"echo '{GOOD.strip()}' >/var/lib/clamav/hand.ndb; chown clamav: /var/lib/clamav/hand.ndb"
    tasks = [
        shell(place),
        put(OWN),
        put({**OWN, "new.ndb": GOOD}),
        put(OWN),
        shell("cd /var/lib/clamav; ls; rm hand.ndb"),
    ]
    for host, answers in run_tasks(lab, tasks).items():
        assert "hand.ndb" in answers[-1]["stdout"], host


def test_a_link_is_replaced_and_not_followed(lab: Lab) -> None:
    """The directory belongs to the user clamav, who must not lead root to other files."""
    link = "echo precious >/root/victim; ln -sf /root/victim /var/lib/clamav/own.ndb"
    look = "cat /root/victim; stat -c '%F %U' /var/lib/clamav/own.ndb; rm /root/victim"
    for host, answers in run_tasks(lab, [shell(link), put(OWN), shell(look)]).items():
        assert answers[1]["changed"], host
        assert answers[2]["stdout"].split("\n")[:2] == ["precious", "regular file root"], host


def test_a_file_that_clamd_cannot_read_is_repaired(lab: Lab) -> None:
    tasks = [put(OWN), shell("chmod 600 /var/lib/clamav/own.ndb"), put(OWN), put(OWN)]
    for host, answers in run_tasks(lab, tasks).items():
        assert [answer["changed"] for answer in answers[2:]] == [True, False], host


def test_old_and_missing_databases_are_told(lab: Lab) -> None:
    """Only the head of a database of ClamAV tells when it was built."""
    built = int(time.time()) // 60 * 60 - 10 * 86400
    told = time.strftime("%d %b %Y %H-%M +0000", time.gmtime(built))
    make = (
        f"mkdir -p /root/definitions; echo 'ClamAV-VDB:{told}:27800:1:90:x:y:lab:{built}' >/root/definitions/daily.cvd"
    )
    options = {"official": True, "directory": "/root/definitions", "max_age": 7 * 86400}
    tasks = [shell(make), put({}, check=True, **options), put({}, check=True, **{**options, "max_age": 11 * 86400})]
    for host, (_made, old, young) in run_tasks(lab, tasks).items():
        assert (old["built"], old["missing"]) == (built, ["main"]), host
        assert "built 10.0 days ago, which is more than 7 days" in old["warnings"][0], host
        assert young.get("warnings", []) == [], host
