# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases for the planner of main.cf parameters."""

from __future__ import annotations

import re

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.main_cf import Explicit, parse_explicit
from ansible_collections.mailops.mta.plugins.module_utils._postfix.parameter import (
    activation,
    edit_commands,
    plan_edits,
    render_wanted,
    unmanaged,
)

# Recorded from "postconf -n" of 3.7.11 with a misspelt parameter and two lines of one parameter.
WARNINGS = """\
postconf: warning: /etc/postfix/main.cf, line 51: overriding earlier entry: relayhost=[a.example]
/usr/sbin/postconf: warning: /etc/postfix/main.cf: unused parameter: smtpd_helo_requird=yes
/usr/sbin/postconf: warning: /etc/postfix/master.cf: unused parameter: smtpd_helo_requird=no
/usr/sbin/postconf: warning: /etc/postfix/main.cf: undefined parameter: nonesuch
"""


def test_parse_explicit() -> None:
    text = "biff = no\nconfig_directory = /etc/postfix\nmyorigin =\nrelayhost = [b.example]\n"
    found = parse_explicit(text, WARNINGS)
    assert found.values == {"biff": "no", "myorigin": "", "relayhost": "[b.example]", "smtpd_helo_requird": "yes"}
    assert found.unused == {"smtpd_helo_requird"}
    assert found.unused_options == {"smtpd_helo_requird"}
    assert found.duplicates == {"relayhost"}
    assert [warning.rpartition(": ")[2] for warning in found.warnings] == ["nonesuch"]


@pytest.mark.parametrize(
    ("name", "wanted", "present"),
    [
        ("smtpd_helo_required", "yes", "Yes"),
        ("mydestination", "$myhostname, localhost", "${myhostname} localhost"),
        ("smtpd_banner", "$myhostname ESMTP", "$(myhostname)  ESMTP"),
        ("relayhost", "", ""),
        ("biff", None, None),
    ],
)
def test_equal_values_are_not_written(name: str, wanted: str | None, present: str | None) -> None:
    explicit = Explicit({} if present is None else {name: present})
    assert not plan_edits({name: wanted}, explicit)


@pytest.mark.parametrize(
    ("name", "wanted", "present", "commands"),
    [
        ("relayhost", "[b]", "[a]", (("-e", "relayhost=[b]"),)),
        ("relayhost", "", None, (("-e", "relayhost="),)),
        ("relayhost", None, "[a]", (("-X", "relayhost"),)),
        ("relayhost", None, "", (("-X", "relayhost"),)),
        ("smtpd_banner", "$mail_name, a", "$mail_name a", (("-e", "smtpd_banner=$mail_name, a"),)),
    ],
)
def test_different_values_are_written(
    name: str, wanted: str | None, present: str | None, commands: tuple[tuple[str, ...], ...]
) -> None:
    explicit = Explicit({} if present is None else {name: present})
    assert edit_commands(plan_edits({name: wanted}, explicit)) == commands


def test_duplicates_become_one_line() -> None:
    explicit = Explicit({"relayhost": "[b]"}, duplicates=frozenset({"relayhost"}))
    edits = plan_edits({"relayhost": "[b]"}, explicit)
    assert edit_commands(edits) == (("-X", "relayhost"), ("-e", "relayhost=[b]"))
    assert (edits.before, edits.after) == ("relayhost = [b]  (the last of several lines)\n", "relayhost = [b]\n")


def test_any_number_of_changes_takes_two_calls() -> None:
    wanted: dict[str, str | None] = {f"parameter_{number}": str(number) for number in range(200)}
    explicit = Explicit({f"old_{number}": "x" for number in range(200)})
    edits = plan_edits(wanted, explicit, remove=tuple(explicit.values))
    assert [len(command) for command in edit_commands(edits)] == [201, 201]


def test_unmanaged() -> None:
    explicit = Explicit({"biff": "no", "queue_directory": "/q", "relayhost": "", "myhostname": "a"})
    assert unmanaged(explicit, {"relayhost": None}, ["*_directory"]) == ("biff", "myhostname")


@pytest.mark.parametrize(
    ("value", "rendered"),
    [(True, "yes"), (False, "no"), (5, "5"), (["a", "b"], "a, b"), ([], ""), ("a\n", "a"), (None, None), ("", "")],
)
def test_rendering(value: object, rendered: str | None) -> None:
    assert render_wanted({"x": value}) == {"x": rendered}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("x", "a\nb", ["x:"]),
        ("x", {"a": 1}, ["x:"]),
        ("x", "a\x07", ["x:"]),
        ("x", "v" * 140_000, ["x:", "lookup table"]),
        ("a b", "1", ["a b:", "letters"]),
        ("#x", "1", ["#x:", "letters"]),
        ("", "1", ["letters"]),
        ("mail_version", "3.7", ["mail_version:", "nobody sets it"]),
        ("config_directory", "/x", ["config_directory:", "nobody sets it"]),
    ],
)
def test_unwritable_values_are_refused_by_name(name: str, value: object, words: list[str]) -> None:
    with pytest.raises(ValueError, match="(?s)" + ".*".join(map(re.escape, words))):
        render_wanted({name: value})


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        ([], "none"),
        (["relayhost"], "reload"),
        (["relayhost", "inet_interfaces"], "restart"),
        (["inet_protocols"], "restart"),
        (["multi_instance_name"], "restart"),
    ],
)
def test_activation(names: list[str], needed: str) -> None:
    assert activation(names) == needed
