# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for files of virus signatures, and what is read from the answers of clamscan(1)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._plan import InstallFile, MakeDirectory, RemoveFile
from ansible_collections.mailops.mta.plugins.module_utils._postfix.virus_signature import (
    LIST,
    Definitions,
    StoredFile,
    age_warnings,
    changed_names,
    complaint,
    frequency_warnings,
    missing,
    plan_signatures,
    wanted_files,
)

PLACE = "/var/lib/clamav"
OWN = StoredFile(b"a\n", 0o644, 0)
DAY = 86400

# Printed by clamscan of ClamAV 1.4.3 and 1.4.6, the same: exit status, output, what is told.
ANSWERS = {
    "good": (0, "/run/x/target: OK\n", ""),
    "found": (1, "/run/x/target: Own.UNOFFICIAL FOUND\n", ""),
    "malformed": (
        2,
        "LibClamAV Error: Problem parsing database at line 1\nERROR: Malformed database\n",
        "Problem parsing database at line 1",
    ),
    "empty": (2, "LibClamAV Error: Empty database file\nERROR: Malformed database\n", "Empty database file"),
    "yara": (
        0,
        'LibClamAV Error: yyerror(): /run/x/bad.ndb line 1 undefined string "$b"\n/x: OK\n',
        'yyerror(): bad.ndb line 1 undefined string "$b"',
    ),
    "unknown kind": (
        0,
        "LibClamAV Warning: cli_load: unknown extension - skipping /run/x/bad.ndb\n/x: OK\n",
        "cli_load: unknown extension - skipping bad.ndb",
    ),
    "old engine": (0, "LibClamAV Warning: ***  This version of the ClamAV engine is outdated.  ***\n/x: OK\n", ""),
    "silent": (40, "", "clamscan ended with exit status 40"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_complaint(name: str) -> None:
    status, output, told = ANSWERS[name]
    assert complaint(status, output, "/run/x/bad.ndb") == told


def test_text_ends_in_one_line_feed() -> None:
    assert wanted_files({"a.ndb": "x", "b.ndb": "y\n\n"}) == {"a.ndb": b"x\n", "b.ndb": b"y\n"}


def test_new_files_are_noted_first() -> None:
    found = Definitions(PLACE, list_place=False)
    plan = plan_signatures({"own.ndb": b"a\n"}, ["url.hdb"], found)
    assert plan.actions == (
        MakeDirectory("/var/lib/mailops-mta", 0o700),
        InstallFile(LIST, content=b"own.ndb\nurl.hdb\n", mode=0o600, foreign=True),
        InstallFile(f"{PLACE}/own.ndb", content=b"a\n", mode=0o644, owner=0, group=0, foreign=True),
    )
    assert (plan.before, plan.after.startswith("own.ndb: 1 lines, ")) == ("", True)


def test_present_files_are_left_alone() -> None:
    found = Definitions(PLACE, {"own.ndb": OWN, "main.cvd": StoredFile(None, 0o644, 100)}, ("own.ndb",))
    assert plan_signatures({"own.ndb": b"a\n"}, [], found).actions == ()


@pytest.mark.parametrize(
    "present", [None, StoredFile(b"b\n", 0o644, 0), StoredFile(b"a\n", 0o600, 0), StoredFile(b"a\n", 0o644, 5)]
)
def test_other_content_mode_or_owner_is_a_change(present: StoredFile | None) -> None:
    found = Definitions(PLACE, {"own.ndb": present} if present else {}, ("own.ndb",))
    assert changed_names({"own.ndb": b"a\n"}, found) == ["own.ndb"]


def test_what_is_no_longer_named_goes_and_is_forgotten_last() -> None:
    noted = ("gone.ndb", "old.hdb", "own.ndb")
    found = Definitions(PLACE, {"own.ndb": OWN, "old.hdb": StoredFile(b"h\n", 0o644, 100)}, noted)
    plan = plan_signatures({"own.ndb": b"a\n"}, ["new.ndb"], found)
    assert plan.actions == (
        InstallFile(LIST, content=b"gone.ndb\nnew.ndb\nold.hdb\nown.ndb\n", mode=0o600, foreign=True),
        RemoveFile(f"{PLACE}/old.hdb", foreign=True),
        InstallFile(LIST, content=b"new.ndb\nown.ndb\n", mode=0o600, foreign=True),
    )


def test_files_of_others_are_never_removed() -> None:
    found = Definitions(PLACE, {"main.cvd": StoredFile(None, 0o644, 100)}, ())
    assert plan_signatures({}, [], found).actions == ()


@pytest.mark.parametrize(
    ("names", "official", "present", "lacks"),
    [
        ([], True, [], ["main", "daily"]),
        (["own.ndb"], True, ["own.ndb", "main.cvd"], ["daily"]),
        ([], True, ["main.cvd", "daily.cld"], []),
        ([], True, ["main.cvd.part", "daily.cld"], ["main"]),
        (["own.ndb", "url.ndb"], False, ["url.ndb"], []),
        (["own.ndb", "url.ndb"], False, ["main.cvd"], ["own.ndb", "url.ndb"]),
    ],
)
def test_missing(names: list[str], official: bool, present: list[str], lacks: list[str]) -> None:
    assert missing(names, official, present) == lacks


def test_age_is_warned_of() -> None:
    assert age_warnings(0, 10 * DAY, DAY) == age_warnings(9 * DAY, 10 * DAY, DAY) == age_warnings(1, 10 * DAY, 0) == ()
    (told,) = age_warnings(2 * DAY, 9.5 * DAY, 7 * DAY)
    assert told == "the newest virus definitions were built 7.5 days ago, which is more than 7 days"


def test_frequent_updates_from_public_mirrors_are_warned_of() -> None:
    assert frequency_warnings(3600, ["a"]) == frequency_warnings(5, []) == frequency_warnings(0, ["a"]) == ()
    (told,) = frequency_warnings(3599, ["a", "b"])
    assert "every 3599 s of public mirrors (a, b)" in told
