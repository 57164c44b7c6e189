# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that return what they were given, or say what is wrong with it under the variable's name."""

from __future__ import annotations

import pathlib
import typing as t
from functools import partial

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.duration import duration
from ansible_collections.mailops.mta.plugins.filter.layers import layers
from ansible_collections.mailops.mta.plugins.filter.mail_addresses import mail_addresses
from ansible_collections.mailops.mta.plugins.filter.postscreen_options import postscreen_options
from ansible_collections.mailops.mta.plugins.filter.sender_logins import sender_logins
from ansible_collections.mailops.mta.plugins.filter.table_list import table_list
from ansible_collections.mailops.mta.plugins.lookup.provider_networks import DOCUMENTATION
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen import PARAMETERS, STOCK

ROOT = pathlib.Path(__file__).resolve().parents[3]
RECORDED = ROOT / "tests" / "unit" / "data" / "postfix-3.10"
X = "mta_base_x"
LIFETIME = "mta_base_maximal_queue_lifetime"

Filter = t.Callable[..., t.Any]

ACCEPTED: list[tuple[Filter, t.Any, t.Any]] = [
    (duration, "3d", "3d"),
    (duration, 30, "30"),
    (duration, " 2h ", "2h"),
    (mail_addresses, [], []),
    (
        mail_addresses,
        ["Ann@Example.com", "@example.org", "ann+x@a-b.test"],
        ["Ann@Example.com", "@example.org", "ann+x@a-b.test"],
    ),
    (
        sender_logins,
        {"ann@a.test": "ann", "@b.test": ["ann", "bob"], "c@a.test": None},
        {"ann@a.test": "ann", "@b.test": "ann, bob"},
    ),
    (table_list, ["hash:/etc/postfix/a", "proxy:mysql:/etc/b.cf"], ["hash:/etc/postfix/a", "proxy:mysql:/etc/b.cf"]),
    (layers, [{"a": 1}, {"a": {"b": 1}}, {"c": 2}], {"a": {"b": 1}, "c": 2}),
    (partial(layers, recursive=True), [{"a": {"b": 1}}, {"a": {"c": 2}}, {}], {"a": {"b": 1, "c": 2}}),
    (postscreen_options, {"enabled": True, "greet": {"ttl": "1d"}}, {"enabled": True, "greet": {"ttl": "1d"}}),
    (
        postscreen_options,
        {"enabled": False, "blacklist_action": "drop"},
        {"enabled": False, "blacklist_action": "drop"},
    ),
]
REFUSED: list[tuple[Filter, t.Any, str]] = [
    (duration, "", 'mta_base_x: "" is not accepted: expected a whole number with one of the units'),
    (duration, None, 'mta_base_x: "None" is not accepted'),
    (duration, True, 'mta_base_x: "True" is not accepted'),
    (duration, "0", 'mta_base_x: "0" is not accepted: expected a time of at least 1s'),
    (duration, "-1d", 'mta_base_x: "-1d" is not accepted'),
    (mail_addresses, "a@b.test", 'mta_base_x: "a@b.test" is not a list of addresses'),
    (mail_addresses, ["ann"], 'mta_base_x: "ann" is no address; write user@example.com, or @example.com'),
    (mail_addresses, ["a b@c.test"], 'mta_base_x: "a b@c.test" is no address'),
    (mail_addresses, ["a@b.test, c@d.test"], 'mta_base_x: "a@b.test, c@d.test" is no address'),
    (mail_addresses, [{"a": 1}], "mta_base_x: \"{'a': 1}\" is no address"),
    (sender_logins, {"ann": "ann"}, 'mta_base_x: "ann" is no address'),
    (sender_logins, {7: "ann"}, 'mta_base_x: "7" is no address'),
    (sender_logins, {"a@b.test": 7}, 'mta_base_x: a@b.test belongs to "7", which is no login'),
    (sender_logins, {"a@b.test": "a, b"}, 'mta_base_x: a@b.test belongs to "a, b", which is no login'),
    (sender_logins, {"a@b.test": []}, "mta_base_x: a@b.test belongs to nobody"),
    (table_list, "hash:/a", 'mta_base_x: "hash:/a" is not a list'),
    (table_list, [7], 'mta_base_x: "7" is no lookup table'),
    (
        table_list,
        ["hsah:/a"],
        'mta_base_x: "hsah:/a" is not accepted: the table type hsah does not exist (did you mean hash?)',
    ),
    (table_list, ["hash:a"], 'mta_base_x: "hash:a" is not accepted: hash:a is not an absolute path'),
    (layers, [{}, "a=b", {}], 'mta_base_x_group: "a=b" is not a mapping'),
    (layers, [{}, {}, ["a"]], "mta_base_x_host: \"['a']\" is not a mapping"),
    (postscreen_options, {"enabled": True, "gret": {}}, "mta_base_x: gret. Supported parameters include:"),
    (postscreen_options, {"enabled": True, "greet": {"ttl": "1x"}}, 'mta_base_x: greet.ttl: "1x" is not accepted'),
    (
        postscreen_options,
        {"enabled": True, "dnsbl": {"threshold": 0}},
        'mta_base_x: dnsbl.threshold: "0" is not accepted',
    ),
    (
        postscreen_options,
        {"enabled": False, "watchdog_timeout": "5s"},
        'mta_base_x: watchdog_timeout: "5s" is not accepted',
    ),
]


@pytest.mark.parametrize(("judge", "value", "expected"), ACCEPTED)
def test_accepted(judge: Filter, value: t.Any, expected: t.Any) -> None:
    assert judge(value, variable=X) == expected


@pytest.mark.parametrize(("judge", "value", "message"), REFUSED)
def test_refused(judge: Filter, value: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as error:
        judge(value, variable=X)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(("value", "accepted"), [("0", True), ("100d", True), ("101d", False)])
def test_bounds_are_those_of_the_parameter(value: str, accepted: bool) -> None:
    if accepted:
        assert duration(value, LIFETIME) == value
    else:
        with pytest.raises(AnsibleFilterError, match=LIFETIME):
            duration(value, LIFETIME)


def test_stock_values_of_postscreen_are_of_the_kinds_that_postfix_has() -> None:
    lines = (RECORDED / "postconf-d-x.txt").read_text(encoding="utf-8").splitlines()
    recorded = {name.strip(): value.strip() for name, _equals, value in (line.partition("=") for line in lines)}
    assert set(STOCK) == set(PARAMETERS)
    expanded = {"postscreen_greet_banner": recorded["postscreen_greet_banner"]}
    assert {**STOCK, **expanded} == {name: recorded[name] for name in STOCK}


def test_the_role_takes_the_options_of_the_lookup() -> None:
    specification = yaml.safe_load((ROOT / "roles/mta_inbound/meta/argument_specs.yml").read_text(encoding="utf-8"))
    of_role = specification["argument_specs"]["main"]["options"]["mta_inbound_client_provider_options"]["options"]
    of_lookup = yaml.safe_load(DOCUMENTATION)["options"]
    own = {"_terms", "with_source", "variable", "options_variable"}
    assert {name: option["type"] for name, option in of_role.items()} == {
        name: option["type"] for name, option in of_lookup.items() if name not in own
    }
