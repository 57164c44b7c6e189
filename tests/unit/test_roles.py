# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every role: documented defaults, a README, and parameters that are its own."""

from __future__ import annotations

import pathlib
import re
import typing as t

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())


def load(path: pathlib.Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def test_there_are_roles() -> None:
    assert ROLES


def test_role_defaults_are_the_documented_defaults() -> None:
    for role in ROLES:
        options = load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"].get("options", {})
        documented = {name: option["default"] for name, option in options.items() if "default" in option}
        assert load(role / "defaults" / "main.yml") == documented, role.name
        assert all(name.startswith(f"{role.name}_") for name in options), role.name


def test_roles_have_a_readme() -> None:
    assert [role.name for role in ROLES if not (role / "README.md").is_file()] == []


def test_roles_are_judged_first() -> None:
    for role in ROLES:
        first = load(role / "tasks" / "main.yml")[0]
        assert first["mailops.mta.judge"] == {"roles": [role.name]}, role.name
        assert {f"_{role.name}_wanted", f"_{role.name}_problems"} <= set(load(role / "vars" / "main.yml")), role.name


def test_no_parameter_belongs_to_two_roles() -> None:
    """Every role that writes main.cf does so from its table, and no two tables name the same parameter."""
    owners: dict[str, list[str]] = {}
    for role in ROLES:
        tasks = "".join(path.read_text(encoding="utf-8") for path in (role / "tasks").glob("*.yml"))
        table = load(role / "vars" / "main.yml").get(f"_{role.name}_parameters", {})
        assert isinstance(table, dict), role.name
        assert bool(table) == bool(re.search(r"mailops\.mta\.postconf:", tasks)), role.name
        for parameter in table:
            owners.setdefault(parameter, []).append(role.name)
    assert owners
    assert {parameter: names for parameter, names in owners.items() if len(names) > 1} == {}
