# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway's half: lists of clients, own senders, verification, content, own restrictions, providers; on, then off."""

from __future__ import annotations

import pathlib
import time
import typing as t
from dataclasses import dataclass

import pytest
from lab import layers, lifecycle, mail, play
from lab.topology import PEER, Lab

DIALUP, LISTED_BUT_ALLOWED, LIST_ERROR = 63, 64, 65
DENIED, ALLOWED = 34, 33
PROVIDER = 49
IN_A_RANGE, BEHIND_THE_RANGE = 81, 82
FIRST, LAST = 83, 84
# Octet prefixes, as CipherMail has them. The clients are on the server itself, which has such addresses anyhow.
OCTETS, MORE_OCTETS = "127.16", "127.16.88"
OCTET_CLIENTS = {"127.16.7.7": 554, "127.16.88.7": 250, "127.17.7.7": 250}
REFUSED: dict[str, tuple[dict[str, t.Any], int, str]] = {
    "denied-client": ({"client": DENIED}, 554, "no mail from here"),
    "client-in-a-denied-range": ({"client": IN_A_RANGE}, 554, "not from this range"),
    "client-on-dns-list": ({"client": DIALUP}, 554, "blocked using bl.test"),
    "own-sender": ({"sender": "ann@example.test"}, 554, "sends from its own servers alone"),
    "own-sender-in-capitals": ({"sender": "ANN@Example.Test"}, 554, "sends from its own servers alone"),
    "own-sender-with-dot": ({"sender": "ann@example.test."}, 554, "sends from its own servers alone"),
    "own-sender-of-a-subdomain": ({"sender": "ann@deep.sub.example.test"}, 554, "sends from its own servers alone"),
    "own-sender-of-the-server": ({"sender": "root@{fqdn}"}, 554, "sends from its own servers alone"),
    "sender-of-one-more-own-domain": ({"sender": "ann@partner.test"}, 554, "sends from its own servers alone"),
    "recipient-that-the-next-hop-refuses": ({"recipient": "unknown-2@example.test"}, 550, "undeliverable address"),
    "own-policy-service": ({"recipient": "asked@example.test"}, 554, "nobody answers"),
    "own-class": ({"recipient": "vip@example.test"}, 554, "Access denied"),
    # Restrictions of one's own. The first ones hold for a client that is allowed as well.
    "first-of-senders": ({"sender": "blocked@example.net", "client": ALLOWED}, 554, "Access denied"),
    "first-of-clients": ({"client": FIRST}, 554, "first of clients"),
    "first-of-greetings": ({"helo": "EHLO first.example.org", "client": ALLOWED}, 554, "first of greetings"),
    "first-of-relaying": ({"recipient": "relay@example.test", "client": ALLOWED}, 554, "first of relaying"),
    "first-of-recipients": ({"recipient": "first@example.test", "client": ALLOWED}, 554, "first of recipients"),
    "last-of-clients": ({"client": LAST}, 554, "last of clients"),
    "last-of-greetings": ({"helo": "EHLO last.example.org"}, 554, "last of greetings"),
    "last-at-data": ({"sender": "data@example.org", "text": "\n"}, 554, "last at data"),
    "last-at-the-end-of-data": ({"sender": "end@example.org", "text": "\n"}, 554, "last at the end"),
}
ACCEPTED: dict[str, dict[str, t.Any]] = {
    "good-session": {},
    "no-sender": {"sender": ""},
    "allowed-out-of-a-denied-network": {"client": ALLOWED},
    "allowed-client-is-spared-checks": {"client": ALLOWED, "sender": "a@nowhere.example.org", "helo": "EHLO -bad"},
    "allowed-client-on-dns-list": {"client": LISTED_BUT_ALLOWED},
    "allowed-client-is-spared-own-checks": {"client": ALLOWED, "helo": "EHLO last.example.org"},
    "behind-a-denied-range": {"client": BEHIND_THE_RANGE},
    "error-code-of-dns-list": {"client": LIST_ERROR},
    "similar-domain": {"sender": "ann@notexample.test"},
    "subdomain": {"recipient": "ann@sub.example.test"},
    "friend-in-own-class": {"sender": "friend@example.org", "recipient": "vip@example.test"},
}
RELAYING: dict[str, dict[str, t.Any]] = {
    "provider": {"client": PROVIDER},
    "provider-with-own-sender": {"client": PROVIDER, "sender": "ann@example.test"},
    "provider-without-sender": {"client": PROVIDER, "sender": ""},
    "stranger": {},
    "allowed-client": {"client": ALLOWED},
}
# Asks for a recipient from one of the server's own addresses.
ASK = """
import smtplib, sys
with smtplib.SMTP("127.0.0.1", source_address=(sys.argv[1], 0)) as session:
    session.ehlo("mail.example.org")
    session.mail("stranger@example.org")
    print(*session.rcpt("ann@example.test"))
"""
HEADERS = "From: stranger@example.org\nMIME-Version: 1.0\n"
PART = (
    HEADERS
    + 'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: application/octet-stream\n{}\n\nx\n--b--\n'
)
REFUSED_CONTENT: dict[str, tuple[str, str]] = {
    "header": (HEADERS + "X-Mailer: Mass/Mail 2\n\nhello\n", "no advertisements, please"),
    "body": (HEADERS + "\nhello\nClick here at once\n", "not clicking"),
    "mime-header": (HEADERS + "Content-Type: text/x-forbidden\n\nhello\n", "forbidden type"),
    "quoted-name": (PART.format('Content-Disposition: attachment; filename="a.exe"'), "type .exe"),
    "name-and-more": (PART.format('Content-Disposition: attachment; filename="a b.exe"; size=3'), "type .exe"),
    "plain-name": (PART.format("Content-Disposition: attachment;\n filename=A.EXE"), "type .EXE"),
    "percent-name": (PART.format("Content-Disposition: attachment; filename*=UTF-8''a%2Eexe"), "type .exe"),
    "two-extensions": (PART.format('Content-Disposition: attachment; filename="a.pdf.vbs"'), "type .vbs"),
    "name-of-the-type": (HEADERS + 'Content-Type: application/x-any; name="a.rar5"\n\nx\n', "type .rar5"),
}
# The last two are what nobody should rely on: see mta_inbound_reject_blocked_extensions.
ACCEPTED_CONTENT: dict[str, str] = {
    "plain": HEADERS + "\nhello\n",
    "harmless-name": PART.format('Content-Disposition: attachment; filename="exe.pdf"'),
    "extension-inside-a-name": PART.format('Content-Disposition: attachment; filename="a.exe.txt"'),
    "encoded-name": PART.format('Content-Disposition: attachment; filename="=?utf-8?B?YS5leGU=?="'),
    "name-in-parts": PART.format("Content-Disposition: attachment; filename*0=\"a.e\"; filename*1=\"xe\""),
}  # fmt: skip


def refusing(check: str, key: str, text: str) -> list[str]:
    """A restriction that refuses one key of its table."""
    return [f"check_{check}_access inline:{{ {{{key} = REJECT {text}}} }}"]


def variables(lab: Lab, cache: pathlib.Path) -> dict[str, t.Any]:
    """The gateway's settings; the lists of clients hold addresses of this lab."""
    network = lab.client(0).rpartition(".")[0]
    return {
        "mta_base_mynetworks": ["127.0.0.1/32", "::1/128"],
        "mta_inbound_relay_domains": {"example.test": {"match_subdomains": True}},
        "mta_inbound_reject_own_senders": True,
        "mta_inbound_own_domains": {"partner.test": {}},
        "mta_inbound_reject_unverified_recipient": True,
        "mta_inbound_unverified_recipient_reject_code": 550,
        "mta_inbound_reject_rbl_client": ["bl.test"],
        "mta_inbound_client_denylist": [
            {"client": f"{network}.160/28", "reason": "no mail from here"},
            {"client": f"{lab.client(80)}-{lab.client(IN_A_RANGE)}", "reason": "not from this range"},
            {"client": OCTETS, "reason": "not from these octets"},
        ],
        "mta_inbound_client_allowlist": [{"client": lab.client(ALLOWED), "reason": "a friend"}, MORE_OCTETS],
        "mta_inbound_client_allowlist_host": [lab.client(LISTED_BUT_ALLOWED), lab.client(FIRST)],
        "mta_inbound_client_providers": ["provider.test"],
        "mta_inbound_client_provider_options": {
            "nameservers": [lab.address(PEER.name)], "allow_private": True, "cache_directory": str(cache)
        },
        "mta_inbound_header_checks": [
            "/^X-Trace:/ IGNORE",
            {"pattern": "^X-Mailer: Mass/Mail", "action": "REJECT", "argument": "no advertisements, please"},
        ],
        "mta_inbound_body_checks": [{"pattern": "^click here", "action": "REJECT", "argument": "not clicking"}],
        "mta_inbound_mime_header_checks": ["/^Content-Type: text.x-forbidden/ REJECT forbidden type"],
        "mta_inbound_blocked_extensions": [".RAR5"],
        "mta_inbound_block_common_extensions": True,
        "mta_inbound_restriction_classes": {
            "friends_only": ["check_sender_access inline:{friend@example.org=OK}", "reject"],
            # Port 9, discard, which nobody serves: the default action is what such a service would answer.
            "asked": [
                "check_policy_service { inet:127.0.0.1:9, try_limit=1, { default_action = REJECT nobody answers } }"
            ],
        },
        "mta_inbound_smtpd_recipient_restrictions": [
            "check_recipient_access inline:{vip@example.test=friends_only, asked@example.test=asked}"
        ],
        "mta_inbound_smtpd_sender_restrictions_before": ["check_sender_access inline:{blocked@example.net=REJECT}"],
        "mta_inbound_smtpd_client_restrictions_before": refusing("client", lab.client(FIRST), "first of clients"),
        "mta_inbound_smtpd_helo_restrictions_before": refusing("helo", "first.example.org", "first of greetings"),
        "mta_inbound_smtpd_relay_restrictions_before": refusing("recipient", "relay@example.test", "first of relaying"),
        "mta_inbound_smtpd_recipient_restrictions_before": refusing(
            "recipient", "first@example.test", "first of recipients"
        ),
        "mta_inbound_smtpd_client_restrictions": refusing("client", lab.client(LAST), "last of clients"),
        "mta_inbound_smtpd_helo_restrictions": refusing("helo", "last.example.org", "last of greetings"),
        "mta_inbound_smtpd_data_restrictions": refusing("sender", "data@example.org", "last at data"),
        "mta_inbound_smtpd_end_of_data_restrictions": refusing("sender", "end@example.org", "last at the end"),
        # A client waits three times 3 s for an answer, which has to hold for so long. A probe without an answer, as one
        # before the end would be, makes Postfix remember for 1000 s more.
        "mta_inbound_address_verify_positive_refresh_time": "20s",
        "mta_inbound_address_verify_positive_expire_time": "20s",
        "mta_inbound_address_verify_negative_refresh_time": "20s",
        "mta_inbound_address_verify_negative_expire_time": "20s",
        # The next three have no effect on these sessions; they are here to be said elsewhere as well.
        "mta_inbound_relay_recipients": ["@example.test", "@sub.example.test"],
        "mta_inbound_sender_logins": {"ann@example.test": "ann"},
        "mta_inbound_postscreen": {"command_count_limit": 30},
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What both servers answered, while the settings were on or off, and runs that say the settings elsewhere."""

    on: bool
    replies: dict[tuple[str, str], mail.Reply]
    moved: dict[str, play.Play]


def sessions() -> dict[str, dict[str, t.Any]]:
    """Every session by its name."""
    content = {name: text for name, (text, _told) in REFUSED_CONTENT.items()} | ACCEPTED_CONTENT
    return (
        {name: session for name, (session, _code, _text) in REFUSED.items()}
        | ACCEPTED
        | {name: {"text": text} for name, text in content.items()}
        | {f"relay-{name}": {**session, "recipient": "customer@example.net"} for name, session in RELAYING.items()}
    )


@pytest.fixture(scope="module", params=["on", "off"])
def answers(
    request: pytest.FixtureRequest, lab: Lab, converge: t.Any, hold: t.Any, tmp_path_factory: pytest.TempPathFactory
) -> Answers:
    """On, then off."""
    moved = {}
    if request.param == "off":
        # A restriction class is the one thing that has to be taken back by name.
        request.getfixturevalue("switch_off")(mta_inbound_restriction_classes={"friends_only": None, "asked": None})
    else:
        reverse = ".".join(reversed(lab.client(LIST_ERROR).split(".")))
        network = lab.client(0).rpartition(".")[0]
        records = [f"address=/{reverse}.bl.test/127.255.255.254"]
        records += [
            f'txt-record=provider.test,"v=spf1 ip4:{network}.176/28 -all"',
            "address=/notexample.test/partner.test/deep.sub.example.test/192.0.2.1",
        ]
        lifecycle.add_records(lab, records)
        said = variables(lab, tmp_path_factory.mktemp("providers"))
        converge(said)
        names = layers.layered("mta_inbound")
        moved = {suffix: play.run(lab, group=layers.moved(said, names, suffix)) for suffix in layers.SUFFIXES}
    return Answers(request.param == "on", hold(sessions()), moved)


def test_the_same_said_of_a_group_or_a_server_changes_nothing(answers: Answers) -> None:
    assert set(answers.moved) == (set(layers.SUFFIXES) if answers.on else set())
    for run in answers.moved.values():
        assert (run.code, run.changed, run.warnings) == (0, set(), []), run.output


@pytest.mark.parametrize("case", REFUSED)
def test_refused(answers: Answers, mta: str, case: str) -> None:
    _session, code, text = REFUSED[case]
    reply = answers.replies[mta, case]
    if answers.on:
        assert (reply.code, text in reply.text) == (code, True), reply
    else:
        assert reply.code == 250, reply


@pytest.mark.parametrize("case", REFUSED_CONTENT)
def test_refused_content(answers: Answers, mta: str, case: str) -> None:
    _text, told = REFUSED_CONTENT[case]
    reply = answers.replies[mta, case]
    if answers.on:
        assert (reply.code, told in reply.text) == (550, True), reply
    else:
        assert reply.code == 250, reply


@pytest.mark.parametrize("case", [*ACCEPTED, *ACCEPTED_CONTENT])
def test_accepted(answers: Answers, mta: str, case: str) -> None:
    assert answers.replies[mta, case].code == 250, answers.replies[mta, case]


@pytest.mark.parametrize("case", RELAYING)
def test_only_the_provider_relays(answers: Answers, mta: str, case: str) -> None:
    reply = answers.replies[mta, f"relay-{case}"]
    assert reply.code == (250 if answers.on and case.startswith("provider") else 554), reply


def test_a_header_is_ignored(answers: Answers, lab: Lab, mta: str) -> None:
    token = mail.new_token()
    mail.send(lab, mta, "stranger@example.org", "ann@example.test", f"X-Trace: secret\nSubject: {token}\n\nhello\n")
    (seen,) = mail.stored(lab, token)
    assert ("X-Trace" in seen.message) == (not answers.on)


def test_the_table_tells_where_a_network_is_published(answers: Answers, lab: Lab, mta: str) -> None:
    """The diff shows the lines of the table; it stays when the list is empty, and nobody asks it then."""
    lines = mail.output(lab, mta, "cat", "/etc/postfix/maps.d/client_providers").splitlines()
    assert lines == ["# spf:provider.test", f"{lab.client(0).rpartition('.')[0]}.176/28 OK"]
    asked = mail.output(lab, mta, "postconf", "-h", "smtpd_relay_restrictions")
    assert ("client_providers" in asked) == answers.on


@pytest.mark.parametrize("client", OCTET_CLIENTS)
def test_clients_by_their_first_octets(answers: Answers, lab: Lab, mta: str, client: str) -> None:
    code, told = mail.output(lab, mta, "python3", "-c", ASK, client).split(maxsplit=1)
    assert int(code) == (OCTET_CLIENTS[client] if answers.on else 250), told
    assert ("not from these octets" in told) == (code == "554"), told


# The last test of all: Postfix puts off what it has for a next hop that it found dead.
def test_recipients_are_put_off_while_the_next_hop_is_down(answers: Answers, lab: Lab, hold: t.Any) -> None:
    """One that nobody asked for, and soon those as well of which Postfix has learnt whether they exist."""
    recipients = [f"{mail.new_token()}@example.test", "ann@example.test", "unknown-2@example.test"]
    wanted = {450 if answers.on else 250}
    deadline = time.monotonic() + 90
    mail.output(lab, PEER.name, "systemctl", "stop", "sink")
    try:
        while True:
            replies = hold({recipient: {"recipient": recipient} for recipient in recipients})
            codes = {reply.code for reply in replies.values()}
            if codes == wanted or time.monotonic() > deadline:
                break
    finally:
        mail.output(lab, PEER.name, "systemctl", "start", "sink")
    assert codes == wanted, replies
