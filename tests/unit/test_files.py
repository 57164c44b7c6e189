# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private directories of programs that run side by side, and of programs that were killed."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ansible_collections.mailops.mta.plugins.module_utils import _files

PROGRAMS = 4
ROUNDS = 400


def come_and_go(parent: Path) -> int:
    """Make and remove a directory again and again, as runs of modules do; how many there were."""
    made = set()
    for _round in range(ROUNDS):
        directory = _files.private_directory(str(parent))
        made.add(directory)
        shutil.rmtree(directory)
    return len(made)


def test_programs_that_end_meanwhile(tmp_path: Path) -> None:
    with ProcessPoolExecutor(PROGRAMS) as pool:
        assert list(pool.map(come_and_go, [tmp_path] * PROGRAMS)) == [ROUNDS] * PROGRAMS


def test_a_killed_program_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    (tmp_path / f"mailops-mta-{ended.pid}-left").mkdir()
    kept = [tmp_path / f"mailops-mta-{os.getpid()}-mine", tmp_path / f"other-{ended.pid}-left"]
    for directory in kept:
        directory.mkdir()
    made = Path(_files.private_directory(str(tmp_path)))
    assert set(tmp_path.iterdir()) == {made, *kept}
    assert made.stat().st_mode & 0o777 == 0o700
