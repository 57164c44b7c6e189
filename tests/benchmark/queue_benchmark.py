# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the queue modules with 50,000 deferred messages against Postfix's own programs, and hold them to their goals.

usage: queue_benchmark.py

What a module takes is its play without a play with one ping; those run before and after it.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

from common import HERE, INSTALL, around, medians, new_lab, play, verdict
from lab import mail
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark-queue"
MESSAGES, DELETED = 50_000, 10_000
SENDERS = [f"sender-{letter}" for letter in "abcde"]
READ_ROUNDS, DELETE_ROUNDS = range(5, 12), range(3, 8)
COUNTS, AGES = "counts, seconds more than a ping play", "counts, sizes and ages, times postqueue -j"
LISTING, MEMORY_MIB = "listing, times postqueue -j", "listing, MiB"
DELETE = "delete, times (postqueue -j + postsuper -d -)"
READ_GOALS = {COUNTS: 0.3, AGES: 0.5, LISTING: 1.25}
DELETE_GOALS = {DELETE: 1.3}
MEMORY_GOALS = {MEMORY_MIB: 40.0}
FILTER = {"list": True, "sender": "sender-c@*", "domain": "example.net", "limit": 100}
# Everything goes to a port where nobody listens.
DEFER = "postconf -e relayhost=[127.0.0.1]:9 && postfix reload"
DIRECTORIES = "cd /var/spool/postfix; find deferred -type f | wc -l"
IDS = """
postqueue -j | python3 -c '
import json, sys
for message in map(json.loads, sys.stdin):
    if message["sender"].startswith("sender-a"):
        print(message["queue_id"])
' >/root/ids
"""
TIMED = """
import subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1], shell=True, check=True, stderr=subprocess.DEVNULL)
print(time.perf_counter() - start)
"""
MEMORY = """
import resource, subprocess, sys
subprocess.run(["python3", sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def timed(lab: Lab, host: str, command: str) -> float:
    """Run a shell command on a host; the seconds that it takes there."""
    return float(mail.output(lab, host, "python3", "-c", TIMED, command))


def add(lab: Lab, host: str, sender: str) -> None:
    """Add the messages of one sender."""
    script = (HERE / "fill_deferred.py").read_text()
    mail.output(lab, host, "python3", "-", sender, str(DELETED), stdin=script)


def expect(lab: Lab, host: str, count: int) -> None:
    """SystemExit unless so many messages are deferred, beside the model of all."""
    found = int(mail.output(lab, host, "sh", "-c", DIRECTORIES)) - 1
    if found != count:
        raise SystemExit(f"{host}: {found} messages instead of {count}")


def read(lab: Lab, host: str, directory: Path) -> dict[str, float]:
    """Read the queue in all ways; what each takes."""

    def ping() -> float:
        return play("ping.yml", host, directory)

    def info(options: dict[str, object]) -> float:
        return play("queue_info.yml", host, directory, "-e", json.dumps({"options": options}))

    counts, ages, listing = (functools.partial(info, options) for options in ({"ages": False}, {}, FILTER))
    (with_counts, first), (with_ages, second) = around(ping, counts, ages)
    before = raw_list(lab, host)
    [(with_listing, third)] = around(ping, listing)
    raw = (before + raw_list(lab, host)) / 2
    return {COUNTS: with_counts - first, AGES: (with_ages - second) / raw, LISTING: (with_listing - third) / raw}


def raw_list(lab: Lab, host: str) -> float:
    """Return the seconds of Postfix's own listing."""
    return timed(lab, host, "postqueue -j >/dev/null")


def delete(lab: Lab, host: str, directory: Path) -> dict[str, float]:
    """Delete a fifth of the queue with Postfix's programs, and another one with the module; the ratio."""
    mail.output(lab, host, "sh", "-c", IDS)
    expect(lab, host, MESSAGES)
    raw = raw_list(lab, host) + timed(lab, host, "postsuper -d - </root/ids")
    expect(lab, host, MESSAGES - DELETED)
    add(lab, host, "sender-a")
    expect(lab, host, MESSAGES)
    ping = functools.partial(play, "ping.yml", host, directory)
    work = functools.partial(play, "queue_delete.yml", host, directory, "-e", "sender=sender-b@*")
    [(seconds, unit)] = around(ping, work)
    expect(lab, host, MESSAGES - DELETED)
    add(lab, host, "sender-b")
    return {DELETE: (seconds - unit) / raw}


def memory(lab: Lab, host: str, directory: Path) -> float:
    """Return the MiB that the listing takes at most: the module is left on the host, and run there once more."""
    argv = ["ansible", host, "-i", str(directory / "inventory.yml"), "-m", "mailops.mta.queue_info", "-a"]
    settings = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_PIPELINING": "0", "ANSIBLE_REMOTE_TMP": "/root/kept"}
    mail.output(lab, host, "rm", "-rf", "/root/kept")
    subprocess.run([*argv, json.dumps(FILTER)], env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL)
    path = mail.output(lab, host, "find", "/root/kept", "-name", "AnsiballZ_queue_info.py").strip()
    return float(mail.output(lab, host, "python3", "-c", MEMORY, path))


def measure(lab: Lab, host: str, directory: Path) -> int:
    """Measure one host and print what it takes; how many goals were missed."""
    reading = medians(functools.partial(read, lab, host, directory), READ_GOALS, READ_ROUNDS)
    missed = verdict(host, reading, READ_GOALS)
    missed += verdict(host, {MEMORY_MIB: memory(lab, host, directory)}, MEMORY_GOALS)
    deleting = medians(functools.partial(delete, lab, host, directory), DELETE_GOALS, DELETE_ROUNDS)
    return missed + verdict(host, deleting, DELETE_GOALS)


def main() -> int:
    failed = 0
    with new_lab(LAB) as (lab, directory):
        for host in MTA_HOSTS:
            mail.output(lab, host.name, "sh", "-c", INSTALL + DEFER)
            for sender in SENDERS:
                add(lab, host.name, sender)
            play("ping.yml", host.name, directory)  # opens the connection
            raw_list(lab, host.name)  # the first one to read a file is slower
            failed += measure(lab, host.name, directory)
            print(f"{host.name}: load {os.getloadavg()[0]:.1f}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
