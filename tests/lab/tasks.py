# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run single tasks of Ansible on the mail hosts of a lab, and return what each of them answered."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.engine import LabError
from lab.lifecycle import ssh_config_path
from lab.topology import Lab, inventory

Task = Mapping[str, Any]
Answer = dict[str, Any]


def run_tasks(lab: Lab, tasks: Sequence[Task], **keywords: object) -> dict[str, list[Answer]]:
    """Run the tasks in their order on both mail hosts; a failed one does not keep the next ones from running.

    keywords: of the play, such as module_defaults. Returns the answers by host, in the order of the tasks.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "hosts.yml").write_text(inventory(lab, ssh_config_path(lab.name)))
        # JSON is YAML, and no string of it changes its type.
        (directory / "play.yml").write_text(json.dumps([_play(tasks, directory, keywords)]))
        command = ["ansible-playbook", "-i", str(directory / "hosts.yml"), str(directory / "play.yml")]
        environment = os.environ | {"ANSIBLE_PIPELINING": "1", "ANSIBLE_STDOUT_CALLBACK": "minimal"}
        done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
        answers = {path.stem: json.loads(path.read_text()) for path in directory.glob("*.answers")}
    if done.returncode or not answers:
        raise LabError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return answers


def _play(tasks: Sequence[Task], directory: Path, keywords: Mapping[str, object]) -> Task:
    numbered = [{**task, "register": f"answer_{number}", "ignore_errors": True} for number, task in enumerate(tasks)]
    names = ", ".join(f"answer_{number}" for number in range(len(tasks)))
    kept = {
        "ansible.builtin.copy": {
            "content": "{{ [" + names + "] | to_json }}",
            "dest": f"{directory}/{{{{ inventory_hostname }}}}.answers",
        },
        "delegate_to": "localhost",
    }
    # Without a terminal, the output of "raw" is what the program wrote.
    return {
        "hosts": "mta", "gather_facts": False, "strategy": "free", "vars": {"ansible_ssh_use_tty": False},
        "tasks": [*numbered, kept], **keywords,
    }  # fmt: skip


def shell(script: str) -> Task:
    """A task that runs a script on the host, at a tenth of the price of the module shell."""
    return {"ansible.builtin.raw": script}
