# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every plugin says since which version of the collection it exists, and none is younger than the collection."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = sorted(
    path for kind in ("modules", "filter", "lookup") for path in (ROOT / "plugins" / kind).glob("[a-z]*.py")
)
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_version_added(plugin: pathlib.Path) -> None:
    found = re.findall(r"^ *version_added: (.*)", plugin.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "no version_added"
    assert [added for added in found if numbers(added) > numbers(VERSION)] == []
