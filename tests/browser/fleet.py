# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A made-up fleet of any size: what instance_info and queue_info would answer. The same number gives the same fleet."""

from __future__ import annotations

import random
from typing import Any

from ansible_collections.mailops.mta.plugins.plugin_utils._report import QUEUES, report

LIMITS = [5, 10, 20, 40, 80, 160, 320, 640, 1280]
# What somebody may put into a queue to get into the page of an administrator.
HOSTILE = (
    "<script>document.title = 'owned'</script>",
    "<img src=https://example.com/x onerror=\"document.title='owned'\">",
    "</style></details></table><h1>owned</h1>",
    '" onmouseover="document.title=\'owned\'" x="',
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;",
)
SENDERS = ("ann@example.com", "MAILER-DAEMON", f"newsletter+{'long' * 20}@a.subdomain.of.a.long.domain.example.net")
REASONS = (
    "",
    "connect to mx.partner.example[192.0.2.25]:25: Connection refused",
    "host mx2.example.net[198.51.100.7] said: 450 4.7.1 Greylisted: https://postgrey.example/ (in reply to RCPT TO)",
)
DOMAINS = ("partner.example", "example.net", "mail.example", "a-long-domain-name.subdomain.example.org")


def fleet(count: int) -> dict[str, Any]:
    """Return the report on so many servers; every 31st cannot be reached, and every 41st has no Postfix."""
    chance = random.Random(count)
    instances, queues = {}, {}
    for number in range(1, count + 1):
        name = f"mx{number}.example.com"
        instances[name], queues[name] = _answers(number, chance)
    return report(instances, queues, "2026-11-21T11:14:00Z")


def _answers(number: int, chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    if number % 31 == 2:
        return {"unreachable": True, "msg": "ssh: connect to host 192.0.2.7 port 22: Connection timed out"}, {}
    if number % 41 == 5:
        missing = {"msg": "Postfix is not installed on this host (no postconf program)"}
        return missing, missing
    queue = queue_answer(chance)
    return instance_answer(number, queue["queues"]), queue


def queue_answer(chance: random.Random, senders: tuple[str, ...] = SENDERS) -> dict[str, Any]:
    """Return an answer of queue_info: mail in some queues, the first 5 of each queue listed."""
    queues = {name: {"messages": 0, "bytes": 0, "oldest_age": None} for name in QUEUES}
    messages = []
    for name, most in (("active", 2), ("deferred", 12000), ("hold", 7)):
        number = chance.choice([1, most // 40 or 1, most])
        queues[name] = {"messages": number, "bytes": number * 3300, "oldest_age": chance.randint(60, 250_000)}
        messages += [message(name, chance, senders) for _each in range(min(number, 5))]
    total = {"messages": sum(queue["messages"] for queue in queues.values()), "bytes": 0, "oldest_age": 250_000}
    shown = {"scanned_at": "2026-11-21T11:14:00Z", "queues": queues, "total": total, "matched": total}
    return {**shown, "messages": messages, "summary": summary(chance, bool(messages))}


def message(queue: str, chance: random.Random, senders: tuple[str, ...]) -> dict[str, Any]:
    """Return one listed message."""
    reason = chance.choice(REASONS)
    recipients = [{"address": f"bob@{domain}", "domain": domain, "reason": reason} for domain in DOMAINS]
    return {
        "queue": queue,
        "queue_id": f"{chance.randrange(16**10):010X}",
        "arrival_time": "2026-11-20T10:30:00Z",
        "age": chance.randint(60, 250_000),
        "size": chance.randint(500, 2_000_000),
        "sender": chance.choice(senders),
        "recipients": recipients,
        "recipient_count": chance.choice([1, 4, 900]),
        "reason": reason,
        "expired": False,
    }


def summary(chance: random.Random, mail: bool) -> dict[str, Any]:
    """Return recipients by domain and age, senders and reasons."""
    ages = [[chance.choice([0, 0, 1, 9, 400]) for _column in range(len(LIMITS) + 1)] for _domain in DOMAINS]
    rows = [{"domain": each, "recipients": sum(row), "ages": row} for each, row in zip(DOMAINS, ages, strict=True)]
    return {
        "age_limits": LIMITS,
        "domains": rows if mail else [],
        "other_domains": 3 if mail else 0,
        "senders": [{"sender": each, "messages": 300, "bytes": 990_000} for each in SENDERS] if mail else [],
        "other_senders": 0,
        "reasons": [{"reason": each, "recipients": 1200} for each in REASONS[1:]] if mail else [],
        "other_reasons": 0,
    }


def instance_answer(number: int, queues: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of instance_info; every 17th has no running virus filter, every 23rd an old certificate."""
    stopped, old = number % 17 == 3, number % 23 == 4
    critical = {"severity": "critical", "part": "antivirus", "text": "the virus filter is configured, and does not run"}
    warning = {"severity": "warning", "part": "certificate", "text": "/etc/ssl/certs/mx.pem expires in 9 days"}
    return {
        "hostname": f"mx{number}.example.com",
        "mail_version": "3.10.13" if number % 2 else "3.7.11",
        "checked_at": "2026-11-21T11:14:00Z",
        "last_reload": "2026-11-20T03:10:00Z",
        "parts": {
            "postfix": part(version="3.7.11-0+deb12u1"),
            "antispam": part(detail="Amavis at 127.0.0.1:10024", version="4.0.1-1"),
            "antivirus": part(running=not stopped, version="1.4.3+dfsg-1"),
            "authentication": part(declared=number % 2 == 0, detail="PLAIN LOGIN"),
            "dkim": part(enabled=number % 6 != 5, detail="verifies, signs with 2 keys"),
        },
        "listeners": [
            {"service": "smtp/inet", "address": "127.0.0.1:25", "program": "postscreen", "tls": False,
             "answering": True, "banner": "220 mx.example.com ESMTP", "extensions": ["STARTTLS"], "problem": ""}
        ],
        "certificates": [
            {"path": "/etc/ssl/certs/mx.pem", "subject": "CN=mx.example.com", "names": [], "self_signed": False,
             "not_before": "2026-09-01T00:00:00Z", "not_after": "2026-12-01T00:00:00Z", "days_left": 9 if old else 61,
             "problem": ""}
        ],
        "signatures": [
            {"name": "daily.cld", "version": 27800, "signatures": 2_077_045, "built": "2026-11-21T07:00:00Z",
             "age": 14400}
        ],
        "queues": queues,
        "problems": [*([critical] if stopped else []), *([warning] if old else [])],
    }  # fmt: skip


def part(
    declared: bool = True, running: bool = True, enabled: bool = True, detail: str = "", version: str = ""
) -> dict[str, Any]:
    """Return one part of a server."""
    return {
        "declared": declared, "installed": True, "enabled": enabled, "running": running,
        "answering": True if running and declared else None, "version": version, "detail": detail, "problem": "",
    }  # fmt: skip
