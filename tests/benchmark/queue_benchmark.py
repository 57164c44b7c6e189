# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the queue modules with 50,000 deferred messages against Postfix's own programs, and hold them to their goals.

usage: queue_benchmark.py [ROUNDS]

What a module takes is its play without a play with one ping. Each round runs everything, so that a busy machine slows
all of it. The ratios are those of the medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from common import HERE, INSTALL, new_lab, play, verdict
from lab import mail
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark-queue"
MESSAGES, DELETED = 50_000, 10_000
SENDERS = [f"sender-{letter}" for letter in "abcde"]
COUNTS_SECONDS, AGES_RATIO, LISTING_RATIO, LISTING_MIB, DELETE_RATIO = 0.3, 0.5, 1.25, 40.0, 1.3
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


def measure(lab: Lab, host: str, rounds: int, directory: Path) -> dict[str, float]:
    """Return the medians in seconds of all that is compared."""
    seconds: dict[str, list[float]] = {}
    for _round in range(rounds):
        counts, ages, listing = (json.dumps({"options": options}) for options in ({"ages": False}, {}, FILTER))
        took = {
            "ping": play("ping.yml", host, directory),
            "counts": play("queue_info.yml", host, directory, "-e", counts),
            "ages": play("queue_info.yml", host, directory, "-e", ages),
            "listing": play("queue_info.yml", host, directory, "-e", listing),
            "raw list": timed(lab, host, "postqueue -j >/dev/null"),
        }
        mail.output(lab, host, "sh", "-c", IDS)
        expect(lab, host, MESSAGES)
        took["raw delete"] = timed(lab, host, "postsuper -d - </root/ids")
        expect(lab, host, MESSAGES - DELETED)
        add(lab, host, "sender-a")
        expect(lab, host, MESSAGES)
        took["delete"] = play("queue_delete.yml", host, directory, "-e", "sender=sender-b@*")
        expect(lab, host, MESSAGES - DELETED)
        add(lab, host, "sender-b")
        for name, value in took.items():
            seconds.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in seconds.items()}


def memory(lab: Lab, host: str, directory: Path) -> float:
    """Return the MiB that the listing takes at most: the module is left on the host, and run there once more."""
    argv = ["ansible", host, "-i", str(directory / "inventory.yml"), "-m", "mailops.mta.queue_info", "-a"]
    settings = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_PIPELINING": "0", "ANSIBLE_REMOTE_TMP": "/root/kept"}
    mail.output(lab, host, "rm", "-rf", "/root/kept")
    subprocess.run([*argv, json.dumps(FILTER)], env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL)
    path = mail.output(lab, host, "find", "/root/kept", "-name", "AnsiballZ_queue_info.py").strip()
    return float(mail.output(lab, host, "python3", "-c", MEMORY, path))


def judge(host: str, took: dict[str, float], mebibytes: float) -> int:
    """Print what was measured; how many goals were missed."""
    print(f"{host}: " + ", ".join(f"{name} {value:.2f} s" for name, value in took.items()), flush=True)
    counts = took["counts"] - took["ping"]
    ages = (took["ages"] - took["ping"]) / took["raw list"]
    listing = (took["listing"] - took["ping"]) / took["raw list"]
    delete = (took["delete"] - took["ping"]) / (took["raw list"] + took["raw delete"])
    return sum(
        (
            verdict(f"{host}: counts {counts:.2f} s more than a ping play", counts, COUNTS_SECONDS),
            verdict(f"{host}: counts, sizes and ages {ages:.2f} x postqueue -j", ages, AGES_RATIO),
            verdict(f"{host}: listing {listing:.2f} x postqueue -j", listing, LISTING_RATIO),
            verdict(f"{host}: listing {mebibytes:.1f} MiB", mebibytes, LISTING_MIB),
            verdict(f"{host}: delete {delete:.2f} x (postqueue -j + postsuper -d -)", delete, DELETE_RATIO),
        )
    )


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    failed = 0
    with new_lab(LAB) as (lab, directory):
        for host in MTA_HOSTS:
            mail.output(lab, host.name, "sh", "-c", INSTALL + DEFER)
            for sender in SENDERS:
                add(lab, host.name, sender)
            play("ping.yml", host.name, directory)  # opens the connection
            timed(lab, host.name, "postqueue -j >/dev/null")  # the first one to read a file is slower
            start = time.perf_counter()
            took = measure(lab, host.name, rounds, directory)
            print(f"{host.name}: {rounds} rounds in {time.perf_counter() - start:.0f} s, load {os.getloadavg()[0]:.1f}")
            failed += judge(host.name, took, memory(lab, host.name, directory))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
