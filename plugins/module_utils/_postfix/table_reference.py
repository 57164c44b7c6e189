# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup tables in values: ``type:name``, also nested in ``proxy:``, ``pipemap:{...}`` and restriction lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .word_list import UnbalancedBracesError, inside_braces, nearest_name, split_words, spoken

_COMPILED_SUFFIX = {"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb"}
_FILE_TYPES = frozenset(
    {*_COMPILED_SUFFIX, "texthash", "cidr", "regexp", "pcre", "ldap", "mysql", "pgsql", "sqlite", "mongodb", "memcache"}
)
_INLINE_TYPES = frozenset({"cidr", "regexp", "pcre", "inline"})
_WRAPPING_TYPES = frozenset({"proxy", "debug"})
_COMPOSED_TYPES = frozenset({"pipemap", "unionmap"})
# All that a Postfix of Debian may have, with all its packages (postconf -m, DATABASE_README).
KNOWN_TYPES = frozenset(
    {*_FILE_TYPES, *_INLINE_TYPES, *_WRAPPING_TYPES, *_COMPOSED_TYPES}
    | {"environ", "fail", "internal", "nis", "randmap", "socketmap", "static", "tcp", "unix"}
)
_PACKAGES = {kind: f"postfix-{kind}" for kind in ("cdb", "ldap", "lmdb", "mongodb", "mysql", "pcre", "pgsql", "sqlite")}
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*")

# Tables that a daemon creates and fills by itself (verify(8), postscreen(8), tlsmgr(8), smtp(8)).
_CACHES = re.compile(
    r"address_verify_map|postscreen_cache_map|(smtpd?|lmtp)_tls_session_cache_database|(smtp|lmtp)_sasl_auth_cache_name"
)
_SINGLE = re.compile(
    _CACHES.pattern + r"|postscreen_dnsbl_reply_map"
    r"|(smtpd|postscreen)_command_filter|.*_(dns_reply|reply|delivery_status)_filter"
)
_LISTS = re.compile(
    r"(?!proxy_(read|write)_maps).*_maps|.*(header|body)_checks|alias_database|relay_clientcerts|(smtp|lmtp)_tls_per_site"
)

# Lists that mix tables with other words. Elsewhere a colon is part of a next hop or of a text.
_MIXED_LISTS = re.compile(
    r"smtpd_.*_restrictions|postscreen_access_list|.*_(networks|hosts|exceptions|clients|interfaces|exclusions)"
    r"|mynetworks|debug_peer_list"
)
_ACCESS_CHECK = re.compile(r"check_.*_access")
_MATCH_LISTS = re.compile(
    r"mydestination|relay_domains|virtual_(alias|mailbox)_domains|fast_flush_domains|masquerade_exceptions"
    r"|authorized_(flush|mailq|submit)_users|(smtp|lmtp)_connection_cache_destinations|(smtp|smtpd)_sasl_mechanism_filter"
    r"|(smtpd|postscreen)_(forbidden|noop)_commands|smtpd_log_access_permit_actions"
)


@dataclass(frozen=True, slots=True, order=True)
class TableReference:
    """One lookup table that a value names. str() is the form that postmap(1) takes."""

    type: str
    name: str
    written_by_postfix: bool = False

    def __str__(self) -> str:
        return f"{self.type}:{self.name}"

    @property
    def needs_file(self) -> bool:
        """Whether the name is a file that has to exist before Postfix starts."""
        return self.type in _FILE_TYPES and self.name.startswith("/") and not self.written_by_postfix

    @property
    def compiled_suffix(self) -> str:
        """What postmap(1) appends to the name for the file that Postfix reads; empty for text tables."""
        return _COMPILED_SUFFIX.get(self.type, "")


@dataclass(frozen=True, slots=True)
class TableList:
    """One or several tables, nothing else."""

    table_types: frozenset[str]
    single: bool = False

    def problem(self, value: str) -> str | None:
        try:
            words = split_words(value)
        except UnbalancedBracesError as error:
            return str(error)
        if self.single and len(words) > 1:
            return "expected one type:name"
        found = (table_problem(word, self.table_types) for word in words)
        return next((text for text in found if text), None)


@dataclass(frozen=True, slots=True)
class MatchList:
    """Words to compare with, ``!`` exclusions, /file, and tables (``mydestination``, ``relay_domains``)."""

    table_types: frozenset[str]

    def problem(self, value: str) -> str | None:
        items = [word.lstrip("!") for word in split_words(value)]
        tables = (item for item in items if ":" in item and not item.startswith(("/", "[")))
        found = (table_problem(table, self.table_types) for table in tables)
        return next((text for text in found if text), None)


def is_match_list(parameter: str) -> bool:
    """Whether the words are compared with a domain, a user or a command."""
    return bool(_MATCH_LISTS.fullmatch(parameter))


def is_table_list(parameter: str) -> bool:
    """Whether every word of the value has to be type:name."""
    return bool(_LISTS.fullmatch(parameter) or is_single_table(parameter))


def is_single_table(parameter: str) -> bool:
    """Whether the value is one type:name."""
    return bool(_SINGLE.fullmatch(parameter))


def table_problem(word: str, table_types: frozenset[str]) -> str | None:
    """What is wrong with one ``type:name``. A word with something left to expand is not judged."""
    if "$" in word:
        return None
    kind, colon, name = word.partition(":")
    if not colon:
        return f"{word} has no table type: expected type:name, for example {_example(word, table_types)}"
    if kind in _WRAPPING_TYPES and kind in table_types:
        return table_problem(name, table_types)
    if kind not in table_types:
        return _unknown_type(kind, table_types)
    if kind in _COMPOSED_TYPES:
        return _composed_problem(word, name, table_types)
    if not name:
        return f"{word} has no table name: expected {kind}:name"
    if kind in _FILE_TYPES and not name.startswith("/") and not (kind in _INLINE_TYPES and name.startswith("{")):
        return f"{word} is not an absolute path: expected {kind}:/path/{name.rpartition('/')[2]}"
    return None


def _example(word: str, table_types: frozenset[str]) -> str:
    kind = next((kind for kind in ("lmdb", "hash", "texthash") if kind in table_types), "texthash")
    return f"{kind}:{word if word.startswith('/') else '/etc/postfix/' + word}"


def _unknown_type(kind: str, table_types: frozenset[str]) -> str:
    if kind in _PACKAGES:
        return f"the table type {kind} is not installed: it is in the package {_PACKAGES[kind]}"
    near = nearest_name(kind, table_types)
    hint = f" (did you mean {near}?)" if near else ""
    return f"the table type {kind} does not exist{hint}: Postfix here has {spoken(sorted(table_types), 'and')}"


def _composed_problem(word: str, name: str, table_types: frozenset[str]) -> str | None:
    inner = inside_braces(name)
    if not inner:
        return f"{word} needs its tables in braces: {word.partition(':')[0]}:{{type:name, type:name}}"
    found = (table_problem(part, table_types) for part in split_words(inner))
    return next((text for text in found if text), None)


def table_references(parameter: str, value: str) -> tuple[TableReference, ...]:
    """Every type:name in an expanded value; of proxy, pipemap and unionmap the inner ones."""
    try:
        words = split_words(value)
    except UnbalancedBracesError:
        return ()
    if not (is_table_list(parameter) or _MIXED_LISTS.fullmatch(parameter) or is_match_list(parameter)):
        # a restriction class has any name, but what follows a check is a table
        words = [word for check, word in pairwise(words) if _ACCESS_CHECK.fullmatch(check.lower())]
    cache = bool(_CACHES.fullmatch(parameter))
    return tuple(dict.fromkeys(reference for word in words for reference in _references(word, cache)))


def file_references(parameter: str, value: str) -> tuple[str, ...]:
    """Every ``/file`` whose lines are words of a list; a missing one answers 451 to every client."""
    if not (_MIXED_LISTS.fullmatch(parameter) or is_match_list(parameter)):
        return ()
    try:
        words = [word.lstrip("!") for word in split_words(value)]
    except UnbalancedBracesError:
        return ()
    return tuple(dict.fromkeys(word for word in words if word.startswith("/")))


def _references(word: str, cache: bool) -> Iterator[TableReference]:
    word = word.lstrip("!")
    braced = inside_braces(word)
    if braced is not None:
        # { type:name, { search_order = ... } } of check_ccert_access, { inet:host:port, ... } of check_policy_service
        first = split_words(braced)[:1]
        yield from (reference for part in first for reference in _references(part, cache))
        return
    kind, colon, name = word.partition(":")
    if not colon or not name or not _TYPE.fullmatch(kind) or kind == "inet" or "$" in word:
        return
    if kind in _WRAPPING_TYPES:
        yield from _references(name, cache)
    elif kind in _COMPOSED_TYPES:
        inner = inside_braces(name)
        yield from (reference for part in split_words(inner or "") for reference in _references(part, cache))
    elif not (kind == "unix" and "/" in name):
        yield TableReference(kind, name, cache)
