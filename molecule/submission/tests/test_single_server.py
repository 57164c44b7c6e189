# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one server has instead: no authentication here, somebody's own Dovecot there, networks; both are local.

The one without authentication is local but for one variable, which still counts.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Callable, Iterator, Mapping

import pytest
from lab import mail
from lab.submission import (
    ADDRESS_FORMS,
    EHLO,
    OUTSIDE,
    OWN_ADDRESSES,
    STARTTLS,
    as_ann,
    codes,
    envelope,
    message,
    offered,
)
from lab.topology import PEER, Lab

REPLACED, ADDED, STRANGER = 5, 6, 7
LOCAL = "this server delivers mail of its own domains alone"
PASSWORD = "by-hand"
NOBODY = 8897
LISTENER = """service auth {
  unix_listener /var/spool/postfix/private/by-hand {
    mode = 0660
    user = postfix
    group = postfix
  }
}
"""
# A Dovecot beside the one of the package, as somebody may run it: 2.3 and 2.4.
CONFIGURATIONS = {
    "mx12": f"""base_dir = /run/by-hand
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = scheme=PLAIN /etc/dovecot/by-hand-users
}}
{LISTENER}""",
    "mx13": f"""dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = /run/by-hand
protocols =
ssl = no
auth_allow_cleartext = yes
auth_mechanisms = plain
passdb passwd-file {{
  passwd_file_path = /etc/dovecot/by-hand-users
  default_password_scheme = PLAIN
}}
{LISTENER}""",
}


class Servers(t.NamedTuple):
    """Who is which: without authentication, and with a Dovecot of one's own."""

    without: str
    existing: str


def said(lab: Lab, servers: Servers) -> tuple[Mapping[str, object], Mapping[str, Mapping[str, object]]]:
    """What is said of both servers, and of each. There is no milter."""
    group = {
        "mta_base_local_only": True,
        "mta_base_smtpd_milters": [f"inet:{lab.address(PEER.name)}:{NOBODY}"],
        "mta_base_milter_default_action": "accept",
    }
    without = {
        "mta_base_authentication": False,
        "mta_base_mynetworks": ["127.0.0.0/8", lab.client(REPLACED)],
        "mta_outbound_default_transport": "smtp",
    }
    existing = {"mta_base_smtpd_sasl_path": "private/by-hand", "mta_base_mynetworks_host": [lab.client(ADDED)]}
    return group, {servers.without: without, servers.existing: existing}


@contextlib.contextmanager
def own_dovecot(lab: Lab, server: str) -> Iterator[None]:
    """Run somebody's own Dovecot on a server inside a `with`."""
    paths = {"by-hand.conf": CONFIGURATIONS[server], "by-hand-users": f"ann@example.test:{PASSWORD}\n"}
    for name, text in paths.items():
        mail.output(lab, server, "sh", "-c", f"cat >/etc/dovecot/{name}", stdin=text)
    mail.output(lab, server, "dovecot", "-c", "/etc/dovecot/by-hand.conf")
    try:
        yield
    finally:
        mail.output(lab, server, "doveadm", "-c", "/etc/dovecot/by-hand.conf", "stop")
        mail.output(lab, server, "sh", "-c", "rm /etc/dovecot/by-hand*")


@pytest.fixture(scope="module", params=[Servers("mx12", "mx13"), Servers("mx13", "mx12")], ids="-".join, autouse=True)
def servers(lab: Lab, converge: Callable[..., None], request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Converge, with somebody's own Dovecot."""
    with own_dovecot(lab, request.param.existing):
        converge(*said(lab, request.param))
        yield request.param


def test_own_dovecot_and_its_users_are_gone(lab: Lab, mta: str) -> None:
    assert mail.execute(lab, mta, "test", "-e", "/etc/dovecot/mta-users").code == 1
    assert mail.execute(lab, mta, "systemctl", "is-active", "dovecot").out in ("inactive\n", "failed\n")
    assert mail.execute(lab, mta, "systemctl", "is-enabled", "dovecot").out == "disabled\n"
    assert "dovecot" not in mail.output(lab, mta, "systemctl", "show", "--property=After", "postfix", "postfix@-")


def test_server_without_authentication_listens_at_port_25_alone(lab: Lab, servers: Servers) -> None:
    ports = {
        port: mail.execute(lab, PEER.name, "nc", "-z", "-w", "9", lab.address(servers.without), str(port)).code
        for port in (25, 465, 587)
    }
    assert ports == {25: 0, 465: 1, 587: 1}
    assert "AUTH" not in mail.dialogue(lab, servers.without, list(STARTTLS))[-1].text


def test_server_without_authentication_is_no_open_relay(lab: Lab, servers: Servers) -> None:
    replies = {form: reply for (_server, form, _port), reply in offered(lab, [servers.without], [25]).items()}
    assert {form: replies[form] for form in ADDRESS_FORMS if replies[form].code < 500} == {}
    assert {form: replies[form].code for form in OWN_ADDRESSES} == dict.fromkeys(OWN_ADDRESSES, 250)


def test_mail_passes_without_a_milter(lab: Lab, mta: str) -> None:
    token = mail.new_token()
    assert mail.send(lab, mta, "a@example.org", "bob@example.test", f"Subject: {token}\n\nhello\n").code == 250
    (arrived,) = mail.stored(lab, token)
    assert (arrived.recipients, "X-Milter" in arrived.message) == (["bob@example.test"], False)


def told(lab: Lab, server: str, client: int) -> mail.Reply:
    """What a client is told of a recipient outside."""
    return mail.dialogue(lab, server, [EHLO, *envelope("ann@example.test", OUTSIDE)], client=lab.client(client))[-1]


def test_networks_of_one_server_replace_those_of_all(lab: Lab, servers: Servers) -> None:
    assert told(lab, servers.without, REPLACED).code == 250
    assert [told(lab, servers.without, client).code for client in (ADDED, STRANGER)] == [554, 554]


def test_networks_of_one_server_add_to_those_of_all(lab: Lab, servers: Servers) -> None:
    assert LOCAL in told(lab, servers.existing, ADDED).text
    texts = [told(lab, servers.existing, client).text for client in (REPLACED, STRANGER)]
    assert ["Relay access denied" in text for text in texts] == [True, True]


def test_users_of_an_existing_server_log_in(lab: Lab, servers: Servers) -> None:
    assert codes(mail.dialogue(lab, servers.existing, as_ann(PASSWORD), port=587))[-1] == 235
    assert codes(mail.dialogue(lab, servers.existing, as_ann(), port=587))[-1] == 535


def test_local_server_refuses_mail_of_users_to_elsewhere(lab: Lab, servers: Servers) -> None:
    commands = [*as_ann(PASSWORD), *envelope("ann@example.test", OUTSIDE, "bob@example.test")]
    outside, own = mail.dialogue(lab, servers.existing, commands, port=587)[-2:]
    assert (outside.code, LOCAL in outside.text, own.code) == (550, True, 250)


def test_local_server_returns_its_own_mail_to_elsewhere(lab: Lab, servers: Servers) -> None:
    token = mail.new_token()
    mail.sendmail(lab, servers.existing, "ann@example.test", OUTSIDE, f"Subject: {token}\n\nhello\n")
    (returned,) = mail.stored(lab, token)
    assert (returned.recipients, LOCAL in returned.message) == (["ann@example.test"], True)


def test_variable_that_is_set_counts_on_a_local_server(lab: Lab, servers: Servers) -> None:
    token = mail.new_token()
    commands = [EHLO, *envelope("ann@example.test", OUTSIDE), *message(f"Subject: {token}\n\nhello\n")]
    assert codes(mail.dialogue(lab, servers.without, commands, client=lab.client(REPLACED)))[-1] == 250
    (arrived,) = mail.stored(lab, token)
    assert arrived.recipients == [OUTSIDE]


def test_once_more_changes_nothing(lab: Lab, servers: Servers, repeat: Callable[..., None]) -> None:
    repeat(*said(lab, servers))
