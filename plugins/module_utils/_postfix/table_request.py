# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what is asked of a lookup table, read from the options of a module."""

from __future__ import annotations

import posixpath
import re
import typing as t
from dataclasses import dataclass, replace

from .host_name import Transport
from .known_as import NOBODY, Variables, known_as
from .table_reference import TableReference, table_problem
from .table_source import parse_entries, render_entries, text_problem
from .word_list import nearest_name, spoken

TYPES: t.Final = ("hash", "btree", "lmdb", "cdb", "texthash", "cidr", "regexp", "pcre")
_SOURCES: t.Final = ("entries", "lines", "content", "src")
_OPTIONS: t.Final = (*_SOURCES, "mode", "owner", "group", "format", "state")
_SUFFIXES: t.Final = (".db", ".lmdb", ".cdb")
# Where tables may lie besides the configuration directory. Elsewhere a slip would replace a file of the system: the
# text of hash:/etc/passwd is a table like any other.
_PLACES: t.Final = ("/etc/aliases", "/etc/mail/", "/home/", "/opt/", "/srv/", "/usr/local/", "/var/lib/", "/var/spool/")
# Files of Debian's package in the configuration directory.
_PACKAGED: t.Final = (
    *("main.cf", "main.cf.proto", "master.cf", "master.cf.proto", "dynamicmaps.cf", "makedefs.out"),
    *("post-install", "postfix-files", "postfix-script"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """One wanted table: name is as the user wrote it, path the absolute path of its source.

    The text comes from the file src where that is set. A secret table is one that not everybody may read: its text
    appears in no output and is never copied. keeps_source: another table of the same call has this source. spoken:
    what messages call it.
    """

    name: str
    type: str
    path: str
    text: bytes = b""
    src: str | None = None
    present: bool = True
    aliases: bool = False
    transports: bool = False
    mode: int = 0o644
    owner: str | None = None
    group: str | None = None
    owner_id: int | None = None
    group_id: int | None = None
    keeps_source: bool = False
    spoken: str = ""

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.spoken or self.name

    @property
    def reference(self) -> TableReference:
        """The table as postmap(1) takes it."""
        return TableReference(self.type, self.path)

    @property
    def compiled_path(self) -> str | None:
        """The file that Postfix reads; None where that is the source."""
        suffix = self.reference.compiled_suffix
        return self.path + suffix if suffix else None

    @property
    def secret(self) -> bool:
        """Whether somebody may not read it."""
        return not self.mode & 0o004


def wanted_tables(
    options: t.Mapping[str, t.Any], config_directory: str, variables: Variables = NOBODY
) -> tuple[Table, ...]:
    """Read {"type:path": {...} or null}. Raises ValueError that names every table that is not as it should be.

    *variables* tells which variable a table comes from.
    """
    tables: list[Table] = []
    problems: list[str] = []
    for name, option in options.items():
        try:
            tables.append(replace(_table(str(name), option, config_directory), spoken=known_as(str(name), variables)))
        except ValueError as error:
            problems.append(f"{known_as(str(name), variables)}: {error}")
    problems += _collisions(tables)
    if problems:
        raise ValueError("; ".join(problems))
    present = {table.path for table in tables if table.present}
    return tuple(replace(table, keeps_source=not table.present and table.path in present) for table in tables)


def printed_options(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options without the texts: they may be secret, and Ansible sends what it prints back over the wire."""
    return {name: _printed(option) if isinstance(option, dict) else option for name, option in options.items()}


def _printed(option: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    texts = {name: "(not shown)" for name in _SOURCES if name != "src" and option.get(name) is not None}
    return {**option, **texts}


def refuse_types(tables: t.Iterable[Table], installed: frozenset[str]) -> None:
    """Raise ValueError for a type that this Postfix does not have, with the package that brings it."""
    problems = [f"{table.label}: {_type_problem(table, installed)}" for table in tables if table.present]
    problems = [problem for problem in problems if not problem.endswith(": None")]
    if problems:
        raise ValueError("; ".join(problems))


def refuse_transports(tables: t.Iterable[Table], services: frozenset[str]) -> None:
    """Raise ValueError for a transport that is no service of master.cf: mail for it would wait for ever."""
    known = Transport(services)
    problems = [
        f"{table.label}: line {entry.line} ({entry.key} {entry.value}): {problem}"
        for table in tables
        if table.present and table.transports
        for entry in parse_entries(table.text.decode("utf-8", "surrogateescape"), aliases=False)
        # Without a transport the one that the domain has anyhow delivers (transport(5)).
        if not entry.value.startswith(":") and (problem := known.problem(entry.value))
    ]
    if problems:
        raise ValueError("; ".join(problems))


def _type_problem(table: Table, installed: frozenset[str]) -> str | None:
    if table.type in ("hash", "btree") and table.type not in installed:
        return f"this Postfix has no {table.type} tables (no Berkeley DB); use lmdb, of the package postfix-lmdb"
    return table_problem(str(table.reference), installed)


def _table(name: str, option: t.Any, config_directory: str) -> Table:
    table_type, path = split_name(name, config_directory)
    if option is None:
        return Table(name, table_type, path, present=False)
    if not isinstance(option, dict):
        raise ValueError("expected a mapping of options, or null to remove the table")
    _refuse_unknown(option)
    state, form = option.get("state") or "present", option.get("format") or "table"
    _refuse_other("state", state, ("present", "absent"))
    _refuse_other("format", form, ("table", "aliases", "transport"))
    mode, aliases = _mode(option.get("mode")), form == "aliases"
    if state == "absent":
        return Table(name, table_type, path, present=False, mode=mode)
    if aliases and not TableReference(table_type, path).compiled_suffix:
        raise ValueError(f"format aliases is for tables that postalias compiles, not for {table_type}")
    return Table(
        name=name,
        type=table_type,
        path=path,
        text=_text(option, table_type, aliases),
        src=_src(option),
        aliases=aliases,
        transports=form == "transport",
        mode=mode,
        owner=_account(option.get("owner")),
        group=_account(option.get("group")),
    )


def split_name(name: str, config_directory: str) -> tuple[str, str]:
    """Split type:path and make the path absolute. Raises ValueError for what cannot be a table in a file."""
    table_type, colon, path = name.partition(":")
    if not colon or not path:
        raise ValueError("expected type:path, for example lmdb:/etc/postfix/transport")
    if table_type not in TYPES:
        near = nearest_name(table_type, TYPES)
        hint = f" (did you mean {near}?)" if near else ""
        raise ValueError(f"the type {table_type} is not one that is kept in a file of its own{hint}: {spoken(TYPES)}")
    if re.search(r"[\s,\x00-\x1f{}$]", path) or path.endswith("/"):
        raise ValueError("a path in main.cf cannot hold blanks, commas, braces or $, nor end in a slash")
    path = posixpath.normpath(posixpath.join(config_directory, path))
    if path in (posixpath.join(config_directory, name) for name in _PACKAGED):
        raise ValueError("this file is no lookup table")
    if not path.startswith((posixpath.join(config_directory, ""), *_PLACES)):
        raise ValueError(f"a table lies below {config_directory} or in {spoken(_PLACES)}, not in {path}")
    suffix = next((suffix for suffix in _SUFFIXES if path.endswith(suffix)), "")
    if suffix and TableReference(table_type, path).compiled_suffix:
        raise ValueError(f"name the source, without {suffix}: Postfix appends it")
    return table_type, path


def _refuse_unknown(option: t.Mapping[object, object]) -> None:
    for key in option:
        if key not in _OPTIONS:
            near = nearest_name(str(key), _OPTIONS)
            raise ValueError(f"unknown option {key}{f' (did you mean {near}?)' if near else ''}: {spoken(_OPTIONS)}")


def _refuse_other(name: str, value: object, choices: t.Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {spoken(choices)}, not {value}")


def _mode(value: object) -> int:
    """Read "0644", "644" or what YAML made of 0644; a table that others can write to is not one to rely on."""
    if value is None:
        return 0o644
    try:
        mode = int(value, 8) if isinstance(value, str) else t.cast("int", value)
        valid = not isinstance(value, bool) and 0o400 <= mode <= 0o755 and not mode & 0o022
    except (ValueError, TypeError):
        valid = False
    if not valid:
        raise ValueError(f'mode is an octal number in quotes, writable by the owner alone, such as "0644", not {value}')
    return mode


def _account(value: object) -> str | None:
    return None if value is None else str(value)


def _src(option: t.Mapping[str, t.Any]) -> str | None:
    src = option.get("src")
    if src is not None and not (isinstance(src, str) and src.startswith("/")):
        raise ValueError(f"src is an absolute path on the target, not {src}")
    return src


def _text(option: t.Mapping[str, t.Any], table_type: str, aliases: bool) -> bytes:
    """Return the text of the one source that is given; nothing for src, which lies on the target."""
    given = [name for name in _SOURCES if option.get(name) is not None]
    if len(given) != 1:
        raise ValueError(f"give exactly one of {spoken(_SOURCES)}, not {spoken(given, 'and') or 'none of them'}")
    value = option[given[0]]
    match given[0], value:
        case "entries", dict():
            text = render_entries(value, table_type, aliases)
        case "lines", list():
            text = "".join(f"{line}\n" for line in value).encode("utf-8", "surrogateescape")
        case "content", str():
            text = (value if not value or value.endswith("\n") else value + "\n").encode("utf-8", "surrogateescape")
        case "src", str():
            return b""
        case _:
            raise ValueError("entries is a mapping, lines a list, content and src are strings")
    problem = text_problem(text)
    if problem:
        raise ValueError(problem)
    return text


def _collisions(tables: t.Sequence[Table]) -> list[str]:
    """Two tables that would write the same file."""
    problems = []
    owners: dict[str, str] = {}
    for table in (table for table in tables if table.present):
        for path in filter(None, (table.path, table.compiled_path)):
            if path in owners:
                problems.append(f"{table.label}: {owners[path]} has the same file {path}")
            owners[path] = table.label
    removed = {table.compiled_path for table in tables if not table.present and table.compiled_path}
    return problems + [f"{owners[path]}: this call also removes its file {path}" for path in removed if path in owners]
