# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for lookup tables: a source and what postmap(1) made of it are one state.

The mark of that state: both files carry the same time stamp, to the nanosecond. Postfix itself minds a compiled file
that is older than its source only. A later postmap, an edit, a run that was killed and a restored file break the mark.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._plan import (
    Action,
    Activation,
    FileAction,
    InstallFile,
    MakeDirectory,
    Plan,
    RemoveFile,
    SetAttributes,
    stronger,
)
from .table_request import Table
from .table_source import changed_lines, count_entries

# Where a compiled file says what it is: offset and number. A cdb file says nothing.
_MAGIC: t.Final = {"hash": (12, 0x061561), "btree": (12, 0x053162), "lmdb": (16, 0xBEEFC0DE)}
HEAD_BYTES: t.Final = 20
_NOT_SHOWN: t.Final = ("(not shown: not everybody may read this table)\n", "(changed)\n")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it lies on the host; head are its first 20 bytes."""

    mode: int
    owner: int
    group: int
    mtime_ns: int
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the host has of one table; missing are the directories above it that do not exist, the upper one first."""

    source: StoredFile | None = None
    text: bytes = b""
    compiled: StoredFile | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """A table that was built and read back in a private directory; compiled is None for a text table."""

    compiled: str | None
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class TableChange:
    """What one table needs."""

    actions: tuple[Action, ...] = ()
    before: str = ""
    after: str = ""
    activation: Activation = "none"


def compiled_condition(table: Table, stored: Stored) -> str:
    """Tell whether the compiled file is the one of this source: "current", or what is wrong with it."""
    if not table.compiled_path:
        return "current"
    if stored.compiled is None:
        return "missing"
    offset, number = _MAGIC.get(table.type, (0, None))
    head = stored.compiled.head[offset : offset + 4]
    if number is not None and number not in (int.from_bytes(head, "little"), int.from_bytes(head, "big")):
        return f"not a {table.type} table"
    if stored.source is None or stored.source.mtime_ns != stored.compiled.mtime_ns:
        return "not made from this source"
    return "current"


def needs_build(table: Table, stored: Stored) -> bool:
    """Whether postmap has work to do: not for a table whose text and compiled file are right."""
    return table.present and (_source_differs(table, stored) or compiled_condition(table, stored) != "current")


def _source_differs(table: Table, stored: Stored) -> bool:
    return stored.source is None or stored.text != table.text


def plan_tables(
    header: str,
    tables: t.Sequence[Table],
    stored: t.Mapping[str, Stored],
    built: t.Mapping[str, Built],
    shown: tuple[str, str] | None = None,
) -> Plan:
    """Compare tables with what is stored, by name. *built* holds every table that needs_build.

    *shown* are the two sides of the diff of a text, for a text that cannot be shown itself.
    """
    changes = {table.name: plan_table(table, stored[table.name], built.get(table.name), shown) for table in tables}
    actions = dict.fromkeys(action for change in changes.values() for action in change.actions)
    facts = {
        table.name: {"changed": bool(changes[table.name].actions), "entries": count_entries(table.text)}
        for table in tables
    }
    return Plan(
        header=header,
        before="".join(change.before for change in changes.values()),
        after="".join(change.after for change in changes.values()),
        actions=tuple(actions),
        activation=stronger(*(change.activation for change in changes.values())),
        facts={"tables": facts},
    )


def plan_table(table: Table, stored: Stored, built: Built | None, shown: tuple[str, str] | None = None) -> TableChange:
    """Plan one table. The source goes first: a run that ends between the two files breaks the mark."""
    if not table.present:
        return _removal(table, stored, shown)
    directories = tuple(MakeDirectory(directory) for directory in stored.missing)
    source, compiled = _source_action(table, stored, built), _compiled_action(table, stored, built)
    actions: tuple[Action, ...] = (*directories, *(action for action in (source, compiled) if action))
    if not actions:
        return TableChange()
    before, after = _described(table, stored, shown)
    return TableChange(actions, before, after, _activation(table, stored))


def _source_action(table: Table, stored: Stored, built: Built | None) -> FileAction | None:
    if not _source_differs(table, stored):
        return _attributes_action(table, table.path, stored.source)
    mtime_ns = built.mtime_ns if built else None
    return InstallFile(
        table.path, table.text, None, table.mode, table.owner_id, table.group_id, mtime_ns, secret=table.secret
    )


def _compiled_action(table: Table, stored: Stored, built: Built | None) -> FileAction | None:
    if not table.compiled_path:
        return None
    if built is None:
        return _attributes_action(table, table.compiled_path, stored.compiled)
    kept = None if _source_differs(table, stored) else stored.source
    return InstallFile(
        path=table.compiled_path,
        source=built.compiled,
        mode=table.mode,
        owner=table.owner_id,
        group=table.group_id,
        mtime_ns=kept.mtime_ns if kept else built.mtime_ns,
        secret=table.secret,
    )


def _attributes_action(table: Table, path: str, file: StoredFile | None) -> SetAttributes | None:
    if file is None:
        return None
    owner = file.owner if table.owner_id is None else table.owner_id
    group = file.group if table.group_id is None else table.group_id
    if (table.mode, owner, group) == (file.mode, file.owner, file.group):
        return None
    return SetAttributes(path, table.mode, owner, group, secret=table.secret)


def _activation(table: Table, stored: Stored) -> Activation:
    """Daemons notice a replaced compiled file and start again by themselves; they read a text table once.

    A daemon that found no table when it started does not look again, whatever the type.
    """
    if table.compiled_path:
        return "none" if stored.compiled else "reload"
    return "reload" if _source_differs(table, stored) else "none"


def _removal(table: Table, stored: Stored, shown: tuple[str, str] | None) -> TableChange:
    files = [(table.path, None if table.keeps_source else stored.source), (table.compiled_path, stored.compiled)]
    actions = tuple(RemoveFile(path, secret=table.secret) for path, file in files if file and path)
    if not actions:
        return TableChange()
    removed = replace(table, text=stored.text if table.keeps_source else b"")
    before, after = _described(removed, stored, shown)
    return TableChange(actions, before, after)


def _described(table: Table, stored: Stored, shown: tuple[str, str] | None) -> tuple[str, str]:
    """Return the two sides of the diff for one table: what differs, under its name."""
    before, after = [f"{table.name}\n"], [f"{table.name}\n"]
    if stored.text != table.text:
        old, new = shown or _text_difference(table, stored)
        before.append(old)
        after.append(new)
    for subject, old, new in (*_attribute_texts(table, stored), _compiled_texts(table, stored)):
        if old != new:
            before.append(f"{subject}: {old}\n")
            after.append(f"{subject}: {new}\n")
    return "".join(before), "".join(after)


def _text_difference(table: Table, stored: Stored) -> tuple[str, str]:
    was_secret = stored.source is not None and not stored.source.mode & 0o004
    return _NOT_SHOWN if table.secret or was_secret else changed_lines(stored.text, table.text)


def _compiled_texts(table: Table, stored: Stored) -> tuple[str, str, str]:
    if table.present:
        return "compiled", compiled_condition(table, stored), "current"
    return "compiled", "present" if stored.compiled else "missing", "missing"


def _attribute_texts(table: Table, stored: Stored) -> t.Iterator[tuple[str, str, str]]:
    if not table.present:
        return
    for subject, file in (("source", stored.source), ("compiled", stored.compiled)):
        action = _attributes_action(table, subject, file)
        if file and action:
            yield f"{subject} mode, owner and group", _attribute_text(file), _attribute_text(action)


def _attribute_text(file: StoredFile | SetAttributes) -> str:
    return f"{file.mode:04o} {file.owner} {file.group}"
