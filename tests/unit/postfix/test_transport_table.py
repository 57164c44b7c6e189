# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A transport table names services of master.cf."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_request import (
    refuse_transports,
    wanted_tables,
)

SERVICES = frozenset({"smtp", "relay", "error", "lmtp"})
GOOD = [
    "a.test smtp:[b.test]:25",
    "b.test error:5.1.2 moved: away",
    "c.test :[b.test]",
    "d.test smtp:",
    "e.test lmtp:unix:/x",
]
BAD = [
    ("a.test smpt:[b]", "line 3 (a.test smpt:[b]): there is no service smpt in master.cf (did you mean smtp?)"),
    ("a.test nosuch:", "there is no service nosuch in master.cf: expected transport:nexthop"),
]  # fmt: skip


def judge(lines: list[str], form: str = "transport") -> None:
    tables = wanted_tables({"lmdb:transport": {"lines": lines, "format": form}}, "/etc/postfix")
    refuse_transports(tables, SERVICES)


def test_services_are_known() -> None:
    judge(GOOD)


@pytest.mark.parametrize(("line", "message"), BAD)
def test_another_service_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        judge([*GOOD[:2], line])


def test_other_tables_hold_what_they_like() -> None:
    judge([line for line, _message in BAD], "table")


def test_a_table_that_goes_is_not_judged() -> None:
    refuse_transports(wanted_tables({"lmdb:transport": None}, "/etc/postfix"), SERVICES)
