# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback of Ansible that writes what became of each task on each host, a JSON object a line."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: outcomes
type: notification
short_description: Write the outcome of each task to a file
description:
  - One line a task and host, to the file that LAB_OUTCOMES names.
"""


def _part(result: t.Any, name: str) -> t.Any:
    """Return the host, the task or the result itself; ansible-core 2.18 calls them by private names."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")


class CallbackModule(CallbackBase):
    """Keep host, task, action, outcome and message."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "outcomes"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result: t.Any, outcome: str) -> None:
        line = {
            "host": _part(result, "host").get_name(),
            "task": _part(result, "task").get_name(),
            "action": _part(result, "task").action,
            "outcome": outcome,
            "message": str(_part(result, "result").get("msg", "")),
        }
        with open(os.environ["LAB_OUTCOMES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write(result, "changed" if _part(result, "result").get("changed") else "ok")

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write(result, "ok" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._write(result, "skipped")
