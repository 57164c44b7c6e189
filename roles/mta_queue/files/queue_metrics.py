# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what is in the queues of Postfix to a file for the textfile collector of Prometheus' node exporter.

usage: queue_metrics.py QUEUE_DIRECTORY FILE

queue_message.py, which lies beside this file, is the collection's own.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from queue_message import HEAD_BYTES, QUEUES, parse_head

METRICS = {
    "messages": "Messages in a queue.",
    "bytes": "Size of the messages in a queue.",
    "oldest_age_seconds": "Age of the oldest message in a queue, 0 when it is empty.",
}

# The time of a deferred message lies in the future, so without O_NOATIME each look writes to the disk.
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOATIME


def refuse(error: OSError) -> None:
    """Raise, rather than count too few, unless something has vanished or is a link, which no queue file is."""
    if error.errno not in (errno.ENOENT, errno.ELOOP):
        raise error


def messages(directory: str) -> Iterator[tuple[int, int]]:
    """Yield size and arrival of each message; what vanishes meanwhile is left out."""
    for place, _directories, names in os.walk(directory, onerror=refuse):
        for name in names:
            try:
                with open(os.open(os.path.join(place, name), FLAGS), "rb", 0) as file:
                    size, arrival = parse_head(file.read(HEAD_BYTES)) or (None, None)
                    status = os.fstat(file.fileno())
            except OSError as error:
                refuse(error)
                continue
            yield size or status.st_size, arrival or int(status.st_mtime)


def measured(spool: str, now: float) -> dict[str, list[float]]:
    """Return the values of METRICS, in their order, by queue."""
    found: dict[str, list[float]] = {}
    for queue in QUEUES:
        values = found[queue] = [0, 0, 0]
        for size, arrival in messages(os.path.join(spool, queue)):
            values[0] += 1
            values[1] += size
            values[2] = max(values[2], int(now - arrival))
    return found


def exposition(found: dict[str, list[float]], now: float) -> str:
    """Return the metrics in Prometheus' text format."""
    lines = []
    for column, (name, text) in enumerate(METRICS.items()):
        lines += [f"# HELP postfix_queue_{name} {text}", f"# TYPE postfix_queue_{name} gauge"]
        lines += [f'postfix_queue_{name}{{queue="{queue}"}} {values[column]}' for queue, values in found.items()]
    scan = "postfix_queue_scan_timestamp_seconds"
    lines += [f"# HELP {scan} When the queues were read.", f"# TYPE {scan} gauge", f"{scan} {now:.0f}"]
    return "\n".join([*lines, ""])


def main() -> None:
    spool, target = sys.argv[1], Path(sys.argv[2])
    now = time.time()
    # The exporter reads names that end in .prom, and must never see half a file.
    temporary = target.with_suffix(".new")
    temporary.write_text(exposition(measured(spool, now), now), encoding="ascii")
    temporary.chmod(0o644)
    temporary.rename(target)


if __name__ == "__main__":
    main()
