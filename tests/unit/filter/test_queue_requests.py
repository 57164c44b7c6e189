# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests on queues are judged before the first one is carried out."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.queue_requests import queue_requests

RIGHT = {"action": "hold", "domain": "partner.example"}


@pytest.mark.parametrize(
    "request_",
    [
        RIGHT,
        {"action": "delete", "all": "yes", "max_messages": "500"},
        {"action": "delete", "id": "3F2A1C0B77,3F2A1C0B78", "older_than": 90},
        {"action": "release", "id": 123456},
        {"list": True, "limit": 20, "queue": ["deferred"], "larger_than": "1M"},
        {},
    ],
)
def test_accepted(request_: dict[str, object]) -> None:
    assert queue_requests([RIGHT, request_]) == [RIGHT, request_]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"action": "delete"}, "the_requests[1]: delete without a filter would delete everything"),
        ({"action": "delete", "id": "ALL"}, "the_requests[1]: id: 'ALL' is not accepted"),
        ({"action": "hold", "older_than": "2 hours"}, "the_requests[1]: older_than: '2 hours' is not accepted"),
        ({"action": "hold", "limit": -1}, "the_requests[1]: limit: -1 is not accepted"),
        ({"list": True, "limit": "-1"}, "the_requests: limit: -1 is not accepted"),
        ({"show": "../x"}, "the_requests: show: '../x' is not accepted"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        queue_requests([RIGHT, wrong], variable="the_requests")
    assert told in str(caught.value)
