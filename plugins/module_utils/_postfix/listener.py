# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: where an instance listens for SMTP, and what a reply of such a listener means."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._plan import Activation, stronger
from .master_service import Service, known_ports, program

_SMTP_PROGRAMS = ("smtpd", "postscreen")
_WILDCARDS = ("all", "loopback-only", "")
# RFC 3463: X.3.0 and X.3.5 report a fault of this system, which is what a broken table or restriction answers with.
_BROKEN = re.compile(r"421 |451 4\.3\.[05] ")


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """One address and port (number or name) that speaks SMTP; tls: from the first byte; proxy: behind HAProxy."""

    host: str
    port: str
    tls: bool = False
    proxy: bool = False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listeners(
    services: t.Mapping[str, Service], overrides: t.Mapping[str, t.Mapping[str, str]], effective: t.Mapping[str, str]
) -> tuple[Listener, ...]:
    """Return the listeners of master.cf that speak SMTP, by one address each."""
    found = set()
    for key, service in services.items():
        disabled = _disabled(service, effective.get("master_service_disable", ""))
        if service.type == "inet" and program(service) in _SMTP_PROGRAMS and not disabled:
            parameters = {**effective, **overrides.get(key, {})}
            host, port = _split(service.name)
            found.add(
                Listener(
                    host or _default_host(effective.get("inet_interfaces", ""), effective.get("inet_protocols", "")),
                    known_ports(effective.get("known_tcp_ports", "")).get(port, port),
                    tls=parameters.get("smtpd_tls_wrappermode", "no").lower() == "yes",
                    proxy=bool(parameters.get(f"{program(service)}_upstream_proxy_protocol")),
                )
            )
    return tuple(sorted(found))


def _disabled(service: Service, patterns: str) -> bool:
    """Whether master_service_disable names a service, as postmulti(1) writes it: its port may be another instance's."""
    names = (service.type, f"{service.name}/{service.type}", f"{service.name}.{service.type}")
    for pattern in patterns.replace(",", " ").split():
        if pattern.lstrip("!") in names:
            return not pattern.startswith("!")
    return False


def _split(name: str) -> tuple[str, str]:
    """Split the service name of master(5): "smtp", "127.0.0.1:10025" or "[::1]:smtp"."""
    host, _colon, port = name.rpartition(":")
    return host.strip("[]"), port


def _default_host(interfaces: str, protocols: str) -> str:
    """Return an address that a service without one listens on: postconf(5), inet_interfaces."""
    names = interfaces.replace(",", " ").split()
    if not names or names[0] in _WILDCARDS:
        return "::1" if protocols.strip().lower() == "ipv6" else "127.0.0.1"
    local = [name for name in names if name in ("127.0.0.1", "::1", "[::1]", "localhost")]
    return (local or names)[0].strip("[]")


def reply_problem(reply: str) -> str | None:
    """Tell what a reply to RCPT TO says of the configuration; a refused recipient is a good answer."""
    if not reply:
        return "the connection was closed"
    return f"answers {reply}" if _BROKEN.match(reply) else None


def needed_activation(state: str, pending: Activation, running: bool) -> Activation:
    """Tell what it takes to reach *state* of the module instance from what is *pending*."""
    if state == "restarted" or not running:
        return "restart"
    return stronger(pending, "reload") if state == "reloaded" else pending
