# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases for the options of postscreen: sites, networks, parameters, services, and what is refused."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.mailops.mta.plugins.module_utils._postfix.installed import Installed
from ansible_collections.mailops.mta.plugins.module_utils._postfix.master_service import parse_services
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen import (
    PARAMETERS,
    RENAMED,
    Wanted,
    read_options,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_access import network_table
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_options import OPTIONS
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_services import wanted_services
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_sites import read_sites
from ansible_collections.mailops.mta.plugins.module_utils._postfix.service_edit import plan_services

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATA = ROOT / "tests" / "unit" / "data"


@pytest.fixture(params=["3.7", "3.10"])
def installed(request: pytest.FixtureRequest) -> Installed:
    """The stock package of Debian 12, and of Debian 13."""
    directory = DATA / f"postfix-{request.param}"
    lines = (line.partition(" =") for line in (directory / "postconf-d-x.txt").read_text(encoding="utf-8").splitlines())
    return Installed(
        version=(3, int(request.param.partition(".")[2]), 0),
        defaults={name: value.strip() for name, _equals, value in lines},
        table_types=frozenset((directory / "postconf-m.txt").read_text(encoding="utf-8").split()),
        services=frozenset({"smtp", "relay"}),
    )


def complete(**options: t.Any) -> dict[str, t.Any]:
    """Return what the module gets for these options: all that are not given are None or have their default."""
    groups = {name for name, specification in OPTIONS.items() if "options" in specification}
    filled: dict[str, t.Any] = {name: specification.get("default") for name, specification in OPTIONS.items()}
    filled |= {name: dict.fromkeys(OPTIONS[name]["options"]) | options.pop(name, {}) for name in groups}
    return filled | {"enabled": True} | options


def read(installed: Installed, **options: t.Any) -> Wanted:
    return read_options(complete(**options), installed, "/etc/postfix")


def test_new_names_alone_are_postfix_parameters(installed: Installed) -> None:
    assert set(PARAMETERS) <= set(installed.defaults)
    assert not set(PARAMETERS) & set(RENAMED)
    assert (len(PARAMETERS), len(RENAMED)) == (30, 4)


def test_options_are_documented() -> None:
    text = (ROOT / "plugins" / "modules" / "postscreen.py").read_text(encoding="utf-8")
    documented = yaml.safe_load(text.split('r"""')[1].partition('"""')[0])["options"]
    assert set(documented) == set(OPTIONS)
    for name, specification in OPTIONS.items():
        assert set(documented[name].get("suboptions", {})) == set(specification.get("options", {})), name


PARAMETER_CASES: list[tuple[dict[str, t.Any], dict[str, str]]] = [
    ({}, {}),
    ({"greet": {"action": "drop", "banner": "", "ttl": "1d", "wait": "2s"}}, {
        "postscreen_greet_action": "drop", "postscreen_greet_banner": "", "postscreen_greet_ttl": "1d",
        "postscreen_greet_wait": "2s",
    }),
    ({"pipelining": {"enable": True, "action": "ignore"}}, {
        "postscreen_pipelining_enable": "yes", "postscreen_pipelining_action": "ignore",
    }),
    ({"bare_newline": {"enable": False}}, {"postscreen_bare_newline_enable": "no"}),
    ({"non_smtp_command": {"ttl": "30d"}}, {"postscreen_non_smtp_command_ttl": "30d"}),
    ({"access_list": []}, {"postscreen_access_list": ""}),
    ({"access_list": ["permit_mynetworks", "cidr:/etc/postfix/a, reject"]}, {
        "postscreen_access_list": "permit_mynetworks, cidr:/etc/postfix/a, reject",
    }),
    ({"permit_networks": ["192.0.2.1"]}, {
        "postscreen_access_list": "permit_mynetworks, cidr:/etc/postfix/postscreen_access.cidr",
    }),
    ({"access_list": [], "reject_networks": ["192.0.2.1"]}, {
        "postscreen_access_list": "cidr:/etc/postfix/postscreen_access.cidr",
    }),
    ({"dnsbl": {"sites": []}}, {}),
    ({"dnsbl": {"sites": ["zen.example.net"], "threshold": 1, "allowlist_threshold": 0, "max_ttl": "2h",
                "reply_map": "texthash:/etc/postfix/replies"}}, {
        "postscreen_dnsbl_sites": "zen.example.net=127.0.0.[2..11]", "postscreen_dnsbl_threshold": "1",
        "postscreen_dnsbl_allowlist_threshold": "0", "postscreen_dnsbl_max_ttl": "2h",
        "postscreen_dnsbl_reply_map": "texthash:/etc/postfix/replies",
    }),
    ({"cache": {"map": "btree:$data_directory/cache", "retention_time": "7d", "cleanup_interval": "0"}}, {
        "postscreen_cache_map": "btree:$data_directory/cache", "postscreen_cache_retention_time": "7d",
        "postscreen_cache_cleanup_interval": "0",
    }),
    ({"command_count_limit": 20, "upstream_proxy_protocol": "haproxy", "watchdog_timeout": "10s",
      "denylist_action": "enforce", "allowlist_interfaces": ["!192.0.2.9", "static:all"]}, {
        "postscreen_command_count_limit": "20", "postscreen_upstream_proxy_protocol": "haproxy",
        "postscreen_watchdog_timeout": "10s", "postscreen_denylist_action": "enforce",
        "postscreen_allowlist_interfaces": "!192.0.2.9, static:all",
    }),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), PARAMETER_CASES)
def test_parameters(installed: Installed, options: dict[str, t.Any], expected: dict[str, str]) -> None:
    """Everything that is not wanted is removed, and the old names always."""
    wanted = read(installed, **options)
    assert {name: value for name, value in wanted.parameters.items() if value is not None} == expected
    assert set(wanted.parameters) == {*PARAMETERS, *RENAMED}


def test_off_removes_everything(installed: Installed) -> None:
    wanted = read(
        installed, enabled=False, greet={"action": "drop"}, permit_networks=["::1"], pipelining={"enable": True}
    )
    assert wanted.parameters == dict.fromkeys((*PARAMETERS, *RENAMED))
    assert (wanted.table.present, wanted.warnings) == (False, ())


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(("options", "told"), [
    ({"greet": {"ttl": "1x"}}, 'greet.ttl: "1x" is not accepted: expected a whole number with one of the units'),
    ({"greet": {"wait": "0"}}, 'greet.wait: "0" is not accepted: expected a time of at least 1s'),
    ({"greet": {"banner": "a\nb"}}, "greet.banner: a line break"),
    ({"watchdog_timeout": "5s"}, 'watchdog_timeout: "5s" is not accepted: expected a time of at least 10s'),
    ({"command_count_limit": 0}, 'command_count_limit: "0" is not accepted: expected a number of at least 1'),
    ({"dnsbl": {"threshold": 0}}, 'dnsbl.threshold: "0" is not accepted: expected a number of at least 1'),
    ({"dnsbl": {"allowlist_threshold": 2}}, 'dnsbl.allowlist_threshold: "2" is not accepted: it has to be negative'),
    ({"dnsbl": {"max_ttl": "2hh"}}, 'dnsbl.max_ttl: "2hh" is not accepted'),
    ({"dnsbl": {"reply_map": "/etc/postfix/replies"}}, 'dnsbl.reply_map: "/etc/postfix/replies" is not accepted'),
    ({"dnsbl": {"sites": ["dnsbl.sorbs.net"]}}, "dnsbl.sites: dnsbl.sorbs.net: this list closed in 2024"),
    ({"cache": {"map": "foo:/x"}}, 'cache.map: "foo:/x" is not accepted: the table type foo does not exist'),
    ({"access_list": ["permit_mynetwork"]}, "did you mean permit_mynetworks?"),
    ({"access_list": ["{"]}, "access_list: there is a { without its }"),
    ({"access_list": ["reject", "cidr:/a"]}, "access_list: reject ends the list, so cidr:/a is never looked at"),
    ({"allowlist_interfaces": ["192.0.2.1/24"]}, 'allowlist_interfaces: "192.0.2.1/24" is not accepted'),
    ({"permit_networks": ["10.0.0.1/8"]}, "permit_networks: 10.0.0.1/8 has host bits set: write 10.0.0.0/8"),
    ({"reject_networks": ["mail.example.net"]}, "reject_networks: mail.example.net is no network"),
    ({"permit_networks": ["::1"], "reject_networks": ["[::1]"]}, "reject_networks: [::1] is in permit_networks"),
])  # fmt: skip
def test_refused(installed: Installed, enabled: bool, options: dict[str, t.Any], told: str) -> None:
    """Also when postscreen is off: an option that is wrong is not found on the day it is switched on."""
    with pytest.raises(ValueError, match=re.escape(told)):
        read(installed, enabled=enabled, **options)


def test_all_problems_in_one_message(installed: Installed) -> None:
    with pytest.raises(ValueError, match=r"permit_networks: .*; dnsbl\.sites: .*; .*greet\.ttl: "):
        read(installed, permit_networks=["x"], dnsbl={"sites": ["x"]}, greet={"ttl": "x"})


@pytest.mark.parametrize(("options", "told"), [
    ({}, []),
    ({"pipelining": {"enable": True}, "bare_newline": {"enable": True}}, ["bare_newline, pipelining: tests after"]),
    ({"non_smtp_command": {"enable": True, "action": "ignore"}}, ["non_smtp_command: tests after the 220 greeting"]),
    ({"pipelining": {"action": "drop"}}, []),
    ({"dnsbl": {"sites": ["a.example*2", "b.example"], "threshold": 3}}, []),
    ({"dnsbl": {"sites": ["a.example*2", "b.example"], "threshold": 4}}, ["dnsbl.threshold: 4 is never reached"]),
    ({"dnsbl": {"sites": ["a.example*-2"]}}, []),
    ({"dnsbl": {"sites": ["a.example*-2"], "allowlist_threshold": -2}}, []),
    ({"dnsbl": {"sites": ["a.example*-2"], "allowlist_threshold": -3}}, ["dnsbl.allowlist_threshold: -3 is never"]),
    ({"dnsbl": {"sites": [], "threshold": 9, "allowlist_threshold": -1}}, []),
])  # fmt: skip
def test_warnings(installed: Installed, options: dict[str, t.Any], told: list[str]) -> None:
    warnings = read(installed, **options).warnings
    assert len(warnings) == len(told)
    assert [text for text, warning in zip(told, warnings, strict=True) if not warning.startswith(text)] == []


@pytest.mark.parametrize(("given", "expected"), [
    (["zen.example.net"], ["zen.example.net=127.0.0.[2..11]"]),
    (["zen.example.net*3"], ["zen.example.net=127.0.0.[2..11]*3"]),
    (["list.example.org*-2"], ["list.example.org=127.0.[0..254].[0..254]*-2"]),
    (["zen.example.net=127.0.0.[2;4]*+2"], ["zen.example.net=127.0.0.[2;4]*2"]),
    (["a.example, b.example=127.0.0.2 c.example*2,"],
     ["a.example=127.0.0.[2..11]", "b.example=127.0.0.2", "c.example=127.0.0.[2..11]*2"]),
    (["a.example=127.0.0.2*2", "A.example=127.0.0.3"], ["a.example=127.0.0.2*2", "A.example=127.0.0.3"]),
    ([{"site": "a.example"}], ["a.example=127.0.0.[2..11]"]),
    ([{"site": "a.example", "replies": None, "weight": None, "enabled": "True"}], ["a.example=127.0.0.[2..11]"]),
    ([{"site": "a.example", "replies": "127.0.0.4", "weight": -1}], ["a.example=127.0.0.4*-1"]),
    ([{"site": "dnsbl.sorbs.net", "enabled": False}, {"site": "b.example", "enabled": "no"}], []),
    (["", "notsorbs.net"], ["notsorbs.net=127.0.0.[2..11]"]),
])  # fmt: skip
def test_sites(given: list[object], expected: list[str]) -> None:
    assert list(map(str, read_sites(given))) == expected


@pytest.mark.parametrize(("given", "told"), [
    (["zen example.test"], "zen: a DNSBL domain has a dot in it"),
    (["zen.example.net=127.0.0.300"], "numbers from 0 to 255"),
    (["zen.example.net=127.0.0.[2..1]"], "ranges upwards"),
    (["zen.example.net=127.0.0.2=3"], "no reply filter"),
    (["zen.example.net*x"], "zen.example.net*x: *x is no weight"),
    (["zen.example.net*99999999999"], "no weight"),
    (["=127.0.0.2"], "expected a host name"),
    (["a.example", "A.example*3"], "A.example*3: A.example is there twice with the same replies 127.0.0.[2..11]"),
    (["a.example", {"site": "a.example", "replies": "127.0.0.[2..11]"}], "is there twice"),
    (["new.spam.dnsbl.sorbs.net*2"], "this list closed in 2024"),
    (["IX.dnsbl.manitu.net"], "this list closed in 2025"),
    ([{"site": "a.example", "wieght": 2}], 'a.example: there is no "wieght"; did you mean weight?'),
    ([{"site": "a.example", "colour": 2}], 'there is no "colour" in site, replies, weight or enabled'),
    ([{"domain": "a.example"}], 'there is no "domain" in site'),
    ([{"weight": 2}], 'a mapping needs "site"'),
    ([{"site": "a.example", "weight": "2.5"}], "*2.5 is no weight"),
    ([{"site": "a.example", "replies": ["127.0.0.2"]}], "no reply filter"),
    ([{"site": "a.example", "enabled": "perhaps"}], 'enabled "perhaps" is not accepted: it is true or false'),
])  # fmt: skip
def test_refused_sites(given: list[object], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        read_sites(given)


def test_narrower_network_counts() -> None:
    text = network_table(["10.0.0.0/8", "192.0.2.5", "2001:db8::1"], ["10.1.0.0/16", "192.0.2.0/24", "[2001:db8::]/32"])
    assert text.decode().splitlines() == [
        "192.0.2.5/32 permit",
        "192.0.2.0/24 reject",
        "10.1.0.0/16 reject",
        "10.0.0.0/8 permit",
        "2001:db8::1/128 permit",
        "2001:db8::/32 reject",
    ]
    assert network_table(["192.0.2.5", "192.0.2.5/32"], []) == b"192.0.2.5/32 permit\n"
    assert network_table([], []) == b""


STOCK = ["smtp inet n - y - - smtpd"]
OPTIONED = ["smtp inet n - n - 50 smtpd -v -o smtpd_helo_required=yes -o {smtpd_banner = a b}"]
SCREENED = [
    "smtp inet n - y - 1 postscreen",
    "smtpd pass - - y - - smtpd",
    "dnsblog unix - - y - 0 dnsblog",
    "tlsproxy unix - - y - 0 tlsproxy",
]
OPTIONED_SCREENED = [
    "smtp inet n - n - 1 postscreen",
    "smtpd pass - - n - 50 smtpd -o smtpd_helo_required=yes -o {smtpd_banner = a b} -v",
    "dnsblog unix - - n - 0 dnsblog",
    "tlsproxy unix - - n - 0 tlsproxy",
]
OPTIONED_BACK = ["smtp inet n - n - 50 smtpd -o smtpd_helo_required=yes -o {smtpd_banner = a b} -v"]
SECOND = "192.0.2.1:smtp inet n - y - 1 postscreen"


@pytest.mark.parametrize(("enabled", "before", "after"), [
    (True, STOCK, SCREENED),
    (True, SCREENED, SCREENED),
    (False, SCREENED, [*STOCK, *SCREENED[1:]]),
    (True, [*STOCK, *SCREENED[1:]], SCREENED),
    (False, STOCK, STOCK),
    (True, OPTIONED, OPTIONED_SCREENED),
    (False, OPTIONED_SCREENED, [*OPTIONED_BACK, *OPTIONED_SCREENED[1:]]),
    (True, [], SCREENED),
    (False, [], []),
    # the smtpd that has the port is the one that counts
    (True, [*STOCK, "smtpd pass - - n - 7 smtpd -o biff=no"], SCREENED),
    (True, [*STOCK, "tlsproxy unix - - n - - tlsproxy"], [*SCREENED[:3], "tlsproxy unix - - n - 0 tlsproxy"]),
    (True, [SCREENED[0], *SCREENED[2:]], SCREENED),
    (True, ["smtp inet n - y - - postscreen -o biff=no", *SCREENED[1:]],
     ["smtp inet n - y - 1 postscreen -o biff=no", *SCREENED[1:]]),
    (False, ["smtp inet n - y - 1 postscreen -o biff=no"], STOCK),
    (True, ["25 inet n - y - - smtpd"], ["25 inet n - y - 1 postscreen", *SCREENED[1:]]),
    (False, [*SCREENED, SECOND], [*STOCK, *SCREENED[1:], SECOND]),
    (True, [*STOCK, "submission inet n - y - - smtpd"], [*SCREENED, "submission inet n - y - - smtpd"]),
])  # fmt: skip
def test_services(enabled: bool, before: list[str], after: list[str]) -> None:
    present = parse_services("\n".join(before))
    edits = plan_services(wanted_services(enabled, present), present)
    edited = {key: service for key, service in present.items() if key not in edits.removals}
    edited |= parse_services("\n".join(edits.entries.values()))
    assert edited == parse_services("\n".join(after))
    assert bool(edits) == (edited != present)


@pytest.mark.parametrize(("line", "told"), [
    ("smtp inet n - n - - spawn user=x argv=/bin/x", "smtp/inet of master.cf runs spawn: expected smtpd or postscreen"),
    ("127.0.0.1:smtp inet n - y - - smtpd", "master.cf has no smtp/inet, but 127.0.0.1:smtp/inet"),
])  # fmt: skip
def test_other_listeners_are_refused(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        wanted_services(True, parse_services(line))
