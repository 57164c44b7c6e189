# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for the parameters of main.cf."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .._plan import Activation
from .equality import same_value
from .known_as import NOBODY, Variables, known_as
from .macro import require_macros
from .main_cf import READ_ONLY, Explicit
from .rendering import render_value

# The running master takes these up only when it is stopped and started: postconf(5) for inet_interfaces and
# inet_protocols; the others move files or accounts that the running daemons hold.
_RESTART = (
    "inet_interfaces",
    "inet_protocols",
    "queue_directory",
    "data_directory",
    "mail_owner",
    "setgid_group",
    "master_service_disable",
    "hash_queue_names",
    "hash_queue_depth",
    "multi_instance_*",
)
# What belongs to the package and to the instance, and not to the mail administrator.
PACKAGE_OWN = (
    "compatibility_level",
    "*_directory",
    "*_path",
    "mail_owner",
    "setgid_group",
    "multi_instance_*",
    "master_service_disable",
)
# One argument of a program holds at most 128 KiB (execve(2), MAX_ARG_STRLEN).
_MAX_LENGTH = 130_000


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes of main.cf: removals come first, then settings. before and after are the lines they touch."""

    settings: t.Mapping[str, str]
    removals: tuple[str, ...]
    before: str
    after: str

    def __bool__(self) -> bool:
        return bool(self.settings or self.removals)

    @property
    def names(self) -> frozenset[str]:
        """Every parameter that changes."""
        return frozenset(self.settings) | frozenset(self.removals)


def render_wanted(parameters: t.Mapping[str, object], variables: Variables = NOBODY) -> dict[str, str | None]:
    """Render values the Postfix way (None stays None: remove). Raises ValueError that names each bad one.

    *variables* tells which variable a parameter comes from.
    """
    rendered: dict[str, str | None] = {}
    problems: list[str] = []
    for name, value in parameters.items():
        try:
            rendered[_checked_name(name)] = None if value is None else _checked_text(name, render_value(value))
        except ValueError as error:
            problems.append(f"{known_as(name, variables)}: {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return rendered


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        raise ValueError("a parameter name is made of letters, digits, _ , - and .")
    if name in READ_ONLY:
        raise ValueError("Postfix itself knows it, nobody sets it")
    return name


def _checked_text(name: str, value: str) -> str:
    if len(value.encode()) > _MAX_LENGTH:
        raise ValueError(f"the value has more than {_MAX_LENGTH} bytes; put it into a lookup table")
    return require_macros(name, value)


def matches(name: str, patterns: t.Iterable[str]) -> bool:
    """Whether *name* is one of the shell-style *patterns*."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def unmanaged(explicit: Explicit, wanted: t.Mapping[str, str | None], keep: t.Sequence[str]) -> tuple[str, ...]:
    """Return the parameters that main.cf sets, that nobody wants and that no pattern of *keep* matches."""
    return tuple(sorted(name for name in explicit.values if name not in wanted and not matches(name, keep)))


def plan_edits(wanted: t.Mapping[str, str | None], explicit: Explicit, remove: t.Sequence[str] = ()) -> Edits:
    """Compare *wanted* with main.cf; a parameter that stands there several times is brought back to one line."""
    wanted = dict.fromkeys(remove) | dict(wanted)
    changes = {name: value for name, value in wanted.items() if _differs(name, value, explicit)}
    settings = {name: value for name, value in changes.items() if value is not None}
    removals = tuple(name for name in changes if name not in settings or name in explicit.duplicates)
    present = {name: explicit.values[name] for name in changes if name in explicit.values}
    return Edits(
        settings=settings,
        removals=removals,
        before=_lines(present, explicit.duplicates),
        after=_lines(settings),
    )


def _differs(name: str, value: str | None, explicit: Explicit) -> bool:
    present = explicit.values.get(name)
    if value is None or present is None:
        return value is not present
    return name in explicit.duplicates or not same_value(name, value, present)


def _lines(parameters: t.Mapping[str, str], duplicates: frozenset[str] = frozenset()) -> str:
    return "".join(
        f"{name} = {value}".rstrip() + ("  (the last of several lines)" if name in duplicates else "") + "\n"
        for name, value in sorted(parameters.items())
    )


def activation(names: t.Iterable[str]) -> Activation:
    """Tell what the running Postfix needs after these parameters changed."""
    changed = tuple(names)
    if any(matches(name, _RESTART) for name in changed):
        return "restart"
    return "reload" if changed else "none"


def edit_commands(edits: Edits) -> tuple[tuple[str, ...], ...]:
    """Return the arguments of postconf that make the edits: one call that removes, one that sets."""
    removal = ("-X", *edits.removals) if edits.removals else ()
    setting = ("-e", *(f"{name}={value}" for name, value in edits.settings.items())) if edits.settings else ()
    return tuple(command for command in (removal, setting) if command)
