#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dkim_keys
short_description: Private keys for DKIM, and their DNS records
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes the private keys that are missing, on the host itself, and returns what has to be in DNS for each key. A
    private key never leaves the host.
  - Keys that are there stay as they are, also those that are not mentioned.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  keys:
    description: The keys.
    type: list
    elements: dict
    required: true
    suboptions:
      domain:
        description: The domain that the key signs for.
        type: str
        required: true
      selector:
        description: The name of the key within the domain.
        type: str
        required: true
      bits:
        description: The length of a new RSA key.
        type: int
        choices: [1024, 2048, 3072, 4096]
        default: 2048
  directory:
    description: Where the keys lie. A key is the file C(DOMAIN.SELECTOR.pem).
    type: str
    default: /etc/amavis/dkim
  group:
    description: The group that may read the keys. In check mode it need not exist yet.
    type: str
    default: amavis
notes:
  - In check mode the records of keys that would be new are not returned.
"""

EXAMPLES = r"""
- name: Have a key for each domain
  mailops.mta.dkim_keys:
    keys:
      - {domain: example.com, selector: mx2026}
      - {domain: example.org, selector: mx2026}
  register: dkim

- name: Show what belongs into DNS
  ansible.builtin.debug:
    var: dkim.zone
"""

RETURN = r"""
records:
  description: The text of each TXT record, by its name.
  returned: when Postfix is installed
  type: dict
  sample: {mx2026._domainkey.example.com: "v=DKIM1; k=rsa; p=MIIBIjANBgkq..."}
zone:
  description: The same as lines of a zone file.
  returned: when Postfix is installed
  type: list
  elements: str
activation:
  description: What the running Postfix needs for earlier changes that it has not taken up.
  returned: always
  type: str
  choices: [none, reload, restart]
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import MakeDirectory, Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix import dkim, dkim_files

KEY = {
    "domain": {"type": "str", "required": True},
    "selector": {"type": "str", "required": True},
    "bits": {"type": "int", "choices": [1024, 2048, 3072, 4096], "default": 2048},
}
OPTIONS = {
    "keys": {"type": "list", "elements": "dict", "options": KEY, "required": True, "no_log": False},
    "directory": {"type": "str", "default": "/etc/amavis/dkim"},
    "group": {"type": "str", "default": "amavis"},
}


def plan(module: Module) -> Plan:
    """Compare the wanted keys with the files."""
    directory, group, run = module.options["directory"], module.options["group"], module.run
    keys = dkim.wanted_keys(module.options["keys"], directory)
    stored = {key: dkim_files.read_stored(key, run) for key in keys}
    texts = {key: "" if stored[key] else dkim_files.new_key(key, run) for key in keys}
    number = dkim_files.group_id(group, run, module.provided([group]))
    actions = [action for key in keys for action in dkim.key_actions(key, stored[key], texts[key], number)]
    if actions and not dkim_files.is_directory(directory, run):
        actions.insert(0, MakeDirectory(directory))
    # What check mode makes is not what the host will have.
    told = [key for key in keys if stored[key] or not module.provided([key.name])]
    records = {key.name: dkim.record(dkim_files.public_key(key, texts[key], run)) for key in told}
    return Plan(
        header=directory,
        before=dkim.shown(key for key in keys if stored[key]),
        after=dkim.shown(keys),
        actions=tuple(actions),
        facts={"records": records, "zone": [dkim.zone_line(*each) for each in records.items()]},
    )


if __name__ == "__main__":
    run_module(OPTIONS, plan)
