# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused is called by the variable that it comes from."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.candidate import raise_unless_forced
from ansible_collections.mailops.mta.plugins.module_utils._postfix.instance import PostfixError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.judge import Problem
from ansible_collections.mailops.mta.plugins.module_utils._postfix.known_as import known_as
from ansible_collections.mailops.mta.plugins.module_utils._postfix.parameter import render_wanted
from ansible_collections.mailops.mta.plugins.module_utils._postfix.service_edit import read_wanted
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_request import (
    refuse_types,
    wanted_tables,
)

VARIABLES = {
    "relayhost": "mta_outbound_relayhost",
    "smtpd_tls_chain_files": "mta_base_tls_certificate",
    "smtp/inet": "mta_base_services",
    "lmdb:senders": "mta_base_lookup_tables",
}


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("relayhost", "mta_outbound_relayhost"),
        ("smtpd_tls_chain_files", "mta_base_tls_certificate (smtpd_tls_chain_files)"),
        ("smtp/inet", "mta_base_services (smtp/inet)"),
        ("smtp/inet -o mynetworks", "mta_base_services (smtp/inet -o mynetworks)"),
        ("lmdb:senders", "mta_base_lookup_tables (lmdb:senders)"),
        ("biff", "biff"),
    ],
)
def test_known_as(subject: str, name: str) -> None:
    assert known_as(subject, VARIABLES) == name
    assert known_as(subject, {}) == subject


def test_a_problem_is_forced_by_its_parameter_and_told_by_its_variable() -> None:
    problem = Problem("relayhost", "is bad")
    assert raise_unless_forced([problem], ["relayhost"], VARIABLES) == (
        "FORCED against the rules: mta_outbound_relayhost: is bad",
    )
    with pytest.raises(PostfixError, match="nothing was changed: mta_outbound_relayhost: is bad"):
        raise_unless_forced([problem], [], VARIABLES)


REFUSALS: dict[str, tuple[t.Callable[[], object], str]] = {
    "parameter": (
        lambda: render_wanted({"relayhost": {"a": 1}}, VARIABLES),
        "mta_outbound_relayhost: ",
    ),
    "service": (lambda: read_wanted({"smtp/inet": 1}, VARIABLES), "mta_base_services (smtp/inet): "),
    "table": (lambda: wanted_tables({"lmdb:senders": 1}, "/e", VARIABLES), "mta_base_lookup_tables (lmdb:senders): "),
    "table-type": (
        lambda: refuse_types(wanted_tables({"lmdb:senders": {"lines": []}}, "/e", VARIABLES), frozenset()),
        "mta_base_lookup_tables (lmdb:senders): ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_read_is_told_by_its_variable(case: str) -> None:
    refuse, told = REFUSALS[case]
    with pytest.raises(ValueError, match=re.escape(told)):
        refuse()
