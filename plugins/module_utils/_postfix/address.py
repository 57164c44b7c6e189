# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: where Postfix hands mail to other programs: content filters, milters and the SASL server."""

from __future__ import annotations

import posixpath
import re
import typing as t
from dataclasses import dataclass

from .master_service import Service, program
from .word_list import UnbalancedBracesError, inside_braces, split_words

# access(5): what follows FILTER in a restriction such as check_client_access static:{FILTER amavis:[127.0.0.1]:10024}
_FILTER_ACTION = re.compile(r"\bFILTER\s+([^\s,}]+)")
_HOST_PORT = re.compile(r"(?:\[(?P<bracketed>[^\]]+)\]|(?P<host>[^:\s]*))(?::(?P<port>[^:\s]+))?")
_DEFAULT_PORTS: t.Final = {"lmtp": "24"}


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A TCP port of a host, or the path of a UNIX-domain socket. name: of the transport that leads there."""

    host: str = ""
    port: str = ""
    path: str = ""
    name: str = ""

    def __str__(self) -> str:
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def content_filters(
    effective: t.Mapping[str, str], overrides: t.Mapping[str, t.Mapping[str, str]], services: t.Mapping[str, Service]
) -> tuple[Address, ...]:
    """Return the content filters of main.cf and of the SMTP services of master.cf, and the proxy filters."""
    settings = [effective, *(overrides.get(key, {}) for key in services)]
    found: set[Address] = set()
    for setting in settings:
        found |= {_next_hop(setting.get("content_filter", ""), services)}
        found |= {_plain(setting.get("smtpd_proxy_filter", ""))}
        restrictions = (value for name, value in setting.items() if name.endswith("_restrictions"))
        found |= {_next_hop(word, services) for text in restrictions for word in _FILTER_ACTION.findall(text)}
    return tuple(sorted(address for address in found if address.path or address.port))


def milters(effective: t.Mapping[str, str], overrides: t.Mapping[str, t.Mapping[str, str]]) -> tuple[Address, ...]:
    """Return the sockets of smtpd_milters and non_smtpd_milters, of main.cf and of master.cf."""
    found: set[Address] = set()
    for setting in (effective, *overrides.values()):
        for name in ("smtpd_milters", "non_smtpd_milters"):
            try:
                words = split_words(setting.get(name, ""))
            except UnbalancedBracesError:
                continue
            found |= {_plain((inside_braces(word) or word).split()[0].rstrip(",")) for word in words if word != "{}"}
    return tuple(sorted(address for address in found if address.path or address.port))


def sasl_server(effective: t.Mapping[str, str]) -> Address | None:
    """Return the socket of the SASL server; None for a type other than dovecot, which needs no socket of its own."""
    if effective.get("smtpd_sasl_type") != "dovecot":
        return None
    place = effective.get("smtpd_sasl_path", "")
    if place.startswith("inet:"):
        return _plain(place)
    # smtpd_sasl_path: relative to queue_directory
    return Address(path=posixpath.join(effective["queue_directory"], place.removeprefix("unix:")))


def logins_wanted(effective: t.Mapping[str, str], overrides: t.Mapping[str, t.Mapping[str, str]]) -> bool:
    """Whether any SMTP service lets clients log in."""
    settings = (effective, *overrides.values())
    return any(setting.get("smtpd_sasl_auth_enable", "no").lower() == "yes" for setting in settings)


def _next_hop(value: str, services: t.Mapping[str, Service]) -> Address:
    """Read transport:nexthop; a filter that pipe(8) runs has no address."""
    transport, _colon, hop = value.partition(":")
    service = services.get(f"{transport}/unix")
    kind = program(service) if service else transport
    if kind not in ("smtp", "lmtp", "relay") or not hop:
        return Address()
    plain = _plain(hop)
    port = plain.port or ("" if plain.path else _DEFAULT_PORTS.get(kind, "25"))
    return Address(plain.host, port, plain.path, transport)


def _plain(value: str) -> Address:
    """Read host:port, [host]:port, inet:host:port, unix:path, local:path or port@host of an inet milter."""
    kind, colon, rest = value.partition(":")
    if colon and kind in ("unix", "local"):
        return Address(path=rest)
    text = rest if colon and kind == "inet" else value
    port, at, host = text.partition("@")
    if at:
        return Address(host, port)
    match = _HOST_PORT.fullmatch(text)
    if match is None:
        return Address()
    return Address(match["bracketed"] or match["host"] or "localhost", match["port"] or "")
