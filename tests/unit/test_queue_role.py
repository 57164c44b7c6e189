# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role mta_queue hands on every option of the queue modules, documented once."""

from __future__ import annotations

import ast
import pathlib
import typing as t

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "mta_queue"


def load(path: pathlib.Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def documented(path: pathlib.Path) -> set[str]:
    """Return the options in the documentation of a module or a documentation fragment."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            return set(yaml.safe_load(ast.literal_eval(node.value)).get("options", {}))
    raise AssertionError(path)


FRAGMENTS = [ROOT / "plugins" / "doc_fragments" / f"{name}.py" for name in ("instance", "queue_filter")]
SHARED: set[str] = set().union(*(documented(path) for path in FRAGMENTS))
WANTED = {
    f"mailops.mta.{name}": SHARED | documented(ROOT / "plugins" / "modules" / f"{name}.py")
    for name in ("queue", "queue_info")
}


def test_tasks_hand_every_option_on() -> None:
    tasks = load(ROLE / "tasks" / "main.yml")
    handed = {name: set(task[name]) for task in tasks for name in WANTED if name in task}
    assert handed == WANTED


def test_variables_take_every_option() -> None:
    """An option that is not named would be left out in silence, and a filter with it; so unknown ones are refused."""
    options = load(ROLE / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    for suffix in ("", "_group", "_host"):
        assert set(options[f"mta_queue_actions{suffix}"]["options"]) == WANTED["mailops.mta.queue"]
    assert set(options["mta_queue_listing"]["options"]) == WANTED["mailops.mta.queue_info"]
