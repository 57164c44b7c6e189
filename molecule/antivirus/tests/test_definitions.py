# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without virus definitions clamd does not start, and mail waits; when they are there, it is scanned and delivered."""

from __future__ import annotations

from lab import mail
from lab.filtering import ADMINISTRATOR
from lab.scanner import scan, wait_for
from lab.topology import Lab

WORD = "virusofthelab"
TAKE = "mkdir -p /root/without; systemctl stop clamav-daemon.socket clamav-daemon.service; mv {} /root/without"
PLACE = "/var/lib/clamav"


def test_mail_waits_for_definitions(lab: Lab, mta: str) -> None:
    token = mail.new_token()
    cursor = mail.journal_cursor(lab, mta)
    files = f"$(find {PLACE} -type f ! -name freshclam.dat)"
    mail.output(lab, mta, "sh", "-c", TAKE.format(files))
    try:
        mail.output(lab, mta, "systemctl", "start", "clamav-daemon.service")
        wait_for(lambda: scan(lab, mta, WORD).startswith("ERROR: Could not connect to clamd"), "clamd still runs")
        for name, text in (("one", "hello"), ("two", "hello"), ("virus", WORD)):
            reply = mail.send(lab, mta, "ann@example.org", f"{name}@example.test", letter(token, name, text))
            assert reply.code == 250
        queue = ("postqueue", "-j")
        wait_for(lambda: mail.output(lab, mta, *queue).count("ALL VIRUS SCANNERS FAILED") == 3, "no mail waits")
        assert mail.stored(lab, token, 0, 0) == []
    finally:
        mail.output(lab, mta, "sh", "-c", f"mv /root/without/* {PLACE}; systemctl start clamav-daemon.service")
    wait_for(lambda: scan(lab, mta, WORD).endswith("FOUND"), "clamd does not scan")
    mail.output(lab, mta, "postqueue", "-f")
    wait_for(lambda: f"virus.{token}" in blocked(mail.journal(lab, mta, cursor)), "the virus was not found")
    arrived = mail.stored(lab, token, 3, recipients=["one@example.test", "two@example.test", ADMINISTRATOR])
    assert sorted(each for copy in arrived for each in copy.recipients) == [
        "one@example.test", ADMINISTRATOR, "two@example.test",
    ]  # fmt: skip


def letter(token: str, name: str, text: str) -> str:
    """A message with a Message-ID to find it by."""
    head = f"From: ann@example.org\nTo: {name}@example.test\nMessage-ID: <{name}.{token}@example.org>\n"
    return f"{head}Subject: {token}\nDate: Sat, 21 Nov 2026 12:00:00 +0000\n\n{text}\n"


def blocked(journal: str) -> str:
    """What Amavis says of messages with a virus."""
    return "\n".join(line for line in journal.splitlines() if "Blocked INFECTED (Lab." in line)
