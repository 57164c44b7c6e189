# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of header_checks(5) rules."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.header_check import check_actions_problem


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["# comment", "", "/^Subject: .*viagra/ REJECT no thanks"],
        ["/x/i reject"],
        ["/^Received:/ IGNORE", "/^X-Old: (.*)/ REPLACE X-New: $1"],
        ["if /^Subject:/", "/a/ WARN", "endif"],
        ["if !/^Subject:/", "!/a/ HOLD", "endif"],
        ["!/x/ DUNNO"],
        ["/a\\/b/ DISCARD"],
        ["|a/b| INFO text"],
        ["/long pattern/", "    REJECT on the next line"],
        ["/x/ FILTER smtp-amavis:[127.0.0.1]:10024"],
        ["/x/ REDIRECT user@example.org", "/x/ BCC user@example.org"],
        ["/x/ PREPEND X-Note: seen", "/x/ STRIP", "/x/ PASS", "/x/ OK"],
    ],
)
def test_accepted(lines: list[str]) -> None:
    assert check_actions_problem(lines) is None


@pytest.mark.parametrize(
    ("lines", "line", "advice"),
    [
        (["/x/ REJCT"], 1, "did you mean REJECT?"),
        (["# first", "/x/ OK", "/x/ DELETE"], 3, "no action DELETE"),
        (["/x/"], 1, "no action"),
        (["/x/ FILTER"], 1, "transport:destination"),
        (["/x/ FILTER amavis"], 1, "transport:destination"),
        (["/x/ REDIRECT user"], 1, "user@domain"),
        (["/x/ BCC"], 1, "user@domain"),
        (["/x/ PREPEND"], 1, "a text"),
        (["/x/ REPLACE "], 1, "a text"),
        (["/x REJECT"], 1, "/pattern/flags ACTION"),
        (["Subject REJECT"], 1, "/pattern/flags ACTION"),
        (["if /x", "/a/ REJECT", "endif"], 1, "/pattern/flags ACTION"),
        (["/a/ OK", "/b/", "   REJCT", "/c/ OK"], 2, "did you mean REJECT?"),
    ],
)
def test_refused(lines: list[str], line: int, advice: str) -> None:
    found = check_actions_problem(lines)
    assert found is not None
    assert found[0] == line
    assert advice in found[1]
