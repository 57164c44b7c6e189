# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier tasks of a play make, for check mode."""

from __future__ import annotations


class ModuleDocFragment:
    """Option provided of the modules that judge main.cf and master.cf."""

    DOCUMENTATION = r"""
options:
  provided:
    description:
      - Lookup tables, as C(type:path), and files that earlier tasks of the same play make. In check mode they count as
        present. So do delivery services, as C(smtp-amavis/unix), and services of which only options are set.
      - So do table types, such as V(lmdb), whose package an earlier task installs.
    type: list
    elements: str
    default: []
"""
