# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what may stand in mynetworks, and what to write instead."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.network_list import NetworkList

TYPES = frozenset({"cidr", "hash", "static"})
MYNETWORKS = NetworkList(TYPES, host_names=False)


@pytest.mark.parametrize(
    "value",
    [
        "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128",
        "192.0.2.7, !192.0.2.64/26, 192.0.2.0/24",
        "[::1/128] [fe80::/10] [2001:db8::1]",
        "hash:/etc/postfix/networks, cidr:/etc/postfix/cidr, /etc/postfix/plain, !/etc/postfix/not",
        "$my_networks 10.0.0.0/8",
    ],
)
def test_accepted(value: str) -> None:
    assert MYNETWORKS.problem(value) is None


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("10.0.0.50/24", "host bits set: write 10.0.0.0/24"),
        ("!10.0.0.50/24", "host bits set: write 10.0.0.0/24"),
        ("[2001:db8::1]/32", "host bits set: write [2001:db8::]/32"),
        ("10.0.0.0/33", "10.0.0.0/33 is no network"),
        ("[2001:db8::]/129", "is no network"),
        ("10.0.0.0/255.0.0.0", "no netmask: write 10.0.0.0/8"),
        ("10.1.2.3/255.0.0.0", "no netmask: write 10.0.0.0/8"),
        ("0/0", "is no network"),
        ("::1", "needs brackets: write [::1]/128"),
        ("::1/128", "needs brackets: write [::1]/128"),
        ("2001:db8::/32", "needs brackets: write [2001:db8::]/32"),
        ("300.1.1.1", "is no network"),
        ("10.", "is no network"),
        ("10.1", "is no network"),
        ("*", "is no network"),
        ("localhost", "is no network"),
        ("10.0.0.1-10.0.0.9", "is no network"),
        ("[::1", "is no network"),
        ("!", "nothing after the !"),
        ("hash:networks", "not an absolute path"),
        ("foo:/etc/postfix/networks", "the table type foo"),
    ],
)
def test_refused(value: str, advice: str) -> None:
    assert advice in (MYNETWORKS.problem(f"127.0.0.0/8, {value}") or "accepted")


@pytest.mark.parametrize(
    ("value", "accepted"),
    [(".example.org", True), ("mail.example.org", True), ("300.1.1.1", False), ("10.", False), ("10.0.0.9/8", False)],
)
def test_other_lists_compare_host_names_as_well(value: str, accepted: bool) -> None:
    assert (NetworkList(TYPES).problem(value) is None) is accepted
