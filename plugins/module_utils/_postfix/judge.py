# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE judgement of a configuration: what in it would take mail down, let it pass unchecked, or do nothing.

"postfix check" accepts a misspelt parameter, a misspelt restriction, a missing table and a bad postscreen action; what
it does refuse is found here or by Candidate, in a fraction of its 0.3 s.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .header_check import check_actions_problem
from .installed import Installed, Missing
from .macro import refers_to
from .main_cf import DIRECTORIES, Explicit
from .master_service import Service, service_problems
from .parameter_kind import tls_files
from .relation import relation_problems
from .relay import RELAY_LISTS
from .table_reference import TableReference, file_references, table_references
from .value import nearest_name, open_relay_problem, relay_protection_problem, value_problem, written_problem

# "postconf: warning: /etc/postfix/main.cf: undefined parameter: name"
_UNDEFINED = re.compile(r"undefined parameter: (\w+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one parameter or service; subject is its name, as "force" takes it."""

    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"


@dataclass(frozen=True, slots=True)
class View:
    """One configuration as its reader saw it. Values of expanded and overrides have every $name replaced.

    overrides maps service/type to the parameters that its -o options set; tables maps a reference to what is wrong with
    that table; lines holds the text of those tables and files that are judged line by line, by their name.
    """

    explicit: Explicit
    expanded: t.Mapping[str, str]
    effective: t.Mapping[str, str]
    services: t.Mapping[str, Service]
    overrides: t.Mapping[str, t.Mapping[str, str]]
    installed: Installed
    missing: Missing
    tables: t.Mapping[TableReference, str]
    lines: t.Mapping[str, t.Sequence[str]]


def problems(view: View) -> tuple[Problem, ...]:
    """Return everything that is wrong, parameters first."""
    return (
        *unused_parameters(sorted(view.explicit.unused), view.installed),
        *(found for name, value in view.expanded.items() for found in _value_problems(name, name, value, view)),
        *_whole_problems(view),
        *(found for key, options in view.overrides.items() for found in _override_problems(key, options, view)),
        *(Problem(key, text) for key, made in view.services.items() for text in service_problems(made, view.missing)),
        *(found for warning in view.explicit.warnings for found in _warning_problems(warning, view)),
    )


def unread_problems(explicit: Explicit, installed: Installed) -> tuple[Problem, ...]:
    """Return what is wrong with values that keep postconf from expanding main.cf, by the values as written."""
    found = ((name, value, written_problem(name, value, installed)) for name, value in explicit.values.items())
    return tuple(Problem(name, f'"{value}" is not accepted: {text}') for name, value, text in found if text)


def unused_parameters(names: t.Iterable[str], installed: Installed) -> tuple[Problem, ...]:
    """Return the problems of parameters that no program reads."""
    return tuple(Problem(name, _unused_text(name, installed)) for name in names)


def _unused_text(name: str, installed: Installed) -> str:
    version = ".".join(map(str, installed.version))
    near = nearest_name(name, installed.defaults)
    hint = f"; did you mean {near}?" if near else ""
    return f"Postfix {version} has no such parameter, and nothing in main.cf or master.cf uses it{hint}"


def _value_problems(subject: str, name: str, value: str, view: View) -> t.Iterator[Problem]:
    text = value_problem(name, value, view.installed)
    if text is not None:
        yield Problem(subject, f'"{value}" is not accepted: {text}')
    for reference in table_references(name, value):
        if reference in view.tables:
            yield Problem(subject, f"{reference} {view.tables[reference]}")
        elif holds_checks(name, reference):
            found = check_actions_problem(view.lines.get(str(reference), ()))
            if found is not None:
                yield Problem(subject, f"{reference}, line {found[0]}: {found[1]}")
    for path in (*file_references(name, value), *tls_files(name, value)):
        if path in view.missing.paths:
            yield Problem(subject, f"the file {path} does not exist")


def holds_checks(parameter: str, reference: TableReference) -> bool:
    """Whether the table holds the patterns and actions of header_checks(5), of which Postfix skips a bad one."""
    return parameter.endswith("_checks") and reference.type in ("regexp", "pcre")


def _whole_problems(view: View) -> t.Iterator[Problem]:
    """The invariants that no single value shows: no open relay, relay protection present."""
    yield from _open_relay_problems("mynetworks", view.effective, view)
    for name, text in relation_problems(view.effective):
        yield Problem(name, text)
    for name in DIRECTORIES:
        if view.effective.get(name) in view.missing.paths:
            yield Problem(name, f"the directory {view.effective[name]} does not exist")
    protection = relay_protection_problem(view.effective)
    if protection is not None:
        yield Problem("smtpd_relay_restrictions", protection)


def _open_relay_problems(subject: str, effective: t.Mapping[str, str], view: View) -> t.Iterator[Problem]:
    networks = effective.get("mynetworks", "")
    text = open_relay_problem(networks, view.lines)
    if text is not None:
        yield Problem(subject, f'"{networks}" makes {text}; name the networks of your own clients alone')


def _override_problems(key: str, options: t.Mapping[str, str], view: View) -> t.Iterator[Problem]:
    for name, value in options.items():
        subject = f"{key} -o {name}"
        if name in view.explicit.unused_options:
            yield Problem(subject, _unused_text(name, view.installed))
        else:
            yield from _value_problems(subject, name, value, view)
        if name == "mynetworks":
            yield from _open_relay_problems(subject, options, view)
        if name in RELAY_LISTS and (protection := relay_protection_problem({**view.effective, **options})):
            yield Problem(subject, f'"{value}" is not accepted: {protection}')


def _warning_problems(warning: str, view: View) -> t.Iterator[Problem]:
    """Tell which parameter a warning of postconf is about, where only a name in a value can tell."""
    found = _UNDEFINED.search(warning)
    undefined = found[1] if found else ""
    near = nearest_name(undefined, view.installed.defaults)
    hint = f"; did you mean ${near}?" if near else ""
    users = {name: value for name, value in view.explicit.values.items() if found and refers_to(value, undefined)}
    for name, value in users.items():
        yield Problem(name, f'"{value}" is not accepted: there is no parameter {undefined}{hint}')
    if not users:
        yield Problem("main.cf", warning)
