# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of changes that the running Postfix has not taken up yet: what it needs, and the way back.

Before a file changes for the first time since the last activation, its old text is kept. The instance module empties
the journal when every listener has answered, or puts the old files back when one has not.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import typing as t

from ._plan import Activation, FileAction, InstallFile, stronger

_STATE_DIRECTORY: t.Final = "/var/lib/mailops-mta"


class Journal:
    """The journal of one instance. It survives a play that dies half-way, so that the next one finishes the job."""

    def __init__(self, config_directory: str) -> None:
        slug = os.path.realpath(config_directory).strip("/").replace("/", "-")
        self.directory = os.path.join(_STATE_DIRECTORY, slug)
        self.saved = os.path.join(self.directory, "last-good")
        self.rejected = os.path.join(self.directory, "rejected")
        self._index = os.path.join(self.saved, "journal.json")

    def read(self) -> dict[str, t.Any]:
        """Return {"activation": ..., "files": {path: name of the saved copy, or null for a file that is new}}."""
        try:
            with open(self._index, encoding="utf-8") as file:
                entries: dict[str, t.Any] = json.load(file)
        except FileNotFoundError:
            entries = {"activation": "none", "files": {}}
        return entries

    @property
    def pending(self) -> bool:
        """Whether anything changed since the last activation."""
        return os.path.exists(self._index)

    def record(self, actions: t.Iterable[FileAction], activation: Activation) -> None:
        """Keep the present text of the files that are about to change, and note what the running Postfix needs.

        Secrets are never copied. The index is on disk before anything changes.
        """
        os.makedirs(self.saved, mode=0o700, exist_ok=True)
        entries = self.read()
        files = entries["files"]
        for action in actions:
            path = os.path.realpath(action.path) if isinstance(action, InstallFile) else action.path
            if not action.secret and path not in files:
                files[path] = self._keep(path, str(len(files)))
        entries["activation"] = stronger(entries["activation"], activation)
        self._write(entries)

    def _keep(self, path: str, name: str) -> str | None:
        """Copy a file to *name* within last-good; None when there is no such file yet."""
        try:
            _copy(path, os.path.join(self.saved, name))
        except FileNotFoundError:
            return None
        return name

    def close(self) -> None:
        """Forget the old files: the present ones work."""
        shutil.rmtree(self.saved, ignore_errors=True)

    def restore(self) -> None:
        """Put the old files back and keep the present ones in the directory rejected."""
        shutil.rmtree(self.rejected, ignore_errors=True)
        os.makedirs(self.rejected, mode=0o700)
        for path, name in self.read()["files"].items():
            if os.path.exists(path):
                _copy(path, os.path.join(self.rejected, path.strip("/").replace("/", "-")))
            if name is None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            else:
                temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.new")
                _copy(os.path.join(self.saved, name), temporary)
                os.rename(temporary, path)
        self.close()

    def _write(self, entries: dict[str, t.Any]) -> None:
        temporary = self._index + ".new"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, self._index)


def _copy(source: str, target: str) -> None:
    """Copy a file with its mode, times and owner."""
    shutil.copy2(source, target)
    status = os.stat(source)
    os.chown(target, status.st_uid, status.st_gid)
