# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the content filter: which ones change, what becomes of a block, what the programs are told and say."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._plan import InstallFile
from ansible_collections.mailops.mta.plugins.module_utils._postfix.filter_file import (
    FoundFile,
    WantedFile,
    candidate_text,
    complaint,
    plan_files,
    text_of,
)

WHOLE = WantedFile("/etc/a", "one\n\n")
BLOCK = WantedFile("/etc/b", "new", block=True)
BEGIN, END = "# BEGIN mailops.mta.antivirus_antispam\n", "# END mailops.mta.antivirus_antispam\n"
BLOCKS = {
    "no file": ("", f"{BEGIN}new\n{END}"),
    "others": ("# theirs\n", f"# theirs\n{BEGIN}new\n{END}"),
    "no line feed": ("theirs", f"theirs\n{BEGIN}new\n{END}"),
    "in the middle": (f"a\n{BEGIN}old\n{END}b\n", f"a\n{BEGIN}new\n{END}b\n"),
    "no end": (f"a\n{BEGIN}old\n", f"a\n{BEGIN}new\n{END}"),
}
# Printed by spamassassin 4.0.1 and amavisd-new 2.13.0 about /run/x/a.
SAID = {
    "spamassassin": (
        "[7] warn: config: failed to parse line in /run/x/a (line 2): no 1\n[7] warn: lint: 1 issues detected, x\n",
        "config: failed to parse line in /etc/a (line 2): no 1",
    ),
    "with the time": ("Nov 25 22:10:11.123 [7] warn: rules: error: bad\n", "rules: error: bad"),
    "amavis": (
        'Error in config file "/run/x/a": Global symbol "$x" requires explicit package name at /run/x/a line 3.\n',
        'Global symbol "$x" requires explicit package name at /etc/a line 3.',
    ),
    "the same twice": ("bad\nbad\n\n", "bad"),
}  # fmt: skip


def found(text: str, mode: int = 0o644, owner: int = 0) -> FoundFile:
    return FoundFile(text, mode, owner, 0)


@pytest.mark.parametrize("case", BLOCKS)
def test_a_block_leaves_the_rest_alone(case: str) -> None:
    present, wanted = BLOCKS[case]
    assert text_of(BLOCK, found(present) if present else None) == wanted
    assert text_of(BLOCK, found(wanted)) == wanted


@pytest.mark.parametrize("present", [None, found("two\n"), found("one\n", mode=0o600), found("one\n", owner=1)])
def test_what_differs_is_put_in_place(present: FoundFile | None) -> None:
    plan = plan_files([WHOLE], {"/etc/a": present})
    assert plan.actions == (InstallFile("/etc/a", content=b"one\n", mode=0o644, owner=0, group=0, foreign=True),)
    assert plan.facts == {"changed_files": ["/etc/a"]}
    assert plan.after == "/etc/a:\none\n"


def test_what_is_there_stays() -> None:
    assert not plan_files([WHOLE], {"/etc/a": found("one\n")}).changed


def test_keys_that_are_made_later_are_not_judged() -> None:
    assert candidate_text("$a = 1;\ndkim_key('a', 'b', '/x');\n1;\n") == "$a = 1;\n1;\n"


@pytest.mark.parametrize("case", SAID)
def test_what_a_program_says(case: str) -> None:
    output, told = SAID[case]
    assert complaint(output, "/run/x/a", "/etc/a") == told
