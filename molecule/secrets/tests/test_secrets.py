# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A password is in the credentials table and nowhere else, before and after it changes.

The first test of each kind shows that the search finds what there is to find.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from lab import leaks, mail
from lab.topology import MTA_HOSTS, Lab

SERVERS = [host.name for host in MTA_HOSTS]
TABLE = "/etc/postfix/sasl_passwd"
MAPS = {TABLE, f"{TABLE}.lmdb"}
ALONE = Path(__file__).parents[1] / "credentials.yml"
ALONE_TABLE = "/etc/postfix/alone"
ALONE_MAPS = {ALONE_TABLE, f"{ALONE_TABLE}.db"}


def new_password() -> str:
    """A password with everything that is special to a table, a shell or a log."""
    return f"{uuid.uuid4().hex}: #'\"$x \\ü%"


def forms(password: str) -> list[str]:
    """Texts that give a password away: its first word, and what SASL sends of it."""
    plain = base64.b64encode(f"\0relay\0{password}".encode()).decode()
    return [password[:32], base64.b64encode(password.encode()).decode(), plain]


def variables(password: str, *more: Mapping[str, object]) -> dict[str, object]:
    """The arguments of play.run for a password; both servers use the relay host."""
    provider = {"host": "relay.example.net", "port": 587}
    login = {**provider, "username": "relay", "password": "{{ relay_password }}"}
    group = {"relay_password": password, "mta_outbound_credentials": [login]}
    hosts = {server: {"mta_outbound_relayhost": provider} for server in SERVERS}
    for values in more:
        group |= values
    return {"group": group, "hosts": hosts}


@pytest.fixture(scope="module")
def rotation(lab: Lab) -> Iterator[SimpleNamespace]:
    """Set a password over an old table that everybody can read, change it, and note what is where in between."""
    ancient, old, new = new_password(), new_password(), new_password()
    mail.accept_login(lab, "relay", new)
    for server in SERVERS:
        script = f"umask 022; rm -f {TABLE}*; cat >{TABLE}; postmap lmdb:{TABLE}; chmod 0644 {TABLE} {TABLE}.lmdb"
        mail.output(lab, server, "sh", "-c", script, stdin=f"[relay.example.net]:587 relay:{ancient[:32]}\n")
    seen = SimpleNamespace(ancient=ancient, old=old, new=new, runs=leaks.Runs(lab), plays={}, files={}, tokens={})
    seen.runs.secrets = forms(ancient) + forms(old) + forms(new)
    seen.plays["old"] = seen.runs.run(**variables(old))
    seen.files["old"] = {server: set(leaks.files(lab, server, forms(old))) for server in SERVERS}
    seen.files["ancient"] = {server: set(leaks.files(lab, server, forms(ancient))) for server in SERVERS}
    for server in SERVERS:
        seen.tokens[server] = mail.new_token()
        text = f"Subject: {seen.tokens[server]}\n\nhello\n"
        mail.sendmail(lab, server, "root@example.test", "customer@example.net", text)
    seen.arrived = {server: mail.stored(lab, seen.tokens[server], seconds=3) for server in SERVERS}
    seen.queued = {server: mail.output(lab, server, "postqueue", "-p") for server in SERVERS}
    wrong = {"mta_outbound_credentials_host": [{"host": "relay.example.net", "username": "relay", "password": new}]}
    seen.plays["check"] = seen.runs.run("--check", **variables(new))
    seen.plays["failing"] = seen.runs.run(**variables(new, wrong))
    guarded = (f"{TABLE}*", "/etc/postfix/.*sasl_passwd*", "/run/mailops-mta/**")
    seen.plays["new"] = seen.runs.run(guarded=guarded, **variables(new))
    seen.files["old after"] = {server: set(leaks.files(lab, server, forms(old))) for server in SERVERS}
    seen.files["new"] = {server: set(leaks.files(lab, server, forms(new))) for server in SERVERS}
    return seen


@pytest.mark.parametrize("server", SERVERS)
def test_search_finds_what_a_process_shows(lab: Lab, server: str) -> None:
    word = uuid.uuid4().hex
    with leaks.watched(lab, server, [word]) as seen:
        mail.output(lab, server, "sh", "-c", "sleep 0.5; true", word)
        mail.output(lab, server, "env", f"PASSWORD={word}", "sleep", "0.5")
    assert seen == ["cmdline of a process", "environ of a process"]


@pytest.mark.parametrize("server", SERVERS)
def test_search_finds_what_short_processes_show(lab: Lab, server: str) -> None:
    word = uuid.uuid4().hex
    # Some milliseconds each, as postmap(1) takes; the shell itself shows nothing.
    script = 'read -r word; for _ in $(seq 50); do PASSWORD="$word" postconf -d "$word" 2>/dev/null; done; true'
    with leaks.watched(lab, server, [word]) as seen:
        mail.output(lab, server, "sh", "-c", script, stdin=word)
    assert seen == ["cmdline of a process", "environ of a process"]


@pytest.mark.parametrize("server", SERVERS)
def test_search_finds_what_the_journal_and_the_disk_hold(lab: Lab, server: str) -> None:
    word = uuid.uuid4().hex
    mail.output(lab, server, "sh", "-c", "cat >/var/tmp/left; systemd-cat -t left cat /var/tmp/left", stdin=word * 20)
    mail.output(lab, server, "journalctl", "--sync")
    found = leaks.files(lab, server, [word])
    assert {"/var/tmp/left", "journal"} <= set(found)


def test_runs_ended_as_they_should(rotation: SimpleNamespace) -> None:
    codes = {name: run.code for name, run in rotation.plays.items()}
    assert codes == {"old": 0, "check": 0, "failing": 2, "new": 0}, rotation.plays["failing"].output[-3000:]
    assert {"mx12", "mx13"} == set(rotation.plays["failing"].failed)


def test_no_run_shows_a_password(rotation: SimpleNamespace) -> None:
    assert rotation.runs.seen == []


def test_diff_shows_user_and_that_the_password_changed(rotation: SimpleNamespace) -> None:
    for name in ("check", "new"):
        lines = [line for line in rotation.plays[name].output.splitlines() if "[relay.example.net]:587" in line]
        assert any(line.startswith("+") and "relay" in line for line in lines), lines


@pytest.mark.parametrize("server", SERVERS)
def test_password_is_in_the_table_alone(rotation: SimpleNamespace, server: str) -> None:
    assert rotation.files["ancient"][server] == set()
    assert rotation.files["old"][server] == MAPS
    assert rotation.files["old after"][server] == set()
    assert rotation.files["new"][server] == MAPS


@pytest.mark.parametrize("server", SERVERS)
def test_table_is_roots_alone(lab: Lab, rotation: SimpleNamespace, server: str) -> None:
    assert rotation.plays["new"].code == 0
    assert mail.output(lab, server, "stat", "-c", "%a %U:%G", *sorted(MAPS)).splitlines() == ["600 root:root"] * 2


@pytest.mark.parametrize("server", SERVERS)
def test_mail_waits_for_the_right_password(lab: Lab, rotation: SimpleNamespace, server: str) -> None:
    assert rotation.arrived[server] == []
    assert "customer@example.net" in rotation.queued[server]
    assert "SASL authentication failed" in rotation.queued[server]
    mail.output(lab, server, "postqueue", "-f")
    (arrived,) = mail.stored(lab, rotation.tokens[server])
    assert (arrived.user, arrived.port, arrived.tls) == ("relay", 587, True)


@pytest.fixture(scope="module")
def alone(lab: Lab) -> SimpleNamespace:
    """The module in a playbook of its own: a password, then another, its check before."""
    old, new = new_password(), new_password()
    seen = SimpleNamespace(runs=leaks.Runs(lab), plays={}, files={})
    seen.runs.secrets = forms(old) + forms(new)
    for name, password, options in (("old", old, ()), ("check", new, ("--check",)), ("new", new, ())):
        group = {"relay_password": password}
        seen.plays[name] = seen.runs.run(*options, playbook=ALONE, group=group)
        words = forms(old if name == "check" else password)
        seen.files[name] = {server: set(leaks.files(lab, server, words)) for server in SERVERS}
    seen.files["old after"] = {server: set(leaks.files(lab, server, forms(old))) for server in SERVERS}
    return seen


def test_module_alone_shows_no_password(alone: SimpleNamespace) -> None:
    assert {name: (run.code, len(run.changed)) for name, run in alone.plays.items()} == {
        "old": (0, 2), "check": (0, 2), "new": (0, 2)
    }  # fmt: skip
    assert alone.runs.seen == []


@pytest.mark.parametrize("server", SERVERS)
def test_module_alone_keeps_the_password_in_its_table(alone: SimpleNamespace, server: str) -> None:
    assert [alone.files[name][server] for name in ("old", "check", "new")] == [ALONE_MAPS] * 3
    assert alone.files["old after"][server] == set()
