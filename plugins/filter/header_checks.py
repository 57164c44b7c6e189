# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: header_checks
short_description: The lines of a table for header, body and MIME header checks
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Turns ordered rules into the lines of a C(pcre) or C(regexp) table, and refuses a rule whose action Postfix would
    skip with a warning while the mail passes unchecked.
  - The patterns are judged when M(mailops.mta.lookup_tables) builds the table.
options:
  _input:
    description:
      - Rules in their order, the first one that matches decides. Each is a line of header_checks(5), or a dictionary
        with the keys C(pattern) (without delimiters), C(flags), C(action) and C(argument).
    type: list
    elements: raw
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: header_checks
"""

EXAMPLES = r"""
- name: Show the lines of a table
  ansible.builtin.debug:
    # ['/^X-Mailer: +Mass\/Mail/ REJECT no advertisements, please', '/^Received:/ IGNORE']
    msg: "{{ [rule, '/^Received:/ IGNORE'] | mailops.mta.header_checks }}"
  vars:
    rule: {pattern: '^X-Mailer: +Mass/Mail', action: REJECT, argument: 'no advertisements, please'}
"""

RETURN = r"""
_value:
  description: The lines of the table.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.header_check import check_actions_problem

_KEYS: t.Final = frozenset({"pattern", "flags", "action", "argument"})
_FORM: t.Final = "write /PATTERN/ ACTION or {pattern: PATTERN, action: ACTION, argument: TEXT}"
# A slash that nothing escapes would end the pattern.
_SLASH: t.Final = re.compile(r"(\\.)|/", re.DOTALL)


def header_checks(rules: t.Any, variable: str = "header_checks") -> list[str]:
    """Return the rules as lines."""
    if isinstance(rules, str | t.Mapping) or not isinstance(rules, t.Sequence):
        raise AnsibleFilterError(f'{variable}: "{rules}" is not a list of rules')
    lines = [_line(rule, variable) for rule in rules]
    problem = check_actions_problem(lines)
    if problem:
        raise AnsibleFilterError(f'{variable}: "{lines[problem[0] - 1]}" is not accepted: {problem[1]}')
    return lines


def _line(rule: t.Any, variable: str) -> str:
    line = _written(rule, variable) if isinstance(rule, t.Mapping) else rule
    # A line that begins with a blank would become a part of the one before.
    if not isinstance(line, str) or not line.isprintable() or line != line.strip() or not line:
        raise AnsibleFilterError(f'{variable}: "{rule}" is not one line; {_FORM}')
    return line


def _written(rule: t.Mapping[str, t.Any], variable: str) -> str:
    texts = {key: str(value) for key, value in rule.items() if value is not None}
    if not {"pattern", "action"} <= set(texts) <= _KEYS:
        raise AnsibleFilterError(f'{variable}: "{dict(rule)}" is not accepted; {_FORM}')
    pattern = _SLASH.sub(lambda found: found[1] or r"\/", texts["pattern"])
    return f"/{pattern}/{texts.get('flags', '')} {texts['action']} {texts.get('argument', '')}".rstrip()


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"header_checks": header_checks}
