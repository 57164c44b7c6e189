# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The raw parameters of mta_base know whom every other parameter belongs to."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"


def load(role: str, file: str) -> dict[str, t.Any]:
    loaded: dict[str, t.Any] = yaml.safe_load((ROLES / role / file).read_text(encoding="utf-8"))
    return loaded


def tables() -> dict[str, str]:
    """Return {parameter: role} of the tables of all roles."""
    roles = sorted(path.parent.parent.name for path in ROLES.glob("*/vars/main.yml"))
    return {name: role for role in roles for name in load(role, "vars/main.yml").get(f"_{role}_parameters", {})}


OWNERS: dict[str, str] = load("mta_base", "vars/main.yml")["_mta_base_owners"]


# The module postscreen writes these, from a variable of the role.
OF_MODULES = {"postscreen_*": "mta_inbound_postscreen"}


def test_every_parameter_of_a_table_has_an_owner_and_nothing_else_has() -> None:
    assert sorted(OWNERS) == sorted([*tables(), *OF_MODULES])
    assert {name: OWNERS[name] for name in OF_MODULES} == OF_MODULES


@pytest.mark.parametrize(("parameter", "role"), tables().items())
def test_an_owner_is_a_variable_of_the_role_or_the_role(parameter: str, role: str) -> None:
    variables = load(role, "defaults/main.yml")
    namesake = f"{role}_{parameter}"
    assert OWNERS[parameter] in ({namesake} if namesake in variables else {role, *variables})
