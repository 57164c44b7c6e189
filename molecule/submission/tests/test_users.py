# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's password is nowhere, and its hash is in the file of the users alone, before and after it changes.

That the search finds what there is to find is shown in the scenario secrets.
"""

from __future__ import annotations

import base64
import uuid
from types import SimpleNamespace

import pytest
from lab import leaks, mail
from lab.submission import SERVERS, as_ann, codes, run
from lab.topology import Lab

ANN = "ann@example.test"
USERS = "/etc/dovecot/mta-users"
# crypt(3) of a password that nobody needs, and the same with another salt.
HASH = "$6$abcdefgh$TdHzq2y.pXVZWyiRzOQaonpzkRfHLNn01rTR0WbOGzeI827QlyL3zhi2gy0IsYp82Q6rEm8ObVTawDSR8PYjF0"
OTHER_HASH = "$6$abcdefgi$" + HASH[12:]


def new_password() -> str:
    """A password with everything that is special to a file, a shell or a log."""
    return f"{uuid.uuid4().hex}: #'\"$x \\ü%"


def forms(password: str) -> list[str]:
    """Texts that give a password away: its first word, and what SASL sends of it."""
    plain = base64.b64encode(f"\0{ANN}\0{password}".encode()).decode()
    return [password[:32], base64.b64encode(password.encode()).decode(), plain]


def said(password: str, hashed: str = HASH, **more: object) -> dict[str, dict[str, object]]:
    """The users of both servers, the password in a variable of its own."""
    users = {ANN: {"password": "{{ ann_password }}"}, "bob": {"password_hash": hashed}}
    return {"group": {"ann_password": password, "mta_base_users": users, "mta_base_users_group": more}}


def stored_hash(lab: Lab, server: str) -> str:
    """The hash of Ann's password."""
    lines = mail.output(lab, server, "cat", USERS).splitlines()
    return next(line for line in lines if line.startswith(ANN)).partition("}")[2]


@pytest.fixture(scope="module")
def rotation(lab: Lab) -> SimpleNamespace:
    """Replace users that everybody can read, change a password and a hash, and note what is where in between."""
    ancient, old, new = new_password(), new_password(), new_password()
    for server in SERVERS:
        script = f"umask 022; mkdir -p /etc/dovecot; rm -f {USERS}; cat >{USERS}"
        mail.output(
            lab, server, "sh", "-c", script, stdin=f"{ANN}:{{PLAIN}}{ancient[:32]}\neve:{{PLAIN}}{ancient[:32]}\n"
        )
    seen = SimpleNamespace(ancient=ancient, old=old, new=new, runs=leaks.Runs(lab, run), plays={}, hashes={}, files={})
    seen.runs.secrets = [*forms(ancient), *forms(old), *forms(new), HASH[12:]]
    seen.plays["old"] = seen.runs.run(**said(old))
    seen.hashes["old"] = {server: stored_hash(lab, server) for server in SERVERS}
    seen.runs.secrets += seen.hashes["old"].values()
    seen.plays["again"] = seen.runs.run(**said(old))
    seen.plays["check"] = seen.runs.run("--check", **said(new, OTHER_HASH))
    seen.plays["failing"] = seen.runs.run(**said(new, OTHER_HASH, **{"Ann Bee": {"password": old}}))
    seen.hashes["before"] = {server: stored_hash(lab, server) for server in SERVERS}
    seen.plays["new"] = seen.runs.run(**said(new, OTHER_HASH))
    for server in SERVERS:
        texts = {
            "passwords": [*forms(ancient), *forms(old), *forms(new)],
            "old hashes": [seen.hashes["old"][server], HASH],
            "new hashes": [stored_hash(lab, server), OTHER_HASH],
        }
        seen.files[server] = {name: set(leaks.files(lab, server, secrets)) for name, secrets in texts.items()}
    return seen


def test_runs_ended_as_they_should(rotation: SimpleNamespace) -> None:
    codes_ = {name: each.code for name, each in rotation.plays.items()}
    assert codes_ == {"old": 0, "again": 0, "check": 0, "failing": 2, "new": 0}
    for failed in rotation.plays["failing"].failed.values():
        assert "mta_base_users" in failed.message
        assert "Ann Bee" in failed.message
    assert rotation.plays["failing"].changed == set()


def test_no_run_shows_a_password_or_a_hash(rotation: SimpleNamespace) -> None:
    assert rotation.runs.seen == []


def test_equal_password_changes_nothing_and_another_changes_the_users_alone(rotation: SimpleNamespace) -> None:
    assert rotation.plays["again"].changed == set()
    task = "mailops.mta.mta_base : Set users of the SASL server"
    for name in ("check", "new"):
        assert rotation.plays[name].changed == {(server, task) for server in SERVERS}
    assert rotation.hashes["before"] == rotation.hashes["old"]


def test_diff_shows_whose_password_changed(rotation: SimpleNamespace) -> None:
    for name in ("check", "new"):
        lines = rotation.plays[name].output.splitlines()
        assert [lines.count(f"+user {user} ******** (changed)") for user in (ANN, "bob")] == [2, 2]
    assert rotation.plays["old"].output.splitlines().count("-user eve ********") == 2


@pytest.mark.parametrize("server", SERVERS)
def test_hashes_are_in_the_file_of_the_users_alone(lab: Lab, rotation: SimpleNamespace, server: str) -> None:
    assert rotation.files[server] == {"passwords": set(), "old hashes": set(), "new hashes": {USERS}}
    assert mail.output(lab, server, "stat", "-c", "%a %U:%G", USERS) == "640 root:dovecot\n"


@pytest.mark.parametrize("server", SERVERS)
def test_new_password_counts_at_once(lab: Lab, rotation: SimpleNamespace, server: str) -> None:
    assert codes(mail.dialogue(lab, server, as_ann(rotation.new), port=587))[-1] == 235
    assert codes(mail.dialogue(lab, server, as_ann(rotation.old), port=587))[-1] == 535
