# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the queue modules with 50,000 deferred messages against Postfix's own programs, and hold them to their goals.

usage: queue_benchmark.py

What a module takes is its play without a play with one ping. The ratios are those of the shortest times, because what
else a machine does only adds; and while they miss their goals, there is another round, because it adds more to what
takes longer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from common import HERE, INSTALL, new_lab, play, verdict
from lab import mail
from lab.topology import MTA_HOSTS, Lab

LAB = "benchmark-queue"
MESSAGES, DELETED = 50_000, 10_000
SENDERS = [f"sender-{letter}" for letter in "abcde"]
ROUNDS, MOST_ROUNDS = 2, 8
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


Times = dict[str, float]
# What a value is of, the value, and the highest that is good.
Value = tuple[str, float, float]


def read(lab: Lab, host: str, directory: Path) -> Times:
    """Read the queue in all ways; the seconds that each takes."""

    def info(options: dict[str, object]) -> float:
        return play("queue_info.yml", host, directory, "-e", json.dumps({"options": options}))

    return {
        "ping": play("ping.yml", host, directory),
        "counts": info({"ages": False}),
        "ages": info({}),
        "listing": info(FILTER),
        "raw list": timed(lab, host, "postqueue -j >/dev/null"),
    }


def delete(lab: Lab, host: str, directory: Path) -> Times:
    """Delete a fifth of the queue with Postfix's programs, and another one with the module; the seconds of each."""
    mail.output(lab, host, "sh", "-c", IDS)
    expect(lab, host, MESSAGES)
    raw = timed(lab, host, "postsuper -d - </root/ids")
    expect(lab, host, MESSAGES - DELETED)
    add(lab, host, "sender-a")
    expect(lab, host, MESSAGES)
    took = play("queue_delete.yml", host, directory, "-e", "sender=sender-b@*")
    expect(lab, host, MESSAGES - DELETED)
    add(lab, host, "sender-b")
    return {"raw delete": raw, "delete": took}


def read_values(took: Times) -> list[Value]:
    """Return what reading is held to."""
    beyond = {name: took[name] - took["ping"] for name in ("counts", "ages", "listing")}
    return [
        ("counts, seconds more than a ping play", beyond["counts"], COUNTS_SECONDS),
        ("counts, sizes and ages, times postqueue -j", beyond["ages"] / took["raw list"], AGES_RATIO),
        ("listing, times postqueue -j", beyond["listing"] / took["raw list"], LISTING_RATIO),
    ]


def delete_values(took: Times) -> list[Value]:
    """Return what deleting is held to."""
    ratio = (took["delete"] - took["ping"]) / (took["raw list"] + took["raw delete"])
    return [("delete, times (postqueue -j + postsuper -d -)", ratio, DELETE_RATIO)]


def shortest(once: Callable[[], Times], values: Callable[[Times], list[Value]], known: Times) -> Times:
    """Return *known* and the shortest times of some rounds, of more of them while a value is too high."""
    times = dict(known)
    for number in range(MOST_ROUNDS):
        for name, seconds in once().items():
            times[name] = min(times.get(name, seconds), seconds)
        if number + 1 >= ROUNDS and all(value <= goal for _text, value, goal in values(times)):
            break
    return times


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
    took = shortest(lambda: read(lab, host, directory), read_values, {})
    mebibytes = memory(lab, host, directory)
    took = shortest(lambda: delete(lab, host, directory), delete_values, took)
    print(f"{host}: " + ", ".join(f"{name} {value:.2f} s" for name, value in took.items()), flush=True)
    found = [*read_values(took), ("listing, MiB", mebibytes, LISTING_MIB), *delete_values(took)]
    return sum(verdict(f"{host}: {value:.2f} {text}", value, goal) for text, value, goal in found)


def main() -> int:
    failed = 0
    with new_lab(LAB) as (lab, directory):
        for host in MTA_HOSTS:
            mail.output(lab, host.name, "sh", "-c", INSTALL + DEFER)
            for sender in SENDERS:
                add(lab, host.name, sender)
            play("ping.yml", host.name, directory)  # opens the connection
            timed(lab, host.name, "postqueue -j >/dev/null")  # the first one to read a file is slower
            failed += measure(lab, host.name, directory)
            print(f"{host.name}: load {os.getloadavg()[0]:.1f}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
