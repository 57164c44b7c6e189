#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: filter_files
short_description: Files of Amavis, SpamAssassin and ClamAV, judged by their own programs
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Puts several files in place at once. Each one that changes is judged by the program that reads it, in check mode
    too. When one of them is refused, none is put in place.
  - All files belong to root, and everybody may read them.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  files:
    description: The files.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Where the file lies.
        type: path
        required: true
      content:
        description: Its text.
        type: str
        required: true
      block:
        description: Put the text between two marks in a file that others write, too, and leave the rest alone.
        type: bool
        default: false
      judge:
        description: The program that has to accept the file. V(none) for a file that nobody judges.
        type: str
        choices: [none, amavis, spamassassin, clamd, freshclam]
        default: none
      source:
        description: What the text is made of, for error messages.
        type: str
        default: ""
notes:
  - A program that is not installed judges nothing in check mode.
"""

EXAMPLES = r"""
- name: Add a rule to SpamAssassin
  mailops.mta.filter_files:
    files:
      - path: /etc/spamassassin/own.cf
        content: |
          header WON Subject =~ /you won/i
          score WON 4.5
        judge: spamassassin
"""

RETURN = r"""
activation:
  description: What the running Postfix needs for earlier changes.
  returned: always
  type: str
  choices: [none, reload, restart]
changed_files:
  description: The paths of the files that changed.
  returned: when Postfix is installed
  type: list
  elements: str
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix.filter_file import WantedFile, plan_files
from ansible_collections.mailops.mta.plugins.module_utils._postfix.filter_judge import read_files, refuse_unusable

FILE = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "block": {"type": "bool", "default": False},
    "judge": {"type": "str", "choices": ["none", "amavis", "spamassassin", "clamd", "freshclam"], "default": "none"},
    "source": {"type": "str", "default": ""},
}
OPTIONS = {"files": {"type": "list", "elements": "dict", "options": FILE, "required": True}}


def plan(module: Module) -> Plan:
    """Compare the wanted files with those that are there."""
    files = [WantedFile(**each) for each in module.options["files"]]
    found = read_files(file.path for file in files)
    refuse_unusable(module.run, files, found, module.secret_directory, bool(module.provided(["programs"])))
    return plan_files(files, found)


if __name__ == "__main__":
    run_module(OPTIONS, plan)
