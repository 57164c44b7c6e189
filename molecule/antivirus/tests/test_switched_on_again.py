# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From no filter at all: one that does not start, then without a look for spam, then with a server of its own mind.

That server has neither the filter nor authentication, and the other one is local; then each is the other.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator, Mapping

import pytest
from lab import filtering, layers, mail, play
from lab.filtering import EICAR, GTUBE, PROGRAM, Fate, Letter
from lab.letters import SERVERS
from lab.topology import Lab

LETTERS = {
    "plain": Letter(),
    "eicar": Letter(files={"a.txt": EICAR}),
    "script": Letter(files={"a.vbs": b"text"}),
    "foobar": Letter(files={"a.foobar": b"text"}),
    "program": Letter(files={"a.exe": PROGRAM}),
    "disguised": Letter(files={"a.txt": PROGRAM}),
    # 8.5 and 16.5 points. The levels are 6.6 and 15, on a local server 10 and 18.
    "some": Letter("scoreofsome"),
    "much": Letter("scoreofmuch"),
    "gtube": Letter(GTUBE),
    "unsigned": Letter(sender="ann@example.test"),
    # With less than no points.
    "trusted": Letter(via="trusted"),
}
WITHOUT_SPAM_CHECK = {
    "plain": "Passed CLEAN",
    "eicar": "Blocked INFECTED",
    "script": "Blocked BANNED",
    "foobar": "Blocked BANNED",
    "program": "Blocked BANNED",
    "disguised": "Blocked BANNED",
    "some": "Passed CLEAN",
    "much": "Passed CLEAN",
    "gtube": "Passed CLEAN",
    "unsigned": "Passed CLEAN",
    "trusted": "Passed CLEAN",
}
LOCAL = {
    "plain": "Passed CLEAN",
    "eicar": "Passed CLEAN",
    "script": "Passed CLEAN",
    "foobar": "Passed CLEAN",
    "program": "Blocked BANNED",
    "disguised": "Passed CLEAN",
    "some": "Passed CLEAN",
    "much": "Passed SPAMMY",
    "gtube": "Blocked SPAM",
    "unsigned": "Passed CLEAN",
    "trusted": "Passed CLEAN",
}
WATCHER, SENDER = "watcher@example.net", "filter@example.test"
# Of the local server. Postfix's list of extensions stays as it is for all: foobar, and the common ones.
OWN = {
    "mta_base_local_only": True,
    "antivirus_antispam_blocked_extensions": ["exe"],
    "antivirus_antispam_block_common_extensions": False,
    "antivirus_antispam_block_detected_types": False,
    "antivirus_antispam_spam_network_tests": False,
    # Without those tests the name of the client would count for more.
    "antivirus_antispam_spam_scores_host": {"KHOP_HELO_FCRDNS": 0, "NO_FM_NAME_IP_HOSTN": 0, "RDNS_DYNAMIC": 0},
    "antivirus_antispam_use_bayes": True,
    "antivirus_antispam_bayes_auto_learn": False,
}
# One message remains: of none there is nothing to count. What it judges by begins with 200.
FORGET = r"export HOME=/var/lib/amavis; sa-learn --clear && printf 'Subject: hello\n\nhello\n' | sa-learn --ham -"
BROKEN = "/etc/systemd/system/amavis.service.d/broken.conf"
Variables = Mapping[str, object]
Fates = Mapping[tuple[str, str], Fate]


@contextlib.contextmanager
def broken_amavis(lab: Lab) -> Iterator[None]:
    """Inside a `with` Amavis does not start."""
    unit = r"[Service]\nExecStart=\nExecStart=/bin/false\n"
    script = f"mkdir -p ${{0%/*}}; printf '{unit}' >$0; systemctl daemon-reload"
    for host in SERVERS:
        mail.output(lab, host, "sh", "-c", script, BROKEN)
    try:
        yield
    finally:
        for host in SERVERS:
            script = "rm $0; systemctl daemon-reload; systemctl reset-failed amavis"
            mail.output(lab, host, "sh", "-c", script, BROKEN)


def require_unfiltered(lab: Lab, host: str) -> None:
    """AssertionError unless all letters arrive, untouched."""
    token = mail.new_token()
    assert {reply.code for reply in filtering.submit(lab, LETTERS, token, hosts=[host]).values()} == {250}
    arrived = mail.stored(lab, token, len(LETTERS), 60)
    found = sorted(filtering.headers(each.message)["Message-ID"] for each in arrived)
    assert found == sorted(f"<{host}.{name}@{token}>" for name in LETTERS)
    assert [each for each in arrived if "X-Virus-Scanned" in each.message] == []
    assert mail.output(lab, host, "postconf", "-h", "content_filter").strip() == ""


@pytest.fixture(scope="module")
def wanted(scenario: Variables) -> Variables:
    """The scenario's variables. What was learnt before does not count."""
    return {**scenario, "antivirus_antispam_use_bayes": False}


@pytest.fixture(scope="module")
def failed(lab: Lab, wanted: Variables) -> play.Play:
    """The filter switched on, where Amavis does not start; the test before has switched it off."""
    with broken_amavis(lab):
        return play.run(lab, group=wanted)


def test_mail_is_given_to_no_filter_that_does_not_answer(lab: Lab, failed: play.Play, mta: str) -> None:
    assert "Amavis" in failed.failed[mta].task
    require_unfiltered(lab, mta)


@pytest.fixture(scope="module")
def without(wanted: Variables) -> Variables:
    """No look for spam, and notices of somebody else to somebody else."""
    return {
        **wanted,
        "antivirus_antispam_spam_check": False,
        "antivirus_antispam_administrator": WATCHER,
        "antivirus_antispam_notice_sender": SENDER,
    }


@pytest.fixture(scope="module")
def without_spam_check(lab: Lab, without: Variables, failed: play.Play) -> Fates:
    """Switched on after all."""
    assert failed.code == 2
    run = play.run(lab, group=without)
    assert run.code == 0, run.output
    return filtering.send(lab, LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_without_spam_check(without_spam_check: Fates, mta: str, name: str) -> None:
    fate = without_spam_check[mta, name]
    assert f"{WITHOUT_SPAM_CHECK[name]} " in fate.log
    assert [header for copy in fate.copies for header in filtering.headers(copy.message) if "X-Spam" in header] == []
    assert len(fate.copies) == ("Passed" in WITHOUT_SPAM_CHECK[name])


@pytest.mark.parametrize(("name", "told"), [("eicar", {WATCHER}), ("script", {WATCHER, "bob@example.test"})])
def test_who_tells_whom(without_spam_check: Fates, mta: str, name: str, told: set[str]) -> None:
    notices = without_spam_check[mta, name].notices
    assert {*notices} == told
    senders = {filtering.headers(notice.message)["From"] for notice in notices.values()}
    assert senders == {f'"Content filter" <{SENDER}>'}


@pytest.mark.usefixtures("without_spam_check")
@pytest.mark.parametrize("suffix", layers.SUFFIXES)
def test_a_group_and_a_server_may_say_the_same(lab: Lab, without: Variables, suffix: str) -> None:
    run = play.run(lab, group=layers.moved(without, layers.layered("antivirus_antispam"), suffix))
    assert run.code == 0, run.output
    assert run.changed == set(), run.output


class Servers(t.NamedTuple):
    """Which server is off and which is local, and what became of the letters there."""

    off: str
    local: str
    fates: Fates


@pytest.fixture(scope="module", params=[("mx12", "mx13"), ("mx13", "mx12")], ids="-".join)
def servers(lab: Lab, wanted: Variables, without_spam_check: Fates, request: pytest.FixtureRequest) -> Servers:
    """Converge; check mode predicts the users that come together with the filter on the second local server."""
    assert without_spam_check
    off, local = request.param
    hosts = {
        off: {"antivirus_antispam_enabled": False, "mta_base_authentication": False},
        local: OWN,
    }
    checked, applied = play.run(lab, "--check", group=wanted, hosts=hosts), play.run(lab, group=wanted, hosts=hosts)
    assert (checked.code, applied.code) == (0, 0), checked.output + applied.output
    assert checked.changed == applied.changed != set()
    mail.output(lab, local, "runuser", "-u", "amavis", "--", "sh", "-c", FORGET)
    return Servers(off, local, filtering.send(lab, LETTERS, hosts=[local]))


@pytest.mark.parametrize("name", LETTERS)
def test_local_server_is_milder_and_looks_for_no_viruses(servers: Servers, name: str) -> None:
    fate = servers.fates[servers.local, name]
    assert f"{LOCAL[name]} " in fate.log
    assert len(fate.copies) == ("Passed" in LOCAL[name])


def test_local_server_asks_nobody(servers: Servers) -> None:
    status = servers.fates[servers.local, "plain"].headers["X-Spam-Status"]
    assert "tests=[" in status
    assert "SPF_" not in status


def test_local_server_learns_nothing_of_its_own_accord(lab: Lab, servers: Servers) -> None:
    assert filtering.learnt(lab, servers.local) == {"spam": 0, "ham": 1}


def test_server_that_is_off_passes_everything_on(lab: Lab, servers: Servers) -> None:
    require_unfiltered(lab, servers.off)
    assert ":587 " not in mail.output(lab, servers.off, "ss", "-Hltn")
