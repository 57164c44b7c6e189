# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for files of the content filter: which ones change, and what a program says against them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._plan import InstallFile, Plan

_MODE: t.Final = 0o644
_MARKS: t.Final = ("# BEGIN mailops.mta.antivirus_antispam", "# END mailops.mta.antivirus_antispam")
# Amavis opens the private keys, which may be made only later.
_KEY = re.compile(r"^dkim_key\(.*\n?", re.MULTILINE)
# What comes before the words of a program, and the line that says that there were some.
_PREFIX: t.Final = re.compile(
    r"^(?:\w{3} +\d+ [\d:.]+ )?\[\d+\] \w+: |^Error in config file \"[^\"]*\": |^ERROR: ", re.MULTILINE
)
_SUMMARY: t.Final = re.compile(r"lint: \d+ issues detected.*")


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file as it is wanted. judge: the program that reads it; block: only the lines between our marks are ours."""

    path: str
    content: str
    judge: str = "none"
    block: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it lies on the host."""

    text: str
    mode: int
    owner: int
    group: int


Found: t.TypeAlias = "t.Mapping[str, FoundFile | None]"


def text_of(file: WantedFile, found: FoundFile | None) -> str:
    """Return the whole text that a file is to have."""
    wanted = file.content.rstrip("\n") + "\n"
    if not file.block:
        return wanted
    present = found.text if found else ""
    begin, end = _MARKS
    before, mark, rest = present.partition(f"{begin}\n")
    after = rest.partition(f"{end}\n")[2] if mark else ""
    if before and not before.endswith("\n"):
        before += "\n"
    return f"{before}{begin}\n{wanted}{end}\n{after}"


def changed_files(files: t.Iterable[WantedFile], found: Found) -> dict[str, str]:
    """Return the new text of each file that differs, by its path."""
    return {file.path: text for file in files if _differs(text := text_of(file, found[file.path]), found[file.path])}


def _differs(text: str, found: FoundFile | None) -> bool:
    return found is None or found != FoundFile(text, _MODE, 0, 0)


def candidate_text(text: str) -> str:
    """Return what a program is to judge of a file."""
    return _KEY.sub("", text)


def complaint(output: str, candidate: str, path: str) -> str:
    """Return what a program printed about *candidate*, in one line, as if it had read it at *path*."""
    lines = [line.strip() for line in _PREFIX.sub("", output.replace(candidate, path)).splitlines()]
    return "; ".join(dict.fromkeys(line for line in lines if line and not _SUMMARY.fullmatch(line)))[:1000]


def plan_files(files: t.Sequence[WantedFile], found: Found) -> Plan:
    """Plan the files that differ; all of them belong to root and can be read by everybody."""
    changed = changed_files(files, found)
    before = {path: present.text for path in changed if (present := found[path])}
    actions = tuple(
        InstallFile(path, content=text.encode(errors="surrogateescape"), mode=_MODE, owner=0, group=0, foreign=True)
        for path, text in changed.items()
    )
    return Plan(
        "files of the content filter", _shown(before), _shown(changed), actions, facts={"changed_files": [*changed]}
    )


def _shown(texts: t.Mapping[str, str]) -> str:
    return "".join(f"{path}:\n{text}" for path, text in texts.items())
