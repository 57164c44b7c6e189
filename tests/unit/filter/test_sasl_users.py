# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of the SASL server are judged before anything changes, by the variable that holds them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.sasl_users import sasl_users


def test_users_stay_as_they_are_and_removed_ones_go() -> None:
    assert sasl_users({"ann": {"password": "x"}, "bob": None}) == {"ann": {"password": "x"}}


@pytest.mark.parametrize(
    ("users", "told"),
    [
        (["ann"], "the_users: expected a mapping of user names"),
        ({"Ann": {"password": "sesame-sesame"}}, 'the_users: user "Ann": a name is made of small letters'),
        ({"ann": "sesame-sesame"}, 'the_users: user "ann": expected password or password_hash'),
    ],
)
def test_refused_without_its_secret(users: object, told: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        sasl_users(users, variable="the_users")
    assert told in str(caught.value)
    assert "sesame" not in str(caught.value)
