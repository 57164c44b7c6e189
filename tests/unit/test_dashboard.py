# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard for Grafana is one that Grafana can lay out and fill. Whether its metrics exist: molecule/queue."""

from __future__ import annotations

import itertools
import json
import pathlib
import re
import typing as t

import pytest

ROLE = pathlib.Path(__file__).resolve().parents[2] / "roles" / "mta_queue"
DASHBOARD: t.Final[dict[str, t.Any]] = json.loads(
    (ROLE / "files" / "grafana-dashboard.json").read_text(encoding="utf-8")
)
PANELS: t.Final[list[dict[str, t.Any]]] = DASHBOARD["panels"]
COLUMNS = 24
TARGETS = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]


def cells(panel: dict[str, t.Any]) -> set[tuple[int, int]]:
    place = panel["gridPos"]
    rows, columns = range(place["y"], place["y"] + place["h"]), range(place["x"], place["x"] + place["w"])
    return set(itertools.product(columns, rows))


def test_panels_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = cells(panel)
        assert taken.isdisjoint(place), panel["title"]
        assert max(column for column, _row in place) < COLUMNS, panel["title"]
        taken |= place
    assert len({panel["id"] for panel in PANELS}) == len({panel["title"] for panel in PANELS}) == len(PANELS)


def test_variables_are_defined() -> None:
    """Grafana leaves a $name that it does not know in the query, which then finds nothing."""
    defined = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(PANELS)))
    assert used == defined == {"datasource", "instance"}
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}


@pytest.mark.parametrize(("title", "target"), TARGETS, ids=[f"{t['refId']}-{title}" for title, t in TARGETS])
def test_queries(title: str, target: dict[str, t.Any]) -> None:
    """Each is whole, and its legend names labels that are left after the sum."""
    query, legend = target["expr"], target.get("legendFormat", "")
    for opening, closing in ("()", "{}", "[]"):
        assert query.count(opening) == query.count(closing), title
    grouped = re.search(r"\bby \(([\w, ]+)\)", query)
    kept = set(re.split(r",\s*", grouped[1])) if grouped else {"instance"} if "sum" not in query else set()
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= kept
