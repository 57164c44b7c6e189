# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases for reading, judging and planning the services of master.cf."""

from __future__ import annotations

import pathlib
import re

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.installed import Missing
from ansible_collections.mailops.mta.plugins.module_utils._postfix.master_service import (
    Service,
    listen_host,
    parse_entry,
    parse_overrides,
    parse_services,
    port_name,
    render_entry,
    service_problems,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.service_edit import (
    plan_services,
    read_wanted,
    with_promised,
)

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
MASTER = """\
smtp       inet  n       -       y       -       -       smtpd -o smtpd_helo_required=Yes -o {smtpd_banner=a  b}
tlsmgr     unix  -       -       y       1000?   1       tlsmgr
filter     unix  -       n       n       -       10      pipe -o syslog_name=f flags=Rq user=f argv=/bin/f -o {a b}
dup        unix  -       -       y       -       0       bounce
dup        unix  -       -       y       -       0       bounce -o max_use=2
"""


@pytest.mark.parametrize("version", ["3.7", "3.10"])
@pytest.mark.parametrize("recording", ["postconf-M.txt", "postconf-M-options.txt"])
def test_recorded_services(version: str, recording: str) -> None:
    text = (DATA / f"postfix-{version}" / recording).read_text(encoding="utf-8")
    services = parse_services(text)
    assert len(services) == len(text.splitlines())
    assert services["tlsmgr/unix"].wakeup == "1000?"
    for service in services.values():
        assert parse_entry(render_entry(service)) == service
        assert service_problems(service, Missing()) == ()


@pytest.mark.parametrize("version", ["3.7", "3.10"])
def test_recorded_options(version: str) -> None:
    directory = DATA / f"postfix-{version}"
    services = parse_services((directory / "postconf-M-options.txt").read_text(encoding="utf-8"))
    overrides = parse_overrides((directory / "postconf-P-options.txt").read_text(encoding="utf-8"))
    # -P folds white space, -M keeps it.
    folded = {
        key: {name: " ".join(value.split()) for name, value in service.options.items()}
        for key, service in services.items()
        if service.options
    }
    assert overrides == folded
    assert overrides["127.0.0.1:2525/inet"]["smtpd_banner"] == "$myhostname two words"
    assert services["127.0.0.1:2525/inet"].options["content_filter"] == ""


@pytest.mark.parametrize(
    ("arguments", "command", "options"),
    [
        ("smtpd -v -o a=b -D", "smtpd -v -D", {"a": "b"}),
        ("smtpd -o { a = b  c } -o {d=e}", "smtpd", {"a": "b  c", "d": "e"}),
        ("smtpd -o a= -o b=x=y", "smtpd", {"a": "", "b": "x=y"}),
        ("smtpd -o a=1 -o a=2", "smtpd", {"a": "2"}),
        ("smtp -o a=${b?{$b}:{c d}}/$e", "smtp", {"a": "${b?{$b}:{c d}}/$e"}),
        ("pipe -o a=b flags=R argv=/bin/x -o {c = d}", "pipe flags=R argv=/bin/x -o {c = d}", {"a": "b"}),
        ("smtpd -o a = b", "smtpd -o a = b", {}),
        ("smtpd -o", "smtpd -o", {}),
        ("smtpd -o {a=b}c", "smtpd -o {a=b}c", {}),
        ("smtpd -o {a = { b}", "smtpd -o {a = { b}", {}),
    ],
)
def test_options_and_command(arguments: str, command: str, options: dict[str, str]) -> None:
    service = parse_entry(f"x unix - - y - - {arguments}")
    assert (service.command, service.options) == (command, options)


@pytest.mark.parametrize(
    ("name", "type_", "port", "host"),
    [
        ("smtp", "inet", "smtp", None),
        ("2525", "inet", None, None),
        ("127.0.0.1:10025", "inet", None, "127.0.0.1"),
        ("[::1]:smtp", "inet", "smtp", "::1"),
        ("::1:2525", "inet", None, "::1"),
        ("smtp", "unix", None, None),
    ],
)
def test_where_a_service_listens(name: str, type_: str, port: str | None, host: str | None) -> None:
    service = Service(name, type_)
    assert (port_name(service), listen_host(service)) == (port, host)


# On 3.7.11 and 3.10.13 "postfix check" and "postfix reload" exit 0 for all of these; the first five end master(8).
@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("smpt inet n - y - - smtpd", '"smpt" is not in /etc/services'),
        ("smtp inet - - y - - smtpd", 'an inet service needs "n"'),
        ("smtp inet y - y - - smtpd", 'an inet service needs "n"'),
        ("192.0.2.7:25 inet n - y - - smtpd", "192.0.2.7 is no address of this host"),
        ("a unix - - y ? - smtp", 'wakeup "?"'),
        ("99999 inet n - y - - smtpd", "99999 does not lie between"),
        ("smtp inet n - y - - smtpdd", '"smtpdd" is not in daemon_directory'),
        ("smtp inet n - y - - smtpd c", 'takes no argument "c"'),
        ("smtp inet n - y - - smtpd -o a=b c", 'takes no argument "c"'),
        ("smtp inet n - y - - smtpd -o a", "not of the form name=value"),
        ("smtp inet n n y - - smtpd", 'unprivileged "n" is not accepted: smtpd needs "y" or "-"'),
        ("smtp inet n - y - - postscreen", 'process_limit "-" is not accepted: postscreen needs "1"'),
        ("tlsproxy unix - - y - - tlsproxy", 'process_limit "-" is not accepted: tlsproxy needs "0"'),
        ("f unix - - n - - pipe user=f argv=/bin/f", 'unprivileged "-" is not accepted: pipe needs "n"'),
        ("a foo - - y - - smtp", 'type "foo"'),
        ("a unix x - y - - smtp", 'private "x"'),
        ("a unix - - y - -1 smtp", 'process_limit "-1"'),
    ],
)
def test_problems(entry: str, problem: str) -> None:
    missing = Missing(frozenset({"smpt"}), frozenset({"192.0.2.7"}), frozenset({"smtpdd"}))
    found = service_problems(parse_entry(entry), missing)
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    "services",
    [
        {},
        {"smtp/inet": {}},
        {"gone/unix": None},
        {"smtp/inet": {"unprivileged": True, "wakeup": 0, "process_limit": None, "command": " smtpd "}},
        {"smtp/inet": {"options": {"smtpd_helo_required": True, "smtpd_banner": "a b", "content_filter": None}}},
        {"smtp/inet": {"options": {"smtpd_banner": "a b", "smtpd_helo_required": "yes"}, "exclusive_options": True}},
        {"filter/unix": {"command": "pipe {flags=Rq} user=f argv=/bin/f -o {a b}", "process_limit": "10"}},
        {"tlsmgr/unix": {"private": True, "wakeup": "1000?", "process_limit": 1, "chroot": "y"}},
    ],
)
def test_equal_services_are_not_written(services: dict[str, object]) -> None:
    assert not plan_services(read_wanted(services), parse_services(MASTER))


@pytest.mark.parametrize(
    ("services", "removals", "entries"),
    [
        ({"tlsmgr/unix": None, "smtp/inet": None}, ["tlsmgr/unix", "smtp/inet"], []),
        ({"dup/unix": {}}, [], ["dup unix - - y - 0 bounce -o max_use=2"]),
        ({"tlsmgr/unix": {"wakeup": 500}}, [], ["tlsmgr unix - - y 500 1 tlsmgr"]),
        (
            {"smtp/inet": {"options": {"smtpd_banner": None, "smtpd_client_restrictions": ["permit", "reject"]}}},
            [],
            ["smtp inet n - y - - smtpd -o smtpd_helo_required=Yes -o {smtpd_client_restrictions = permit, reject}"],
        ),
        (
            {"smtp/inet": {"options": {"smtpd_helo_required": True}, "exclusive_options": True}},
            [],
            ["smtp inet n - y - - smtpd -o smtpd_helo_required=Yes"],
        ),
        (
            {"filter/unix": {"options": {"max_use": 9}}},
            [],
            ["filter unix - n n - 10 pipe -o syslog_name=f -o max_use=9 flags=Rq user=f argv=/bin/f -o {a b}"],
        ),
        (
            {"2525/inet": {"command": "smtpd", "chroot": True}, "new/unix": {"command": "smtp"}, "dup/unix": None},
            ["dup/unix"],
            ["2525 inet n - y - - smtpd", "new unix - - - - - smtp"],
        ),
    ],
)
def test_edits(services: dict[str, object], removals: list[str], entries: list[str]) -> None:
    wanted, present = read_wanted(services), parse_services(MASTER)
    edits = plan_services(wanted, present)
    assert (list(edits.removals), list(edits.entries.values())) == (removals, entries)
    after = {key: service for key, service in present.items() if key not in removals}
    after |= {service.key: service for service in map(parse_entry, edits.entries.values())}
    assert not plan_services(wanted, after)


def test_commands_of_postconf() -> None:
    wanted = read_wanted({"tlsmgr/unix": None, "dup/unix": {}, "a/unix": {"command": "smtp"}})
    assert plan_services(wanted, parse_services(MASTER)).commands == (
        ("-MX", "tlsmgr/unix"),
        ("-M", "dup/unix=dup unix - - y - 0 bounce -o max_use=2", "a/unix=a unix - - - - - smtp"),
    )


def test_diff_tells_what_changes() -> None:
    edits = plan_services(
        read_wanted({"dup/unix": None, "smtp/inet": {"options": {"smtpd_banner": "c d"}}}),
        parse_services(MASTER),
    )
    assert edits.before == (
        "dup unix - - y - 0 bounce  (the last of several entries)\n    -o max_use=2\n"
        "smtp inet n - y - - smtpd\n    -o smtpd_helo_required=Yes\n    -o {smtpd_banner = a  b}\n"
    )
    assert edits.after == "smtp inet n - y - - smtpd\n    -o smtpd_helo_required=Yes\n    -o {smtpd_banner = c d}\n"


@pytest.mark.parametrize(
    ("services", "problem"),
    [
        ({"smtp": {}}, "smtp: a service is named NAME/TYPE"),
        ({"smtp/tcp": {}}, "smtp/tcp: a service is named NAME/TYPE"),
        ({"a b/unix": {}}, "a b/unix: a service is named NAME/TYPE"),
        ({"#a/unix": {}}, "#a/unix: a service is named NAME/TYPE"),
        ({"a\n/unix": {}}, "a service is named NAME/TYPE"),
        ({"smtp/inet": "smtpd"}, "smtp/inet: expected a mapping"),
        ({"smtp/inet": {"chrooot": True}}, "did you mean chroot?"),
        ({"smtp/inet": {"chroot": "yes"}}, 'chroot "yes" is not accepted'),
        ({"smtp/inet": {"wakeup": True}}, 'wakeup "y" is not accepted'),
        ({"smtp/inet": {"wakeup": "?"}}, 'wakeup "?" is not accepted'),
        ({"smtp/inet": {"process_limit": -1}}, 'process_limit "-1" is not accepted'),
        ({"smtp/inet": {"command": ""}}, "command is the program"),
        ({"smtp/inet": {"command": "smtpd -o a=b"}}, "belong into options"),
        ({"smtp/inet": {"options": ["a=b"]}}, "options is a mapping"),
        ({"smtp/inet": {"options": {"a b": "c"}}}, '"a b" is no parameter name'),
        ({"smtp/inet": {"options": {"a": "b\nc"}}}, "-o a: "),
        ({"smtp/inet": {"exclusive_options": "yes"}}, "exclusive_options is true or false"),
        ({"new/unix": {"process_limit": 1}}, "new/unix: master.cf has no such service"),
        ({"smtp/inet": {"options": {"smtpd_banner": "a } b"}}}, "smtp/inet: master.cf cannot hold"),
        ({"smtp/inet": {"options": {"smtpd_banner": "a { b"}}}, "smtp/inet: master.cf cannot hold"),
        ({"smtp": {}, "smtp/inet": 1}, "; smtp/inet: expected a mapping"),
    ],
)
def test_refused_requests(services: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        plan_services(read_wanted(services), parse_services(MASTER))


def test_a_promised_service_can_get_an_option() -> None:
    """And one that master.cf has stays as it is there."""
    wanted = read_wanted(
        {"late/inet": {"options": {"x": "y"}}, "smtp/inet": {"options": {"x": "y"}}, "gone/unix": None}
    )
    present = parse_services(MASTER)
    known = with_promised(wanted, present, ["late/inet", "smtp/inet", "gone/unix"])
    assert known.keys() - present.keys() == {"late/inet"}
    assert known["smtp/inet"] == present["smtp/inet"]
    assert plan_services(wanted, known).entries["late/inet"].endswith("smtpd -o x=y")
