# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Others at work on the same files, a host that is in no state to change, and modules that are killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from lab import mail
from lab.engine import podman, run
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import MTA_HOSTS, Lab

COPY = "/srv/host"
HERE = {"config_directory": COPY}
MAKE = f"rm -rf {COPY} /var/lib/mailops-mta/srv-host; cp -a /etc/postfix {COPY}"
NAMES = "cd /srv/host && ls -A | xargs; sha256sum main.cf master.cf"
SET: Task = {"mailops.mta.postconf": {**HERE, "parameters": {"maximal_queue_lifetime": "3d"}}}
SENTENCES = {"Traceback", "MODULE FAILURE", "\n"}


def on_each(lab: Lab, script: str) -> dict[str, str]:
    return {host.name: mail.output(lab, host.name, "sh", "-c", script) for host in MTA_HOSTS}


def mount(lab: Lab, script: str) -> None:
    """Run a script with this machine's rights among the files of each host, which may not mount anything itself."""
    for host in MTA_HOSTS:
        process = podman("inspect", "-f", "{{.State.Pid}}", lab.container(host.name)).strip()
        run("nsenter", "-t", process, "-m", "-p", "sh", "-ec", script)


def assert_one_sentence(answer: Answer, *words: str) -> None:
    assert answer["failed"]
    assert [word for word in words if word not in answer["msg"]] == [], answer["msg"]
    assert [mark for mark in SENTENCES if mark in answer["msg"].strip()] == []


@pytest.fixture(autouse=True)
def _copied(lab: Lab) -> None:
    on_each(lab, MAKE)


@pytest.fixture
def _full(lab: Lab) -> Iterator[None]:
    """The configuration lies in a file system with less room than main.cf needs."""
    mount(lab, f"mkdir -p {COPY}.small; mount -t tmpfs -o size=64k,mode=0755 tmpfs {COPY}.small")
    on_each(lab, f"cp -a {COPY}/*.cf {COPY}.small/; dd if=/dev/zero of={COPY}.small/fill bs=4k 2>/dev/null; true")
    mount(lab, f"mount --move {COPY}.small {COPY}")
    yield
    mount(lab, f"umount {COPY}")


@pytest.fixture
def _read_only(lab: Lab) -> Iterator[None]:
    mount(lab, f"mount --bind {COPY} {COPY}; mount -o remount,ro,bind {COPY}")
    yield
    mount(lab, f"umount {COPY}")


@pytest.mark.usefixtures("_full")
def test_full_file_system(lab: Lab) -> None:
    assert_nothing_half_done(lab, COPY, "No space left on device")


@pytest.mark.usefixtures("_read_only")
def test_read_only_file_system(lab: Lab) -> None:
    assert_nothing_half_done(lab, COPY, "Read-only file system")


def assert_nothing_half_done(lab: Lab, *words: str) -> None:
    before = on_each(lab, NAMES)
    for answers in run_tasks(lab, [SET]).values():
        assert_one_sentence(answers[0], *words)
    assert on_each(lab, NAMES) == before


def test_not_root(lab: Lab) -> None:
    """The sentence is the same with and without check mode."""
    ann = {**SET, "become": True, "become_user": "ann", "become_method": "ansible.builtin.su"}
    before = on_each(lab, NAMES)
    for answers in run_tasks(lab, [ann, {**ann, "check_mode": True}]).values():
        for answer in answers:
            assert_one_sentence(answer, "as root", "become")
    assert on_each(lab, NAMES) == before


@pytest.mark.parametrize(("seconds", "waits"), [(4, True), (75, False)])
def test_lock(lab: Lab, seconds: int, waits: bool) -> None:
    """A module waits for a program that holds postconf's lock, but not for ever."""
    hold = f"setsid flock {COPY}/main.cf.tmp sleep {seconds} </dev/null >/dev/null 2>&1 & sleep 0.3; date +%s"
    for held, answer, now in run_tasks(lab, [shell(hold), SET, shell("date +%s")]).values():
        took = int(now["stdout"]) - int(held["stdout"])
        if waits:
            assert answer["changed"]
            assert took >= seconds - 1
        else:
            assert_one_sentence(answer, f"{COPY}/main.cf.tmp", "30 s")
            assert 30 <= took < 60


def test_two_plays_and_a_person(lab: Lab) -> None:
    """Two plays and a loop of postconf -e that edit one main.cf at once lose nothing."""
    defaults = "postconf -d | sed -n 's/^\\([a-z_]*_timeout\\) = [0-9]*s$/\\1/p'"
    names = sorted(set.intersection(*(set(found.split()) for found in on_each(lab, defaults).values())))[:45]
    assert len(names) > 40
    plays, third = (names[:15], names[15:30]), names[30:]
    edits = [[{"mailops.mta.postconf": {**HERE, "parameters": {name: "77s"}}} for name in part] for part in plays]
    person = " ".join(third).join(("for name in ", f"; do postconf -c {COPY} -e $name=77s; done"))
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(run_tasks, lab, tasks) for tasks in edits]
        pool.submit(on_each, lab, person).result()
        answers = [answer for play in running for all_ in play.result().values() for answer in all_]
    assert [answer for answer in answers if not answer["changed"]] == []
    read = f"postconf -c {COPY} -hn {' '.join(names)} | uniq -c; cd {COPY}; ls -A | grep -c main.cf"
    assert {tuple(text.split()) for text in on_each(lab, read).values()} == {(str(len(names)), "77s", "2")}


KILL = """
import glob, hashlib, json, os, random, subprocess, sys, time
directory = sys.argv[1]
def text():
    with open(directory + "/main.cf", "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
modules = sorted(glob.glob("/root/.ansible/tmp/*/AnsiballZ_postconf.py"))[-2:]
whole, took = set(), 0.0
for module in modules * 2:
    start = time.monotonic()
    subprocess.run(["python3", module], check=True, stdout=subprocess.DEVNULL)
    took = time.monotonic() - start
    whole.add(text())
# A machine that has less to do suddenly lets more of them end in time.
killed, number, found = 0, 0, set()
while killed < 25 and number < 200:
    number += 1
    child = subprocess.Popen(["python3", modules[number % 2]], stdout=subprocess.DEVNULL)
    time.sleep(took * (0.2 + 0.8 * random.random()))
    killed += child.poll() is None
    child.kill()
    child.wait()
    found.add(text())
print(json.dumps({"whole": sorted(whole), "killed": killed, "found": sorted(found)}))
"""


def test_killed(lab: Lab, mta: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """main.cf is the old or the new one, whole, however a module ends; the next run leaves nothing behind."""
    monkeypatch.setenv("ANSIBLE_PIPELINING", "0")
    monkeypatch.setenv("ANSIBLE_KEEP_REMOTE_FILES", "1")
    mail.output(lab, mta, "rm", "-rf", "/root/.ansible/tmp")
    other = {"mailops.mta.postconf": {**HERE, "parameters": {"maximal_queue_lifetime": "4d"}}}
    run_tasks(lab, [SET, other])
    told = json.loads(mail.output(lab, mta, "python3", "-", COPY, stdin=KILL))
    assert told["killed"] == 25
    assert set(told["found"]) <= set(told["whole"])
    monkeypatch.undo()
    monkeypatch.setenv("ANSIBLE_KEEP_REMOTE_FILES", "0")
    healed = run_tasks(lab, [SET, other, SET])[mta]
    assert [answer["failed"] for answer in healed] == [False] * 3
    assert healed[-1]["changed"]
    assert mail.output(lab, mta, "sh", "-c", f"cd {COPY}; ls -A | grep -E 'main|new|tmp' | xargs").split() == [
        "main.cf", "main.cf.proto",
    ]  # fmt: skip


def test_no_wait_after_a_change(lab: Lab) -> None:
    """Postfix reads a changed main.cf at once, though it sleeps about 2 s for one that was written in place."""
    clock = f"start=$(date +%s%N); postconf -c {COPY} -n >/dev/null; echo $((($(date +%s%N) - start) / 1000000))"
    in_place = shell(f"echo '# x' >>{COPY}/main.cf; {clock}")
    for changed, after, waited in run_tasks(lab, [SET, shell(clock), in_place]).values():
        assert changed["changed"]
        assert int(after["stdout"]) < 1000
        assert int(waited["stdout"]) > 1000


def test_stopped(lab: Lab) -> None:
    """A stopped Postfix is configured, reported and started."""
    stopped, info = shell("systemctl stop 'postfix*'"), {"mailops.mta.postconf_info": {}}
    change: Task = {"mailops.mta.postconf": {"parameters": {"biff": False}}}
    put_right: Task = {"mailops.mta.postconf": {"parameters": {"biff": None}}}
    healthy: Task = {"mailops.mta.instance": {"state": "healthy"}}
    tasks = [stopped, info, put_right, change, healthy, {"mailops.mta.instance": {}}, info, healthy]
    for _rest, before, _rest, changed, sick, started, after, well in run_tasks(lab, tasks).values():
        assert not before["running"]
        assert changed["changed"]
        assert_one_sentence(sick, "not")
        assert started["changed"]
        assert after["running"]
        assert not well["failed"]
