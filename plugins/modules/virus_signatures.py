#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: virus_signatures
short_description: Virus signatures of one's own for ClamAV
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Puts files of virus signatures where C(clamd) reads them, beside those that C(freshclam) fetches.
  - Each file that changes is loaded by C(clamscan) before it is put in place. A file that ClamAV cannot use is refused,
    and the one that is there stays. C(clamd) would go on with what it has read, but not start again.
  - A file that was named once and is no longer is removed, also one that C(freshclam) fetched.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  files:
    description:
      - The text of each file by its name. The end of the name tells ClamAV the kind of its signatures, such as C(.ndb),
        C(.hdb), C(.ldb) or C(.yara).
    type: dict
    default: {}
  fetched:
    description: The names of the files that C(freshclam) fetches from URLs of one's own.
    type: list
    elements: str
    default: []
  official:
    description: Whether C(clamd) needs ClamAV's own databases, main and daily. Otherwise one of the files is enough.
    type: bool
    default: true
  directory:
    description: Where C(clamd) reads signatures.
    type: str
    default: /var/lib/clamav
  max_age:
    description: Warn when the newest of ClamAV's databases was built more seconds ago; V(0) never warns.
    type: int
    default: 0
  update_interval:
    description: Seconds between two updates. Less than an hour is warned of when there are O(public_mirrors).
    type: int
    default: 0
  public_mirrors:
    description: The mirrors in use that serve everybody.
    type: list
    elements: str
    default: []
notes:
  - A running C(clamd) has to be told to read its signatures again, with C(clamdscan --reload).
seealso:
  - name: ClamAV signatures
    description: Formats of signature files.
    link: https://docs.clamav.net/manual/Signatures.html
"""

EXAMPLES = r"""
- name: Find what nobody else looks for
  mailops.mta.virus_signatures:
    files:
      own.ndb: |
        Example.Invoice:0:*:696e766f6963652e657865
"""

RETURN = r"""
activation:
  description: What the running Postfix needs for earlier changes.
  returned: always
  type: str
  choices: [none, reload, restart]
built:
  description: When the newest of ClamAV's own databases was built, in seconds since 1970; 0 without any.
  returned: when Postfix is installed
  type: int
missing:
  description: What C(clamd) lacks to start.
  returned: when Postfix is installed
  type: list
  elements: str
  sample: [main, daily]
unfetched:
  description: Those of O(fetched) that are not there yet.
  returned: when Postfix is installed
  type: list
  elements: str
"""

import time
from dataclasses import replace

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix import virus_signature as signatures
from ansible_collections.mailops.mta.plugins.module_utils._postfix.definitions import (
    official_built,
    read_definitions,
    refuse_broken,
)

OPTIONS = {
    "files": {"type": "dict", "default": {}},
    "fetched": {"type": "list", "elements": "str", "default": []},
    "official": {"type": "bool", "default": True},
    "directory": {"type": "str", "default": signatures.DIRECTORY},
    "max_age": {"type": "int", "default": 0},
    "update_interval": {"type": "int", "default": 0},
    "public_mirrors": {"type": "list", "elements": "str", "default": []},
}


def plan(module: Module) -> Plan:
    """Compare the wanted files with those that are there."""
    options = module.options
    wanted, fetched = signatures.wanted_files(options["files"]), options["fetched"]
    found = read_definitions(options["directory"], {*wanted, *fetched})
    changed = {name: wanted[name] for name in signatures.changed_names(wanted, found)}
    refuse_broken(module.run, changed, module.private_directory, bool(module.provided(["clamscan"])))
    built = official_built(options["directory"])
    warnings = signatures.age_warnings(built, time.time(), options["max_age"])
    warnings += signatures.frequency_warnings(options["update_interval"], options["public_mirrors"])
    facts = {
        "built": built,
        "missing": signatures.missing([*wanted, *fetched], options["official"], {*found.files, *wanted}),
        "unfetched": sorted({*fetched} - {*found.files}),
    }
    return replace(signatures.plan_signatures(wanted, fetched, found), facts=facts, warnings=warnings)


if __name__ == "__main__":
    run_module(OPTIONS, plan)
