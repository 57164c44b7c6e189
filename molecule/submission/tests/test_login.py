# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logs in sends mail to anywhere, in his own name; nobody else does. The scenario's own variables."""

from __future__ import annotations

import re

import pytest
from lab import mail
from lab.submission import (
    CLIENT,
    EHLO,
    OUTSIDE,
    PASSWORDS,
    STARTTLS,
    Session,
    as_ann,
    assert_answered,
    envelope,
    fqdn,
    login,
    plain,
    sent_by_ann,
)
from lab.topology import Lab

ANN, BOB = PASSWORDS["ann@example.test"], PASSWORDS["bob"]
FROM_ANN = envelope("ann@example.test", OUTSIDE)

SESSIONS: dict[str, Session] = {
    "good": (587, [*as_ann(), *FROM_ANN], 250, "2.1.5"),
    "good-at-465": (465, [EHLO, plain("ann@example.test", ANN), *FROM_ANN], 250, "2.1.5"),
    "good-in-steps": (465, [EHLO, *login("ann@example.test", ANN), *FROM_ANN], 250, "2.1.5"),
    "good-in-capitals": (587, [*STARTTLS, plain("Ann@Example.TEST", ANN), *FROM_ANN], 250, "2.1.5"),
    "good-by-hash": (587, [*STARTTLS, plain("bob", BOB), *envelope("bob@example.test", OUTSIDE)], 250, "2.1.5"),
    "bad-password": (587, [*STARTTLS, plain("ann@example.test", ANN + "x")], 535, "5.7.8"),
    "no-password": (587, [*STARTTLS, plain("ann@example.test", "")], 535, "5.7.8"),
    "password-of-another": (587, [*STARTTLS, plain("bob", ANN)], 535, "5.7.8"),
    "unknown-user": (587, [*STARTTLS, plain("eve", ANN)], 535, "5.7.8"),
    "system-account": (587, [*STARTTLS, plain("root", "root")], 535, "5.7.8"),
    "missing": (587, [*STARTTLS, *FROM_ANN], 554, "Access denied"),
    "missing-at-465": (465, [EHLO, *FROM_ANN], 554, "Access denied"),
    "missing-to-own-domain": (587, [*STARTTLS, *envelope("a@example.org", "bob@example.test")], 554, "Access denied"),
    "after-a-bad-password": (587, [*as_ann("wrong"), *FROM_ANN], 554, "Access denied"),
    "over-plain-text": (587, [EHLO, plain("ann@example.test", ANN)], 530, "STARTTLS"),
    "nothing-over-plain-text": (587, [EHLO, "MAIL FROM:<ann@example.test>"], 530, "STARTTLS"),
    "port-25": (25, [*as_ann()], 503, "authentication not enabled"),
    "sender-of-another": (587, [*as_ann(), *envelope("bob@example.test", OUTSIDE)], 553, "not owned by user ann"),
    "sender-of-nobody": (587, [*as_ann(), *envelope("eve@example.test", OUTSIDE)], 553, "not owned by user ann"),
    # What port 25 asks of strangers is not asked of a user: his greeting need not be a name.
    "greeting-of-a-phone": (465, ["EHLO -phone", plain("ann@example.test", ANN), *FROM_ANN], 250, "2.1.5"),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_session(replies: dict[tuple[str, str], list[mail.Reply]], mta: str, name: str) -> None:
    assert_answered(SESSIONS[name], replies[mta, name])


def test_nothing_is_offered_without_tls(lab: Lab, mta: str) -> None:
    banner, plain_text, _starttls, encrypted = mail.dialogue(lab, mta, list(STARTTLS), port=587)
    assert banner.code == 220
    assert "AUTH" not in plain_text.text
    assert "AUTH PLAIN LOGIN" in encrypted.text
    assert "AUTH" not in mail.dialogue(lab, mta, list(STARTTLS))[-1].text


def test_own_network_logs_in_too(lab: Lab, mta: str) -> None:
    script = f"""
import smtplib, ssl
with smtplib.SMTP("127.0.0.1", 587) as session:
    session.starttls(context=ssl._create_unverified_context())
    session.ehlo()
    session.mail("root@{fqdn(mta)}")
    print(session.rcpt("{OUTSIDE}")[0])
"""
    assert mail.output(lab, mta, "python3", "-c", script) == "554\n"


# What a client may write to be taken for another one.
FORGED = """X-Originating-IP: [192.0.2.66]
x-originating-ip : [192.0.2.67]
X-Originating-IP:
 [192.0.2.68]
X-Submission-Client: [192.0.2.69]
"""
WITH_A_MESSAGE = """MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b
"""
A_MESSAGE = """--b
Content-Type: message/rfc822

X-Originating-IP: [192.0.2.70]
Subject: forwarded

hello
--b--
"""
STARTS = {587: as_ann(), 465: [EHLO, plain("ann@example.test", ANN)]}


@pytest.mark.parametrize("port", STARTS)
def test_headers_tell_address_and_user(lab: Lab, mta: str, port: int) -> None:
    arrived = sent_by_ann(lab, mta, STARTS[port], port=port, head=FORGED)
    lines = arrived.message.replace("\r", "").partition("\n\n")[0].replace("\n ", " ").splitlines()
    origins = [line for line in lines if line.lower().startswith("x-originating-ip")]
    assert origins == [f"X-Originating-IP: [{lab.client(CLIENT)}]"]
    assert [line for line in lines if line.startswith("X-Submission-")] == ["X-Submission-Client: [192.0.2.69]"]
    assert [line.strip() for line in lines if "Authenticated" in line] == ["(Authenticated sender: ann@example.test)"]
    assert sorted(arrived.recipients) == [OUTSIDE, "other@example.net"]


def test_header_of_a_message_in_a_message_stays(lab: Lab, mta: str) -> None:
    text = sent_by_ann(lab, mta, as_ann(), head=WITH_A_MESSAGE, body=A_MESSAGE).message
    addresses = [line.partition(": ")[2].strip() for line in text.splitlines() if line.startswith("X-Originating-IP")]
    assert addresses == [f"[{lab.client(CLIENT)}]", "[192.0.2.70]"]


def test_headers_of_other_mail_stay_as_they_are(lab: Lab, mta: str) -> None:
    tokens = {kind: mail.new_token() for kind in ("from outside", "local")}
    text = f"X-Originating-IP: [192.0.2.66]\nSubject: {tokens['from outside']}\n\nhello\n"
    assert mail.send(lab, mta, "a@example.org", "bob@example.test", text, client=lab.client(CLIENT)).code == 250
    mail.sendmail(lab, mta, "root@example.test", OUTSIDE, f"Subject: {tokens['local']}\n\nhello\n")
    (outside,) = mail.stored(lab, tokens["from outside"])
    (local,) = mail.stored(lab, tokens["local"])
    lines = [line for line in outside.message.splitlines() if "Originating" in line]
    assert lines == ["X-Originating-IP: [192.0.2.66]"]
    assert "Originating" not in local.message
    assert "Authenticated" not in outside.message + local.message


def test_log_holds_tls_and_no_ports(lab: Lab, mta: str) -> None:
    cursor = mail.journal_cursor(lab, mta)
    sent_by_ann(lab, mta, as_ann())
    journal = mail.journal(lab, mta, cursor)
    for service in ("submission/smtpd", "smtp"):
        assert re.search(rf"postfix/{service}\[\d+\]: .*TLS connection established", journal), journal
    assert not re.search(rf"\[{re.escape(lab.client(CLIENT))}\]:\d", journal)


def test_mail_of_local_accounts_is_forwarded(lab: Lab, mta: str) -> None:
    for account, owner in (("root", "postmaster@example.test"), ("carol", "carol@example.net")):
        token = mail.new_token()
        mail.sendmail(lab, mta, "root@example.test", account, f"Subject: {token}\n\nhello\n")
        (arrived,) = mail.stored(lab, token)
        assert arrived.recipients == [owner]


def test_mail_from_outside_warns_nobody(lab: Lab, mta: str) -> None:
    """Postfix warns of restrictions that need a login where nobody can log in."""
    cursor = mail.journal_cursor(lab, mta)
    text = f"Subject: {mail.new_token()}\n\nhello\n"
    assert mail.send(lab, mta, "a@example.org", "bob@example.test", text).code == 250
    assert "warning" not in mail.journal(lab, mta, cursor)


def test_users_are_dovecots_to_read_alone(lab: Lab, mta: str) -> None:
    path = "/etc/dovecot/mta-users"
    assert mail.output(lab, mta, "stat", "-c", "%a %U:%G", path).split() == ["640", "root:dovecot"]
    lines = mail.output(lab, mta, "cat", path).splitlines()
    assert [line.partition("$")[0] for line in lines] == ["ann@example.test:{SHA512-CRYPT}", "bob:{CRYPT}"]
