# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the question that tells whether a name server validates, and its answer (RFC 1035, RFC 4035, RFC 6840)."""

from __future__ import annotations

import typing as t

_ANSWER, _RECURSION_DESIRED, _AUTHENTIC_DATA, _ERROR = 0x8000, 0x0100, 0x0020, 0x000F
_HEADER_BYTES: t.Final = 12
# The name servers of the root, whose zone is signed: what smtp(8) asks itself (postconf(5), dnssec_probe).
_QUESTION: t.Final = b"\0" + (2).to_bytes(2, "big") + (1).to_bytes(2, "big")
# RFC 6891: no name, type OPT, 1232 bytes of UDP, the bit DO, no data.
_EXTENSION: t.Final = (
    b"\0" + (41).to_bytes(2, "big") + (1232).to_bytes(2, "big") + (0x8000).to_bytes(4, "big") + (0).to_bytes(2, "big")
)


def name_servers(resolv_conf: str) -> tuple[str, ...]:
    """Return the addresses of resolv.conf(5); without one it is this host itself."""
    lines = [line.split() for line in resolv_conf.splitlines()]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver") or ("127.0.0.1",)


def question(number: int) -> bytes:
    """Return the packet of the question; number is from 0 to 65535."""
    flags = _RECURSION_DESIRED | _AUTHENTIC_DATA
    counts = (1, 0, 0, 1)
    return b"".join(each.to_bytes(2, "big") for each in (number, flags, *counts)) + _QUESTION + _EXTENSION


def validated(answer: bytes, number: int) -> bool | None:
    """Tell whether the name server says that it has validated its answer; None for an answer to something else."""
    if len(answer) < _HEADER_BYTES:
        return None
    found, flags, _questions, answers = (int.from_bytes(answer[at : at + 2], "big") for at in (0, 2, 4, 6))
    if found != number or not flags & _ANSWER:
        return None
    return bool(flags & _AUTHENTIC_DATA and not flags & _ERROR and answers)
