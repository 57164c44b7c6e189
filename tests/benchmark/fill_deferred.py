# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a mail host: add deferred messages, copies of a real one with other senders and recipients.

usage: fill_deferred.py SENDER COUNT

SENDER has eight characters. The first message goes through Postfix, which has to defer it.
"""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

SPOOL = Path("/var/spool/postfix")
MODEL = "original"
TEXT = "Subject: benchmark\n\n" + "All work and no play makes Jack a dull boy.\n" * 68


def model() -> tuple[bytes, bytes]:
    """Return the queue file of a deferred message and its defer log."""
    for _try in range(600):
        done = subprocess.run(["postqueue", "-j"], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            found = json.loads(line)
            if found["sender"].startswith(MODEL) and found["queue_name"] == "deferred":
                name = found["queue_id"]
                return tuple((SPOOL / queue / name[0] / name).read_bytes() for queue in ("deferred", "defer"))
        if not _try:
            command = ["sendmail", "-i", "-f", f"{MODEL}@example.org", "--", "recipient000000@example.net"]
            subprocess.run(command, input=TEXT, text=True, check=True)
        time.sleep(0.1)
    sys.exit("Postfix does not defer the model")


def main() -> None:
    sender, count = sys.argv[1], int(sys.argv[2])
    message, log = model()
    user, later = pwd.getpwnam("postfix"), time.time() + 86400
    for digit in "0123456789ABCDEF":
        for queue in ("deferred", "defer"):
            (SPOOL / queue / digit).mkdir(mode=0o700, exist_ok=True)
            os.chown(SPOOL / queue / digit, user.pw_uid, user.pw_gid)
    for number in range(count):
        recipient = b"recipient%06d" % number
        temporary = SPOOL / "deferred" / "new"
        temporary.write_bytes(message.replace(MODEL.encode(), sender.encode()).replace(b"recipient000000", recipient))
        # A queue ID: microseconds, which spread the files over the directories, and the number of the inode.
        name = f"{number * 7919 % 0x100000:05X}{temporary.stat().st_ino:X}"
        (SPOOL / "defer" / name[0] / name).write_bytes(log.replace(b"recipient000000", recipient))
        for path, mode in ((temporary, 0o700), (SPOOL / "defer" / name[0] / name, 0o600)):
            os.chown(path, user.pw_uid, user.pw_gid)
            path.chmod(mode)
        # The time of a deferred message is that of its next attempt.
        os.utime(temporary, (later, later))
        temporary.rename(SPOOL / "deferred" / name[0] / name)


main()
