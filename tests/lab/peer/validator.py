# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server that calls every answer of the lab's own one validated (the bit AD). Argument: its address."""

from __future__ import annotations

import socket
import sys

BEHIND = ("127.0.0.1", 53)
# The question for the root's name servers goes nowhere in the lab: an answer of one record, a.test, valid for an hour.
ROOT_QUESTION = b"\0\0\2\0\1"
ROOT_ANSWER = b"\0\0\2\0\1\0\0\x0e\x10\0\x08\1a\4test\0"


def answer(packet: bytes) -> bytes:
    """The answer to a packet, with the bit set."""
    if packet[12:17] == ROOT_QUESTION:
        return packet[:2] + b"\x81\xa0\0\1\0\1\0\0\0\0" + ROOT_QUESTION + ROOT_ANSWER
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as behind:
        behind.settimeout(5)
        behind.sendto(packet, BEHIND)
        reply = behind.recv(65535)
    return reply[:3] + bytes([reply[3] | 0x20]) + reply[4:]


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((sys.argv[1], 53))
    print("listening", flush=True)
    while True:
        question, client = server.recvfrom(65535)
        try:
            server.sendto(answer(question), client)
        except OSError:
            continue
