# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for headers and bodies, and patterns for the names of attachments."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.blocked_extensions import blocked_extensions
from ansible_collections.mailops.mta.plugins.filter.header_checks import header_checks

RULES: list[tuple[t.Any, str]] = [
    ("/^Received:/ IGNORE", "/^Received:/ IGNORE"),
    ("!/^X:/i REPLACE X: y", "!/^X:/i REPLACE X: y"),
    ("if /^Subject:/", "if /^Subject:/"),
    ("endif", "endif"),
    ({"pattern": "^X: a/b", "action": "REJECT"}, r"/^X: a\/b/ REJECT"),
    ({"pattern": r"^X: a\/b\\", "action": "reject", "argument": "no, not here"}, r"/^X: a\/b\\/ reject no, not here"),
    ({"pattern": "x", "flags": "i", "action": "BCC", "argument": "a@example.com"}, "/x/i BCC a@example.com"),
    ({"pattern": "x", "flags": None, "action": "DISCARD", "argument": None}, "/x/ DISCARD"),
]
REFUSED: list[tuple[t.Any, str]] = [
    (["/x/ REJEKT"], 'rules: "/x/ REJEKT" is not accepted: there is no action REJEKT: did you mean REJECT?'),
    (["/x/ OK", {"pattern": "y", "action": "REDIRECT"}], 'rules: "/y/ REDIRECT" is not accepted: REDIRECT needs'),
    (["/x/"], "the rule has no action"),
    (["x REJECT"], "expected /pattern/flags ACTION"),
    ([" /x/ OK"], "is not one line"),
    (["/x/ OK\n/y/ OK"], "is not one line"),
    ([""], "is not one line"),
    ([5], "is not one line"),
    ([{"pattern": "x"}], "write /PATTERN/ ACTION or {pattern: PATTERN"),
    ([{"pattern": "x", "action": "OK", "text": "y"}], "write /PATTERN/ ACTION or {pattern: PATTERN"),
    ([{"pattern": "x\n", "action": "OK"}], "is not one line"),
    ("/x/ OK", "is not a list of rules"),
]
TYPE, DISPOSITION = "Content-Type: application/octet-stream", "Content-Disposition: attachment"
# Header -> whether a pattern for exe and c++ sees it. What it does not see is what the documentation warns of.
NAMES: dict[str, bool] = {
    f'{DISPOSITION}; filename="a.exe"': True,
    f'{DISPOSITION}; filename="a.exe"; size=3': True,
    f'{DISPOSITION};filename = "a b.EXE"': True,
    f'{DISPOSITION};\n\tfilename="a.c++"': True,
    f"{DISPOSITION}; filename=a.exe": True,
    f"{DISPOSITION}; filename=a.exe; size=3": True,
    f"{DISPOSITION}; filename*=UTF-8''a%2Eexe": True,
    f"{DISPOSITION}; filename*=UTF-8''a.exe": True,
    f'{DISPOSITION}; filename="a.exe."': True,
    f'{DISPOSITION}; filename="a.exe "': True,
    f'{DISPOSITION}; filename="a\\".exe"': True,
    f'{TYPE}; name="a.exe"': True,
    f'{TYPE}; charset=x; name="a.exe"': True,
    f'{DISPOSITION}; filename="a.exe.txt"': False,
    f'{DISPOSITION}; filename="exe"': False,
    f'{DISPOSITION}; filename="a.exec"': False,
    f"{DISPOSITION}; filename=a.exec": False,
    f'{DISPOSITION}; filename="a.ccc"': False,
    f'{DISPOSITION}; x-rename="a.exe"': False,
    'Subject: attachment; filename="a.exe"': False,
    f'{DISPOSITION}; filename="=?utf-8?B?YS5leGU=?="': False,
    f'{DISPOSITION}; filename*0="a.e"; filename*1="xe"': False,
}


@pytest.mark.parametrize(("rule", "line"), RULES)
def test_rule(rule: t.Any, line: str) -> None:
    assert header_checks([rule]) == [line]


def test_rules_keep_their_order() -> None:
    assert header_checks(["/b/ OK", "/a/ OK"]) == ["/b/ OK", "/a/ OK"]


@pytest.mark.parametrize(("rules", "message"), REFUSED)
def test_refused_rules(rules: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        header_checks(rules, variable="rules")
    assert str(caught.value).startswith("rules: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(("header", "seen"), NAMES.items())
def test_names(header: str, seen: bool) -> None:
    lines = blocked_extensions([".exe", "C++", "exe"])
    patterns = [line.rpartition("/ REJECT ")[0].removeprefix("/") for line in lines]
    # Postfix's defaults for pcre tables: case makes no difference, a dot matches line ends too.
    assert any(re.search(pattern, header, re.IGNORECASE | re.DOTALL) for pattern in patterns) == seen


def test_no_extension_makes_no_line() -> None:
    assert blocked_extensions([]) == []


@pytest.mark.parametrize("extension", ["", ".", "a.b", "*", "a|b", "e/x", "a b", 5.1, None])
def test_refused_extensions(extension: t.Any) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        blocked_extensions([extension], variable="the_variable")
    assert str(caught.value).startswith(f'the_variable: "{extension}" is not an extension')
