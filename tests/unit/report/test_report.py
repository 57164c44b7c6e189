# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: servers put together, sorted and added up, texts for people, and a page where foreign text stays text."""

from __future__ import annotations

import html.parser
import json

import pytest
from ansible_collections.mailops.mta.plugins.plugin_utils import _report_text
from ansible_collections.mailops.mta.plugins.plugin_utils._report import natural, plain, report
from ansible_collections.mailops.mta.plugins.plugin_utils._report_page import (
    bars,
    certificate_state,
    level,
    limit_label,
    page,
    part_state,
    signature_state,
)

NONE = {"messages": 0, "bytes": 0, "oldest_age": None}
QUEUES = dict.fromkeys(("active", "incoming", "deferred", "hold", "maildrop", "corrupt"), NONE)
PART = {
    "declared": True, "installed": True, "enabled": True, "running": True, "answering": True,
    "version": "1", "detail": "", "problem": "",
}  # fmt: skip


def queue(messages: int, oldest: int, domains: dict[str, list[int]]) -> dict[str, object]:
    """An answer of queue_info: deferred mail."""
    total = {"messages": messages, "bytes": 100 * messages, "oldest_age": oldest}
    rows = [{"domain": name, "recipients": sum(ages), "ages": ages} for name, ages in domains.items()]
    summary = {"age_limits": [5], "domains": rows, "other_domains": 1, "senders": [], "reasons": []}
    return {
        "scanned_at": "2026-11-21T11:00:00Z", "queues": {**QUEUES, "deferred": total}, "total": total, "messages": [],
        "summary": summary,
    }  # fmt: skip


def instance(*problems: tuple[str, str]) -> dict[str, object]:
    """An answer of instance_info with problems of a severity and a text."""
    return {
        "parts": dict.fromkeys(("postfix", "antispam", "antivirus", "authentication", "dkim"), PART), "listeners": [],
        "certificates": [], "signatures": [], "queues": QUEUES, "mail_version": "3.7.11", "last_reload": None,
        "problems": [{"severity": severity, "part": "queue", "text": text} for severity, text in problems],
    }  # fmt: skip


INSTANCES = {
    "mx10": instance(),
    "mx9": instance(("notice", "small"), ("warning", "large")),
    "mx8": instance(("notice", "small")),
    "mx2": {"unreachable": True, "msg": "Task failed: no route\nmore"},
    "mx1": {"msg": "Postfix is not installed on this host"},
    "mx3": instance(),
}
ANSWERS = {
    "mx10": queue(3, 60, {"b.example": [1, 1], "a.example": [0, 1]}),
    "mx9": queue(1, 700, {"a.example": [4, 0]}),
    "mx8": queue(0, 0, {}),
    "mx2": {"skipped": True},
    "mx1": {"msg": "Postfix is not installed on this host"},
    "mx3": {"msg": "", "module_stderr": "\nTraceback"},
}
REPORT = report(INSTANCES, ANSWERS, "2026-11-21T11:14:00Z")


def test_every_server_is_in_the_report_the_worst_first() -> None:
    assert [(server["name"], server["state"], server["error"]) for server in REPORT["servers"]] == [
        ("mx1", "failed", "Postfix is not installed on this host"),
        ("mx2", "unreachable", "no route"),
        ("mx3", "failed", "Traceback"),
        ("mx9", "ok", ""),
        ("mx8", "ok", ""),
        ("mx10", "ok", ""),
    ]


def test_totals() -> None:
    totals = REPORT["totals"]
    assert totals["states"] == {"ok": 3, "failed": 2, "unreachable": 1}
    assert totals["problems"] == {"critical": 3, "warning": 1, "notice": 2}
    assert totals["queues"]["deferred"] == totals["all"] == {"messages": 4, "bytes": 400, "oldest_age": 700}
    assert totals["queues"]["hold"] == NONE


def test_equal_problems_are_one() -> None:
    groups = [(group["severity"], group["text"], group["servers"]) for group in REPORT["problems"]]
    assert groups[-2:] == [("warning", "large", ["mx9"]), ("notice", "small", ["mx9", "mx8"])]


def test_domains_of_all_servers() -> None:
    rows = [(row["domain"], row["recipients"], row["ages"]) for row in REPORT["domains"]["domains"]]
    assert rows == [("a.example", 5, [4, 1]), ("b.example", 2, [1, 1])]
    assert REPORT["domains"]["other_domains"] == 3


def test_no_server_at_all() -> None:
    empty = report({}, {}, "2026-11-21T11:14:00Z")
    assert (empty["totals"]["servers"], empty["servers"], empty["problems"]) == (0, [], [])
    assert "Nothing is wrong." in page(empty)


def test_report_is_json() -> None:
    class Text(str):
        """What Ansible hands over is more than a string."""

    assert json.loads(json.dumps(REPORT)) == REPORT
    assert not isinstance(plain([(Text("a"),)])[0][0], Text)


def test_natural_order() -> None:
    names = ["mx10.b", "mx2.b", "mx1", "10", "a"]
    assert sorted(names, key=natural) == ["10", "a", "mx1", "mx2.b", "mx10.b"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "\u2013"), (-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"),
        (3661, "1 h 1 min"), (86400, "1 d"), (86400 + 59, "1 d"), (90000, "1 d 1 h"), (10**8, "1157 d 9 h"),
    ],
)  # fmt: skip
def test_age(seconds: float | None, text: str) -> None:
    assert _report_text.age(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3300, "3.3 kB"), (123456, "123 kB"), (10**10, "10.0 GB")],
)
def test_size(count: int, text: str) -> None:
    assert _report_text.size(count) == text


def test_texts() -> None:
    assert _report_text.number(1234567) == "1\u202f234\u202f567"
    assert _report_text.time("2026-01-31T23:59:59Z") == "31 Jan 2026, 23:59 UTC"
    assert _report_text.time(None) == "\u2013"
    # A right-to-left override, an escape sequence, half of a character that is no UTF-8.
    assert _report_text.printable("a\u202eb\x1b[1m\udcff ä") == "a\ufffdb\ufffd[1m\ufffd ä"


def test_pictures() -> None:
    assert [level(count, 1000) for count in (0, 1, 10, 999, 1000)] == [0, 2, 3, 6, 6]
    assert level(0, 0) == 0
    assert bars({"age_limits": [5, 10], "domains": [{"ages": [0, 1, 3]}, {"ages": [0, 2, 60]}]}) == [0, 33, 100]
    assert [limit_label([5, 160, 1280], column) for column in range(4)] == ["5 min", "2.7 h", "21 h", "older"]


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ({}, "good", "on"),
        ({"declared": False, "running": False}, "off", "off"),
        ({"installed": False, "running": False}, "bad", "missing"),
        ({"running": False, "answering": None}, "bad", "stopped"),
        ({"answering": False}, "bad", "silent"),
        ({"enabled": False}, "risky", "not at boot"),
    ],
)
def test_part_state(changes: dict[str, object], kind: str, word: str) -> None:
    assert part_state({**PART, **changes}) == (kind, word)


def test_states_of_certificates_and_signatures() -> None:
    server = {**instance(), "problems": [{"severity": "warning", "part": "certificate", "text": ""}]}
    good = {"days_left": 9, "problem": ""}
    assert certificate_state({}) == signature_state({}) == ("unknown", "unknown")
    assert certificate_state(server) == ("off", "none")
    assert certificate_state({**server, "certificates": [good, {**good, "days_left": 1234}]}) == ("risky", "9 d")
    assert certificate_state({**server, "certificates": [{**good, "problem": "x"}]}) == ("bad", "unreadable")
    assert certificate_state({**server, "certificates": [{**good, "days_left": -1}]})[1] == "expired"
    assert signature_state(server) == ("good", "none")
    assert signature_state({**server, "signatures": [{"age": 7200}, {"age": 60}]}) == ("good", "1 min")


class Elements(html.parser.HTMLParser):
    """The names of elements and attributes of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _value in attrs)}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", "\"'><img src=x onerror=x>", "{{ 7 * 7 }}", "</style><b onclick=x>", "\u202e&lt;", "\udc80"],
)
def test_foreign_text_stays_text(text: str) -> None:
    """Whatever field it stands in: the page has the same elements and attributes as with a harmless text."""
    pages = [Elements(page(hostile(each))) for each in ("harmless", text)]
    assert pages[0].found == pages[1].found
    assert pages[1].text.count(_report_text.printable(text)) == pages[0].text.count("harmless") > 10


def hostile(text: str) -> dict[str, object]:
    """A report with the same text wherever text comes from outside."""
    answer = {**queue(1, 60, {text: [1, 1]})}
    recipient = {"address": text, "domain": text, "reason": text}
    answer["messages"] = [
        {
            "queue": "deferred", "queue_id": text, "arrival_time": "2026-11-21T11:00:00Z", "age": 1, "size": 1,
            "sender": text, "recipients": [recipient], "recipient_count": 1, "reason": text,
        }
    ]  # fmt: skip
    answer["summary"]["senders"] = [{"sender": text, "messages": 1}]  # type: ignore[index]
    answer["summary"]["reasons"] = [{"reason": text, "recipients": 1}]  # type: ignore[index]
    own = {
        **instance(("critical", text)),
        "mail_version": text,
        "listeners": [{"address": text, "program": text, "tls": False, "problem": "", "banner": text}],
        "certificates": [
            {"path": text, "problem": "", "subject": text, "self_signed": True, "not_after": None, "days_left": 1}
        ],
        "signatures": [{"name": text, "version": 1, "signatures": 1, "age": 1}],
    }
    return report({"mx1": own}, {"mx1": answer}, "2026-11-21T11:14:00Z")
