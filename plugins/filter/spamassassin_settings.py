# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: spamassassin_settings
short_description: Settings, rules and scores of SpamAssassin as lines of its configuration
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Writes a file for C(/etc/spamassassin). SpamAssassin itself judges the patterns, with C(spamassassin --lint).
options:
  _input:
    description:
      - Settings by their name in Mail::SpamAssassin::Conf. Booleans become V(1) and V(0), lists are joined by blanks,
        V(null) is left out.
    type: dict
    required: true
  rules:
    description:
      - Rules, each with C(name), one of C(body), C(rawbody), C(full), C(header), C(uri) and C(meta) with what
        SpamAssassin expects there, and perhaps C(score) and C(describe).
    type: list
    elements: dict
    default: []
  scores:
    description: Scores of rules that exist, by their name; V(0) switches a rule off.
    type: dict
    default: {}
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: spamassassin_settings
"""

EXAMPLES = r"""
- name: Show lines
  ansible.builtin.debug:
    msg: "{{ {'use_bayes': false} | mailops.mta.spamassassin_settings(rules=[rule], scores={'MISSING_DATE': 2}) }}"
  vars:
    rule: {name: WON, header: 'Subject =~ /you won/i', score: 4.5, describe: Promises a prize}
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError

_SETTING: t.Final = re.compile(r"[a-z][a-z0-9_]*")
_RULE: t.Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_TESTS: t.Final = ("body", "rawbody", "full", "header", "uri", "meta")
_FORM: t.Final = "write {name: NAME, body: /PATTERN/, score: 2.5}; instead of body: " + ", ".join(_TESTS[1:])


def spamassassin_settings(
    settings: t.Mapping[str, t.Any],
    rules: t.Sequence[t.Mapping[str, t.Any]] = (),
    scores: t.Mapping[str, t.Any] | None = None,
    variable: str = "spamassassin_settings",
) -> list[str]:
    """Return the lines: settings, rules, scores."""
    given = {name: value for name, value in settings.items() if value is not None}
    lines = [f"{_known(_SETTING, name, 'a setting', variable)} {_text(given[name], variable)}" for name in given]
    lines += [line for rule in rules for line in _rule(rule, variable)]
    return lines + [_score(name, value, variable) for name, value in (scores or {}).items() if value is not None]


def _rule(rule: t.Any, variable: str) -> list[str]:
    tests = [test for test in _TESTS if isinstance(rule, t.Mapping) and test in rule]
    if len(tests) != 1 or "name" not in rule or not set(rule) <= {"name", "score", "describe", *tests}:
        raise AnsibleFilterError(f'{variable}: "{rule}" is not a rule; {_FORM}')
    name = _known(_RULE, rule["name"], "the name of a rule", variable)
    lines = [f"{tests[0]} {name} {_text(rule[tests[0]], variable)}"]
    lines += [f"describe {name} {_text(rule['describe'], variable)}"] if "describe" in rule else []
    return lines + ([_score(name, rule["score"], variable)] if "score" in rule else [])


def _score(name: t.Any, value: t.Any, variable: str) -> str:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+(?:\.\d+)?", str(value)):
        raise AnsibleFilterError(f'{variable}: "{value}" is not a score for {name}; write a number')
    return f"score {_known(_RULE, name, 'the name of a rule', variable)} {value}"


def _known(form: re.Pattern[str], name: t.Any, what: str, variable: str) -> str:
    if isinstance(name, str) and form.fullmatch(name):
        return name
    raise AnsibleFilterError(f'{variable}: "{name}" is not {what} of SpamAssassin')


def _text(value: t.Any, variable: str) -> str:
    words = [value] if isinstance(value, str) or not isinstance(value, t.Sequence) else value
    text = " ".join(str(int(word)) if isinstance(word, bool) else str(word) for word in words)
    if isinstance(value, t.Mapping) or not text.isprintable() or not text.strip():
        raise AnsibleFilterError(f'{variable}: "{value}" is not one line of text')
    return text


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"spamassassin_settings": spamassassin_settings}
