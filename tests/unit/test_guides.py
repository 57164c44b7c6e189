# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide from a panel to a variable names variables and tests that there are."""

from __future__ import annotations

import fnmatch
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_panels.rst").read_text(encoding="utf-8")
# "Test, in ``molecule/``" and so on: where the files of a table's last column are.
HEADER = re.compile(r"Test, in ``(molecule/.*)``")
FILE = re.compile(r"``([\w/]+\.py)``")
# A case or a test. A plain word or several may be a description.
NAME = re.compile(r"[a-z]\w*[-_][\w-]+")
VARIABLE = re.compile(r"``((?:mta_base|mta_inbound|mta_outbound|mta_queue|antivirus_antispam)_[\w*]+)[`:]")


def rows() -> list[list[str]]:
    """Return the rows of all tables as cells."""
    blocks = re.findall(r"^   \* - (.*(?:\n {5,}.*)*)", GUIDE, re.MULTILINE)
    return [[" ".join(cell.split()) for cell in re.split(r"\n     - ", block)] for block in blocks]


def named_tests() -> list[tuple[list[pathlib.Path], list[str]]]:
    """Return the test files that are named together, and the tests and cases that are named of them."""
    found = []
    place = ""
    for row in rows():
        header = HEADER.fullmatch(row[-1])
        if header:
            place = header[1]
        elif len(row) == 4:
            for part in row[-1].split(";"):
                names = [word.removesuffix(" and others").strip() for word in part.partition(":")[2].split(",")]
                found.append(
                    ([located(place, file) for file in FILE.findall(part)], list(filter(NAME.fullmatch, names)))
                )
    return found


def located(place: str, file: str) -> pathlib.Path:
    """Return the path of a test file, named as SCENARIO/FILE, or as FILE in a place that names the scenario."""
    scenario, _slash, name = file.rpartition("/")
    return ROOT / place / scenario / "tests" / name if scenario else ROOT / place / name


def test_every_named_test_exists() -> None:
    tests = named_tests()
    assert len(tests) > 90
    assert [path for paths, _names in tests for path in paths if not path.is_file()] == []
    missing = []
    for paths, names in tests:
        text = "".join(path.read_text(encoding="utf-8") for path in paths)
        missing += [name for name in names if not re.search(rf'"{name}"|def {name}\b|\b{name}=', text)]
    assert missing == []


def test_every_named_variable_exists() -> None:
    roles = [path.parent.name for path in ROOT.glob("roles/*/defaults")]
    known = {name for role in roles for name in yaml.safe_load((ROOT / f"roles/{role}/defaults/main.yml").read_text())}
    assert [name for name in VARIABLE.findall(GUIDE) if not fnmatch.filter(known, name)] == []


def test_every_variable_for_what_comes_in_has_a_row() -> None:
    defaults = yaml.safe_load((ROOT / "roles" / "mta_inbound" / "defaults" / "main.yml").read_text(encoding="utf-8"))
    covered = {name for pattern in VARIABLE.findall(GUIDE) for name in fnmatch.filter(defaults, pattern)}
    layers = {name for name in defaults if name.endswith(("_group", "_host"))}
    assert set(defaults) - covered - layers == set()
