# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a browser, as a person sees it: light and dark, on a desk, a laptop and a phone, 3 and 200 servers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.mailops.mta.plugins.plugin_utils._report import report
from ansible_collections.mailops.mta.plugins.plugin_utils._report_page import page

from browser import sight
from browser.chromium import Browser, chromium
from browser.fleet import HOSTILE, fleet, instance_answer, queue_answer

PICTURES = Path(__file__).resolve().parents[2] / ".cache" / "pictures"
PHONE = 360
LAPTOP = 1180
DESK = 1400
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The pages of fleets of so many servers."""
    directory = tmp_path_factory.mktemp("pages")
    found = {}
    for count in (3, 200):
        found[count] = directory / f"{count}.html"
        found[count].write_text(page(fleet(count)), encoding="utf-8")
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, LAPTOP, DESK])
def test_everything_can_be_read(browser: Browser, files: dict[int, Path], width: int, dark: bool) -> None:
    """Nothing is cut off at the right, nothing lies upon something else, and every text stands out from its ground."""
    browser.open(files[3], width=width, dark=dark)
    browser.evaluate(OPEN_ALL)
    browser.picture(PICTURES / f"{'dark' if dark else 'light'}-{width}.png", whole=True)
    assert browser.evaluate("[innerWidth, document.scrollingElement.scrollWidth]") == [width, width]
    assert sight.faint_texts(browser) == []
    assert sight.cut_texts(browser) == []
    assert sight.crushed_texts(browser) == []
    assert sight.overlapping_texts(browser) == []
    assert (sight.brightness(browser) < 0.1) == dark


def test_the_way_to_a_message(browser: Browser, files: dict[int, Path]) -> None:
    """A click on a server shows its queues, a click on a queue its messages; before that they are out of sight."""
    browser.open(files[3])
    assert "Queue ID" not in sight.visible_text(browser)
    for inner in ("", " details.queue:not([open])"):
        browser.click(f'[data-server="mx1.example.com"]{inner} > summary')
    text = sight.visible_text(browser)
    assert "Queue ID" in text
    assert "Connection refused" in text


def test_a_problem_leads_to_its_server(browser: Browser, files: dict[int, Path]) -> None:
    browser.open(files[3])
    browser.click('.problems a[href="#server-mx3.example.com"]')
    assert browser.evaluate("document.querySelector('details.server[open]').dataset.server") == "mx3.example.com"


def test_many_servers(browser: Browser, files: dict[int, Path]) -> None:
    browser.open(files[200])
    browser.picture(PICTURES / "200-servers.png")
    states = sight.texts(browser, "#instances tr[data-server] .state.bad")
    assert len(sight.texts(browser, "details.server")) == len(sight.texts(browser, "#instances tbody tr")) == 200
    assert states.count("unreachable") == 7
    assert states.count("failed") == 5
    # The worst first, each problem once with those who have it.
    marks = browser.evaluate("[...document.querySelectorAll('.server .mark')].map(each => each.title)")
    order = ["critical", "warning", "notice", "good"]
    assert marks == sorted(marks, key=order.index)
    assert len(sight.texts(browser, ".problems > li")) == 4
    assert "and 6 more" in sight.visible_text(browser)


def test_the_first_screen(browser: Browser, files: dict[int, Path]) -> None:
    """When, how many, and what is wrong come first, on a phone as well."""
    for width, height in ((DESK, 1000), (PHONE, 740)):
        browser.open(files[200], width=width, height=height)
        assert sight.texts(browser, "header time") == ["21 Nov 2026, 11:14 UTC"]
        assert sight.texts(browser, "main h2") == ["Problems", "Queues", "Who waits, and for how long", "Instances"]
        worst = "document.querySelector('.problems > li').getBoundingClientRect().bottom"
        assert browser.evaluate(f"{worst} < innerHeight"), width
        assert browser.evaluate("[innerWidth, document.scrollingElement.scrollWidth]") == [width, width]


def test_services_on_a_phone(browser: Browser, files: dict[int, Path]) -> None:
    """What is declared and does not run is marked; nothing has to be scrolled sideways."""
    browser.open(files[3], width=PHONE)
    browser.evaluate(OPEN_ALL)
    assert sight.texts(browser, '[data-server="mx3.example.com"] .services .needed') == ["no"]
    wide = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth).length"
    assert browser.evaluate(wide) == 0


def test_hostile_mail_stays_text(browser: Browser, tmp_path: Path) -> None:
    queue = queue_answer(random.Random(1))
    instance = instance_answer(1, queue["queues"])
    for message, text in zip(queue["messages"], HOSTILE, strict=False):
        message["sender"] = message["reason"] = message["recipients"][0]["address"] = text
    queue["summary"]["domains"][0]["domain"] = queue["summary"]["senders"][0]["sender"] = HOSTILE[0]
    queue["summary"]["reasons"][0]["reason"] = HOSTILE[1]
    instance["listeners"][0]["banner"] = HOSTILE[2]
    instance["problems"] = [{"severity": "critical", "part": "listener", "text": HOSTILE[1]}]
    path = tmp_path / "hostile.html"
    path.write_text(page(report({"mx<b>1</b>": instance}, {"mx<b>1</b>": queue}, "2026-11-21T11:14:00Z")))
    browser.open(path)
    browser.evaluate(OPEN_ALL)
    seen = sight.visible_text(browser)
    assert [text for text in HOSTILE if text not in seen] == []
    assert sight.intrusions(browser, path) == []
    assert browser.evaluate("document.title") == "Mail servers, 21 Nov 2026, 11:14 UTC"


def test_calm(browser: Browser, tmp_path: Path) -> None:
    """A fleet with nothing to tell says so."""
    queue = {**queue_answer(random.Random(1)), "messages": []}
    queue["queues"] = {name: {"messages": 0, "bytes": 0, "oldest_age": None} for name in queue["queues"]}
    queue["total"] = queue["matched"] = queue["queues"]["active"]
    queue["summary"] = {**queue["summary"], "domains": [], "other_domains": 0}
    (tmp_path / "calm.html").write_text(page(report({"mx1": instance_answer(1, queue["queues"])}, {"mx1": queue}, "")))
    browser.open(tmp_path / "calm.html")
    browser.click("details.server > summary")
    text = sight.visible_text(browser)
    assert "Nothing is wrong." in text
    assert "All queues are empty." in text


def test_print(browser: Browser, files: dict[int, Path]) -> None:
    """Paper is white, whatever the screen is."""
    browser.open(files[3], dark=True, media="print")
    assert sight.brightness(browser) == 1
    assert sight.faint_texts(browser) == []
