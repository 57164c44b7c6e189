# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one server has instead: no authentication on mx12, somebody's own Dovecot on mx13, networks; both are local.

mx12 is local but for one variable, which still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from lab import mail
from lab.submission import ADDRESS_FORMS, EHLO, OWN_ADDRESSES, STARTTLS, as_ann, codes, envelope, message, offered
from lab.topology import PEER, Lab

OUTSIDE = "customer@example.net"
REPLACED, ADDED, STRANGER = 5, 6, 7
LOCAL = "this server delivers mail of its own domains alone"
PASSWORD = "by-hand-2.4"
# A Dovecot beside the one of the package, as somebody may run it.
CONFIGURATION = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = /run/by-hand
protocols =
ssl = no
auth_allow_cleartext = yes
auth_mechanisms = plain
passdb passwd-file {
  passwd_file_path = /etc/dovecot/by-hand-users
  default_password_scheme = PLAIN
}
service auth {
  unix_listener /var/spool/postfix/private/by-hand {
    mode = 0660
    user = postfix
    group = postfix
  }
}
"""


def hosts(lab: Lab) -> dict[str, Mapping[str, object]]:
    """What is said of single servers."""
    return {
        "mx12": {
            "mta_base_authentication": False,
            "mta_base_local_only": True,
            "mta_base_mynetworks": ["127.0.0.0/8", lab.client(REPLACED)],
            "mta_outbound_default_transport": "smtp",
        },
        "mx13": {
            "mta_base_smtpd_sasl_path": "private/by-hand",
            "mta_base_local_only": True,
            "mta_base_mynetworks_host": [lab.client(ADDED)],
        },
    }


@pytest.fixture(scope="module", autouse=True)
def _servers(lab: Lab, converge: Callable[..., None]) -> Iterator[None]:
    """Converge, with somebody's own Dovecot."""
    paths = {"by-hand.conf": CONFIGURATION, "by-hand-users": f"ann@example.test:{PASSWORD}\n"}
    for name, text in paths.items():
        mail.output(lab, "mx13", "sh", "-c", f"cat >/etc/dovecot/{name}", stdin=text)
    mail.output(lab, "mx13", "dovecot", "-c", "/etc/dovecot/by-hand.conf")
    try:
        converge({}, hosts(lab))
        yield
    finally:
        mail.output(lab, "mx13", "doveadm", "-c", "/etc/dovecot/by-hand.conf", "stop")
        mail.output(lab, "mx13", "sh", "-c", "rm /etc/dovecot/by-hand*")


def test_own_dovecot_and_its_users_are_gone(lab: Lab, mta: str) -> None:
    assert mail.execute(lab, mta, "test", "-e", "/etc/dovecot/mta-users").code == 1
    assert mail.execute(lab, mta, "systemctl", "is-active", "dovecot").out in ("inactive\n", "failed\n")
    assert mail.execute(lab, mta, "systemctl", "is-enabled", "dovecot").out == "disabled\n"


def test_server_without_authentication_listens_at_port_25_alone(lab: Lab) -> None:
    ports = {
        port: mail.execute(lab, PEER.name, "nc", "-z", "-w", "9", lab.address("mx12"), str(port)).code
        for port in (25, 465, 587)
    }
    assert ports == {25: 0, 465: 1, 587: 1}
    assert "AUTH" not in mail.dialogue(lab, "mx12", list(STARTTLS))[-1].text


def test_server_without_authentication_is_no_open_relay(lab: Lab) -> None:
    replies = offered(lab, ["mx12"], [25])
    assert {form: replies["mx12", form, 25] for form in ADDRESS_FORMS if replies["mx12", form, 25].code < 500} == {}
    assert {form: replies["mx12", form, 25].code for form in OWN_ADDRESSES} == dict.fromkeys(OWN_ADDRESSES, 250)


def told(lab: Lab, server: str, client: int) -> mail.Reply:
    """What a client is told of a recipient outside."""
    return mail.dialogue(lab, server, [EHLO, *envelope("ann@example.test", OUTSIDE)], client=lab.client(client))[-1]


def test_networks_of_one_server_replace_those_of_all(lab: Lab) -> None:
    assert told(lab, "mx12", REPLACED).code == 250
    assert [told(lab, "mx12", client).code for client in (ADDED, STRANGER)] == [554, 554]


def test_networks_of_one_server_add_to_those_of_all(lab: Lab) -> None:
    assert LOCAL in told(lab, "mx13", ADDED).text
    assert ["Relay access denied" in told(lab, "mx13", client).text for client in (REPLACED, STRANGER)] == [True, True]


def test_users_of_an_existing_server_log_in(lab: Lab) -> None:
    assert codes(mail.dialogue(lab, "mx13", as_ann(PASSWORD), port=587))[-1] == 235
    assert codes(mail.dialogue(lab, "mx13", as_ann(), port=587))[-1] == 535


def test_local_server_refuses_mail_of_users_to_elsewhere(lab: Lab) -> None:
    commands = [*as_ann(PASSWORD), *envelope("ann@example.test", OUTSIDE, "bob@example.test")]
    outside, own = mail.dialogue(lab, "mx13", commands, port=587)[-2:]
    assert (outside.code, LOCAL in outside.text, own.code) == (550, True, 250)


def test_local_server_returns_its_own_mail_to_elsewhere(lab: Lab) -> None:
    token = mail.new_token()
    mail.sendmail(lab, "mx13", "ann@example.test", OUTSIDE, f"Subject: {token}\n\nhello\n")
    (returned,) = mail.stored(lab, token)
    assert (returned.recipients, LOCAL in returned.message) == (["ann@example.test"], True)


def test_local_server_takes_mail_of_its_own_domains(lab: Lab, mta: str) -> None:
    token = mail.new_token()
    assert mail.send(lab, mta, "a@example.org", "bob@example.test", f"Subject: {token}\n\nhello\n").code == 250
    (arrived,) = mail.stored(lab, token)
    assert arrived.recipients == ["bob@example.test"]


def test_variable_that_is_set_counts_on_a_local_server(lab: Lab) -> None:
    token = mail.new_token()
    commands = [EHLO, *envelope("ann@example.test", OUTSIDE), *message(f"Subject: {token}\n\nhello\n")]
    assert codes(mail.dialogue(lab, "mx12", commands, client=lab.client(REPLACED)))[-1] == 250
    (arrived,) = mail.stored(lab, token)
    assert arrived.recipients == [OUTSIDE]


def test_once_more_changes_nothing(lab: Lab, repeat: Callable[..., None]) -> None:
    repeat({}, hosts(lab))
