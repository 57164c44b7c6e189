# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases for the SMTP listeners of an instance."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.listener import (
    listeners,
    needed_activation,
    reply_problem,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.master_service import parse_services

EFFECTIVE = {"inet_interfaces": "all", "inet_protocols": "all", "smtpd_tls_wrappermode": "no"}


@pytest.mark.parametrize(
    ("line", "overrides", "effective", "expected"),
    [
        ("smtp inet n - y - - smtpd", {}, {}, "127.0.0.1:smtp"),
        ("smtp inet n - y - 1 postscreen", {}, {}, "127.0.0.1:smtp"),
        ("127.0.0.1:10025 inet n - n - - smtpd", {}, {}, "127.0.0.1:10025"),
        ("[::1]:2525 inet n - n - - smtpd", {}, {}, "[::1]:2525"),
        ("smtp inet n - y - - smtpd", {}, {"inet_protocols": "ipv6"}, "[::1]:smtp"),
        ("submissions inet n - y - - smtpd", {}, {"known_tcp_ports": "smtps=submissions=465"}, "127.0.0.1:465"),
        ("smtp inet n - y - - smtpd", {}, {"inet_interfaces": "192.0.2.1, 127.0.0.1"}, "127.0.0.1:smtp"),
        ("smtp inet n - y - - smtpd", {}, {"inet_interfaces": "192.0.2.1"}, "192.0.2.1:smtp"),
        ("smtp inet n - y - - smtpd", {}, {"inet_interfaces": "loopback-only"}, "127.0.0.1:smtp"),
    ],
)
def test_where_a_service_listens(
    line: str, overrides: dict[str, str], effective: dict[str, str], expected: str
) -> None:
    services = parse_services(line + "\n")
    found = listeners(services, dict.fromkeys(services, overrides), EFFECTIVE | effective)
    assert [str(listener) for listener in found] == [expected]


@pytest.mark.parametrize(
    ("disabled", "ports"),
    [("", ["10025", "smtp"]), ("inet", []), ("fifo, smtp/inet", ["10025"]), ("!smtp.inet inet", ["smtp"])],
)
def test_disabled_services_do_not_listen(disabled: str, ports: list[str]) -> None:
    services = parse_services("smtp inet n - y - - smtpd\n10025 inet n - y - - smtpd\n")
    found = listeners(services, {}, EFFECTIVE | {"master_service_disable": disabled})
    assert [listener.port for listener in found] == ports


def test_wrapped_and_proxied_listeners() -> None:
    lines = ("smtps inet n - y - - smtpd", "smtp inet n - y - 1 postscreen", "smtpd pass - - y - - smtpd")
    services = parse_services("\n".join(lines))
    overrides = {"smtps/inet": {"smtpd_tls_wrappermode": "yes"}}
    found = listeners(services, overrides, EFFECTIVE | {"postscreen_upstream_proxy_protocol": "haproxy"})
    assert {(listener.port, listener.tls, listener.proxy) for listener in found} == {
        ("smtp", False, True),
        ("smtps", True, False),
    }


@pytest.mark.parametrize(
    ("reply", "broken"),
    [
        ("250 2.1.5 Ok", False),
        ("550 5.1.1 <postmaster@a>: Recipient address rejected", False),
        ("454 4.7.1 Relay access denied", False),
        ("450 4.2.0 Greylisted", False),
        ("451 4.3.0 <postmaster@a>: Temporary lookup failure", True),
        ("451 4.3.5 Server configuration error", True),
        ("421 4.3.0 Service not available", True),
        ("", True),
    ],
)
def test_what_a_reply_says(reply: str, broken: bool) -> None:
    assert (reply_problem(reply) is not None) is broken


@pytest.mark.parametrize(
    ("state", "pending", "running", "needed"),
    [
        ("activated", "none", True, "none"),
        ("activated", "reload", True, "reload"),
        ("activated", "restart", True, "restart"),
        ("activated", "none", False, "restart"),
        ("reloaded", "none", True, "reload"),
        ("reloaded", "restart", True, "restart"),
        ("restarted", "none", True, "restart"),
    ],
)
def test_needed_activation(state: str, pending: str, running: bool, needed: str) -> None:
    # mypy takes the words of the table for any text, not for the few that are accepted.
    assert needed_activation(state, pending, running) == needed  # type: ignore[arg-type]
