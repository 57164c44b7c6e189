# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All said the other way: port 25 too, passwords without TLS, other users, headers, milters, queue, logs, LMTP."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace

import pytest
from lab import mail
from lab.submission import (
    CLIENT,
    EHLO,
    OUTSIDE,
    PASSWORDS,
    SERVERS,
    STARTTLS,
    Session,
    as_ann,
    assert_answered,
    at_peer,
    envelope,
    fqdn,
    message,
    plain,
    sent_by_ann,
    served_at_once,
)
from lab.topology import PEER, Lab

NEW = "ann's new password"
MILTER_PORT, LMTP_PORT = 8899, 8824
PROCESSES = LMTP_CLIENTS = 2


def variables(lab: Lab) -> Mapping[str, object]:
    """What these tests need of the servers."""
    milters = [f"inet:{lab.address(PEER.name)}:{MILTER_PORT}"]
    return {
        "mta_base_myorigin": "$mydomain",
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
        "mta_base_milter_command_timeout": "5s",
        "mta_base_milter_content_timeout": "5s",
        "mta_base_smtpd_client_port_logging": True,
        "mta_base_smtpd_tls_loglevel": 0,
        "mta_base_smtp_tls_loglevel": 0,
        "mta_base_lmtp_tls_loglevel": 1,
        "mta_base_lmtp_destination_concurrency_limit": 1,
        "mta_base_lmtp_process_limit": str(LMTP_CLIENTS),
        "mta_base_maximal_queue_lifetime": "12s",
        "mta_base_bounce_queue_lifetime": "3s",
        "mta_base_delay_warning_time": "2s",
        "mta_base_queue_run_delay": "1s",
        "mta_base_minimal_backoff_time": "1s",
        "mta_base_maximal_backoff_time": "2s",
        "mta_inbound_header_checks": ["/^X-Secret-Project:/ REJECT not outside"],
        "mta_outbound_transport_lines": [
            *(f"lmtp{number}.test lmtp:[{lab.client(number)}]:{LMTP_PORT}" for number in range(LMTP_CLIENTS + 1)),
            f"mailbox.test lmtp:[{lab.address(PEER.name)}]:24",
        ],
    }


@pytest.fixture(scope="module", autouse=True)
def milter(lab: Lab, converge: Callable[..., None]) -> Iterator[contextlib.ExitStack]:
    """Converge, while the milter runs: without it Postfix takes no mail. Closing the stack ends it."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(at_peer(lab, "milter.py", MILTER_PORT))
        converge(variables(lab))
        yield stack


SESSIONS: dict[str, Session] = {
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


@pytest.mark.parametrize("name", SESSIONS)
def test_session(replies: dict[tuple[str, str], list[mail.Reply]], mta: str, name: str) -> None:
    assert_answered(SESSIONS[name], replies[mta, name])


def test_headers_hide_client_and_user(lab: Lab, mta: str) -> None:
    text = sent_by_ann(lab, mta, as_ann(NEW)).message
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
    assert "X-Milter: seen" in sent_by_ann(lab, mta, as_ann(NEW)).message
    token = mail.new_token()
    mail.sendmail(lab, mta, "root@example.test", OUTSIDE, f"Subject: {token}\n\nhello\n")
    (arrived,) = mail.stored(lab, token)
    assert "X-Milter: seen" in arrived.message


def test_name_without_a_domain_gets_one(lab: Lab, mta: str) -> None:
    token = mail.new_token()
    mail.sendmail(lab, mta, "root", OUTSIDE, f"Subject: {token}\n\nhello\n")
    (arrived,) = mail.stored(lab, token)
    assert arrived.sender == "root@example.test"


# What is not answered within the time that the servers give a milter.
MUTE: dict[str, list[str]] = {
    "command": [*envelope("ann@example.test", "mute-a@example.net")],
    "content": [*envelope("ann@example.test", OUTSIDE), *message("X-Mute: yes\n\nhello\n")],
}


@pytest.mark.parametrize("kind", MUTE)
def test_milter_that_says_nothing_is_not_waited_for(lab: Lab, mta: str, kind: str) -> None:
    begun = time.monotonic()
    replies = mail.dialogue(lab, mta, [*as_ann(NEW), *MUTE[kind]], port=587, client=lab.client(CLIENT))
    assert (replies[-1].code, "4.7.1" in replies[-1].text) == (451, True), replies
    # Without the two variables it takes 30 s and 300 s.
    assert time.monotonic() - begun < 25


@pytest.fixture(scope="module")
def late(lab: Lab) -> dict[str, SimpleNamespace]:
    """By server: what came of a message that nobody takes, and of a bounce that nobody takes."""
    seen = {
        server: SimpleNamespace(token=mail.new_token(), cursor=mail.journal_cursor(lab, server)) for server in SERVERS
    }
    for server, each in seen.items():
        text = f"Subject: {each.token}\n\nhello\n"
        mail.sendmail(lab, server, "boss@example.net", "defer-a@example.net", text)
        mail.sendmail(lab, server, "", "defer-bounce@example.net", text)
    for server, each in seen.items():
        each.arrived = mail.stored(lab, each.token, count=2, seconds=90)
        each.log = mail.journal(lab, server, each.cursor)
    return seen


def delays(log: str, recipient: str) -> list[float]:
    """How old a message was at each of its tries."""
    lines = [line for line in log.splitlines() if f"to=<{recipient}>" in line and "status=deferred" in line]
    return [float(age) for line in lines for age in re.findall(r"delay=([0-9.]+)", line)]


def test_message_is_told_to_be_late_and_given_up(late: Mapping[str, SimpleNamespace], mta: str) -> None:
    told, returned = sorted(late[mta].arrived, key=lambda each: "Undelivered" in each.message)
    assert "Subject: Delayed Mail (still being retried)" in told.message
    assert "Subject: Undelivered Mail Returned to Sender" in returned.message
    assert told.recipients == returned.recipients == ["boss@example.net"]


def test_message_is_tried_again_and_again(late: Mapping[str, SimpleNamespace], mta: str) -> None:
    tried = delays(late[mta].log, "defer-a@example.net")
    # As Postfix has it, the first try would be the only one.
    assert len(tried) >= 3, tried
    # Without an upper bound, the age of a message doubles from one try to the next.
    assert [age for age, later in itertools.pairwise(tried) if age > 2 and later < 1.9 * age] != [], tried


def test_bounce_is_given_up_sooner(late: Mapping[str, SimpleNamespace], mta: str) -> None:
    lines = late[mta].log.splitlines()
    bounce = next(line for line in lines if "to=<defer-bounce@example.net>" in line).split("]: ")[1].partition(":")[0]
    given_up = [line for line in lines if "status=expired" in line]
    assert bounce in given_up[0], given_up
    assert max(delays(late[mta].log, "defer-bounce@example.net")) < max(delays(late[mta].log, "defer-a@example.net"))


def test_log_holds_ports_and_tls_of_lmtp_alone(lab: Lab, mta: str) -> None:
    token, cursor = mail.new_token(), mail.journal_cursor(lab, mta)
    sent_by_ann(lab, mta, as_ann(NEW))
    mail.sendmail(lab, mta, "root@example.test", "ann@mailbox.test", f"Subject: {token}\n\nhello\n")
    (arrived,) = mail.stored(lab, token)
    assert (arrived.port, arrived.tls) == (24, True)
    journal = mail.journal(lab, mta, cursor)
    assert re.search(rf"\[{re.escape(lab.client(CLIENT))}\]:\d", journal)
    lines = [line for line in journal.splitlines() if "TLS connection established" in line]
    assert [line for line in lines if "postfix/lmtp[" not in line] == []
    assert len(lines) == 1, journal


@pytest.mark.parametrize(("hosts", "most"), [(1, 1), (LMTP_CLIENTS + 1, LMTP_CLIENTS)])
def test_so_many_lmtp_clients_deliver_at_a_time(lab: Lab, mta: str, hosts: int, most: int) -> None:
    """One to each host, and no more in all than there are processes."""
    recipients = [f"a{number}@lmtp{number % hosts}.test" for number in range(2 * LMTP_CLIENTS)]
    with at_peer(lab, "slow_lmtp.py", LMTP_PORT) as counted:
        script = 'for to; do echo hello | sendmail -f root@example.test "$to"; done'
        mail.output(lab, mta, "sh", "-c", script, "send", *recipients)
        wait = "for i in $(seq 300); do postqueue -j | grep -q @lmtp || exit 0; sleep 0.1; done; exit 1"
        mail.output(lab, mta, "sh", "-c", f"postqueue -f; {wait}")
    assert counted == [f"{len(recipients)} {most}"]


def test_submission_has_so_many_processes_and_connections_to_a_milter(lab: Lab, mta: str) -> None:
    assert served_at_once(lab, mta, 587, PROCESSES + 1, MILTER_PORT) == (PROCESSES, PROCESSES)


def test_once_more_changes_nothing(lab: Lab, repeat: Callable[..., None]) -> None:
    repeat(variables(lab))


def test_without_its_milter_a_server_puts_mail_off(lab: Lab, milter: contextlib.ExitStack, mta: str) -> None:
    milter.close()
    commands = [EHLO, *envelope("a@example.org", "bob@example.test")]
    replies = mail.dialogue(lab, mta, commands, client=lab.client(CLIENT))
    # Not 421 with the connection closed, which Postfix 3.10 would do.
    assert [(reply.code, "4.7.1" in reply.text) for reply in replies[2:]] == [(451, True), (503, False)], replies
