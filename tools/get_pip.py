# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for the get-pip script that ansible-test downloads, for machines that reach a package index only.

ansible-test looks for ``~/.ansible/test/cache/get_pip_VERSION.py`` before it downloads. This one takes pip from the
standard library and lets that pip install what ansible-test asked for, with pip's own configuration: ensurepip runs in
a process of its own because it switches that configuration off.
"""

from __future__ import annotations

import subprocess
import sys

packages = [word for word in sys.argv[1:] if not word.startswith("-")]
subprocess.run([sys.executable, "-m", "ensurepip", "--upgrade", "--default-pip"], check=True, stdout=subprocess.DEVNULL)
if packages:
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    sys.exit(subprocess.call(pip + packages))
