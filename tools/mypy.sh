#!/bin/sh
# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# `mypy --strict` on the code that knows nothing of Ansible, and on these tools.
# From .cache, the directory that holds ansible_collections, so that its modules have their real names.
set -eu

MYPYPATH=tools mypy --config-file pyproject.toml --cache-dir .cache/mypy tools/run.py tools/archive.py tools/get_pip.py
cd .cache
find ansible_collections/mailops/mta/plugins \( -path '*/module_utils/*.py' -o -path '*/filter/*.py' -o -path '*/lookup/*.py' -o -path '*/plugin_utils/*.py' \) \
    -exec mypy --config-file ../pyproject.toml --cache-dir mypy {} +
