# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for virus signatures of one's own beside those that freshclam(1) fetches from ClamAV's mirrors."""

from __future__ import annotations

import hashlib
import posixpath
import re
import typing as t
from dataclasses import dataclass, field

from .._plan import Action, InstallFile, MakeDirectory, Plan, RemoveFile

DIRECTORY: t.Final = "/var/lib/clamav"
# The names of the files that were put or fetched here, so that those that nobody wants any more can go.
LIST: t.Final = "/var/lib/mailops-mta/virus-signatures"
# ClamAV takes the kind of a signature from the end of the file's name, and skips other files with a warning.
KINDS: t.Final = (
    *("cdb", "crb", "db", "fp", "ftm", "gdb", "hdb", "hdu", "hsb", "hsu", "idb", "ign", "ign2", "imp", "ldb", "ldu"),
    *("mdb", "mdu", "msb", "msu", "ndb", "ndu", "pdb", "pwdb", "sfp", "wdb", "yar", "yara"),
)
FETCHED_KINDS: t.Final = (*KINDS, "cbc", "cud", "cvd", "zmd")
# clamd does not start on Debian before it has both of these.
_REQUIRED: t.Final = ("main", "daily")
_RESERVED: t.Final = (*_REQUIRED, "bytecode", "safebrowsing")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MODE: t.Final = 0o644
# "LibClamAV Error: Problem parsing database at line 2". A broken rule of YARA or a file of an unknown kind is a warning
# of cli_load..., and clamscan exits with 0.
_COMPLAINT = re.compile(r"^LibClamAV (?:Error: |Warning: (?=cli_load))(.+)|^ERROR: (.+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of signatures as it lies on the host. content: None where nobody needs to know it."""

    content: bytes | None
    mode: int
    owner: int


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the directory holds, and the names that an earlier run noted."""

    directory: str = DIRECTORY
    files: t.Mapping[str, StoredFile] = field(default_factory=dict)
    noted: tuple[str, ...] = ()
    list_place: bool = True


def name_problem(name: str, kinds: t.Sequence[str] = KINDS) -> str:
    """Return why ClamAV or this collection could not use a file of that name; nothing when it can."""
    stem, _dot, kind = name.rpartition(".")
    if not _NAME.fullmatch(name) or not stem:
        return f'"{name}" is not accepted; write a plain file name such as own.ndb'
    if kind not in kinds:
        return f'"{name}" does not end in a kind of signature that ClamAV knows: {", ".join(kinds)}'
    if stem.partition(".")[0] in _RESERVED:
        return f'"{name}" is the name of one of ClamAV\'s own databases'
    return ""


def wanted_files(files: t.Mapping[str, t.Any]) -> dict[str, bytes]:
    """Return the content of each file; ValueError names the file that cannot be."""
    wanted = {}
    for name, content in files.items():
        problem = name_problem(str(name))
        if not problem and not (isinstance(content, str) and content.strip()):
            problem = f'"{name}" holds no signatures; give its text, or null to leave it out'
        if problem:
            raise ValueError(f"files: {problem}")
        wanted[name] = content.encode().rstrip(b"\n") + b"\n"
    return wanted


def changed_names(wanted: t.Mapping[str, bytes], found: Definitions) -> list[str]:
    """Return the names whose file differs. A file that clamd cannot read would keep it from starting."""
    return [
        name
        for name, content in wanted.items()
        if (present := found.files.get(name)) is None
        or (present.content, present.mode, present.owner) != (content, _MODE, 0)
    ]


def complaint(status: int, output: str, path: str) -> str:
    """Return what clamscan has against the signatures in *path*; nothing when it can use them."""
    match = _COMPLAINT.search(output)
    if match is None:
        return "" if status in (0, 1) else f"clamscan ended with exit status {status}"
    return (match[1] or match[2]).replace(path, posixpath.basename(path)).strip()


def plan_signatures(wanted: t.Mapping[str, bytes], fetched: t.Collection[str], found: Definitions) -> Plan:
    """Plan the files that are *wanted*, leave those that freshclam has *fetched*, remove what an earlier run left."""
    actions: list[Action] = []
    noted = sorted({*wanted, *fetched})
    if noted != sorted(found.noted):
        actions += [] if found.list_place else [MakeDirectory(posixpath.dirname(LIST), 0o700)]
        # First, so that a run that dies later leaves no file behind that nobody remembers.
        everything = sorted({*noted, *found.noted})
        actions.append(_noted(everything))
    changed = changed_names(wanted, found)
    actions += [_installed(found.directory, name, wanted[name]) for name in changed]
    gone = [name for name in found.noted if name not in noted and name in found.files]
    actions += [RemoveFile(posixpath.join(found.directory, name), foreign=True) for name in gone]
    if not set(found.noted) <= set(noted):
        actions.append(_noted(noted))
    before = {name: each.content for name, each in found.files.items() if name in {*changed, *gone}}
    return Plan(
        f"virus signatures in {found.directory}",
        before=_shown(before),
        after=_shown({name: wanted[name] for name in changed}),
        actions=tuple(actions),
    )


def _noted(names: t.Sequence[str]) -> InstallFile:
    return InstallFile(LIST, content="".join(f"{name}\n" for name in names).encode(), mode=0o600, foreign=True)


def _installed(directory: str, name: str, content: bytes) -> InstallFile:
    path = posixpath.join(directory, name)
    return InstallFile(path, content=content, mode=_MODE, owner=0, group=0, foreign=True)


def _shown(files: t.Mapping[str, bytes | None]) -> str:
    lines = []
    for name, content in sorted(files.items()):
        told = "" if content is None else f": {len(content.splitlines())} lines, {hashlib.sha256(content).hexdigest()}"
        lines.append(f"{name}{told}\n")
    return "".join(lines)


def missing(names: t.Collection[str], official: bool, present: t.Collection[str]) -> list[str]:
    """Return what clamd lacks to start.

    names: the files of one's own, put and fetched; where ClamAV's own are not wanted, one of them is enough.
    """
    if official:
        return [name for name in _REQUIRED if not {f"{name}.cvd", f"{name}.cld"} & set(present)]
    return [] if set(names) & set(present) else sorted(names)


def age_warnings(newest: int, now: float, max_age: int) -> tuple[str, ...]:
    """Warn of official definitions that were built more than *max_age* seconds ago; 0 is no limit, or none there."""
    if not newest or not max_age or now - newest <= max_age:
        return ()
    days, limit = (now - newest) / 86400, max_age / 86400
    return (f"the newest virus definitions were built {days:.1f} days ago, which is more than {limit:g} days",)


def frequency_warnings(interval: int, public: t.Collection[str]) -> tuple[str, ...]:
    """Warn of an *interval* (seconds) that public mirrors answer with a block; 0 is not known."""
    if not interval or interval >= 3600 or not public:
        return ()
    told = "which block addresses that ask more often than once an hour; ask a mirror of your own"
    return (f"virus definitions are asked for every {interval} s of public mirrors ({', '.join(public)}), {told}",)
