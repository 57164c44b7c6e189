# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the code of this checkout its import name, whatever the directory is called, without Ansible's loader."""

from __future__ import annotations

import pathlib
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent


def _register(name: str, locations: list[str]) -> None:
    package = types.ModuleType(name)
    package.__path__ = locations
    sys.modules.setdefault(name, package)


_register("ansible_collections", [f"{entry or '.'}/ansible_collections" for entry in sys.path])
_register("ansible_collections.mailops", [])
_register("ansible_collections.mailops.mta", [str(ROOT)])
