# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy what git tracks, or would add, to DIRECTORY/ansible_collections/mailops/mta; DIRECTORY is emptied first.

ansible-test refuses a collection behind a symbolic link, and neither it nor the build should meet other tools' caches.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys


def copy_collection(directory: pathlib.Path) -> pathlib.Path:
    """Return the root of the copy."""
    shutil.rmtree(directory, ignore_errors=True)
    root = directory / "ansible_collections/mailops/mta"
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, stdout=subprocess.PIPE
    )
    for name in filter(None, listing.stdout.decode().split("\0")):
        source = pathlib.Path(name)
        if source.is_symlink() or source.is_file():  # git still lists a file that was removed but not committed
            copy = root / source
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    return root


if __name__ == "__main__":
    copy_collection(pathlib.Path(sys.argv[1]))
