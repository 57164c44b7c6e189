# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module supports."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of the modules that change an instance, and of those that only read (INFO)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
  diff_mode:
    description: Tells what has changed (or would change in check mode) when run in diff mode.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  platform:
    description: Systems that the module works on.
    support: full
    platforms: debian
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Only reads; check mode makes no difference.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to compare.
    support: N/A
  idempotent:
    description: Changes nothing.
    support: full
  platform:
    description: Systems that the module works on.
    support: full
    platforms: debian
"""
