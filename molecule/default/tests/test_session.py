# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client meets at port 25: hardened on both releases, whatever their own defaults are."""

from __future__ import annotations

import pytest
from lab import mail
from lab.topology import HOSTS, PEER, Lab

MAIL = ["EHLO client.example.org", "MAIL FROM:<stranger@example.org>", "RCPT TO:<somebody@example.test>", "DATA"]


def test_banner_and_offers(lab: Lab, mta: str) -> None:
    banner, hello = mail.dialogue(lab, mta, ["EHLO client.example.org"], client=lab.client(2))
    assert (banner.code, banner.text.split()[0]) == (220, HOSTS[mta].fqdn)
    offers = hello.text.split("\n")
    assert "STARTTLS" in offers
    assert "VRFY" not in offers


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        (["EHLO client.example.org", "VRFY root"], 502),
        (["MAIL FROM:<stranger@example.org>"], 503),
    ],
)
def test_refused_command(lab: Lab, mta: str, commands: list[str], code: int) -> None:
    assert mail.dialogue(lab, mta, commands, client=lab.client(2))[-1].code == code


def test_client_that_speaks_too_early_is_cut_off(lab: Lab, mta: str) -> None:
    early = "EHLO client.example.org\r\nMAIL FROM:<stranger@example.org>\r\n"
    assert mail.dialogue(lab, mta, [], client=lab.client(2), early=early)[-1].code in (220, 554)
    replies = mail.dialogue(lab, mta, ["EHLO client.example.org\r\nMAIL FROM:<a@example.org>"], client=lab.client(2))
    assert replies[-1].code == 554, replies


# mx13 has a limit of its own.
@pytest.mark.parametrize(("server", "limit"), [("mx12", 20 * 2**20), ("mx13", 10 * 2**20)])
def test_message_size(lab: Lab, server: str, limit: int) -> None:
    commands = ["EHLO client.example.org", f"MAIL FROM:<stranger@example.org> SIZE={limit + 1}", "RSET"]
    commands += [f"MAIL FROM:<stranger@example.org> SIZE={limit}"]
    _rest, hello, larger, _rest, largest = mail.dialogue(lab, server, commands, client=lab.client(2))
    assert f"SIZE {limit}" in hello.text.split("\n")
    assert (larger.code, "exceeds fixed limit" in larger.text) == (552, True)
    assert largest.code == 250


@pytest.mark.parametrize(
    ("version", "protocol"), [("tls1_3", "TLSv1.3"), ("tls1_2", "TLSv1.2"), ("tls1_1", ""), ("tls1", "")]
)
def test_tls_version(lab: Lab, mta: str, version: str, protocol: str) -> None:
    # The client itself would accept anything.
    spoken = mail.execute(
        lab, PEER.name, "openssl", "s_client", "-connect", f"{lab.address(mta)}:25", "-starttls", "smtp",
        "-brief", f"-{version}", "-cipher", "DEFAULT:@SECLEVEL=0", stdin="QUIT\r\n",
    )  # fmt: skip
    told = spoken.out + spoken.err
    if protocol:
        assert f"Protocol version: {protocol}" in told, told
        assert f"CN={HOSTS[mta].fqdn}" in told.replace(" = ", "="), told
    else:
        assert spoken.code, told
        assert "Protocol version:" not in told, told


# A dot between line ends that the next server may take for the end of the mail, while this one sends it on as text.
@pytest.mark.parametrize("end", ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r"], ids=repr)
def test_smuggled_mail_stays_inside_the_first(lab: Lab, mta: str, end: str) -> None:
    token = mail.new_token()
    envelope = "MAIL FROM:<root@example.test>\r\nRCPT TO:<victim@example.test>\r\nDATA\r\n"
    text = f"Subject: {token}\r\n\r\nfirst{end}{envelope}Subject: {token}\r\n\r\nsecond\r\n."
    mail.dialogue(lab, mta, [*MAIL, text], client=lab.client(2))
    # What came in was queued at once; a second mail would be there within these seconds.
    seen = mail.stored(lab, token, count=2, seconds=2)
    assert len(seen) <= 1
    assert all(each.recipients == ["somebody@example.test"] and "\n.\n" not in each.message for each in seen)
