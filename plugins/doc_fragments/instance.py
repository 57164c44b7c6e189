# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that names one Postfix instance."""

from __future__ import annotations


class ModuleDocFragment:
    """Option config_directory of every module."""

    DOCUMENTATION = r"""
options:
  config_directory:
    description:
      - Configuration directory of the Postfix instance, the one that holds its C(main.cf) and C(master.cf).
      - With several instances on one host, set it once with C(module_defaults) for C(group/mailops.mta.postfix).
    type: path
    default: /etc/postfix
requirements:
  - Postfix 3.7 or later
  - Python 3.11 or later on the mail host
  - root on the mail host (C(become))
"""
