# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the report in README.md: fill the queues of a lab, run playbooks/report.yml, look at the page."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from browser.chromium import chromium

from lab import lifecycle, mail, play
from lab.engine import REPOSITORY, LabError
from lab.lifecycle import ssh_config_path
from lab.topology import MTA_HOSTS, PEER, Lab, inventory

REPORT = REPOSITORY / "playbooks" / "report.yml"
PICTURE = REPOSITORY / "docs" / "report.webp"
WORK = REPOSITORY / ".cache" / "pictures"
HOSTS = [host.name for host in MTA_HOSTS]
# A message's age is what its queue file says; a demonstration has no days to wait.
FILL = r"""
import os, pathlib, re, subprocess, sys, time
domains = ["example.net"] * 5 + ["partner.example.net"] * 3 + ["example.org"] * 2 + ["mail.example.org"]
senders = ["ann@example.test", "billing@example.test", "news@example.test"]
count = int(sys.argv[1])
for number in range(count):
    recipient = f"customer{number}@{domains[number % len(domains)]}"
    text = "Subject: Order\n\n" + "Thank you for your order.\n" * (1 + number * 37 % 200)
    subprocess.run(["sendmail", "-f", senders[number % 3], recipient], input=text, text=True, check=True)
queue = pathlib.Path("/var/spool/postfix/deferred")
deadline = time.monotonic() + 120
while len(waiting := [path for path in queue.rglob("*") if path.is_file()]) < count and time.monotonic() < deadline:
    time.sleep(0.5)
subprocess.run(["systemctl", "stop", "postfix"], check=True)
for number, path in enumerate(sorted(waiting)):
    age = int(60 * 1.13 ** (number * 60 / count + number % 7))
    older = lambda match: match[1] + b"%d" % (int(match[2]) - age)
    status = path.stat()
    path.write_bytes(re.sub(rb"(T[\x0b-\x20])(\d{10})(?= \d)", older, path.read_bytes(), count=1))
    os.utime(path, (status.st_atime, status.st_mtime))
"""


def filled(lab: Lab, host: str) -> None:
    """Let messages pile up on a host; some of them are held."""
    count = str({"mx12": 64, "mx13": 23}[host])
    mail.output(lab, host, "python3", "-", count, stdin=FILL)
    mail.output(lab, host, "systemctl", "restart", "postfix")
    mail.output(
        lab, host, "sh", "-c", """postqueue -j | sed -n '5,8s/.*"queue_id": "\\([^"]*\\).*/\\1/p' | postsuper -h -"""
    )


def reported(lab: Lab) -> Path:
    """Run the report; the page that it wrote."""
    WORK.mkdir(parents=True, exist_ok=True)
    hosts = WORK / "hosts.yml"
    hosts.write_text(inventory(lab, ssh_config_path(lab.name)))
    run = play.play(REPORT, [hosts], "-e", f"mta_report_directory={WORK}")
    if run.code:
        raise LabError(f"ansible-playbook failed\n{run.output}")
    return WORK / "mta-report.html"


def main(name: str) -> None:
    """Make the picture with the lab of this name; its queues are empty afterwards."""
    lab = lifecycle.existing(name)
    mail.output(lab, PEER.name, "systemctl", "stop", "sink")
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda host: filled(lab, host), HOSTS))
        page = reported(lab)
    finally:
        for host in HOSTS:
            mail.output(lab, host, "postsuper", "-d", "ALL")
        mail.output(lab, PEER.name, "systemctl", "start", "sink")
    with chromium() as browser:
        browser.open(page, width=1180, height=1120)
        browser.click('[data-server="mx12"] > summary')
        browser.evaluate("scrollTo(0, 0)")
        browser.picture(PICTURE)
    print(f"{PICTURE}: {PICTURE.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main(*sys.argv[1:] or ("demo",))
