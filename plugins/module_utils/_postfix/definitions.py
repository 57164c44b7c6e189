# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS the virus definitions of a host, and asks ClamAV's own scanner what it thinks of new ones."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import typing as t

from .instance import PostfixError, Run
from .signature import OFFICIAL, newest, parse_head
from .virus_signature import LIST, Definitions, StoredFile, complaint

_SCANNER: t.Final = "clamscan"
_PATH: t.Final = "/usr/local/bin:/usr/bin:/bin"
_HEAD_BYTES: t.Final = 512
_OFFICIAL_FILES: t.Final = tuple(f"{stem}.{kind}" for stem in OFFICIAL for kind in ("cvd", "cld"))


def read_definitions(directory: str, names: t.Collection[str]) -> Definitions:
    """Return the files called *names*, the ones that were noted, and ClamAV's own; content only of what is ours."""
    noted = _noted()
    ours = {*names, *noted}
    found = {name: _stored(os.path.join(directory, name), name in ours) for name in sorted({*ours, *_OFFICIAL_FILES})}
    files = {name: each for name, each in found.items() if each is not None}
    return Definitions(directory, files, noted, os.path.isdir(os.path.dirname(LIST)))


def _stored(path: str, wanted: bool) -> StoredFile | None:
    """Return the file at *path*; None when there is none, or a link: the directory is that of the user clamav."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        return StoredFile(file.read() if wanted else None, stat.S_IMODE(status.st_mode), status.st_uid)


def _noted() -> tuple[str, ...]:
    try:
        with open(LIST, encoding="utf-8") as file:
            return tuple(file.read().split())
    except FileNotFoundError:
        return ()


def official_built(directory: str) -> int:
    """Return when the newest of ClamAV's own databases was built, in seconds since 1970; 0 without any."""
    found = []
    for name in _OFFICIAL_FILES:
        path = os.path.join(directory, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found.append(parse_head(name, file.read(_HEAD_BYTES).decode("ascii", "replace"), 0))
    return newest(found)


def refuse_broken(
    run: Run, files: t.Mapping[str, bytes], private_directory: t.Callable[[], str], may_lack: bool
) -> None:
    """Let clamscan(1) load each file; PostfixError when it cannot. may_lack: the scanner need not be there yet."""
    if not files or (shutil.which(_SCANNER, path=_PATH) is None and may_lack):
        return
    directory = private_directory()
    target = os.path.join(directory, "target")
    with open(target, "wb") as file:
        file.write(b"nothing to be found\n")
    for name, content in files.items():
        path = os.path.join(directory, name)
        with open(path, "wb") as file:
            file.write(content)
        try:
            status, out, err = run([_SCANNER, "--no-summary", f"--database={path}", target])
        except FileNotFoundError as error:
            raise PostfixError("there is no clamscan to test signatures with; install the package clamav") from error
        problem = complaint(status, err + out, path)
        if problem:
            raise PostfixError(f"refused, nothing was changed: ClamAV cannot use {name}: {problem}")
