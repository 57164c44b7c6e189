# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules between parameters whose values are right one by one, but stop a daemon or defer mail together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def relation_problems(effective: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (parameter, what is wrong); effective: every parameter with its expanded value in force."""
    yield from _limit_problems(effective)
    yield from _client_problems(effective)
    own_name = effective.get("myhostname", "").lower()
    if own_name and effective.get("relayhost", "").lower() == own_name:
        # mail_params.c: fatal for every program of Postfix
        yield "relayhost", f"it is this host itself: {own_name} is myhostname"


def _limit_problems(effective: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """local(8) and virtual(8) do not start when a mailbox may not take a message; measured: all local mail deferred."""
    message = _number(effective, "message_size_limit")
    for parameter in ("mailbox_size_limit", "virtual_mailbox_limit"):
        mailbox = _number(effective, parameter)
        if mailbox and message is not None and (message == 0 or mailbox < message):
            limit = f"message_size_limit is {message}" if message else "message_size_limit is 0, unlimited"
            yield parameter, f"a mailbox may not be smaller than a message: it is {mailbox}, and {limit}"


def _client_problems(effective: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """smtp(8) dies without its password table; without DNSSEC, dane is no more than may, dane-only defers mail."""
    for client in ("smtp", "lmtp"):
        maps = f"{client}_sasl_password_maps"
        if effective.get(f"{client}_sasl_auth_enable", "").lower() == "yes" and effective.get(maps, " ") == "":
            yield maps, f"expected a table, because {client}_sasl_auth_enable is yes"
        level, support = f"{client}_tls_security_level", f"{client}_dns_support_level"
        if effective.get(level, "").lower() in ("dane", "dane-only") and effective.get(support, "dnssec") != "dnssec":
            yield level, f"{effective[level]} needs {support} = dnssec"


def _number(effective: Mapping[str, str], parameter: str) -> int | None:
    text = effective.get(parameter, "")
    return int(text) if text.isascii() and text.isdecimal() else None
