# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logs in sends mail to anywhere, in his own name; nobody else does. The scenario's own variables."""

from __future__ import annotations

import pytest
from lab import mail
from lab.submission import EHLO, PASSWORDS, SERVERS, STARTTLS, as_ann, codes, envelope, fqdn, login, message, plain
from lab.topology import Lab

ANN, BOB = PASSWORDS["ann@example.test"], PASSWORDS["bob"]
OUTSIDE = "customer@example.net"
FROM_ANN = envelope("ann@example.test", OUTSIDE)
CLIENT = 3

# Port, commands, and what the last one is answered; {fqdn} is the name of the server.
SESSIONS: dict[str, tuple[int, list[str], int, str]] = {
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


@pytest.fixture(scope="module")
def replies(lab: Lab) -> dict[tuple[str, str], list[mail.Reply]]:
    """What both servers answered in every session."""
    keys = [(server, name) for name in SESSIONS for server in SERVERS]
    spoken = [mail.Spoken(server, SESSIONS[name][1], lab.client(CLIENT), SESSIONS[name][0]) for server, name in keys]
    return dict(zip(keys, mail.dialogues(lab, spoken), strict=True))


@pytest.mark.parametrize("name", SESSIONS)
def test_session(replies: dict[tuple[str, str], list[mail.Reply]], mta: str, name: str) -> None:
    _port, commands, code, text = SESSIONS[name]
    answered = replies[mta, name]
    assert len(answered) == len(commands) + 1, answered
    assert (answered[-1].code, text in answered[-1].text) == (code, True), answered


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


HEADERS = "From: ann@example.test\nX-Originating-IP: [192.0.2.66]\n"


def sent_by_ann(lab: Lab, server: str, token: str, *, port: int = 587) -> list[mail.Mail]:
    """Send a message that already tells an origin to two recipients; what arrived."""
    start = as_ann() if port == 587 else [EHLO, plain("ann@example.test", ANN)]
    commands = [*start, *envelope("ann@example.test", OUTSIDE, "other@example.net")]
    commands += message(f"{HEADERS}Subject: {token}\n\nhello\n")
    answered = mail.dialogue(lab, server, commands, port=port, client=lab.client(CLIENT))
    assert codes(answered)[-1] == 250, answered
    return mail.stored(lab, token)


@pytest.mark.parametrize("port", [587, 465])
def test_headers_tell_address_and_user(lab: Lab, mta: str, port: int) -> None:
    (arrived,) = sent_by_ann(lab, mta, mail.new_token(), port=port)
    lines = arrived.message.splitlines()
    origins = [line for line in lines if line.lower().startswith("x-originating-ip:")]
    assert origins == [f"X-Originating-IP: [{lab.client(CLIENT)}]"]
    assert "X-Submission-Client" not in arrived.message
    assert [line.strip() for line in lines if "Authenticated" in line] == ["(Authenticated sender: ann@example.test)"]
    assert sorted(arrived.recipients) == [OUTSIDE, "other@example.net"]


def test_headers_of_other_mail_stay_as_they_are(lab: Lab, mta: str) -> None:
    tokens = {kind: mail.new_token() for kind in ("from outside", "local")}
    text = f"{HEADERS}Subject: {tokens['from outside']}\n\nhello\n"
    assert mail.send(lab, mta, "a@example.org", "bob@example.test", text, client=lab.client(CLIENT)).code == 250
    mail.sendmail(lab, mta, "root@example.test", OUTSIDE, f"Subject: {tokens['local']}\n\nhello\n")
    (outside,) = mail.stored(lab, tokens["from outside"])
    (local,) = mail.stored(lab, tokens["local"])
    assert [line for line in outside.message.splitlines() if "Originating" in line] == [HEADERS.splitlines()[1]]
    assert "Originating" not in local.message
    assert "Authenticated" not in outside.message + local.message


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
