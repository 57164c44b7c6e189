# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE reading of main.cf, as postconf(1) prints it."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

# Postfix computes these itself (mail_params.h, master(8)), and config_directory is where main.cf is read from.
READ_ONLY = frozenset(
    {"config_directory", "mail_release_date", "mail_version", "process_id", "process_name", "service_name"}
)
# Directories without which no daemon starts.
DIRECTORIES = ("command_directory", "daemon_directory", "data_directory", "queue_directory")
# "postconf: warning: /etc/postfix/main.cf: unused parameter: name=value"
_UNUSED = re.compile(r"(main|master)\.cf: unused parameter: ([^=\s]+)\s*=\s*(.*)")
_OVERRIDING = re.compile(r"overriding earlier entry: ([^=\s]+)\s*=")


@dataclass(frozen=True, slots=True)
class Explicit:
    """What main.cf sets: values as written, folded to one line each.

    unused names are read by no Postfix program, nor are unused_options, which master.cf sets by -o; duplicate names
    stand on several lines, of which the last one counts; warnings are what postconf says about anything else.
    """

    values: t.Mapping[str, str]
    unused: frozenset[str] = frozenset()
    unused_options: frozenset[str] = frozenset()
    duplicates: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


def parse_parameters(text: str) -> dict[str, str]:
    """Turn the output of postconf into a mapping of parameter to value."""
    pairs = (line.partition(" =") for line in text.splitlines() if " =" in line)
    return {name: value.strip() for name, _separator, value in pairs}


def parse_explicit(text: str, warnings: str) -> Explicit:
    """Read the output and the warnings of "postconf -n"; it names unused parameters in the warnings alone.

    config_directory stands in the output of any "postconf -c", whether main.cf sets it or not.
    """
    unused = [match.groups() for match in map(_UNUSED.search, warnings.splitlines()) if match]
    in_main = {name: value for file, name, value in unused if file == "main"}
    values = {name: value for name, value in parse_parameters(text).items() if name != "config_directory"}
    others = (line for line in warnings.splitlines() if line.strip() and not _UNUSED.search(line))
    return Explicit(
        values=values | in_main,
        unused=frozenset(in_main),
        unused_options=frozenset(name for file, name, _value in unused if file == "master"),
        duplicates=frozenset(_OVERRIDING.findall(warnings)),
        warnings=tuple(line for line in others if not _OVERRIDING.search(line)),
    )
