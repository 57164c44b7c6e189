# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks over the mail hosts of a lab, with the example inventory and what a test says differently."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.engine import REPOSITORY
from lab.lifecycle import ssh_config_path
from lab.topology import HOSTS, Lab, inventory

SITE = REPOSITORY / "playbooks" / "site.yml"
EXAMPLE = REPOSITORY / "inventories" / "example"
CALLBACKS = Path(__file__).parent / "callback"
WARNING = re.compile(r"^\[(?:DEPRECATION )?WARNING\].*", re.MULTILINE)

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task on a host: `ok`, `changed`, `failed` or `skipped`."""

    host: str
    task: str
    action: str
    outcome: str
    message: str


@dataclass(frozen=True, slots=True)
class Play:
    """A run of ansible-playbook: exit code, all that it printed, and its outcomes in their order."""

    code: int
    output: str
    outcomes: tuple[Outcome, ...]

    @property
    def changed(self) -> set[tuple[str, str]]:
        """The hosts and tasks that changed something."""
        return {(each.host, each.task) for each in self.outcomes if each.outcome == "changed"}

    @property
    def failed(self) -> dict[str, Outcome]:
        """The failed task of each host that failed."""
        return {each.host: each for each in self.outcomes if each.outcome == "failed"}

    @property
    def warnings(self) -> list[str]:
        """The first line of each warning of Ansible."""
        return WARNING.findall(self.output)

    def calls(self, host: str) -> Counter[tuple[str, str]]:
        """How often each role called each module of this collection that runs on the host."""
        name, local = "mailops.mta.", "mailops.mta.judge"
        return Counter(
            (each.task.partition(" : ")[0].removeprefix(name), each.action.removeprefix(name))
            for each in self.outcomes
            if each.host == host and each.action.startswith(name) and each.action != local and each.outcome != "skipped"
        )


def run(
    lab: Lab,
    *options: str,
    playbook: Path = SITE,
    group: Variables | None = None,
    hosts: Mapping[str, Variables] | None = None,
    told: Callable[[str], None] | None = None,
    program: str | Path = "ansible-playbook",
) -> Play:
    """Run a playbook over both mail hosts.

    group, hosts: variables of the group mta and of single hosts; they win over those of the example inventory.
    told: gets each line that ansible-playbook prints, at once.
    """
    with tempfile.TemporaryDirectory(prefix="lab-inventory-") as directory:
        overlay = Path(directory)
        write_overlay(overlay, lab, group or {}, hosts or {})
        return play(playbook, [EXAMPLE, overlay], *options, told=told, program=program)


def run_cases(lab: Lab, cases: Mapping[tuple[str, str], Variables], *options: str, playbook: Path = SITE) -> Play:
    """Run a playbook once for many variants of the mail hosts. They are the same hosts, so none may change anything.

    cases: variables that win over those of the example inventory, by host and name; the outcomes are of HOST-NAME.
    """
    with tempfile.TemporaryDirectory(prefix="lab-inventory-") as directory:
        overlay = Path(directory)
        hosts = {}
        for (host, name), variables in cases.items():
            alias = f"{host}-{name}"
            hosts[alias] = {"ansible_host": lab.address(host), **connection(lab)}
            own = overlay / "host_vars" / alias
            write(own / "1-name.yml", {"mta_base_myhostname": HOSTS[host].fqdn})
            (own / "2-example.yml").symlink_to(EXAMPLE / "host_vars" / f"{host}.yml")
            write(own / "3-case.yml", variables)
        write(overlay / "hosts.yml", {"mta": {"hosts": hosts}})
        (overlay / "group_vars").symlink_to(EXAMPLE / "group_vars")
        return play(playbook, [overlay / "hosts.yml"], "--forks=6", *options)


def connection(lab: Lab) -> Variables:
    """Variables that lead Ansible to the hosts of a lab."""
    return {
        "ansible_ssh_common_args": f"-F {ssh_config_path(lab.name)}",
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def write_overlay(directory: Path, lab: Lab, group: Variables, hosts: Mapping[str, Variables]) -> None:
    """Write an inventory that says where the hosts are, and what a test says of them."""
    (directory / "hosts.yml").write_text(inventory(lab, ssh_config_path(lab.name)))
    write(directory / "group_vars" / "mta.yml", group)
    for host, variables in hosts.items():
        write(directory / "host_vars" / f"{host}.yml", variables)


def write(path: Path, content: object) -> None:
    """Write a YAML file; JSON is YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def play(
    playbook: Path,
    inventories: Sequence[Path],
    *options: str,
    told: Callable[[str], None] | None = None,
    program: str | Path = "ansible-playbook",
) -> Play:
    """Run ansible-playbook; `told` gets each line that it prints, at once."""
    sources = [word for source in inventories for word in ("-i", str(source))]
    command = [str(program), *sources, *options, str(playbook)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    lines = []
    with tempfile.NamedTemporaryFile("r", prefix="lab-outcomes-", encoding="utf-8") as written:
        with subprocess.Popen(command, env=environment(Path(written.name)), text=True, **pipes) as child:
            for line in child.stdout or ():
                lines.append(line)
                if told:
                    told(line.rstrip())
        outcomes = tuple(Outcome(**json.loads(line)) for line in written)
    return Play(child.returncode, "".join(lines), outcomes)


def environment(outcomes: Path) -> dict[str, str]:
    """The environment of ansible-playbook: nothing of this machine's own settings but where the programs are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    cache = REPOSITORY / ".cache"
    return kept | {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "outcomes",
        "ANSIBLE_COLLECTIONS_PATH": str(cache),
        "ANSIBLE_HOME": str(cache / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "LAB_OUTCOMES": str(outcomes),
    }
