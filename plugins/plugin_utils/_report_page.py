# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: a report as one HTML page. The template escapes all that it is given; there is no script in it."""

from __future__ import annotations

import math
import pathlib
import typing as t
from collections.abc import Mapping, Sequence

import jinja2

from . import _report_text as text
from ._report import QUEUES

HERE: t.Final = pathlib.Path(__file__).parent
# Shades of the pictures, beside the one for nothing.
LEVELS: t.Final = 6
DOMAINS_SHOWN: t.Final = 8
SERVERS_NAMED: t.Final = 6
PARTS: t.Final[Mapping[str, str]] = {
    "postfix": "Postfix",
    "antispam": "Antispam",
    "antivirus": "Antivirus",
    "authentication": "Authentication",
    "dkim": "DKIM",
}


class State(t.NamedTuple):
    """How something is: good, bad, risky, off or unknown, and the word for it."""

    kind: str
    word: str


def page(report: Mapping[str, t.Any]) -> str:
    """Return the page."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(HERE),
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever is printed has been cleaned, and is then escaped.
        finalize=lambda value: (
            text.printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
        ),
    )
    environment.filters |= {name: getattr(text, name) for name in ("number", "age", "size", "time")}
    environment.globals |= {
        "QUEUES": QUEUES,
        "PARTS": PARTS,
        "DOMAINS_SHOWN": DOMAINS_SHOWN,
        "SERVERS_NAMED": SERVERS_NAMED,
        "level": level,
        "bars": bars,
        "limit_label": limit_label,
        "part_state": part_state,
        "certificate_state": certificate_state,
        "signature_state": signature_state,
        "worst": worst,
    }
    style = (HERE / "_report.css").read_text(encoding="utf-8")
    return environment.get_template("_report.html.j2").render(report=report, style=style)


def level(count: int, most: int) -> int:
    """Return the shade of a count, 0 to LEVELS, on a logarithmic scale: a single message has to be seen."""
    if count <= 0 or most <= 0:
        return 0
    return 1 + round((LEVELS - 1) * math.log1p(count) / math.log1p(most)) if count < most else LEVELS


def bars(summary: Mapping[str, t.Any]) -> list[int]:
    """Return how high the bar of each age is, 0 to 100, over all domains."""
    columns = [
        sum(row["ages"][column] for row in summary["domains"]) for column in range(len(summary["age_limits"]) + 1)
    ]
    most = max(columns, default=0)
    return [round(100 * math.log1p(count) / math.log1p(most)) if most else 0 for count in columns]


def limit_label(limits: Sequence[int], column: int) -> str:
    """Return the upper limit of a column of ages, which are in minutes."""
    if column >= len(limits):
        return "older"
    minutes = limits[column]
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h" if minutes < 600 else f"{minutes / 60:.0f} h"


def part_state(part: Mapping[str, t.Any] | None) -> State:
    """Return how a part of a server is."""
    if part is None:
        return State("unknown", "unknown")
    if not part["declared"]:
        return State("off", "off")
    if not part["installed"]:
        return State("bad", "missing")
    if not part["running"]:
        return State("bad", "stopped")
    if part["answering"] is False:
        return State("bad", "silent")
    return State("good", "on") if part["enabled"] else State("risky", "not at boot")


def certificate_state(server: Mapping[str, t.Any]) -> State:
    """Return how long the first certificate to expire is still good for."""
    if "certificates" not in server:
        return State("unknown", "unknown")
    if not server["certificates"]:
        return State("off", "none")
    if any(each["problem"] for each in server["certificates"]):
        return State("bad", "unreadable")
    days = min(each["days_left"] for each in server["certificates"])
    return State(_judged(server, "certificate"), "expired" if days < 0 else f"{text.number(days)} d")


def signature_state(server: Mapping[str, t.Any]) -> State:
    """Return how old the newest virus signatures are."""
    if "signatures" not in server:
        return State("unknown", "unknown")
    if not server["parts"]["antivirus"]["declared"]:
        return State("off", "off")
    ages = [each["age"] for each in server["signatures"]]
    return State(_judged(server, "signatures"), text.age(min(ages)) if ages else "none")


def _judged(server: Mapping[str, t.Any], part: str) -> str:
    """Return what the problems of a server say of one part."""
    kinds = {"critical": "bad", "warning": "risky", "notice": "good"}
    found = [problem["severity"] for problem in server["problems"] if problem["part"] == part]
    return next((kinds[severity] for severity in kinds if severity in found), "good")


def worst(server: Mapping[str, t.Any]) -> str:
    """Return the severity of the worst problem of a server, "good" without one."""
    found = {problem["severity"] for problem in server["problems"]}
    return next((severity for severity in ("critical", "warning", "notice") if severity in found), "good")
