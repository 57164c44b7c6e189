# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All said the other way: port 25 too, passwords without TLS, other users, headers, milters, queue, logs, LMTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from lab import mail
from lab.submission import EHLO, PASSWORDS, SERVERS, STARTTLS, as_ann, at_peer, codes, envelope, fqdn, message, plain
from lab.topology import PEER, Lab

OUTSIDE = "customer@example.net"
NEW = "ann's new password"
CLIENT = 3
MILTER_PORT, LMTP_PORT = 8899, 8824
PROCESSES = 2


def variables(lab: Lab) -> Mapping[str, object]:
    """What these tests need of the servers."""
    milters = [f"inet:{lab.address(PEER.name)}:{MILTER_PORT}"]
    return {
        "mta_base_authentication_services": ["submission", "submissions", "smtp"],
        "mta_base_smtpd_tls_auth_only": False,
        "mta_base_sasl_mechanisms": ["plain"],
        "mta_base_users_group": {"ann@example.test": {"password": NEW}, "eve": {"password": "eves-password"}},
        "mta_base_users_host": {"bob": None},
        "mta_base_submission_process_limit": str(PROCESSES),
        "mta_base_submission_originating_ip": False,
        "mta_base_smtpd_sasl_authenticated_header": False,
        "mta_base_submission_hidden_client": True,
        "mta_base_smtpd_milters": milters,
        "mta_base_non_smtpd_milters": milters,
        "mta_base_milter_connect_timeout": "5s",
        "mta_base_smtpd_client_port_logging": True,
        "mta_base_smtpd_tls_loglevel": 0,
        "mta_base_smtp_tls_loglevel": 0,
        "mta_base_lmtp_destination_concurrency_limit": 1,
        "mta_base_maximal_queue_lifetime": "8s",
        "mta_base_delay_warning_time": "2s",
        "mta_base_queue_run_delay": "1s",
        "mta_base_minimal_backoff_time": "1s",
        "mta_base_maximal_backoff_time": "2s",
        "mta_inbound_header_checks": ["/^X-Secret-Project:/ REJECT not outside"],
        "mta_outbound_transport_lines": [f"lmtp.test lmtp:[{lab.address(PEER.name)}]:{LMTP_PORT}"],
    }


@pytest.fixture(scope="module", autouse=True)
def _settings(lab: Lab, converge: Callable[..., None]) -> Iterator[None]:
    """Converge, while the milter runs: without it Postfix takes no mail."""
    with at_peer(lab, "milter.py", MILTER_PORT):
        converge(variables(lab))
        yield


SESSIONS: dict[str, tuple[int, list[str], int, str]] = {
    "password-over-plain-text": (587, [EHLO, plain("ann@example.test", NEW)], 235, "2.7.0"),
    "port-25": (25, [*as_ann(NEW), *envelope("ann@example.test", OUTSIDE)], 250, "2.1.5"),
    "sender-of-another-at-25": (
        25,
        [*as_ann(NEW), *envelope("bob@example.test", OUTSIDE)],
        553,
        "not owned by user ann",
    ),
    "port-25-without-login": (25, [*STARTTLS, *envelope("a@example.org", OUTSIDE)], 554, "Relay access denied"),
    "old-password": (587, [*as_ann()], 535, "5.7.8"),
    "removed-user": (587, [*STARTTLS, plain("bob", PASSWORDS["bob"])], 535, "5.7.8"),
    "added-user": (587, [*STARTTLS, plain("eve", "eves-password")], 235, "2.7.0"),
    "mechanism-that-is-off": (587, [*STARTTLS, "AUTH LOGIN"], 535, "5.7.8"),
    "milter-at-587": (587, [*as_ann(NEW), *envelope("ann@example.test", "milter-a@example.net")], 550, "5.7.1"),
    "milter-at-25": (25, [EHLO, *envelope("a@example.org", "milter-a@example.test")], 550, "5.7.1"),
    "header-check": (
        587,
        [*as_ann(NEW), *envelope("ann@example.test", OUTSIDE), *message("X-Secret-Project: x\n\nhello\n")],
        550,
        "not outside",
    ),
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


def sent_by_ann(lab: Lab, server: str) -> mail.Mail:
    """A message of Ann's, as it arrived."""
    token = mail.new_token()
    commands = [*as_ann(NEW), *envelope("ann@example.test", OUTSIDE)]
    commands += message(f"From: ann@example.test\nSubject: {token}\n\nhello\n")
    assert codes(mail.dialogue(lab, server, commands, port=587, client=lab.client(CLIENT)))[-1] == 250
    (arrived,) = mail.stored(lab, token)
    return arrived


def test_headers_hide_client_and_user(lab: Lab, mta: str) -> None:
    text = sent_by_ann(lab, mta).message
    received = text.partition("From:")[0]
    assert received.startswith("Received: by ") or "\nReceived: by " in received, text
    assert f"by {fqdn(mta)} (Postfix) with ESMTPSA id" in received
    for word in (lab.client(CLIENT), "client", "Authenticated", "Originating", "cipher"):
        assert word not in text


def test_headers_of_other_mail_still_tell_the_client(lab: Lab, mta: str) -> None:
    token = mail.new_token()
    text = f"Subject: {token}\n\nhello\n"
    assert mail.send(lab, mta, "a@example.org", "ann@example.test", text, client=lab.client(CLIENT)).code == 250
    (arrived,) = mail.stored(lab, token)
    assert f"[{lab.client(CLIENT)}]" in arrived.message


def test_milter_sees_mail_from_users_and_from_the_server_itself(lab: Lab, mta: str) -> None:
    assert "X-Milter: seen" in sent_by_ann(lab, mta).message
    token = mail.new_token()
    mail.sendmail(lab, mta, "root@example.test", OUTSIDE, f"Subject: {token}\n\nhello\n")
    (arrived,) = mail.stored(lab, token)
    assert "X-Milter: seen" in arrived.message


def test_message_is_retried_then_told_to_be_late_and_given_up(lab: Lab, mta: str) -> None:
    token, cursor = mail.new_token(), mail.journal_cursor(lab, mta)
    mail.sendmail(lab, mta, "boss@example.net", "defer-a@example.net", f"Subject: {token}\n\nhello\n")
    late, returned = sorted(mail.stored(lab, token, count=2), key=lambda each: "Undelivered" in each.message)
    assert "Subject: Delayed Mail (still being retried)" in late.message
    assert "Subject: Undelivered Mail Returned to Sender" in returned.message
    assert late.recipients == returned.recipients == ["boss@example.net"]
    lines = mail.journal(lab, mta, cursor).splitlines()
    assert len([line for line in lines if "to=<defer-a@example.net>" in line and "status=deferred" in line]) >= 3


def test_log_holds_ports_and_nothing_of_tls(lab: Lab, mta: str) -> None:
    cursor = mail.journal_cursor(lab, mta)
    sent_by_ann(lab, mta)
    journal = mail.journal(lab, mta, cursor)
    assert f"[{lab.client(CLIENT)}]:" in journal
    assert "TLS connection established" not in journal


def test_one_lmtp_client_at_a_time_delivers_to_a_host(lab: Lab, mta: str) -> None:
    with at_peer(lab, "slow_lmtp.py", LMTP_PORT) as counted:
        script = "for i in 1 2 3 4; do echo hello | sendmail -f root@example.test a$i@lmtp.test; done"
        mail.output(lab, mta, "sh", "-c", script)
        wait = "for i in $(seq 300); do postqueue -j | grep -q lmtp.test || exit 0; sleep 0.1; done; exit 1"
        mail.output(lab, mta, "sh", "-c", f"postqueue -f; {wait}")
    assert counted == ["4 1"]


def test_submission_has_so_many_processes(lab: Lab, mta: str) -> None:
    script = f"""
import select, socket
sessions = [socket.create_connection(("127.0.0.1", 587)) for number in range({PROCESSES} + 1)]
greeted = set()
while ready := select.select(set(sessions) - greeted, [], [], 3)[0]:
    greeted |= set(ready)
print(len(greeted))
"""
    try:
        assert mail.output(lab, mta, "python3", "-c", script) == f"{PROCESSES}\n"
    finally:
        # A service that had no process left hangs up after one error for the next 1000 s: smtpd_hard_error_limit.
        mail.output(lab, mta, "systemctl", "restart", "postfix")


def test_once_more_changes_nothing(lab: Lab, repeat: Callable[..., None]) -> None:
    repeat(variables(lab))
