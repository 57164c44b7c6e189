# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS and makes keys of DKIM with stat(1), getent(1) and openssl(1)."""

from __future__ import annotations

import typing as t

from .dkim import Key, Stored, parse_stat
from .instance import PostfixError

Run = t.Callable[..., tuple[int, str, str]]


def read_stored(key: Key, run: Run) -> Stored | None:
    """Return what the file of a key has; None where there is none."""
    status, out, _err = run(["stat", "-c", "%a %u %g", key.path])
    return parse_stat(out) if status == 0 else None


def is_directory(path: str, run: Run) -> bool:
    """Whether *path* is a directory."""
    return run(["test", "-d", path])[0] == 0


def new_key(key: Key, run: Run) -> str:
    """Return a new private key in PEM form; it has been in no file and in no argument."""
    return _openssl(["genrsa", str(key.bits)], key, run)


def public_key(key: Key, private: str, run: Run) -> str:
    """Return the public key of *private*, or of the file of the key, in PEM form."""
    source = [] if private else ["-in", key.path]
    return _openssl(["rsa", *source, "-pubout"], key, run, private.encode() or None)


def _openssl(arguments: t.Sequence[str], key: Key, run: Run, data: bytes | None = None) -> str:
    status, out, err = run(["openssl", *arguments], data)
    if status:
        raise PostfixError(f"openssl cannot use the DKIM key {key.path}: {err.strip()}")
    return out


def group_id(name: str, run: Run, provided: t.Collection[str]) -> int:
    """Return the number of a group; of one that *provided* names and that is not there yet, root's."""
    status, out, _err = run(["getent", "group", name])
    if status and name not in provided:
        raise PostfixError(f"there is no group {name} on this host")
    return 0 if status else int(out.split(":")[2])
