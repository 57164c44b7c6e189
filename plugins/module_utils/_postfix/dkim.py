# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: keys of DKIM (RFC 6376), where they lie and what DNS says of them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._plan import FileAction, InstallFile, SetAttributes

# One string of a TXT record holds at most 255 bytes (RFC 1035, section 3.3.14).
_STRING: t.Final = 255
_LABELS: t.Final = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
# RFC 8301, section 3.2: at least 1024, and 2048 for those who sign; 4096 does not fit into every DNS answer.
_BITS: t.Final = (1024, 2048, 3072, 4096)
_MODE: t.Final = 0o640


@dataclass(frozen=True, slots=True)
class Key:
    """One key: bits is its length, directory where it lies."""

    domain: str
    selector: str
    bits: int
    directory: str

    @property
    def path(self) -> str:
        """The file of the private key."""
        return f"{self.directory}/{self.domain}.{self.selector}.pem"

    @property
    def name(self) -> str:
        """The name of the record in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the file of a private key has: octal mode, user ID and group ID."""

    mode: int
    owner: int
    group: int


def wanted_keys(options: t.Iterable[t.Mapping[str, t.Any]], directory: str) -> tuple[Key, ...]:
    """Read domain, selector and bits (2048 where none are given). Raises ValueError."""
    keys = []
    for option in options:
        domain, selector = (str(option.get(part) or "").lower() for part in ("domain", "selector"))
        for part, text in (("domain", domain), ("selector", selector)):
            if not _LABELS.fullmatch(text):
                raise ValueError(f'{part} "{text}" of a DKIM key is not accepted; write letters, digits, - and dots')
        bits = option.get("bits") or 2048
        if bits not in _BITS:
            raise ValueError(f'bits "{bits}" of the DKIM key {selector} of {domain}: write one of {_BITS}')
        keys.append(Key(domain, selector, int(bits), directory))
    names = [key.name for key in keys]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the DKIM key {twice[0]} is there twice")
    return tuple(keys)


def parse_stat(text: str) -> Stored:
    """Read the output of stat -c '%a %u %g'."""
    mode, owner, group = text.split()
    return Stored(int(mode, 8), int(owner), int(group))


def record(public_key: str) -> str:
    """Return the text of the DNS record for a public key in PEM form."""
    lines = [line for line in public_key.splitlines() if not line.startswith("-----")]
    return f"v=DKIM1; k=rsa; p={''.join(lines)}"


def zone_line(name: str, text: str) -> str:
    """Return a record as a line of a zone file, cut into strings of 255 bytes."""
    strings = [text[start : start + _STRING] for start in range(0, len(text), _STRING)]
    quoted = " ".join(f'"{string}"' for string in strings)
    return f"{name}. IN TXT ( {quoted} )"


def key_actions(key: Key, stored: Stored | None, new: str, group: int) -> tuple[FileAction, ...]:
    """Return what puts a key in place, readable for *group* alone; *new* is the text of one that is missing."""
    if stored is None:
        return (InstallFile(key.path, content=new.encode(), mode=_MODE, owner=0, group=group, secret=True),)
    if stored != Stored(_MODE, 0, group):
        return (SetAttributes(key.path, _MODE, 0, group, secret=True),)
    return ()


def shown(keys: t.Iterable[Key]) -> str:
    """Return the names of keys, for the diff."""
    return "".join(f"{key.name}\n" for key in keys)
