# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: one report of what instance_info and queue_info answered for each server of a fleet."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping

QUEUES: t.Final = ("active", "incoming", "deferred", "hold", "maildrop", "corrupt")
SEVERITIES: t.Final = ("critical", "warning", "notice")
# What the two modules answer that a report shows. "queues" is in both answers; the younger one counts.
_INSTANCE: t.Final = (
    *("hostname", "mail_version", "checked_at", "last_reload", "parts", "listeners", "certificates", "signatures"),
    *("queues", "problems"),
)
_QUEUE: t.Final = ("scanned_at", "queues", "total", "matched", "messages", "summary")
_EMPTY: t.Final[Mapping[str, t.Any]] = {"messages": 0, "bytes": 0, "oldest_age": None}

Answer = Mapping[str, t.Any]
Server = dict[str, t.Any]


def report(instances: Mapping[str, Answer], queues: Mapping[str, Answer], generated_at: str) -> dict[str, t.Any]:
    """Return the report: {"generated_at", "totals", "problems", "domains", "servers"}.

    instances, queues: the answers of instance_info and queue_info by server; the worst server comes first.
    """
    servers = [_server(name, answer, queues.get(name, {})) for name, answer in instances.items()]
    servers.sort(key=_worst_first)
    return {
        "generated_at": generated_at,
        "totals": _totals(servers),
        "problems": _grouped(servers),
        "domains": _domains(servers),
        "servers": servers,
    }


def plain(value: t.Any) -> t.Any:
    """Return *value* of plain types; Ansible's own look each value up again, which takes a page from 1 s to minutes."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def _server(name: str, instance: Answer, queue: Answer) -> Server:
    """Put the answers of one server together; state is ok, failed or unreachable."""
    found: Server = {"name": name, "state": "ok", "error": "", "problems": []}
    found |= {key: instance[key] for key in _INSTANCE if key in instance}
    found |= {key: queue[key] for key in _QUEUE if key in queue}
    if instance.get("unreachable") or queue.get("unreachable"):
        found |= {"state": "unreachable", "error": _reason(instance if instance.get("unreachable") else queue)}
    elif "parts" not in instance or "messages" not in queue:
        found |= {"state": "failed", "error": _reason(queue if "parts" in instance else instance)}
    if found["state"] != "ok":
        what = "cannot be reached" if found["state"] == "unreachable" else "cannot be read"
        text = f"the server {what}: {found['error']}"
        found["problems"] = [{"severity": "critical", "part": "server", "text": text}, *found["problems"]]
    return found


def _reason(answer: Answer) -> str:
    """Return why there is no answer, in one line; SSH and Python say more than one."""
    text = str(answer.get("msg") or answer.get("module_stderr") or "no answer").removeprefix("Task failed: ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no answer"


def _worst_first(server: Server) -> tuple[int, list[tuple[int, int | str]]]:
    return _severity(server), natural(server["name"])


def _severity(server: Server) -> int:
    return min((SEVERITIES.index(problem["severity"]) for problem in server["problems"]), default=len(SEVERITIES))


def natural(name: str) -> list[tuple[int, int | str]]:
    """Return a sort key that puts mx2 before mx10."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name.lower()) if part]


def _totals(servers: Iterable[Server]) -> dict[str, t.Any]:
    known = list(servers)
    counted = [server["queues"] for server in known if "queues" in server]
    queues = {name: _sum(queue.get(name, _EMPTY) for queue in counted) for name in QUEUES}
    severities = [problem["severity"] for server in known for problem in server["problems"]]
    return {
        "servers": len(known),
        "states": {
            state: sum(server["state"] == state for server in known) for state in ("ok", "failed", "unreachable")
        },
        "problems": {severity: severities.count(severity) for severity in SEVERITIES},
        "queues": queues,
        "all": _sum(queues.values()),
    }


def _sum(totals: Iterable[Answer]) -> dict[str, t.Any]:
    known = list(totals)
    return {
        "messages": sum(each["messages"] for each in known),
        "bytes": sum(each["bytes"] for each in known),
        "oldest_age": max((each["oldest_age"] for each in known if each["oldest_age"] is not None), default=None),
    }


def _grouped(servers: Iterable[Server]) -> list[dict[str, t.Any]]:
    """Return every problem once, with the servers that have it, the worst and the most frequent first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for server in servers:
        for problem in server["problems"]:
            found.setdefault((problem["severity"], problem["part"], problem["text"]), []).append(server["name"])
    groups = [
        {"severity": severity, "part": part, "text": text, "servers": names}
        for (severity, part, text), names in found.items()
    ]
    return sorted(groups, key=lambda group: (SEVERITIES.index(group["severity"]), -len(group["servers"])))


def _domains(servers: Iterable[Server]) -> dict[str, t.Any]:
    """Add the summaries by domain and age of all servers up, the domain with the most recipients first."""
    limits: list[int] = []
    rows: dict[str, list[int]] = {}
    other = 0
    for summary in (server["summary"] for server in servers if "summary" in server):
        limits = summary["age_limits"]
        other += summary["other_domains"]
        for row in summary["domains"]:
            known = rows.setdefault(row["domain"], [0] * len(row["ages"]))
            rows[row["domain"]] = [one + more for one, more in zip(known, row["ages"], strict=True)]
    found = [{"domain": domain, "recipients": sum(ages), "ages": ages} for domain, ages in rows.items()]
    return {
        "age_limits": limits,
        "domains": sorted(found, key=lambda row: (-t.cast(int, row["recipients"]), str(row["domain"]))),
        "other_domains": other,
    }
