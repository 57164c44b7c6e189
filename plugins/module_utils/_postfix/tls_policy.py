# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: the values of smtp_tls_policy_maps. Mail waits for ever at a wrong one ("client TLS configuration problem")."""

from __future__ import annotations

import re
import typing as t

from .tls_protocols import TlsProtocols
from .word_list import nearest_name, spoken

LEVELS: t.Final = ("none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure")
_ATTRIBUTES: t.Final = ("match", "protocols", "ciphers", "exclude", "servername", "tafile")
_GRADES: t.Final = ("high", "medium", "low", "export", "null")
# smtp_tls_policy.c: match names the certificate, so it is for the levels that look at one without DANE.
_MATCHED: t.Final = ("fingerprint", "verify", "secure")
_MATCH: t.Final = re.compile(r"hostname|nexthop|dot-nexthop|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")
_SERVER_NAME: t.Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
# With smtp_tls_fingerprint_digest = sha256.
_FINGERPRINT: t.Final = re.compile(r"[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}")
# Words between which Postfix splits a policy, and the separators inside its values.
_APART: t.Final = re.compile(r"[\s,]")


def policy_text(policy: object) -> str:
    """Write a level, or {"level": ..., attributes}, as Postfix reads it. Raises ValueError with what is accepted."""
    options = policy if isinstance(policy, dict) else {"level": policy}
    level = options.get("level")
    if level not in LEVELS:
        raise ValueError(f'"{level}" is no level{_hint(level, LEVELS)}: expected {spoken(LEVELS)}')
    attributes = {name: value for name, value in options.items() if name != "level" and value is not None}
    _refuse_attributes(level, attributes)
    words = [f"{name}={_text(name, level, value)}" for name, value in attributes.items()]
    return " ".join([level, *words])


def _hint(word: object, words: t.Sequence[str]) -> str:
    near = nearest_name(str(word), words)
    return f" (did you mean {near}?)" if near else ""


def _refuse_attributes(level: str, attributes: t.Mapping[str, object]) -> None:
    for name in attributes:
        if name not in _ATTRIBUTES:
            raise ValueError(
                f'"{name}" is no attribute{_hint(name, _ATTRIBUTES)}: expected level, {spoken(_ATTRIBUTES)}'
            )
    if level == "none" and attributes:
        raise ValueError("the level none takes no attributes: there is no TLS")
    if "match" in attributes and level not in _MATCHED:
        raise ValueError(f"match is for the levels {spoken(_MATCHED)}, not for {level}")
    if "tafile" in attributes and level not in ("verify", "secure"):
        raise ValueError(f"tafile is for the levels verify and secure, not for {level}")
    if level == "fingerprint" and not attributes.get("match"):
        raise ValueError("the level fingerprint needs match: the SHA-256 fingerprints of the certificate or of its key")


def _text(name: str, level: str, value: object) -> str:
    items = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    problem = next((found for found in (_problem(name, level, item) for item in items) if found), None)
    if problem or not items:
        raise ValueError(f"{name}: {problem or 'the list is empty'}")
    if level == "fingerprint" and name == "match":
        return "|".join(":".join(re.findall("..", item.replace(":", ""))).upper() for item in items)
    return ":".join(items)


def _problem(name: str, level: str, item: str) -> str | None:
    if not item or _APART.search(item):
        return f'"{item}" is empty or holds a blank or a comma, which end a value; write a list'
    if name == "protocols":
        return TlsProtocols().problem(item)
    if name == "ciphers" and item not in _GRADES:
        return f'"{item}" is no grade: expected {spoken(_GRADES)}'
    if name == "match" and level == "fingerprint" and not _FINGERPRINT.fullmatch(item):
        return f'"{item}" is no SHA-256 fingerprint: expected 32 pairs of hexadecimal digits with colons between them'
    if name == "match" and level != "fingerprint" and not _MATCH.fullmatch(item):
        return f'"{item}" is no name to match: expected hostname, nexthop, dot-nexthop, example.com or .example.com'
    if name == "servername" and not _SERVER_NAME.fullmatch(item):
        return f'"{item}" is no name for SNI: expected hostname, nexthop or a host name'
    if name == "tafile" and not item.startswith("/"):
        return f'"{item}" is no absolute path'
    return None
