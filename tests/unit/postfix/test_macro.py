# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of macros as they are written in main.cf."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.macro import macro_problem


@pytest.mark.parametrize(
    ("written", "fine"),
    [
        ("no macro", True),
        ("$myhostname", True),
        ("${myhostname}", True),
        ("$(myhostname)", True),
        ("${stress?{10}:{300}}s", True),
        ("${{$compatibility_level} <level {2} ? {a} : {b}}", True),
        ("5$$", True),
        ("$$$name", True),
        ("${myhostname", False),
        ("$(myhostname", False),
        ("${a?{b}", False),
        ("abc$", False),
        ("$$$", False),
        ("$ name", False),
        ("$-", False),
        ("${}", False),
        ("a } b", True),
    ],
)
def test_macro_problem(written: str, fine: bool) -> None:
    assert (macro_problem(written) is None) is fine
