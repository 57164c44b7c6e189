# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues with a message in each of the six states, and modules that are run ad hoc over both mail hosts."""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import tempfile
import typing as t
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import lifecycle, mail, play
from lab.topology import MTA_HOSTS, PEER, Lab, inventory

HOSTS = tuple(host.name for host in MTA_HOSTS)
QUEUES = ("active", "incoming", "deferred", "hold", "maildrop", "corrupt")
LOOK = f"cd /var/spool/postfix; find {' '.join(QUEUES)} -type f"
SINK = "/opt/lab/sink.py"
# Everything that a test may have left on a mail host. What is under way when its daemon goes on comes out later.
EMPTY = """
cd /var/spool/postfix
for _ in $(seq 600); do
    postsuper -d ALL >/dev/null 2>&1
    postsuper -d ALL maildrop >/dev/null 2>&1
    find corrupt -type f -delete
    pkill -CONT -x 'qmgr|pickup'
    find active incoming deferred hold maildrop corrupt -type f | grep -q . || exit 0
    sleep 0.1
done
exit 1
"""

Result = dict[str, t.Any]
IDs = Mapping[str, str]


def shell(lab: Lab, command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command that calls ansible(1); its inventory are both mail hosts."""
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        file.write(inventory(lab, lifecycle.ssh_config_path(lab.name)))
        file.flush()
        environment = {**play.environment(Path("/dev/null")), "ANSIBLE_INVENTORY": file.name}
        return subprocess.run(command, shell=True, env=environment, text=True, capture_output=True, check=False)


def call(lab: Lab, module: str, options: Mapping[str, t.Any], *flags: str) -> dict[str, Result]:
    """Run a module on both hosts; the result of each."""
    words = json.dumps(options) if options else ""
    with tempfile.TemporaryDirectory() as tree:
        command = ["ansible", "mta", "-m", f"mailops.mta.{module}", "-a", words, "-t", tree, *flags]
        done = shell(lab, shlex.join(command))
        results = {path.name: json.loads(path.read_text()) for path in Path(tree).iterdir()}
    assert set(results) == set(HOSTS), done.stdout + done.stderr
    return results


def ids_in(filled: Mapping[str, IDs], *queues: str) -> list[str]:
    """Return the IDs of both hosts, for a call on both: one half of them is not there on each."""
    return [ids[queue] for ids in filled.values() for queue in queues]


def fill(lab: Lab) -> dict[str, IDs]:
    """Put one message into each queue of both hosts: IDs by host and queue. Next hop, qmgr and pickup are halted."""
    script, token = (Path(__file__).parent / "mta" / "fill_queues.py").read_text(), mail.new_token()

    def run(host: str, phase: str) -> IDs:
        return json.loads(mail.output(lab, host, "python3", "-", token, phase, stdin=script))

    with ThreadPoolExecutor() as pool:
        quiet = list(pool.map(lambda host: run(host, "quiet"), HOSTS))
        mail.output(lab, PEER.name, "pkill", "-STOP", "-f", SINK)
        busy = list(pool.map(lambda host: run(host, "busy"), HOSTS))
    return {host: {**quiet[index], **busy[index]} for index, host in enumerate(HOSTS)}


@contextlib.contextmanager
def filled(lab: Lab) -> t.Iterator[dict[str, IDs]]:
    """One message in each queue of both hosts, for a while: IDs by host and queue."""
    clear(lab)
    try:
        yield fill(lab)
    finally:
        clear(lab)


def clear(lab: Lab) -> None:
    """Empty the queues and let everybody work again."""
    mail.output(lab, PEER.name, "pkill", "-CONT", "-f", SINK)
    for host in HOSTS:
        mail.output(lab, host, "sh", "-c", EMPTY)


def whereabouts(lab: Lab, host: str) -> dict[str, str]:
    """Return in which queue each message is, as the file system shows it."""
    return places(mail.output(lab, host, "sh", "-c", LOOK))


def places(printed: str) -> dict[str, str]:
    """Read what LOOK printed: queue by ID."""
    return {Path(line).name: line.partition("/")[0] for line in printed.split()}


def listed(lab: Lab, host: str) -> list[Result]:
    """Return what postqueue(1) lists."""
    return [json.loads(line) for line in mail.output(lab, host, "postqueue", "-j").splitlines()]
