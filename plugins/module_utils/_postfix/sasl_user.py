# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the users of a SASL server and their password hashes. No message that is made here holds a password."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .sha512_crypt import same_password, sha512_crypt

# Dovecot's auth_username_chars, but for capitals: Dovecot makes them small before it looks a user up.
_NAME: t.Final = re.compile(r"[a-z0-9][a-z0-9._@-]*")
_HASH: t.Final = re.compile(r"(\{[A-Za-z0-9.-]+\})?[!-9;-~]{8,}")
# Those that Dovecot 2.3 and 2.4 both verify; what crypt(3) knows starts with $. None of them tells the password.
_SCHEMES: t.Final = (
    *("ARGON2ID", "ARGON2I", "BLF-CRYPT", "CRYPT", "PBKDF2", "SHA256-CRYPT", "SHA512-CRYPT", "SSHA256", "SSHA512"),
)
_OWN_SCHEME: t.Final = "{SHA512-CRYPT}"
_HIDDEN: t.Final = "********"
_CONTROL: t.Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class User:
    """What somebody wants of one user: a password, or a hash with its scheme."""

    password: str = field(default="", repr=False)
    hashed: str = field(default="", repr=False)


def wanted_users(options: t.Mapping[str, t.Any]) -> dict[str, User]:
    """Read {name: {password} or {password_hash} or null}; null leaves its name out. Raises ValueError."""
    users: dict[str, User] = {}
    problems: list[str] = []
    for name, option in options.items():
        try:
            if not _NAME.fullmatch(str(name)):
                raise ValueError("a name is made of small letters, digits and . _ @ -")
            if option is not None:
                users[str(name)] = _user(option)
        except ValueError as error:
            problems.append(f'user "{name}": {error}')
    if problems:
        raise ValueError("; ".join(problems))
    return users


def _user(option: t.Any) -> User:
    if not isinstance(option, dict) or set(option) not in ({"password"}, {"password_hash"}):
        raise ValueError("expected password or password_hash, or null to remove")
    ((kind, text),) = option.items()
    if not isinstance(text, str):
        raise ValueError(f"{kind} is not a string; put it in quotes")
    if kind == "password":
        if not text or _CONTROL.search(text):
            raise ValueError("password is empty or holds a line break or another control character")
        return User(password=text)
    match = _HASH.fullmatch(text)
    if match is None or not (match[1] or text.startswith("$")):
        raise ValueError('password_hash is not accepted: it begins with its scheme, "{SHA512-CRYPT}$6$..." or "$6$..."')
    if match[1] and match[1].strip("{}").upper() not in _SCHEMES:
        raise ValueError(f"the scheme of password_hash is not accepted: it is one of {', '.join(_SCHEMES)}")
    return User(hashed=text if match[1] else f"{{CRYPT}}{text}")


def parse_hashes(text: str) -> dict[str, str]:
    """Read {name: hash} from a passwd-file of Dovecot."""
    lines = (line.split(":") for line in text.splitlines() if ":" in line and not line.startswith("#"))
    return {fields[0]: fields[1] for fields in lines}


def hashes(users: t.Mapping[str, User], present: t.Mapping[str, str], new_salt: t.Callable[[], str]) -> dict[str, str]:
    """Return {name: hash} by name. A present hash of the same password stays, since each new one would differ."""
    return {name: _hash(users[name], present.get(name, ""), new_salt) for name in sorted(users)}


def _hash(user: User, present: str, new_salt: t.Callable[[], str]) -> str:
    if user.hashed:
        return user.hashed
    if present.startswith(_OWN_SCHEME) and same_password(user.password, present.removeprefix(_OWN_SCHEME)):
        return present
    return _OWN_SCHEME + sha512_crypt(user.password, new_salt())


def rendered(stored: t.Mapping[str, str]) -> str:
    """Return the text of a passwd-file: a name and a hash a line."""
    return "".join(f"{name}:{hashed}\n" for name, hashed in stored.items())


def shown_users(before: t.Mapping[str, str], after: t.Mapping[str, str]) -> tuple[str, str]:
    """Return the users that differ, for a diff without hashes."""
    names = [name for name in sorted({**before, **after}) if before.get(name) != after.get(name)]
    old = (f"user {name} {_HIDDEN}\n" for name in names if name in before)
    new = (f"user {name} {_HIDDEN}{' (changed)' if name in before else ''}\n" for name in names if name in after)
    return "".join(old), "".join(new)


def masked_users(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the option as it may be printed: the names alone."""
    return {str(name): None if option is None else _HIDDEN for name, option in options.items()}
