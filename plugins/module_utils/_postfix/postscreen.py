# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for postscreen(8): the options of the module as parameters of main.cf and a table of networks."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .installed import Installed
from .parameter import render_wanted
from .postscreen_access import access_words, network_table
from .postscreen_options import OPTIONS
from .postscreen_sites import Site, read_sites, unreachable
from .table_request import Table, split_name
from .value import value_problem

DEEP_TESTS: t.Final = ("bare_newline", "non_smtp_command", "pipelining")
# The names of Postfix 3.5 and earlier, and of 3.0 for the time. The defaults of the new ones read them still.
RENAMED: t.Final = (
    "postscreen_blacklist_action",
    "postscreen_dnsbl_ttl",
    "postscreen_dnsbl_whitelist_threshold",
    "postscreen_whitelist_interfaces",
)
_OTHERS: t.Final = ("enabled", "permit_networks", "reject_networks", "provided", "variable")
_TABLE: t.Final = "cidr:postscreen_access.cidr"
# Postfix's own values (postconf -d), which tell what kind of value a parameter takes where there is no host to ask.
STOCK: t.Final[t.Mapping[str, str]] = {
    "postscreen_access_list": "permit_mynetworks",
    "postscreen_allowlist_interfaces": "static:all",
    "postscreen_bare_newline_action": "ignore",
    "postscreen_bare_newline_enable": "no",
    "postscreen_bare_newline_ttl": "30d",
    "postscreen_cache_cleanup_interval": "12h",
    "postscreen_cache_map": "btree:/var/lib/postfix/postscreen_cache",
    "postscreen_cache_retention_time": "7d",
    "postscreen_command_count_limit": "20",
    "postscreen_denylist_action": "ignore",
    "postscreen_dnsbl_action": "ignore",
    "postscreen_dnsbl_allowlist_threshold": "0",
    "postscreen_dnsbl_max_ttl": "1h",
    "postscreen_dnsbl_min_ttl": "60s",
    "postscreen_dnsbl_reply_map": "",
    "postscreen_dnsbl_sites": "",
    "postscreen_dnsbl_threshold": "1",
    "postscreen_dnsbl_timeout": "10s",
    "postscreen_greet_action": "ignore",
    "postscreen_greet_banner": "$smtpd_banner",
    "postscreen_greet_ttl": "1d",
    "postscreen_greet_wait": "6s",
    "postscreen_non_smtp_command_action": "drop",
    "postscreen_non_smtp_command_enable": "no",
    "postscreen_non_smtp_command_ttl": "30d",
    "postscreen_pipelining_action": "enforce",
    "postscreen_pipelining_enable": "no",
    "postscreen_pipelining_ttl": "30d",
    "postscreen_upstream_proxy_protocol": "",
    "postscreen_watchdog_timeout": "10s",
}

_NO_SITES: t.Final[tuple[Site, ...]] = ()
_NOTHING: t.Final[dict[str, str | None]] = {}

Options = t.Mapping[str, t.Any]


def _option_names() -> t.Iterator[tuple[str, str]]:
    for name, specification in OPTIONS.items():
        for inner in specification.get("options", {}):
            yield f"postscreen_{name}_{inner}", f"{name}.{inner}"
        if name not in _OTHERS and "options" not in specification:
            yield f"postscreen_{name}", name


# Parameter -> the option that sets it: postscreen_greet_ttl -> greet.ttl.
PARAMETERS: t.Final[t.Mapping[str, str]] = dict(_option_names())


def option_names(variable: str | None) -> dict[str, str]:
    """Return what to call each parameter where *variable* holds the options: variable.greet.ttl."""
    return {name: f"{variable}.{option}" for name, option in PARAMETERS.items()} if variable else {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What main.cf should hold (None: not this parameter), the table of networks, and what to say of it all."""

    parameters: t.Mapping[str, str | None]
    table: Table
    warnings: tuple[str, ...] = ()


def read_options(options: Options, installed: Installed, config_directory: str) -> Wanted:
    """Read and judge the options. Raises ValueError that names each bad one, also when postscreen(8) is off."""
    problems: list[str] = []
    table = _table(options, config_directory, problems)
    sites = _told(lambda: read_sites(options["dnsbl"]["sites"] or ()), _NO_SITES, "dnsbl.sites: ", problems)
    words = _told(lambda: access_words(options["access_list"], _reference(table)), None, "access_list: ", problems)
    computed = {"access_list": words, "dnsbl.sites": list(map(str, sites)) or None}
    values = {option: computed.get(option, _given(options, option)) for option in PARAMETERS.values()}
    rendered = _told(lambda: render_wanted(values), _NOTHING, "", problems)
    parameters = {name: rendered.get(option) for name, option in PARAMETERS.items()}
    problems += _value_problems(parameters, installed)
    if problems:
        where = f"{options['variable']}: " if options.get("variable") else ""
        raise ValueError(where + "; ".join(problems))
    if not options["enabled"]:
        return Wanted(dict.fromkeys((*PARAMETERS, *RENAMED)), table)
    dnsbl = options["dnsbl"]
    silent = unreachable(sites, dnsbl["threshold"], dnsbl["allowlist_threshold"])
    return Wanted({**parameters, **dict.fromkeys(RENAMED)}, table, (*_deep_test_warnings(options), *silent))


_Read = t.TypeVar("_Read")


def _told(read: t.Callable[[], _Read], otherwise: _Read, where: str, problems: list[str]) -> _Read:
    """Return what *read* does; where it raises ValueError, note that and return *otherwise*."""
    try:
        return read()
    except ValueError as error:
        problems.append(f"{where}{error}")
        return otherwise


def _table(options: Options, config_directory: str, problems: list[str]) -> Table:
    """Return the table of the networks; it is not present where there is none, or no postscreen(8)."""
    permit, reject = options["permit_networks"] or (), options["reject_networks"] or ()
    text = _told(lambda: network_table(permit, reject), b"", "", problems)
    table_type, path = split_name(_TABLE, config_directory)
    return Table(f"{table_type}:{path}", table_type, path, text, present=bool(text) and options["enabled"])


def _reference(table: Table) -> str | None:
    return str(table.reference) if table.present else None


def _given(options: Options, option: str) -> object:
    group, _dot, inner = option.partition(".")
    return options[group][inner] if inner else options[group]


def _value_problems(parameters: t.Mapping[str, str | None], installed: Installed) -> t.Iterator[str]:
    for name, value in parameters.items():
        problem = None if value is None else value_problem(name, value, installed)
        if name == "postscreen_dnsbl_allowlist_threshold" and problem:
            problem = "it has to be negative to let any client through, such as -2; 0 lets none through"
        if problem:
            yield f'{PARAMETERS[name]}: "{value}" is not accepted: {problem}'


def _deep_test_warnings(options: Options) -> t.Iterator[str]:
    """POSTSCREEN_README, "Tests after the 220 SMTP server greeting"."""
    enabled = [name for name in DEEP_TESTS if options[name]["enable"]]
    if enabled:
        yield (
            f"{', '.join(enabled)}: tests after the 220 greeting are enabled. postscreen(8) cannot hand a session over"
            " to smtpd(8) after them, so every new client is answered 450 at its first mail, also a good one, and has"
            " to come back; mail of senders who do not come back from the same address is late or lost"
        )
