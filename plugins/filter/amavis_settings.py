# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: amavis_settings
short_description: Settings of Amavis as lines of Perl
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Amavis is configured by Perl code. This writes assignments to its variables, with every text quoted, so that no
    value can become code.
options:
  _input:
    description:
      - Amavis's variables with their sign (V($log_level), V(@mynetworks), V($policy_bank{'MYNETS'})) and their values.
      - Texts, numbers and booleans (V(1) and V(0)) are written as such, V(null) as C(undef), lists and mappings as
        arrays and hashes. A text such as V(D_DISCARD) is Amavis's constant.
      - The value of a variable whose name ends in C(_re) is a list of regular expressions, which ignore case.
    type: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: amavis_settings
"""

EXAMPLES = r"""
- name: Show lines of a file in /etc/amavis/conf.d
  ansible.builtin.debug:
    msg: "{{ settings | mailops.mta.amavis_settings }}"
  vars:
    settings: {$log_level: 2, '@mynetworks': ["127.0.0.0/8"], $final_spam_destiny: D_PASS}
"""

RETURN = r"""
_value:
  description: One line for each setting.
  type: list
  elements: str
"""

import re
import typing as t
from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleFilterError

_NAME: t.Final = re.compile(r"[$@%][A-Za-z_]\w*(?:\{'[A-Za-z0-9_.-]+'\})?", re.ASCII)
_CONSTANT: t.Final = re.compile(r"D_(?:PASS|DISCARD|REJECT|BOUNCE)")
_WORD: t.Final = re.compile(r"[a-z_]\w*", re.ASCII)
# A template gives a number with ansible-core 2.19, and the same as a text with 2.18: the file may not differ.
_NUMBER: t.Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.(?:0|[0-9]*[1-9]))?")
_UNSAFE: t.Final = re.compile(r"'|\(\?\??\{|\n")


def amavis_settings(settings: t.Any, variable: str = "amavis_settings") -> list[str]:
    """Return one assignment for each setting."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f'{variable}: "{settings}" is not a mapping of variables of Amavis')
    return [_assignment(name, value, variable) for name, value in settings.items()]


def _assignment(name: t.Any, value: t.Any, variable: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        accepted = "write a sign, a name and perhaps a key: $log_level, @mynetworks, $policy_bank{'MYNETS'}"
        raise AnsibleFilterError(f'{variable}: "{name}" is not a variable of Amavis; {accepted}')
    try:
        if name.endswith("_re"):
            return f"{name} = new_RE({', '.join(map(_pattern, value))});"
        if name[0] in "@%":
            return f"{name} = ({_items(value)});"
        return f"{name} = {_perl(value)};"
    except (TypeError, ValueError, re.error):
        raise AnsibleFilterError(f'{variable}: "{value}" is no value for {name}') from None


def _items(value: t.Any) -> str:
    if isinstance(value, str) or not isinstance(value, Sequence | Mapping):
        raise TypeError
    if isinstance(value, Mapping):
        return ", ".join(f"{_key(name)} => {_perl(each)}" for name, each in value.items())
    return ", ".join(map(_perl, value))


def _key(name: t.Any) -> str:
    return name if isinstance(name, str) and _WORD.fullmatch(name) else _perl(str(name))


def _perl(value: t.Any) -> str:
    match value:
        case None:
            return "undef"
        case bool():
            return str(int(value))
        case int() | float():
            return repr(value)
        case str():
            return value if _CONSTANT.fullmatch(value) or _NUMBER.fullmatch(value) else _quoted(value)
        case Mapping():
            return f"{{{_items(value)}}}"
        case Sequence():
            return f"[{_items(value)}]"
    raise TypeError


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pattern(pattern: t.Any) -> str:
    # In qr'' nothing is interpolated; what could end it or run code is refused.
    if not isinstance(pattern, str) or _UNSAFE.search(pattern):
        raise ValueError
    re.compile(pattern)
    return f"qr'{pattern}'i"


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"amavis_settings": amavis_settings}
