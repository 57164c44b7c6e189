# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role for a second instance: its mail goes the second instance's way, and the first one notices nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from lab import files, leaks, mail, play
from lab.letters import SERVERS
from lab.topology import PEER, Lab

PLAYBOOK = Path(__file__).parents[1] / "second.yml"
DIRECTORY = "/etc/postfix-out"
RELAY = {"host": "relay2.example.net", "port": 587, "username": "backup", "password": "backup-horse", "tls": "encrypt"}
GROUP = {
    "mta_outbound_transports": {"partner.test": {"host": "mail.example.net", "port": 2525}},
    "mta_outbound_generic": {"root": "second@example.test"},
    "mta_outbound_smtp_helo_name": "second.example.test",
}
GONE = """systemctl stop postfix@postfix-out postfix@out; postmulti -i postfix-out -p stop
    postmulti -i postfix-out -e disable; postmulti -i postfix-out -e destroy
    rm -rf /etc/postfix-out /var/spool/postfix-out /var/lib/postfix-out"""


@pytest.fixture(scope="module")
def second(lab: Lab) -> SimpleNamespace:
    """The playbook twice, and mail through the second instance and through the first one."""
    hosts = {server: {"mta_outbound_relayhost": RELAY} for server in SERVERS}
    before = {server: first(lab, server) for server in SERVERS}
    try:
        runs = [play.run(lab, playbook=PLAYBOOK, group=GROUP, hosts=hosts) for _time in range(2)]
        assert [(run.code, run.warnings) for run in runs] == [(0, [])] * 2, runs[0].output + runs[1].output
        after = {server: first(lab, server) for server in SERVERS}
        secrets = {server: set(leaks.files(lab, server, [RELAY["password"]])) for server in SERVERS}
        arrived = {
            (server, name): sent(lab, server, recipient, config)
            for server in SERVERS
            for name, recipient, config in (
                ("relay-host", "any@example.com", DIRECTORY),
                ("transport", "any@partner.test", DIRECTORY),
                ("first", "any@example.org", "/etc/postfix"),
            )
        }
    finally:
        for server in SERVERS:
            mail.execute(lab, server, "sh", "-c", GONE)
    return SimpleNamespace(runs=runs, before=before, after=after, secrets=secrets, arrived=arrived)


def first(lab: Lab, server: str) -> tuple[Mapping[str, str], str]:
    """The files of the first instance, but the one that postmulti(1) changes, and its process."""
    found = files.configuration(lab, server)
    kept = {path: state for path, state in found.items() if path.startswith("/etc/postfix/") and "main.cf" not in path}
    return kept, mail.output(lab, server, "cat", "/var/spool/postfix/pid/master.pid")


def sent(lab: Lab, server: str, recipient: str, config: str) -> mail.Mail:
    """A message that an instance has sent, as it arrived."""
    token = mail.new_token()
    text = f"Subject: {token}\n\nhello\n"
    mail.output(lab, server, "sendmail", "-C", config, "-i", "-f", "root", "--", recipient, stdin=text)
    (arrived,) = mail.stored(lab, token)
    return arrived


def test_the_same_again_changes_nothing(second: SimpleNamespace) -> None:
    assert second.runs[1].changed == set()


def test_mail_goes_the_way_of_its_instance(lab: Lab, second: SimpleNamespace, mta: str) -> None:
    relayed, partner, other = (second.arrived[mta, name] for name in ("relay-host", "transport", "first"))
    assert (relayed.server, relayed.port, relayed.user, relayed.tls) == (lab.client(126), 587, "backup", True)
    assert (relayed.sender, relayed.helo) == ("second@example.test", "second.example.test")
    assert (partner.server, partner.port) == (lab.address(PEER.name), 2525)
    assert (other.server, other.helo) == (lab.address(PEER.name), f"{mta}.example.test")


def test_the_first_instance_stays_as_it_is(second: SimpleNamespace, mta: str) -> None:
    assert second.after[mta] == second.before[mta]


def test_credentials_are_in_the_directory_of_the_instance(second: SimpleNamespace, mta: str) -> None:
    assert second.secrets[mta] == {f"{DIRECTORY}/sasl_passwd", f"{DIRECTORY}/sasl_passwd.lmdb"}
