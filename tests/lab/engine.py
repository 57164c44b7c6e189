# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""podman, with the settings that this machine needs and none on a machine that needs none."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("LAB_STATE_DIR") or REPOSITORY / ".cache" / "lab").resolve()

CAP_SYS_RESOURCE = 24
INOTIFY_OBJECTS = 1024


class LabError(Exception):
    """A command of the lab failed; the message holds the command and its answer."""


@contextlib.contextmanager
def locked(what: str) -> Iterator[None]:
    """Hold a lock in the state directory: labs may come up side by side."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / f"{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(*argv: str, stdin: str | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program and return its standard output; LabError when it fails."""
    done = subprocess.run(argv, input=stdin, env=env, text=True, capture_output=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: exit code {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def podman(*argv: str, stdin: str | None = None) -> str:
    """Run podman and return its standard output; LabError when it fails."""
    return run("podman", *argv, stdin=stdin, env=environment())


@functools.cache
def environment() -> dict[str, str]:
    """The environment for podman: CONTAINERS_CONF is added where its defaults do not work."""
    settings = containers_conf()
    if not settings or "CONTAINERS_CONF" in os.environ:
        return dict(os.environ)
    path = STATE / "containers.conf"
    with locked("settings"):
        if not path.exists() or path.read_text() != settings:
            path.write_text(settings)
    return {**os.environ, "CONTAINERS_CONF": str(path)}


def containers_conf() -> str:
    """containers.conf(5) for this machine, empty for a normal one."""
    containers, engine = [], []
    # crun refuses a hybrid hierarchy ("cgroups in hybrid mode not supported"), runc does not.
    if not Path("/sys/fs/cgroup/cgroup.controllers").exists():
        engine.append('runtime = "runc"')
    # Without this capability not even root may raise a limit, as podman's defaults want to.
    if os.geteuid() == 0 and not capabilities() >> CAP_SYS_RESOURCE & 1:
        containers.append('default_ulimits = ["nofile=10000:10000", "nproc=10000:10000"]')
    if not containers + engine:
        return ""
    # Where CNI files lie around, podman 4 may choose CNI, which knows no static networks of ours.
    parts = ["[containers]", *containers, 'log_driver = "k8s-file"', "[engine]", *engine]
    return "\n".join([*parts, "[network]", 'network_backend = "netavark"', ""])


def allow_many_hosts() -> None:
    """Raise the number of inotify objects of all containers together (inotify(7)).

    systemd takes several; where the kernel's 128 are used up, at about eight labs, it stops in the middle of the boot.
    """
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(limit.read_text()) < INOTIFY_OBJECTS and os.access(limit, os.W_OK):
        limit.write_text(str(INOTIFY_OBJECTS))


def capabilities() -> int:
    """The effective capabilities of this process as a bit set."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))
