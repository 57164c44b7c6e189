# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name server is asked, and what its answer says of validation."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.dnssec import name_servers, question, validated

RESOLV_CONF: list[tuple[str, tuple[str, ...]]] = [
    ("nameserver 192.0.2.1\n", ("192.0.2.1",)),
    ("# x\nsearch a.test\nnameserver 127.0.0.1 # own\nnameserver\t2001:db8::1\n", ("127.0.0.1", "2001:db8::1")),
    ("", ("127.0.0.1",)),
    ("#nameserver 192.0.2.1\nnameserver\n", ("127.0.0.1",)),
]  # fmt: skip
# Flags and number of answers of a reply to question 7, and whether it is validated.
REPLIES: list[tuple[int, int, bool]] = [
    (0x81A0, 13, True),
    (0x8180, 13, False),  # no AD: does not validate
    (0x81A2, 0, False),  # SERVFAIL
    (0x81A0, 0, False),
]


@pytest.mark.parametrize(("text", "expected"), RESOLV_CONF)
def test_name_servers(text: str, expected: tuple[str, ...]) -> None:
    assert name_servers(text) == expected


def test_question() -> None:
    # dnspython's make_query(".", "NS", want_dnssec=True, payload=1232, flags="RD AD") with this number.
    assert question(7) == bytes.fromhex("000701200001000000000001" + "0000020001" + "00002904d0000080000000")


@pytest.mark.parametrize(("flags", "answers", "expected"), REPLIES)
def test_validated(flags: int, answers: int, expected: bool) -> None:
    reply = b"".join(each.to_bytes(2) for each in (7, flags, 1, answers, 0, 0))
    assert validated(reply, 7) is expected
    assert validated(reply, 8) is None
    assert validated(reply[:11], 7) is None


def test_a_question_is_no_answer() -> None:
    assert validated(question(7), 7) is None
