# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in each of the six states: for one test, or for all tests of a file that change nothing."""

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
    queues.clear(lab)
    yield queues.fill(lab)
    queues.clear(lab)


@pytest.fixture(scope="module")
def kept(lab: Lab) -> Iterator[Mapping[str, IDs]]:
    """The same for all tests of a file."""
    queues.clear(lab)
    yield queues.fill(lab)
    queues.clear(lab)
