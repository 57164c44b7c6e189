# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway's half: lists of clients, own senders, verification, content, own restrictions, providers; on, then off."""

from __future__ import annotations

import pathlib
import typing as t
from dataclasses import dataclass

import pytest
from lab import lifecycle, mail
from lab.topology import PEER, Lab

DIALUP, LISTED_BUT_ALLOWED, LIST_ERROR = 63, 64, 65
DENIED, ALLOWED = 34, 33
PROVIDER = 49
IN_A_RANGE, BEHIND_THE_RANGE = 81, 82
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
    "own-restriction-first": ({"sender": "blocked@example.net", "client": ALLOWED}, 554, "Access denied"),
}
ACCEPTED: dict[str, dict[str, t.Any]] = {
    "good-session": {},
    "no-sender": {"sender": ""},
    "allowed-out-of-a-denied-network": {"client": ALLOWED},
    "allowed-client-is-spared-checks": {"client": ALLOWED, "sender": "a@nowhere.example.org", "helo": "EHLO -bad"},
    "allowed-client-on-dns-list": {"client": LISTED_BUT_ALLOWED},
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
        "mta_inbound_client_allowlist_host": [lab.client(LISTED_BUT_ALLOWED)],
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
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What both servers answered, while the settings were on or off."""

    on: bool
    replies: dict[tuple[str, str], mail.Reply]


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
        converge(variables(lab, tmp_path_factory.mktemp("providers")))
    return Answers(request.param == "on", hold(sessions()))


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
def test_the_recipient_is_put_off_while_the_next_hop_is_down(answers: Answers, lab: Lab, hold: t.Any, mta: str) -> None:
    mail.output(lab, PEER.name, "systemctl", "stop", "sink")
    try:
        reply = hold({"down": {"recipient": f"{mail.new_token()}@example.test"}})[mta, "down"]
    finally:
        mail.output(lab, PEER.name, "systemctl", "start", "sink")
    assert reply.code == (450 if answers.on else 250), reply
