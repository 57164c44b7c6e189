# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EFFECTS on files: how one goes live whole, and the lock that Postfix's own editor takes."""

from __future__ import annotations

import atexit
import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
import time
import typing as t

from ._plan import InstallFile, MakeDirectory, RemoveFile, SetAttributes
from ._postfix.instance import PostfixError

_LOCK_SECONDS: t.Final = 30.0
_PRIVATE_PREFIX: t.Final = "mailops-mta-"


@contextlib.contextmanager
def locked(config_directory: str) -> t.Iterator[None]:
    """Hold the lock of one instance; wait up to 30 s for another holder.

    It is postconf(1)'s own lock: flock(2) on main.cf.tmp, which "postconf -e" opens, locks and renames. So a play
    waits for another play and for a person's postconf, and they wait for it.
    """
    path = os.path.join(config_directory, "main.cf.tmp")
    descriptor = _lock(path)
    try:
        yield
    finally:
        os.unlink(path)
        os.close(descriptor)


def require_lockable(config_directory: str) -> None:
    """Raise what a run would meet when it locks and writes there; check mode asks this instead."""
    _refuse_shared_directory(os.path.realpath(config_directory))
    path = os.path.join(config_directory, "main.cf.tmp")
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


def _lock(path: str) -> int:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if _try_lock(descriptor) and _same_file(descriptor, path):
            return descriptor
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise PostfixError(f"another program holds the lock {path} for more than {_LOCK_SECONDS:.0f} s")
        time.sleep(0.05)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same_file(descriptor: int, path: str) -> bool:
    """Whether the locked file still is the one at *path*: its last holder may have renamed it to main.cf."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def install_file(
    action: InstallFile,
    context_of: t.Callable[[str], list[str]],
    set_context: t.Callable[[str, list[str], bool], bool],
) -> None:
    """Put a file in place by rename(2), so that every reader sees the old one or the new one, whole.

    A symbolic link stays a link: the file that it leads to is replaced. The temporary name is fixed, so that a run
    after a killed one cleans up; that is safe because only root may write to the directory, which is checked. In the
    directory of somebody else (foreign) a link in the place of the file is replaced.
    """
    path = action.path if action.foreign else os.path.realpath(action.path)
    if not action.foreign:
        _refuse_shared_directory(os.path.dirname(path))
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.new")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    try:
        _write(temporary, action, _attributes(action, path))
        if os.path.exists(path):
            set_context(temporary, context_of(path), False)
        os.rename(temporary, path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = path  # write(2) on a full disk names no file
        raise


def _write(temporary: str, action: InstallFile, attributes: tuple[int, int, int]) -> None:
    mode, owner, group = attributes
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        os.fchown(descriptor, owner, group)
        os.fchmod(descriptor, mode)
        if action.source is not None:
            with open(action.source, "rb") as source:
                shutil.copyfileobj(source, target, 1024 * 1024)
        else:
            target.write(action.content or b"")
        target.flush()
        os.fsync(descriptor)
        if action.mtime_ns is not None:
            os.utime(descriptor, ns=(action.mtime_ns, action.mtime_ns))


def _attributes(action: InstallFile, path: str) -> tuple[int, int, int]:
    """Return mode, owner and group for the new file: as asked, else as the present one, else 0644 and ours."""
    try:
        present = os.stat(path)
        default = (stat.S_IMODE(present.st_mode), present.st_uid, present.st_gid)
    except FileNotFoundError:
        default = (0o644, os.geteuid(), os.getegid())
    asked = (action.mode, action.owner, action.group)
    mode, owner, group = (given if want is None else want for want, given in zip(asked, default, strict=True))
    return mode, owner, group


def _refuse_shared_directory(directory: str) -> None:
    status = os.stat(directory)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_uid != 0:
        danger = "can be written to by others than root; a file there could be swapped for a link"
        raise PostfixError(f"{directory} {danger}")


def set_attributes(action: SetAttributes) -> None:
    """Set mode, owner and group of an existing file; a narrower mode comes first."""
    os.chmod(action.path, action.mode & stat.S_IMODE(os.stat(action.path).st_mode))
    os.chown(action.path, action.owner, action.group)
    os.chmod(action.path, action.mode)


def make_directory(action: MakeDirectory) -> None:
    """Make a directory whose parent exists, with its mode whatever the umask; one that came meanwhile is left alone."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(action.path, 0o700)
        os.chmod(action.path, action.mode)


def private_directory(parent: str) -> str:
    """Make a directory of mode 0700 that goes with this program, and remove those of programs that were killed."""
    for entry in os.scandir(parent):
        if entry.name.startswith(_PRIVATE_PREFIX) and _left_behind(entry):
            shutil.rmtree(entry.path, ignore_errors=True)
    directory = tempfile.mkdtemp(prefix=f"{_PRIVATE_PREFIX}{os.getpid()}-", dir=parent)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _left_behind(entry: os.DirEntry[str]) -> bool:
    """Whether a private directory is ours and its program is gone; the program may take it away at any moment."""
    program = entry.name.removeprefix(_PRIVATE_PREFIX).partition("-")[0]
    try:
        ours = entry.stat(follow_symlinks=False).st_uid == os.geteuid()
    except FileNotFoundError:
        return False
    return ours and not os.path.exists(f"/proc/{program}")


def remove_file(action: RemoveFile) -> None:
    """Remove a file that may have gone meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(action.path)
