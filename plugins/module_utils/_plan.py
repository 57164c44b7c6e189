# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan: what a module found, what it wants, and the actions that lead from one to the other.

Planners return a plan; the shell (_module.py) performs its actions unless in check mode. There is no other
difference between the two modes, so what check mode predicts is what happens.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Activation = t.Literal["none", "reload", "restart"]
_STRENGTH: t.Final[tuple[Activation, ...]] = ("none", "reload", "restart")


def stronger(*activations: Activation) -> Activation:
    """Return the one activation that covers all of *activations*; "none" when there are none."""
    return max(activations, key=_STRENGTH.index, default="none")


@dataclass(frozen=True, slots=True)
class InstallFile:
    """Replace *path* atomically by *content* (bytes), or by a copy of the file *source*.

    A mode, owner or group of None keeps what the file has; a new file gets 0644 and the owner who runs the module.
    mtime_ns None means now. The text of a secret file is never copied to the place of the last good configuration.
    A foreign file is none of Postfix's: it has no part in a roll-back. Its directory may belong to somebody else, so
    no link is followed there.
    """

    path: str
    content: bytes | None = None
    source: str | None = None
    mode: int | None = None
    owner: int | None = None
    group: int | None = None
    mtime_ns: int | None = None
    secret: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Give an existing file its mode, owner and group."""

    path: str
    mode: int
    owner: int
    group: int
    secret: bool = False


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove *path*; foreign as in InstallFile."""

    path: str
    secret: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class MakeDirectory:
    """Make a directory that only its owner, root, can write to."""

    path: str
    mode: int = 0o755


@dataclass(frozen=True, slots=True)
class Activate:
    """Make the running Postfix take its configuration up, and see that it serves mail; otherwise roll back."""

    activation: Activation


FileAction: t.TypeAlias = "InstallFile | SetAttributes | RemoveFile"
Action: t.TypeAlias = "FileAction | MakeDirectory | Activate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request on a running instance has changed, or would: texts for the diff, facts for the user."""

    changed: bool
    header: str
    before: str
    after: str
    facts: t.Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from *before* to *after* (texts for the diff).

    activation is what the running Postfix needs to take the change up; facts are returned to the user as they are;
    header names the object in the diff.
    """

    header: str
    before: str = ""
    after: str = ""
    actions: tuple[Action, ...] = ()
    activation: Activation = "none"
    facts: t.Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.actions)
