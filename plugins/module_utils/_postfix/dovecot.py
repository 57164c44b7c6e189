# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS what the host has of Dovecot."""

from __future__ import annotations

import grp
import os
import secrets
import stat
import typing as t

from .instance import PostfixError, Run
from .sasl_server import CONFIGURATION, START_ORDER, UNITS, USERS, Dovecot, StoredText
from .sha512_crypt import ALPHABET, SALT_LENGTH

# Dovecot writes it when it starts, and leaves it alone at a reload.
_PID_FILE = "/run/dovecot/master.pid"
# What check mode shows the configuration for.
_NOT_YET = (2, 4)


def read_dovecot(run: Run, provided: t.Container[str] = ()) -> Dovecot:
    """Read it. A Dovecot whose configuration is broken counts as one that serves nothing.

    provided: "dovecot" when an earlier task only pretended to install it.
    """
    version = _version(run)
    if version is None:
        if "dovecot" not in provided:
            raise PostfixError("Dovecot is not installed on this host (no dovecot program); install dovecot-core first")
        return Dovecot(_NOT_YET)
    return Dovecot(
        version=version,
        protocols=run(["doveconf", "-h", "protocols"])[1].strip(),
        configuration=_stored(CONFIGURATION),
        users=_stored(USERS),
        group=grp.getgrnam("dovecot").gr_gid,
        started_ns=_started(),
        start_order=_start_order(),
    )


def _version(run: Run) -> tuple[int, int] | None:
    try:
        status, out, err = run(["dovecot", "--version"])
    except FileNotFoundError:
        return None
    numbers = out.split(".")
    if status or len(numbers) < 2:
        raise PostfixError(f"dovecot --version failed with exit status {status}: {(err or out).strip()}")
    return int(numbers[0]), int(numbers[1])


def _stored(path: str) -> StoredText | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            status = os.fstat(file.fileno())
            return StoredText(
                file.read(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns
            )
    except FileNotFoundError:
        return None


def _started() -> int | None:
    try:
        return os.stat(_PID_FILE).st_mtime_ns
    except FileNotFoundError:
        return None


def _start_order() -> dict[str, str] | None:
    if not os.path.isdir(UNITS):
        return None
    found = {path: _stored(path) for path in START_ORDER}
    return {path: stored.text for path, stored in found.items() if stored}


def new_salt() -> str:
    """Return a salt for crypt(3)."""
    return "".join(secrets.choice(ALPHABET) for _number in range(SALT_LENGTH))
