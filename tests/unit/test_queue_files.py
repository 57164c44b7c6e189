# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting queue directories: hashed or not, long ones, and ones that change meanwhile."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
import types

import pytest
from ansible_collections.mailops.mta.plugins.module_utils import _queue
from ansible_collections.mailops.mta.plugins.module_utils._postfix import queue_message
from ansible_collections.mailops.mta.plugins.module_utils._postfix.instance import PostfixError
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_listing import Total

METRICS = pathlib.Path(__file__).resolve().parents[2] / "roles" / "mta_queue" / "files" / "queue_metrics.py"
ARRIVAL = 1_795_258_904


def head(size: int, arrival: int) -> bytes:
    numbers = (size, 238, 1, 0, size, 0)
    return b"C_" + b" ".join(b"%15d" % number for number in numbers) + b"T\x11%d 947483A\x16create_time=" % arrival


@pytest.fixture
def spool(tmp_path: pathlib.Path) -> pathlib.Path:
    """A queue directory with one message in deferred/A and one in hold/B/C, and files that are none."""
    for place in ("active", "incoming", "deferred/A", "hold/B/C", "maildrop", "corrupt"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "deferred/A/ABCDEF1").write_bytes(head(500, ARRIVAL))
    (tmp_path / "hold/B/C/BCDEF12").write_bytes(head(700, ARRIVAL - 10))
    (tmp_path / "maildrop/12345AB").write_bytes(b"T\x11%d 947483" % ARRIVAL)
    (tmp_path / "corrupt/67890AB").write_bytes(b"nothing")
    os.utime(tmp_path / "corrupt/67890AB", (ARRIVAL + 5, ARRIVAL + 5))
    (tmp_path / "active/link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "active/fifo")
    return tmp_path


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The program of the role mta_queue, beside the module that it is installed with."""
    monkeypatch.setitem(sys.modules, "queue_message", queue_message)
    specification = importlib.util.spec_from_file_location("queue_metrics", METRICS)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


EXPECTED = {
    "active": Total(),
    "incoming": Total(),
    "deferred": Total(1, 0, 500, ARRIVAL),
    "hold": Total(1, 0, 700, ARRIVAL - 10),
    "maildrop": Total(1, 0, 19, ARRIVAL),
    "corrupt": Total(1, 0, 7, ARRIVAL + 5),
}


def test_totals(spool: pathlib.Path) -> None:
    assert _queue.totals(str(spool)) == EXPECTED
    # A file that was swapped for a link after it was listed.
    place = os.open(spool / "active", os.O_RDONLY)
    assert _queue._size_and_arrival("active", "link", place) is None
    os.close(place)
    assert _queue.find(str(spool), ["BCDEF12", "FFFFFFF"]) == {"BCDEF12": "hold"}
    assert [(each.queue_id, each.size) for each in _queue.corrupt(str(spool))] == [("67890AB", 7)]
    assert {each.queue_id for each in _queue.named(str(spool), ["deferred", "hold"])} == {"ABCDEF1", "BCDEF12"}


def test_looking_writes_nothing(spool: pathlib.Path, metrics: types.ModuleType) -> None:
    """The kernel writes the access time of a file that was changed later, as the next attempt of a message is."""
    (spool / "active" / "fifo").unlink()
    message = spool / "deferred/A/ABCDEF1"
    os.utime(message, (ARRIVAL - 100, ARRIVAL * 2))
    _queue.totals(str(spool))
    metrics.measured(str(spool), ARRIVAL)
    assert message.stat().st_atime == ARRIVAL - 100


def test_counts(spool: pathlib.Path) -> None:
    assert _queue.counts(str(spool)) == {queue: Total(total.messages) for queue, total in EXPECTED.items()}


def test_a_queue_that_is_not_there(spool: pathlib.Path) -> None:
    (spool / "incoming").rmdir()
    assert _queue.totals(str(spool)) == EXPECTED


def test_a_message_that_vanishes(spool: pathlib.Path) -> None:
    found = _queue.files(str(spool / "deferred"))
    place, name = next(found)
    os.unlink(name, dir_fd=place)
    assert _queue._size_and_arrival("deferred", name, place) is None
    assert list(found) == []


def test_long_queues_are_shared(spool: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is counted once, whatever process does it; a process that fails is no zero."""
    for number in range(300):
        (spool / "active" / f"A{number:05X}").write_bytes(head(number, ARRIVAL - number))
    monkeypatch.setattr(_queue, "_MANY_FILES", 100)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})
    assert _queue.totals(str(spool)) == {**EXPECTED, "active": Total(300, 0, sum(range(300)), ARRIVAL - 299)}
    here, share = os.getpid(), _queue._share

    def fail(*arguments: object) -> object:
        if os.getpid() != here:
            raise OSError
        return share(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(_queue, "_share", fail)
    with pytest.raises(PostfixError, match="could not be counted"):
        _queue.totals(str(spool))


def test_metrics_are_the_totals(spool: pathlib.Path, metrics: types.ModuleType) -> None:
    now = ARRIVAL + 100
    (spool / "active" / "fifo").unlink()
    measured = metrics.measured(str(spool), now)
    assert measured == {
        queue: [total.messages, total.size, 0 if total.oldest is None else now - total.oldest]
        for queue, total in EXPECTED.items()
    }
    text = metrics.exposition(measured, now)
    assert '\npostfix_queue_messages{queue="deferred"} 1\n' in text
    assert '\npostfix_queue_oldest_age_seconds{queue="hold"} 110\n' in text
    assert text.endswith(f"\npostfix_queue_scan_timestamp_seconds {now}\n")
