# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for the services of master.cf."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from .equality import same_value
from .known_as import NOBODY, Variables, known_as
from .macro import require_macros
from .master_service import COLUMNS, TYPES, Service, parse_entry, render_entry, render_option, same_column, same_command
from .rendering import render_value
from .word_list import nearest_name

_FIELDS: t.Final = (*COLUMNS, "command", "options", "exclusive_options")
_OPTION_NAME: t.Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SERVICE_NAME: t.Final = re.compile(r"[^\s/#={}][^\s/={}]*")


@dataclass(frozen=True, slots=True)
class WantedService:
    """What somebody wants of one service: some columns (and the command), some -o options (None: none of that name)."""

    columns: t.Mapping[str, str]
    options: t.Mapping[str, str | None]
    exclusive_options: bool = False


@dataclass(frozen=True, slots=True)
class ServiceEdits:
    """Changes of master.cf: keys (service/type) to remove, and whole entries to write by their key.

    before and after are the services they touch.
    """

    entries: t.Mapping[str, str]
    removals: tuple[str, ...]
    before: str
    after: str

    def __bool__(self) -> bool:
        return bool(self.entries or self.removals)

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """The arguments of postconf that make the changes. An entry replaces all entries of its key."""
        writes = tuple(f"{key}={entry}" for key, entry in self.entries.items())
        return (*((("-MX", *self.removals),) if self.removals else ()), *((("-M", *writes),) if writes else ()))


def read_wanted(services: t.Mapping[str, object], variables: Variables = NOBODY) -> dict[str, WantedService | None]:
    """Read services by service/type (None: remove). Raises ValueError that names each bad one.

    *variables* tells which variable a service comes from.
    """
    wanted: dict[str, WantedService | None] = {}
    problems: list[str] = []
    for key, fields in services.items():
        try:
            _check_key(key)
            wanted[key] = None if fields is None else _read_service(fields)
        except ValueError as error:
            problems.append(f"{known_as(key, variables)}: {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return wanted


def _check_key(key: str) -> None:
    name, _slash, type_ = key.rpartition("/")
    if not _SERVICE_NAME.fullmatch(name) or type_ not in TYPES:
        raise ValueError(f"a service is named NAME/TYPE, such as smtp/inet; TYPE is one of {', '.join(TYPES)}")


def _read_service(fields: object) -> WantedService:
    if not isinstance(fields, t.Mapping):
        raise ValueError("expected a mapping of columns, command and options, or null to remove the service")
    for name in fields:
        if name not in _FIELDS:
            near = nearest_name(str(name), _FIELDS)
            raise ValueError(
                f'there is no "{name}"' + (f"; did you mean {near}?" if near else f" in {', '.join(_FIELDS)}")
            )
    columns = {name: _read_column(name, fields[name]) for name in COLUMNS if name in fields}
    if "command" in fields:
        columns["command"] = _read_command(fields["command"])
    exclusive = fields.get("exclusive_options", False)
    if not isinstance(exclusive, bool):
        raise ValueError("exclusive_options is true or false")
    return WantedService(columns, _read_options(fields.get("options") or {}), exclusive)


def _read_column(name: str, value: object) -> str:
    pattern, accepted = COLUMNS[name]
    match value:
        case None:
            text = "-"
        case bool():
            text = "y" if value else "n"
        case _:
            text = str(value).strip()
    if not re.fullmatch(pattern, text):
        raise ValueError(f'{name} "{text}" is not accepted: it is {accepted}')
    return text


def _read_command(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("command is the program and its arguments, such as smtpd")
    command = parse_entry(f"a unix - - - - - {' '.join(value.split())}")
    if command.options:
        raise ValueError("the -o options of the command belong into options")
    return command.command


def _read_options(options: object) -> dict[str, str | None]:
    if not isinstance(options, t.Mapping):
        raise ValueError("options is a mapping of parameters to values; null removes one")
    rendered: dict[str, str | None] = {}
    for name, value in options.items():
        if not isinstance(name, str) or not _OPTION_NAME.fullmatch(name):
            raise ValueError(f'"{name}" is no parameter name')
        try:
            rendered[name] = None if value is None else require_macros(name, render_value(value))
        except ValueError as error:
            raise ValueError(f"-o {name}: {error}") from error
    return rendered


def with_promised(
    wanted: t.Mapping[str, WantedService | None], present: t.Mapping[str, Service], promised: t.Collection[str]
) -> dict[str, Service]:
    """Return what is present, and the promised services of which options are wanted, bare.

    promised: in check mode, the services that earlier tasks would have made.
    """
    edited = [key for key, wish in wanted.items() if wish is not None and "command" not in wish.columns]
    bare = {key: parse_entry(f"{key.replace('/', ' ')} n - - - - smtpd") for key in edited if key in promised}
    return {**bare, **present}


def plan_services(wanted: t.Mapping[str, WantedService | None], present: t.Mapping[str, Service]) -> ServiceEdits:
    """Compare *wanted* with master.cf.

    A service that master.cf has several times is brought back to one entry. Raises ValueError for what master.cf
    cannot hold.
    """
    after = {key: _merged(key, wish, present.get(key)) for key, wish in wanted.items() if wish is not None}
    writes = {key: service for key, service in after.items() if service != present.get(key)}
    removals = tuple(key for key, wish in wanted.items() if wish is None and key in present)
    return ServiceEdits(
        entries={key: render_entry(service) for key, service in writes.items()},
        removals=removals,
        before="".join(_shown(present[key]) for key in sorted((*removals, *writes)) if key in present),
        after="".join(_shown(writes[key]) for key in sorted(writes)),
    )


def _merged(key: str, wish: WantedService, now: Service | None) -> Service:
    """Return the service as it should be; whatever Postfix reads as equal stays as it is written."""
    base = now or _new(key, wish)
    columns = {name: value for name, value in wish.columns.items() if not _same(name, value, getattr(base, name))}
    service = replace(base, **columns, options=_merged_options(wish, base.options), duplicate=False)
    if parse_entry(render_entry(service)) != service:
        raise ValueError(f"{key}: master.cf cannot hold {render_entry(service)}: braces must come in pairs")
    return service


def _new(key: str, wish: WantedService) -> Service:
    if "command" not in wish.columns:
        raise ValueError(f"{key}: master.cf has no such service, and a new one needs a command")
    name, _slash, type_ = key.rpartition("/")
    # master(8) ends with "inet service cannot be private", and private is the default.
    return Service(name, type_, private="n" if type_ == "inet" else "-")


def _same(name: str, wanted: str, present: str) -> bool:
    return same_command(wanted, present) if name == "command" else same_column(name, wanted, present)


def _merged_options(wish: WantedService, present: t.Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in present.items() if name in wish.options or not wish.exclusive_options}
    for name, value in wish.options.items():
        if value is None:
            kept.pop(name, None)
        elif name not in kept or not same_value(name, value, kept[name]):
            kept[name] = value
    return kept


def _shown(service: Service) -> str:
    """Return the columns and the command in one line, and each option in a line of its own."""
    note = "  (the last of several entries)" if service.duplicate else ""
    options = (f"    {render_option(name, value)}\n" for name, value in service.options.items())
    return "".join([f"{render_entry(replace(service, options={}))}{note}\n", *options])
