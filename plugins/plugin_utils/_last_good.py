# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EFFECT: the last good networks of each source, one JSON file a source on the controller."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import ipaddress
import json
import os
import pathlib
import tempfile
import urllib.parse

from ._networks import Network, RefusedError


@dataclasses.dataclass(frozen=True, slots=True)
class LastGood:
    """time: when the networks were read, with its zone."""

    source: str
    time: dt.datetime
    networks: tuple[Network, ...]


def path_of(directory: str, source: str) -> pathlib.Path:
    """Return the file of a source; different sources never share one."""
    return pathlib.Path(directory, urllib.parse.quote(source, safe="") + ".json")


def read(directory: str, source: str) -> LastGood | None:
    """Return what is known of a source, None when that is nothing; RefusedError for a file that cannot be read."""
    path = path_of(directory, source)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        time = dt.datetime.fromisoformat(stored["time"]).astimezone(dt.UTC)
        return LastGood(stored["source"], time, tuple(map(ipaddress.ip_network, stored["networks"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        # Without it, a change of any size would pass.
        raise RefusedError(f"{path} is not a list of last good networks ({error}); remove it to start anew") from None


def write(directory: str, known: LastGood) -> None:
    """Replace what is known of a source; a reader sees the old file or the new one. RefusedError when that fails."""
    path = path_of(directory, known.source)
    content = {
        "source": known.source,
        "time": known.time.isoformat(timespec="seconds"),
        "networks": [str(network) for network in known.networks],
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        raise RefusedError(f"{path} cannot be written (option cache_directory): {error.strerror}") from None


def _replace(path: pathlib.Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:32]}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
