# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what roles want. To import this file loads what the tasks after it need, once for all of them."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import typing as t

import ansible.plugins.filter
import ansible.plugins.test
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.mailops.mta.plugins import filter as own_filters

# Ansible forks for each task and host, and each fork loads what is not there yet. This file is loaded before the fork.
for _package in (ansible.plugins.filter, ansible.plugins.test, own_filters):
    for _found in pkgutil.iter_modules(_package.__path__):
        importlib.import_module(f"{_package.__name__}.{_found.name}")
# The collector of each fork would go through all of Ansible's objects again, and so copy their memory.
gc.collect()
gc.freeze()


class ActionModule(ActionBase):
    """Work out the variables _ROLE_wanted and _ROLE_problems of each role."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"roles"})

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Fail with all that is wrong in the first role in which something is."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(
            {"roles": {"type": "list", "elements": "str", "required": True}}
        )
        variables = task_vars or {}
        for role in options["roles"]:
            problems = [problem + _layers(variables, problem) for problem in self._problems(variables, role)]
            if problems:
                return {**result, "failed": True, "msg": "; ".join(problems)}
        return {**result, "changed": False, "roles": options["roles"]}

    def _problems(self, variables: dict[str, t.Any], role: str) -> list[str]:
        """Return what is wrong. Whatever Ansible says of a value that is wrong in its own eyes it says itself."""
        wanted, problems = f"_{role}_wanted", f"_{role}_problems"
        if wanted not in variables or problems not in variables:
            return [f'roles: "{role}" is not accepted; write a role that is loaded and has {wanted} and {problems}']
        try:
            self._templar.template(variables[wanted])
            return list(self._templar.template(variables[problems]))
        except AnsibleError as error:
            refusals = [text for text in map(str, _causes(error)) if text.startswith(f"{role}_")]
            if not refusals:
                raise
            return refusals[-1:]


def _layers(variables: t.Mapping[str, t.Any], problem: str) -> str:
    """Return which variables of a group and of one server add to the variable that a problem begins with."""
    name = problem.partition(":")[0]
    adding = [name + suffix for suffix in ("_group", "_host") if variables.get(name + suffix)]
    return f"; {' and '.join(adding)} {'adds' if len(adding) == 1 else 'add'} to it" if adding else ""


def _causes(error: BaseException | None) -> t.Iterator[BaseException]:
    """Yield an error and those that led to it, the first one last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
