# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for messages that contain a token. Prints a JSON list.

Arguments: token, number of messages, seconds, and perhaps recipients that each have to have got one.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

STORE = Path("/var/lib/lab-mail")


def stored(token: str) -> list[dict[str, object]]:
    """The messages that contain the token, oldest first; files that begin with a dot are still being written."""
    texts = (path.read_text() for path in sorted(STORE.glob("[0-9]*.json")))
    return [json.loads(text) for text in texts if token in text]


def complete(messages: list[dict[str, object]], count: int, recipients: set[str]) -> bool:
    """Whether there are so many messages, and one for each recipient among them."""
    return len(messages) >= count and recipients <= {name for each in messages for name in each["recipients"]}


def main(token: str, count: str, seconds: str, *recipients: str) -> None:
    """Print what is there when all of it has come or the time is over."""
    deadline = time.monotonic() + float(seconds)
    while not complete(found := stored(token), int(count), set(recipients)) and time.monotonic() < deadline:
        time.sleep(0.1)
    json.dump(found, sys.stdout)


main(*sys.argv[1:])
