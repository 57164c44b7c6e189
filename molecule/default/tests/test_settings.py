# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mta_base says otherwise than by default: names, listeners, TLS, commands, sizes, local mail; an open relay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
from lab import letters, mail, play
from lab.letters import SERVERS, Letter
from lab.submission import fqdn
from lab.topology import PEER, Lab

EHLO = "EHLO client.example.org"
STARTTLS = [EHLO, "STARTTLS", EHLO]
STRANGER, EXCLUDED = 2, 9
FOREIGN = ["MAIL FROM:<stranger@example.org>", "RCPT TO:<foreign@example.net>"]
OWN = "/etc/ssl/own"
# An authority of one's own, what it has signed for this server, and an account.
PREPARE = f"""mkdir -p {OWN}; cd {OWN}; umask 077
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Own authority" -keyout ca.key -out ca.pem
openssl req -newkey rsa:2048 -nodes -subj /CN=own.example.test -keyout own.key -out own.csr
openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out own.pem
id -u carl || useradd carl"""
GROUP: Mapping[str, object] = {
    "mta_base_mydomain": "elsewhere.test",
    "mta_base_myorigin": "$mydomain",
    "mta_base_inet_protocols": ["ipv4"],
    "mta_base_tls_certificate": f"{OWN}/own.pem",
    "mta_base_tls_key": f"{OWN}/own.key",
    "mta_base_tls_chain": [f"{OWN}/ca.pem"],
    "mta_base_tls_trusted_certificates": f"{OWN}/ca.pem",
    "mta_base_tls_protocols": ">=TLSv1.2, <=TLSv1.2",
    "mta_base_smtpd_tls_security_level": "encrypt",
    "mta_base_lmtp_tls_security_level": "none",
    "mta_base_smtpd_forbid_unauth_pipelining": False,
    "mta_base_disable_vrfy_command": False,
    "mta_base_mailbox_size_limit": "120K",
    "mta_base_virtual_mailbox_limit": "120K",
    "mta_base_alias_maps": ["inline:{second=carl@localhost}"],
    "mta_base_parameters": {
        "virtual_mailbox_domains": ["mailbox.test"],
        "virtual_mailbox_base": "/var/mail",
        "virtual_mailbox_maps": ["static:virtual"],
        "virtual_uid_maps": ["static:1234"],
        "virtual_gid_maps": ["static:8"],
    },
    "mta_outbound_transports": {
        "lmtp.test": {"host": "mail.example.net", "port": 24, "transport": "lmtp"},
        "certified.test": {"host": "c.mail.example.net", "port": 2526, "tls": "verify"},
    },
}
ALONE = {"mta_base_message_size_limit": "100K", "mta_outbound_relayhost": {}}
LETTERS = {
    "out": Letter("root", "any@example.org"),
    "lmtp": Letter("root", "any@lmtp.test"),
    "certified": Letter("root", "any@certified.test", copies=0),
}


@pytest.fixture(params=SERVERS)
def mta(request: pytest.FixtureRequest) -> str:
    """Name of a mail host. Not of the session's scope, or pytest would go through the converges host by host."""
    return str(request.param)


@pytest.fixture(scope="module", autouse=True)
def sent(lab: Lab, converge: Callable[..., None]) -> SimpleNamespace:
    """Converge, and send letters."""
    for server in SERVERS:
        mail.output(lab, server, "sh", "-ec", PREPARE)
    addresses = {server: ["127.0.0.1", lab.address(server)] for server in SERVERS}
    exclusions = {"mta_base_smtpd_forbid_bare_newline_exclusions": [lab.client(EXCLUDED)]}
    converge(
        {**GROUP, **exclusions},
        {server: {**ALONE, "mta_base_inet_interfaces": addresses[server]} for server in SERVERS},
    )
    cursors = {server: mail.journal_cursor(lab, server) for server in SERVERS}
    arrived = letters.send(lab, LETTERS)
    reasons = {server: letters.waiting(lab, server, "any@certified.test") for server in SERVERS}
    logs = {server: mail.journal(lab, server, cursors[server]) for server in SERVERS}
    return SimpleNamespace(arrived=arrived, reasons=reasons, logs=logs)


def connect(lab: Lab, server: str, *options: str) -> str:
    """What openssl(1) tells of a connection from outside."""
    command = ["openssl", "s_client", "-connect", f"{lab.address(server)}:25", "-starttls", "smtp", *options]
    told = mail.execute(lab, PEER.name, *command, stdin="QUIT\r\n")
    return (told.out + told.err).replace(" = ", "=")


def test_own_certificate_and_chain(lab: Lab, mta: str) -> None:
    chain = re.findall(r"^ \d s:(.*)$", connect(lab, mta), re.MULTILINE)
    assert chain == ["CN=own.example.test", "CN=Own authority"]


@pytest.mark.parametrize(("version", "spoken"), [("tls1_2", True), ("tls1_3", False)])
def test_one_version_of_tls_with_clients(lab: Lab, mta: str, version: str, spoken: bool) -> None:
    assert ("Protocol version: TLSv1.2" in connect(lab, mta, "-brief", f"-{version}")) == spoken


def test_one_version_of_tls_with_servers(sent: SimpleNamespace, mta: str) -> None:
    (seen,) = sent.arrived[mta, "out"]
    assert (seen.sender, seen.tls) == ("root@elsewhere.test", True)
    assert set(re.findall(r"TLS connection established to \S+: (\S+) with", sent.logs[mta])) == {"TLSv1.2"}


def test_other_authorities_count_for_nothing(sent: SimpleNamespace, mta: str) -> None:
    assert "Server certificate not" in sent.reasons[mta]
    assert sent.arrived[mta, "certified"] == []


def test_lmtp_without_tls(sent: SimpleNamespace, mta: str) -> None:
    (seen,) = sent.arrived[mta, "lmtp"]
    assert (seen.port, seen.tls) == (24, False)


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([EHLO, FOREIGN[0]], 530),
        ([*STARTTLS, FOREIGN[0]], 250),
        ([*STARTTLS, "VRFY bob@example.test"], 252),
        ([f"{EHLO}\r\nNOOP"], 250),
    ],
    ids=["without-tls", "with-tls", "vrfy", "too-early"],
)
def test_command(lab: Lab, mta: str, commands: list[str], code: int) -> None:
    assert mail.dialogue(lab, mta, commands, client=lab.client(STRANGER))[-1].code == code


@pytest.mark.parametrize(("client", "messages"), [(EXCLUDED, 2), (STRANGER, 1)])
def test_bare_newlines_of_a_client_that_is_left_alone(lab: Lab, mta: str, client: int, messages: int) -> None:
    token = mail.new_token()
    envelope = ["MAIL FROM:<root@example.org>", "RCPT TO:<bob@example.test>", "DATA"]
    text = "\r\n".join(
        [f"Subject: {token}", "", "first\n.\n" + envelope[0], *envelope[1:], f"Subject: {token}", "", "."]
    )
    mail.dialogue(lab, mta, [*STARTTLS, *envelope, text], client=lab.client(client))
    mail.stored(lab, token, count=messages)
    # What came in was queued at once; one mail more would be there within these seconds.
    assert len(mail.stored(lab, token, count=messages + 1, seconds=2)) == messages


@pytest.mark.parametrize(
    ("address", "listens"), [("127.0.0.1", True), ("127.0.0.2", False), ("::1", False)], ids=["one", "another", "ipv6"]
)
def test_listeners(lab: Lab, mta: str, address: str, listens: bool) -> None:
    connection = mail.execute(lab, mta, "bash", "-c", f"exec 3<>/dev/tcp/{address}/25")
    assert (connection.code == 0) == listens


@pytest.mark.parametrize("recipient", ["carl@{}", "second@{}", "any@mailbox.test"], ids=["local", "alias", "virtual"])
def test_a_mailbox_takes_so_much(lab: Lab, mta: str, recipient: str) -> None:
    """Two messages of 80 KB do not fit into 120 KB: the second one comes back."""
    mail.output(lab, mta, "sh", "-c", "rm -f /var/mail/carl /var/mail/virtual; chmod 1777 /var/mail")
    body = f"{'x' * 79}\n" * 1000
    tokens = [mail.new_token(), mail.new_token()]
    for token in tokens:
        mail.sendmail(lab, mta, "boss@example.org", recipient.format(fqdn(mta)), f"Subject: {token}\n\n{body}")
    (returned,) = mail.stored(lab, tokens[1])
    assert returned.recipients == ["boss@example.org"]
    assert mail.stored(lab, tokens[0], 0, 0) == []


@pytest.fixture(scope="module")
def opened(lab: Lab, sent: SimpleNamespace) -> play.Play:
    """An open relay without TLS, and a parameter that Postfix does not know, as the variables for them allow."""
    assert sent.logs
    return play.run(
        lab,
        group={
            "mta_base_mynetworks": ["0.0.0.0/0"],
            "mta_base_allow_open_relay": True,
            "mta_base_smtpd_tls_security_level": "none",
            "mta_base_parameters": {"no_such_parameter": "anything"},
            "mta_base_force": ["no_such_parameter"],
        },
    )


def test_forced_parameter_is_set_and_told(lab: Lab, opened: play.Play, mta: str) -> None:
    assert opened.code == 0, opened.output
    assert any("no_such_parameter" in line for line in opened.warnings), opened.output
    assert "no_such_parameter = anything" in mail.output(lab, mta, "cat", "/etc/postfix/main.cf").splitlines()


def test_without_tls_none_is_offered(lab: Lab, opened: play.Play, mta: str) -> None:
    assert opened.code == 0
    assert "STARTTLS" not in mail.dialogue(lab, mta, [EHLO], client=lab.client(STRANGER))[-1].text


def test_a_relay_that_may_be_open_is(lab: Lab, opened: play.Play, mta: str) -> None:
    assert opened.code == 0
    assert mail.dialogue(lab, mta, [EHLO, *FOREIGN], client=lab.client(STRANGER))[-1].code == 250
