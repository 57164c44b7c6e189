# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the module postscreen, as Ansible's argument specification."""

from __future__ import annotations

import typing as t

Specification = dict[str, dict[str, t.Any]]

_TEXT: t.Final = {"type": "str"}
_NUMBER: t.Final = {"type": "int"}
_ACTION: t.Final = {"type": "str", "choices": ["ignore", "enforce", "drop"]}
_WORDS: t.Final = {"type": "list", "elements": "str"}


def _renamed(option: dict[str, t.Any], old: str) -> dict[str, t.Any]:
    note = {"name": old, "version": "2.0.0", "collection_name": "mailops.mta"}
    return {**option, "aliases": [old], "deprecated_aliases": [note]}


def _group(**options: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"type": "dict", "options": options, "apply_defaults": True}


def _deep_test() -> dict[str, t.Any]:
    return _group(enable={"type": "bool"}, action=_ACTION, ttl=_TEXT)


OPTIONS: t.Final[Specification] = {
    "enabled": {"type": "bool", "required": True},
    "access_list": _WORDS,
    "permit_networks": {**_WORDS, "default": []},
    "reject_networks": {**_WORDS, "default": []},
    "denylist_action": _renamed(_ACTION, "blacklist_action"),
    "greet": _group(action=_ACTION, banner=_TEXT, ttl=_TEXT, wait=_TEXT),
    "dnsbl": _group(
        sites={"type": "list", "elements": "raw"},
        action=_ACTION,
        threshold=_NUMBER,
        allowlist_threshold=_renamed(_NUMBER, "whitelist_threshold"),
        min_ttl=_TEXT,
        max_ttl=_renamed(_TEXT, "ttl"),
        timeout=_TEXT,
        reply_map=_TEXT,
    ),
    "bare_newline": _deep_test(),
    "non_smtp_command": _deep_test(),
    "pipelining": _deep_test(),
    "cache": _group(map=_TEXT, retention_time=_TEXT, cleanup_interval=_TEXT),
    "command_count_limit": _NUMBER,
    "upstream_proxy_protocol": {"type": "str", "choices": ["haproxy"]},
    "allowlist_interfaces": _renamed(_WORDS, "whitelist_interfaces"),
    "watchdog_timeout": _TEXT,
    "provided": {**_WORDS, "default": []},
    "variable": _TEXT,
}
