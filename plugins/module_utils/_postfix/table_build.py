# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS lookup tables, and builds new ones in a private directory: by postmap(1), then read back by postmap(1).

postmap is never let loose on a live table: killed half-way it leaves an empty hash table, and a full disk leaves an
lmdb table as it was, with exit status 0.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
import time
import typing as t
from dataclasses import replace

from .instance import Instance, PostfixError
from .lookup_table import HEAD_BYTES, Built, Stored, StoredFile, needs_build
from .table_request import Table
from .table_source import parse_entries, spoken_complaints, text_problem


def resolved(table: Table) -> Table:
    """Read what the options only name: the file src, the owner and the group."""
    text = table.text
    if table.src is not None:
        text = _read(table.src, f"{table.label}: src")
        problem = text_problem(text)
        if problem:
            raise PostfixError(f"{table.label}: {table.src}: {problem}")
    return replace(table, text=text, owner_id=_owner_id(table), group_id=_group_id(table))


def _read(path: str, what: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise PostfixError(f"{what} {path} cannot be read: {error.strerror}") from error


def _owner_id(table: Table) -> int | None:
    if table.owner is None or table.owner.isdigit():
        return int(table.owner) if table.owner else None
    try:
        return pwd.getpwnam(table.owner).pw_uid
    except KeyError:
        raise PostfixError(f"{table.label}: there is no user {table.owner} on this host") from None


def _group_id(table: Table) -> int | None:
    if table.group is None or table.group.isdigit():
        return int(table.group) if table.group else None
    try:
        return grp.getgrnam(table.group).gr_gid
    except KeyError:
        raise PostfixError(f"{table.label}: there is no group {table.group} on this host") from None


def read_stored(table: Table) -> Stored:
    """Read what the host has of one table. Symbolic links are followed: what they lead to is the table."""
    source = _stored_file(table.path)
    return Stored(
        source=source,
        text=_read(table.path, table.label) if source else b"",
        compiled=_stored_file(table.compiled_path) if table.compiled_path else None,
        missing=_missing_directories(table) if table.present else (),
    )


def _stored_file(path: str) -> StoredFile | None:
    try:
        with open(path, "rb") as file:
            status, head = os.fstat(file.fileno()), file.read(HEAD_BYTES)
    except FileNotFoundError:
        return None
    return StoredFile(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns, head)


def _missing_directories(table: Table) -> tuple[str, ...]:
    """Return the directories that have to be made; what lies in one that others can write to is refused."""
    directory = os.path.dirname(os.path.realpath(table.path))
    missing: list[str] = []
    while not os.path.isdir(directory):
        missing.insert(0, directory)
        directory = os.path.dirname(directory)
    status = os.stat(directory)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_uid != 0:
        danger = "can be written to by others than root; a file there could be swapped for a link"
        raise PostfixError(f"{table.label}: {directory} {danger}")
    return tuple(missing)


def build_outdated(
    instance: Instance, tables: t.Iterable[Table], stored: t.Mapping[str, Stored], directory: t.Callable[[], str]
) -> dict[str, Built]:
    """Build what differs from *stored*, each table in a private directory of its own."""
    outdated = (table for table in tables if needs_build(table, stored[table.name]))
    return {table.name: build(instance, table, directory()) for table in outdated}


def build(instance: Instance, table: Table, directory: str) -> Built:
    """Build *table* in *directory* (private, empty) and read it back. Raises PostfixError for every bad line."""
    path = os.path.join(directory, os.path.basename(table.path))
    try:
        with open(path, "xb", opener=_private_opener) as file:
            file.write(table.text)
    except OSError as error:
        raise PostfixError(f"{table.label}: cannot be built in {directory}: {error.strerror}") from error
    private = replace(table, path=path)
    if table.type not in instance.installed_types:  # check mode: its package only pretended to be installed
        return Built(private.compiled_path, time.time_ns())
    if private.compiled_path:
        program = "postalias" if table.aliases else "postmap"
        _refuse_complaints(table, private, *_run(instance, program, str(private.reference)))
        _read_back(instance, table, private)
    else:
        # Exit status 1 is "not found" as well as any error; errors are told.
        _status, complaints = _run(instance, "postmap", "-q", "mailops.probe", str(private.reference))
        _refuse_complaints(table, private, 0, complaints)
    return Built(private.compiled_path, time.time_ns())


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _run(instance: Instance, program: str, *arguments: str) -> tuple[int, str]:
    status, _out, err = instance.run([program, "-c", instance.config_directory, *arguments])
    return status, _complaints(err)


def _complaints(err: str) -> str:
    """Leave out what any Postfix program says of main.cf, such as a parameter that stands there twice."""
    return "\n".join(line for line in err.splitlines() if line.strip() and "/main.cf, line " not in line)


def _refuse_complaints(table: Table, private: Table, status: int, complaints: str) -> None:
    """Postfix skips a bad line with a warning, and mail passes without it: here a warning is a refusal."""
    if not status and not complaints:
        return
    if os.strerror(errno.ENOSPC) in complaints:
        raise PostfixError(f"{table.label}: no space left in {_place(private)} to build it; nothing was changed")
    plain = complaints.replace(os.path.dirname(private.path), os.path.dirname(table.path))
    text = table.text.decode("utf-8", "surrogateescape")
    told = spoken_complaints(plain or f"exit status {status}", text, table.type, table.aliases, table.secret)
    raise PostfixError(f"{table.label} is refused, nothing was changed: {told}")


def _place(private: Table) -> str:
    """Return where private directories are made."""
    return os.path.dirname(os.path.dirname(private.path))


def _read_back(instance: Instance, table: Table, private: Table) -> None:
    """Ask the compiled table for every key; postalias writes addresses its own way, so there the keys count alone."""
    entries = list(parse_entries(table.text.decode("utf-8", "surrogateescape"), table.aliases))
    # A full disk leaves an lmdb table without its entries, and postmap exits with status 0 (measured, both releases).
    keys = "".join(f"{entry.key}\n" for entry in entries).encode("utf-8", "surrogateescape")
    argv = ["postmap", "-c", instance.config_directory, "-q", "-", str(private.reference)]
    _status, out, err = instance.run(argv, keys)
    _refuse_complaints(table, private, 0, _complaints(err))
    found = [line.partition("\t") for line in out.split("\n")[:-1]]
    answers = [(key, "" if table.aliases else value) for key, _tab, value in found]
    expected = [(entry.key, "" if table.aliases else entry.value) for entry in entries]
    if answers != expected:
        raise PostfixError(
            f"{table.label}: the compiled table does not hold what its source says ({len(answers)} answers for"
            f" {len(expected)} keys); nothing was changed. Is there space left in {_place(private)}?"
        )
