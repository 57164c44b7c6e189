# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No stranger sends mail to a stranger through these servers, however the address is written."""

from __future__ import annotations

import pytest
from lab import mail
from lab.topology import PEER, Lab

# {mta}, {mta_address}, {peer_address}: the server that is asked, its address, the address of a foreign server.
FOREIGN = [
    "foreign@example.net",
    "foreign@EXAMPLE.NET",
    "foreign@example.net.",
    "@example.net",
    "foreign@[{peer_address}]",
    "foreign@[IPv6:2001:db8::25]",
    "foreign@relay.example.net",
    "foreign@example.test.example.net",
    "foreign@notexample.test",
    "foreign@example_net",
    "föreign@example.net",
    "foreign%example.net",
    "foreign%example.net@",
    "foreign%example.net@example.test",
    "foreign%example.net@{mta}.example.test",
    "foreign%example.net@localhost",
    "foreign%example.net@[{mta_address}]",
    "foreign%example.net%example.test@example.test",
    "foreign@example.net@example.test",
    "foreign@{mta}.example.test@example.net",
    "foreign(@example.test)@example.net",
    "@example.test:foreign@example.net",
    "@{mta}.example.test,@example.test:foreign@example.net",
    '"foreign@example.net"',
    '"foreign@example.net"@example.test',
    '"foreign@example.net"@[{mta_address}]',
    '"foreign%example.net"',
    '"foreign%example.net"@{mta}.example.test',
    "foreign@example.net\\@example.test",
    "example.net!foreign",
    "example.net!foreign@example.test",
    "example.net!foreign@[{mta_address}]",
    "{mta}.example.test!example.net!foreign",
]


def answer(lab: Lab, mta: str, recipient: str, sender: str = "stranger@example.org") -> mail.Reply:
    commands = ["EHLO client.example.org", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"]
    return mail.dialogue(lab, mta, commands, client=lab.client(1))[-1]


@pytest.mark.parametrize("form", FOREIGN)
def test_foreign_recipient_is_refused(lab: Lab, mta: str, form: str) -> None:
    recipient = form.format(mta=mta, mta_address=lab.address(mta), peer_address=lab.address(PEER.name))
    reply = answer(lab, mta, recipient)
    assert (reply.code, reply.text.endswith("Relay access denied")) == (554, True), reply


@pytest.mark.parametrize("sender", ["", "root@example.test", "postmaster@{mta}.example.test"])
def test_no_sender_opens_the_relay(lab: Lab, mta: str, sender: str) -> None:
    assert answer(lab, mta, "foreign@example.net", sender.format(mta=mta)).code == 554


@pytest.mark.parametrize("recipient", ["anybody@example.test", "postmaster@{mta}.example.test", "postmaster"])
def test_own_recipient_is_taken(lab: Lab, mta: str, recipient: str) -> None:
    assert answer(lab, mta, recipient.format(mta=mta)).code == 250
