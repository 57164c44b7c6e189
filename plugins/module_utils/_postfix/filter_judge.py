# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS the files of the content filter, and asks the programs that read them what they think of new ones."""

from __future__ import annotations

import glob
import os
import stat
import typing as t

from .filter_file import Found, FoundFile, WantedFile, candidate_text, changed_files, complaint
from .instance import PostfixError, Run

# What Debian's Amavis reads, in this order.
_AMAVIS_FILES: t.Final = ("/usr/share/amavis/conf.d/*", "/etc/amavis/conf.d/*")


def read_files(paths: t.Iterable[str]) -> dict[str, FoundFile | None]:
    """Return each file; None where there is none."""
    return {path: _found(path) for path in paths}


def _found(path: str) -> FoundFile | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            status = os.fstat(file.fileno())
            return FoundFile(file.read(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    except FileNotFoundError:
        return None


def refuse_unusable(
    run: Run, files: t.Iterable[WantedFile], found: Found, directory: t.Callable[[], str], may_lack: bool
) -> None:
    """Let the programs judge the files that change, all of them; PostfixError says what they have against them.

    may_lack: a program that is not there yet is not asked.
    """
    changed = changed_files(files, found)
    judged = [file for file in files if file.path in changed and file.judge != "none"]
    place = directory() if judged else ""
    if place:
        os.chmod(place, 0o755)  # Amavis reads its files as its own user
    told = [_judged(run, file, changed[file.path], place, may_lack) for file in judged]
    if any(told):
        raise PostfixError("refused, nothing was changed: " + " ".join(filter(None, told)))


def _judged(run: Run, file: WantedFile, text: str, place: str, may_lack: bool) -> str:
    candidate = os.path.join(place, os.path.basename(file.path))
    with open(candidate, "w", encoding="utf-8") as copy:
        copy.write(candidate_text(text))
    os.chmod(candidate, 0o644)
    try:
        status, out, err = run(_command(file, candidate))
    except FileNotFoundError:
        if may_lack:
            return ""
        raise
    if status == 0:
        return ""
    problem = complaint(err + out, candidate, file.path) or f"exit status {status}"
    return f"{file.source or file.path}: {file.judge} cannot use it: {problem}"


def _command(file: WantedFile, candidate: str) -> list[str]:
    match file.judge:
        case "spamassassin":
            return ["spamassassin", "--lint", f"--cf=include {candidate}"]
        case "amavis":
            # All of its files, with the new one in the place of the old one.
            present = [path for pattern in _AMAVIS_FILES for path in sorted(glob.glob(pattern))]
            read = [path for path in present if path != file.path] + [candidate]
            return ["amavisd", *(word for path in read for word in ("-c", path)), "showkeys"]
    return [file.judge, f"--config-file={candidate}", "--version"]
