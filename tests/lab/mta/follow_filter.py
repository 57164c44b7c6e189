# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow the journal until Amavis has judged messages, and what it gave back to Postfix has left the queue.

Argument: a JSON mapping with cursor, ids (Message-IDs without brackets), seconds, and deferred: instead of judgements,
wait until so many messages have been put off. Prints Amavis's line on each message.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading

VERDICT = re.compile(r"(?:Passed|Blocked) .*Message-ID: <([^>]+)>")
RETURNED = re.compile(r"postfix/reinject/smtpd\[\d+\]: (\w+): client=")
DEFERRED = re.compile(r"postfix/\S+\[\d+\]: (\w+): .*status=deferred")
REMOVED = re.compile(r"postfix/qmgr\[\d+\]: (\w+): removed")


def main(wanted: dict[str, object]) -> None:
    """Print what was found when all of it has come, or when the time is over."""
    command = ["journalctl", "--follow", "--output=short", "--lines=all", f"--after-cursor={wanted['cursor']}"]
    missing, verdicts, queued, deferred = set(wanted["ids"]), {}, set(), set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as journal:
        watchdog = threading.Timer(float(wanted["seconds"]), journal.kill)
        watchdog.start()
        for line in journal.stdout if missing or wanted["deferred"] else ():
            if (found := VERDICT.search(line)) and found[1] in missing:
                missing.discard(found[1])
                verdicts[found[1]] = line.rstrip()
            if found := RETURNED.search(line):
                queued.add(found[1])
            if found := REMOVED.search(line):
                queued.discard(found[1])
            if found := DEFERRED.search(line):
                deferred.add(found[1])
            if len(deferred) >= wanted["deferred"] if wanted["deferred"] else not missing and not queued:
                break
        watchdog.cancel()
        journal.kill()
    json.dump(verdicts, sys.stdout)


main(json.loads(sys.argv[1]))
