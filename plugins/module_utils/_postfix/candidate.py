# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private copy of a configuration directory: edited by Postfix's own programs and judged before it goes live."""

from __future__ import annotations

import os
import re
import shutil
import time
import typing as t
from dataclasses import replace

from .._plan import InstallFile
from .instance import Instance, PostfixError, text_lines
from .judge import Problem, View, holds_checks, problems, unread_problems, unused_parameters
from .known_as import NOBODY, Variables, known_as
from .parameter_kind import tls_files
from .table_reference import TableReference, file_references, table_references

# Every program that reads a main.cf whose time stamp is younger than about two seconds sleeps until it is older, for
# fear of a half-written file (load_file() in Postfix's util library; 0.3 s steps, both releases). A staged file is
# written before anybody reads it, and a live one appears by rename(2), whole or not at all: so neither needs the
# guard, and both get a time stamp that lies this far back.
BACKDATE_NS = 3_000_000_000


def backdated() -> int:
    """Return a time stamp (ns) that makes Postfix read a whole file without waiting."""
    return time.time_ns() - BACKDATE_NS


class Candidate(Instance):
    """A copy of *live* in *directory* (empty, private). Files other than main.cf and master.cf are links."""

    def __init__(self, live: Instance, directory: str) -> None:
        super().__init__(live.run, directory, live.table_types)
        self.live = live
        # The same programs answer for both, and a bad base parameter of the copy would keep them from answering.
        self.defaults, self.installed_types = live.defaults, live.installed_types
        for name in os.listdir(live.config_directory):
            if name in ("main.cf", "master.cf"):
                shutil.copyfile(live.path(name), self.path(name))
                self._repair(name)
            elif not name.endswith(".tmp"):
                os.symlink(live.path(name), self.path(name))

    def _repair(self, name: str) -> None:
        """Give the copy the forms that Postfix's editor needs: a last newline (3.7 glues lines without), no CR."""
        with open(self.path(name), "rb") as file:
            content = file.read()
        content = content.replace(b"\r\n", b"\n")
        self.write(name, content if content.endswith(b"\n") else content + b"\n")

    def postfix_program(self, program: str, *arguments: str, data: bytes | None = None) -> tuple[str, str]:
        """Run a program on the copy; what it says names the live directory, as people know it."""
        try:
            out, err = super().postfix_program(program, *arguments, data=data)
        except PostfixError as error:
            raise PostfixError(self._as_live(str(error))) from error
        return self._as_live(out), self._as_live(err)

    def _as_live(self, text: str) -> str:
        return text.replace(self.config_directory, self.live.config_directory)

    def write(self, name: str, content: bytes) -> None:
        """Write one file of the copy."""
        with open(self.path(name), "wb") as file:
            file.write(content)
        self._settle(name)

    def _settle(self, name: str) -> None:
        os.utime(self.path(name), ns=(backdated(), backdated()))

    def edit(self, name: str, *arguments: str) -> None:
        """Let postconf edit *name* (main.cf or master.cf) of the copy."""
        self.postfix_program("postconf", *arguments)
        self._settle(name)

    def content(self, name: str) -> bytes:
        """Return the text of one file of the copy."""
        with open(self.path(name), "rb") as file:
            return file.read()

    def refuse(
        self, force: t.Collection[str], provided: t.Collection[str], variables: Variables = NOBODY
    ) -> tuple[str, ...]:
        """Raise PostfixError for every problem that the live configuration does not have already.

        Problems of a subject in *force* are returned as warnings instead, and so are parameters that lose their last
        user. Tables and files that *provided* names count as present.
        """
        found = problems(self._view(provided, variables))
        known = set(problems(read_view(self.live, provided))) if found else set()
        orphans = self._orphans() if found else frozenset()
        new = [problem for problem in found if problem not in known and problem.subject not in orphans]
        if not new:
            self._check()
        told = (f"{name}: nothing in main.cf or master.cf uses this parameter any more" for name in sorted(orphans))
        return (*raise_unless_forced(new, force, variables), *told)

    def _orphans(self) -> frozenset[str]:
        """The names of somebody's own parameters that stay as they are, but that nothing refers to after the edit."""
        before, after = self.live.explicit, self.explicit
        lost = after.unused - before.unused
        return frozenset(name for name in lost if before.values.get(name) == after.values.get(name))

    def _view(self, provided: t.Collection[str], variables: Variables) -> View:
        """Read the copy; a value that keeps postconf from expanding it is told by its parameter's name."""
        try:
            return read_view(self, provided)
        except PostfixError:
            raise_unless_forced(unread_problems(self.explicit, self.live.installed), (), variables)
            raise

    def _check(self) -> None:
        """Ask Postfix itself, by the cheapest program that reads the base parameters.

        Measured on 3.7.11 and 3.10.13: postmap refuses what "postfix check" refuses (inet_protocols, inet_interfaces,
        myhostname, compatibility_level, sizes), in 4 ms instead of 280 ms; macros and directories are judged before.
        """
        status, _out, err = self.run(["postmap", "-c", self.config_directory, "-q", "probe", "static:probe"])
        if status:
            reason = re.sub(r"^(\S+: )?fatal: ", "", self._as_live(err.strip()))
            raise PostfixError(f"Postfix refuses the candidate configuration: {reason}")


def staged(
    live: Instance,
    directory: str,
    edits: t.Mapping[str, t.Sequence[t.Sequence[str]]],
    force: t.Collection[str] = (),
    provided: t.Collection[str] = (),
    variables: Variables = NOBODY,
) -> tuple[tuple[InstallFile, ...], tuple[str, ...]]:
    """Make *edits* (file -> arguments of each postconf call) on one copy in *directory*, and judge all of it.

    *variables* tells which variable a parameter or service comes from.
    Returns what puts the changed files in place, and the warnings of what *force* lets through.
    """
    candidate = Candidate(live, directory)
    for name, commands in edits.items():
        for command in commands:
            candidate.edit(name, *command)
    warnings = candidate.refuse(force, provided, variables)
    changed = (name for name, commands in edits.items() if commands)
    return tuple(
        InstallFile(live.path(name), content=candidate.content(name), mtime_ns=backdated()) for name in changed
    ), warnings


def read_view(instance: Instance, provided: t.Collection[str]) -> View:
    """Read all that the judge wants to know of one configuration."""
    values = [item for found in (instance.expanded, *instance.overrides.values()) for item in found.items()]
    used = {(name, reference) for name, value in values for reference in table_references(name, value)}
    lists = {path for name, value in values for path in file_references(name, value)}
    files = lists | {path for name, value in values for path in tls_files(name, value)}
    read = [table for name, table in used if name == "mynetworks" or holds_checks(name, table)]
    return View(
        explicit=instance.explicit,
        expanded=instance.expanded,
        effective=instance.effective,
        services=instance.services,
        overrides=instance.overrides,
        installed=replace(instance.installed, services=instance.installed.services | _promised(provided)),
        missing=replace(instance.missing, paths=instance.missing.paths | _absent(files - set(provided))),
        tables=dict(_table_problems(instance, {reference for _name, reference in used}, provided)),
        lines={path: text_lines(path) for path in lists} | {str(table): text_lines(table.name) for table in read},
    )


def _promised(provided: t.Iterable[str]) -> frozenset[str]:
    """Return the names of the services that *provided* holds, as smtp-amavis/unix."""
    return frozenset(name.removesuffix("/unix") for name in provided if name.endswith("/unix"))


def _absent(files: t.Iterable[str]) -> frozenset[str]:
    return frozenset(path for path in files if not os.path.exists(path))


def _table_problems(
    instance: Instance, used: t.Iterable[TableReference], provided: t.Collection[str]
) -> t.Iterator[tuple[TableReference, str]]:
    for reference in sorted(used):
        problem = None if str(reference) in provided else instance.table_problem(reference)
        if problem is not None:
            yield reference, problem


def refuse_unused(
    live: Instance, names: t.Sequence[str], force: t.Collection[str], variables: Variables = NOBODY
) -> tuple[str, ...]:
    """Refuse parameters that stand in main.cf as wanted already, but that no program reads."""
    return raise_unless_forced(unused_parameters(names, live.installed), force, variables) if names else ()


def raise_unless_forced(
    found: t.Iterable[Problem], force: t.Collection[str], variables: Variables = NOBODY
) -> tuple[str, ...]:
    """Raise PostfixError with all problems but those of a subject in *force*, which are returned as warnings."""
    told = [(problem.subject in force, f"{known_as(problem.subject, variables)}: {problem.text}") for problem in found]
    refused = [text for forced, text in told if not forced]
    if refused:
        raise PostfixError("refused, nothing was changed: " + "; ".join(refused))
    return tuple(f"FORCED against the rules: {text}" for _forced, text in told)
