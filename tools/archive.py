# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the archive, install it into an empty directory, and compare what arrived with what an administrator needs.

The archive is left as .cache/build/archive/mailops-mta-VERSION.tar.gz.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

from copy_collection import copy_collection

WORK = pathlib.Path(".cache/build/archive").absolute()
PACKED = ("docs/", "inventories/", "LICENSES/", "meta/", "playbooks/", "plugins/", "roles/")
PACKED_FILES = {"CHANGELOG.rst", "CONTRIBUTING.md", "LICENSE", "README.md"} | {
    f"changelogs/{name}.yaml" for name in ("changelog", "config")
}
MADE_BY_GALAXY = {"FILES.json", "MANIFEST.json"}
# What lies about in a checkout that is worked in.
JUNK = (".cache/x", ".ruff_cache/x", "tests/output/x", "plugins/filter/__pycache__/x.pyc", "roles/.x.swp", "x.yml~")


def galaxy(*arguments: str) -> None:
    # Only the empty path, or the checkout itself would count as already installed.
    subprocess.run(
        ["ansible-galaxy", "collection", *arguments],
        check=True,
        env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(WORK / "installed")},
    )


def files_below(directory: pathlib.Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def main() -> int:
    source = copy_collection(WORK)
    wanted = {name for name in files_below(source) if name.startswith(PACKED) or name in PACKED_FILES}
    for name in JUNK:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    galaxy("build", str(source), "--output-path", str(WORK))
    (archive,) = WORK.glob("*.tar.gz")
    galaxy("install", "--offline", "--collections-path", str(WORK / "installed"), str(archive))

    arrived = files_below(WORK / "installed/ansible_collections/mailops/mta") - MADE_BY_GALAXY
    print(*sorted(arrived), sep="\n")
    for complaint, names in (("missing", (wanted | PACKED_FILES) - arrived), ("junk", arrived - wanted)):
        print(f"{complaint}: {' '.join(sorted(names)) or 'nothing'}")
    return int(arrived != wanted | PACKED_FILES)


if __name__ == "__main__":
    sys.exit(main())
