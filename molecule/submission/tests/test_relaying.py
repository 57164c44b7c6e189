# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger reaches nobody but the server's own recipients, however he writes the address."""

from __future__ import annotations

import pytest
from lab import mail
from lab.submission import ADDRESS_FORMS, OWN_ADDRESSES, SERVERS, offered
from lab.topology import Lab


@pytest.fixture(scope="module")
def replies(lab: Lab) -> dict[tuple[str, str, int], mail.Reply]:
    """The answer to each address, at each port."""
    return offered(lab, SERVERS, (25, 587))


def test_there_are_many_forms() -> None:
    assert len(set(ADDRESS_FORMS.values())) == len(ADDRESS_FORMS) >= 24


@pytest.mark.parametrize("port", [25, 587])
@pytest.mark.parametrize("form", ADDRESS_FORMS)
def test_foreign_address_is_refused(
    replies: dict[tuple[str, str, int], mail.Reply], mta: str, form: str, port: int
) -> None:
    assert replies[mta, form, port].code >= 500, replies[mta, form, port]


@pytest.mark.parametrize("form", OWN_ADDRESSES)
def test_own_address_is_accepted_at_port_25(
    replies: dict[tuple[str, str, int], mail.Reply], mta: str, form: str
) -> None:
    assert replies[mta, form, 25].code == 250, replies[mta, form, 25]
