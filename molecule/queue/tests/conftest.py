# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues to start from: empty ones, or messages in each of the six states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from lab import queues
from lab.queues import IDs
from lab.topology import Lab


@pytest.fixture
def empty(lab: Lab) -> Iterator[None]:
    """Queues that are empty before a test and after it."""
    queues.clear(lab)
    yield
    queues.clear(lab)


@pytest.fixture
def filled(lab: Lab) -> Iterator[Mapping[str, IDs]]:
    """One message in each queue; IDs by host and queue."""
    with queues.filled(lab) as ids:
        yield ids
