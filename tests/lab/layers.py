# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables that a group and a single server add to: what is said of all may be said there as well."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

import yaml

from lab.engine import REPOSITORY

SUFFIXES = ("_group", "_host")


def layered(role: str) -> set[str]:
    """The variables of a role that have one for a group and one for a server beside them."""
    spec = yaml.safe_load((REPOSITORY / "roles" / role / "meta" / "argument_specs.yml").read_text())
    options = spec["argument_specs"]["main"]["options"]
    return {name for name in options if all(name + suffix in options for suffix in SUFFIXES)}


def moved(said: Mapping[str, t.Any], names: Iterable[str], suffix: str) -> dict[str, t.Any]:
    """Say the same by the variables of a group or of a server. Each of these names has to be said, and not empty."""
    told = dict(said)
    for name in names:
        value, own = said[name], said.get(name + suffix, type(said[name])())
        assert value, name
        told[name] = type(value)()
        told[name + suffix] = {**value, **own} if isinstance(value, dict) else [*value, *own]
    return told
