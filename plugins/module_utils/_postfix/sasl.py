# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the client credentials of smtp_sasl_password_maps. No message that is made here holds a password."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field

from .table_request import Table, split_name
from .table_source import parse_entries

# Types that are compiled to a file; another one's file may hold a password that has been changed since.
_COMPILED_TYPES: t.Final = ("btree", "hash", "lmdb", "cdb")
_HIDDEN: t.Final = "********"
# A shorter password stands in too many words to be masked by its text; it is in nothing that is printed either.
_MASKED_LENGTH: t.Final = 4
_CONTROL: t.Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BRACKETED: t.Final = re.compile(r"\[([^\]]+)\](?::\w+)?")
_PLAIN: t.Final = re.compile(r"([^\[\]:@]+)(?::\w+)?")


@dataclass(frozen=True, slots=True)
class Credential:
    """A user name and its password, as SASL sends them."""

    username: str
    password: str = field(repr=False)


def wanted_credentials(options: t.Mapping[str, t.Any]) -> dict[str, Credential]:
    """Read {next hop or sender: {username, password} or null}; null leaves its key out. Raises ValueError."""
    credentials: dict[str, Credential] = {}
    problems: list[str] = []
    for key, option in options.items():
        try:
            _refuse_key(str(key), credentials)
            if option is not None:
                credentials[str(key)] = read_credential(option)
        except ValueError as error:
            problems.append(f'credentials for "{key}": {error}')
    if problems:
        raise ValueError("; ".join(problems))
    return credentials


def _refuse_key(key: str, earlier: t.Iterable[str]) -> None:
    if not key or re.search(r'[\s"\\]', key) or key[0] == "#" or _CONTROL.search(key):
        raise ValueError("a key is a next hop, a host or a sender address, without blanks and quotes")
    if key.casefold() in (other.casefold() for other in earlier):
        raise ValueError("capitals make no difference, and this key is there already")


def read_credential(option: t.Any) -> Credential:
    """Read {username, password}. Raises ValueError, which shows neither."""
    if not isinstance(option, dict) or set(option) != {"username", "password"}:
        raise ValueError("expected username and password, or null to remove")
    for name, value in option.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a string; put it in quotes")
        if not value:
            raise ValueError(f"{name} is empty")
        if _CONTROL.search(value):
            raise ValueError(f"{name} holds a line break, a NUL or another character that a lookup table cannot hold")
    if ":" in option["username"]:
        raise ValueError("username holds a colon, at which Postfix ends it")
    if option["username"].startswith(" ") or option["password"].endswith(" "):
        raise ValueError("username starts or password ends with a blank, which Postfix drops")
    return Credential(option["username"], option["password"])


def next_hops(parameters: t.Mapping[str, str], extra: t.Iterable[str]) -> tuple[str, ...]:
    """Return the next hops that main.cf names, and the extra ones, as Postfix looks their credentials up."""
    lists = (parameters.get(name, "") for name in ("relayhost", "smtp_fallback_relay"))
    hops = [hop for value in lists for hop in value.replace(",", " ").split()]
    transports = (parameters.get(name, "") for name in ("default_transport", "relay_transport"))
    hops += [transport.partition(":")[2] for transport in transports]
    return tuple(dict.fromkeys(hop for hop in (*hops, *extra) if hop))


def refuse_near_misses(keys: t.Iterable[str], hops: t.Sequence[str]) -> None:
    """Raise ValueError for a key that is a next hop but for its brackets or its port.

    smtp(8) looks up the next hop as it is written, and the host name of the server it has connected to (measured, both
    releases). So a bare host name finds a bracketed next hop all the same, but on every port of that host.
    """
    used = {hop.casefold() for hop in hops}
    problems = [
        f'credentials for "{key}" {_effect(key, hop)}: the next hop is "{hop}"; write the key exactly so'
        for key in keys
        if key.casefold() not in used
        for hop in hops
        if _host(key) is not None and _host(key) == _host(hop)
    ]
    if problems:
        raise ValueError("; ".join(problems))


def _effect(key: str, hop: str) -> str:
    sent = hop.startswith("[") and key.casefold() == _host(key)
    return "would be sent to every port of that host" if sent else "would never be used"


def _host(hop: str) -> str | None:
    match = _BRACKETED.fullmatch(hop) or _PLAIN.fullmatch(hop)
    return match[1].casefold() if match else None


def with_others(wanted: t.Mapping[str, Credential], present: t.Mapping[str, Credential]) -> dict[str, Credential]:
    """Return the wanted credentials and those of all other keys that are present, in the present order."""
    kept = {*left_over(wanted, present), *wanted}
    return {**{key: item for key, item in present.items() if key in kept}, **wanted}


def left_over(wanted: t.Mapping[str, Credential], present: t.Mapping[str, Credential]) -> list[str]:
    """Return the keys that are present, but not wanted; capitals make no difference."""
    keys = {key.casefold() for key in wanted}
    return [key for key in present if key.casefold() not in keys]


def credential_tables(
    credentials: t.Mapping[str, Credential], present: bool, table_type: str, path: str, config_directory: str
) -> tuple[Table, ...]:
    """Return the table to make (or to remove) and the tables of other types that may be left of this path."""
    name = f"{table_type}:{path}"
    table_type, path = split_name(name, config_directory)
    text = "".join(f"{key}\t{item.username}:{item.password}\n" for key, item in credentials.items())
    wanted = Table(
        name=f"{table_type}:{path}",
        type=table_type,
        path=path,
        text=text.encode() if present else b"",
        present=present,
        mode=0o600,
        owner="root",
        group="root",
    )
    others = (
        Table(f"{other}:{path}", other, path, present=False, mode=0o600, keeps_source=True) for other in _COMPILED_TYPES
    )
    stale = {table.compiled_path: table for table in others if table.compiled_path != wanted.compiled_path}
    return wanted, *stale.values()


def parse_credentials(text: bytes) -> dict[str, Credential]:
    """Read the credentials of an existing table."""
    entries = parse_entries(text.decode("utf-8", "surrogateescape"), aliases=False)
    return {entry.key: Credential(*entry.value.partition(":")[::2]) for entry in entries}


def strings(value: t.Any) -> t.Iterator[str]:
    """Yield every string of an option that is not logged, user names as well as passwords: Ansible masks them all."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def masked_options(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the option as it may be printed: a key with its user name, and a mask for everything else."""
    return {key: {"username": _username(option), "password": _HIDDEN} for key, option in options.items()}


def _username(option: t.Any) -> str:
    name = option.get("username") if isinstance(option, dict) else None
    return name if isinstance(name, str) else _HIDDEN


def passwords_of(options: t.Mapping[str, t.Any]) -> set[str]:
    """Return what may be a password in an option that nobody has checked yet."""
    names = {_username(option) for option in options.values()}
    return {text for text in strings(dict(options)) if text not in names}


def secret_forms(passwords: t.Iterable[str]) -> set[str]:
    """Return what to mask: passwords as they are, and as JSON and a shell write them."""
    long = {password for password in passwords if len(password) >= _MASKED_LENGTH}
    return {
        form for password in long for form in (password, json.dumps(password)[1:-1], password.replace("'", "'\"'\"'"))
    }


def shown_changes(before: t.Mapping[str, Credential], after: t.Mapping[str, Credential]) -> tuple[str, str]:
    """Return the credentials that differ, for a diff without passwords."""
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if not changed:
        return "(comments or another order)\n", "(the wanted text)\n"
    old = (f"{key} {before[key].username} {_HIDDEN}\n" for key in changed if key in before)
    new = (f"{key} {after[key].username} {_HIDDEN}{_note(key, before, after)}\n" for key in changed if key in after)
    return "".join(old), "".join(new)


def _note(key: str, before: t.Mapping[str, Credential], after: t.Mapping[str, Credential]) -> str:
    return " (password changed)" if key in before and before[key].password != after[key].password else ""
