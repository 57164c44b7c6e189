#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sasl_credentials
short_description: Credentials that Postfix sends to relay hosts
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes the table of C(smtp_sasl_password_maps), source and compiled file, what it should be. Both files belong to
    root and have mode 0600 from their first byte.
  - A password is in no output, diff, log, command line or backup, nor is the old one. It is in no temporary file after
    the module has ended; what a killed run leaves lies in memory and is removed by the next run.
  - The diff shows the key, the user name and whether the password changed.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  credentials:
    description:
      - The whole content of the table. The keys are next hops, host names, or sender addresses
        (C(smtp_sender_dependent_authentication)); the values hold C(username) and C(password).
      - A next hop is written exactly as in C(relayhost) or in the transport table, with its brackets and its port. A
        key that differs from a next hop in use by those only is refused.
      - V(null) leaves a key out. An empty mapping makes an empty table, because C(main.cf) may still name it.
      - A user name cannot hold a colon nor start with a blank, a password cannot end with a blank, and neither can hold
        a line break or another control character.
    type: dict
    default: {}
  state:
    description: V(absent) removes source and compiled file.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Remove the credentials of keys that O(credentials) does not have.
      - When V(false), they stay; RV(left) names them. A relay host that is given up is used until the running Postfix
        has taken up another one, and mail that reaches it without a login may be returned. So call the module once more
        after that.
    type: bool
    default: true
  path:
    description:
      - The source; a relative path starts at O(config_directory).
      - Compiled files of other types beside it are removed, because they may hold a password that has changed.
    type: str
    default: sasl_passwd
  type:
    description: The type of the table; the default is the instance's C(default_database_type).
    type: str
    choices: [hash, btree, lmdb, cdb, texthash]
  next_hops:
    description:
      - Next hops in use besides those that C(relayhost), C(smtp_fallback_relay), C(default_transport) and
        C(relay_transport) name, such as those of the transport table.
      - In check mode C(relayhost) may not stand in C(main.cf) yet; name it here to have the keys compared with it.
    type: list
    elements: str
    default: []
  provided:
    description: Table types, such as V(lmdb), whose package an earlier task installs. In check mode they count.
    type: list
    elements: str
    default: []
notes:
  - Comments that somebody wrote into the table do not stay.
  - The table is not part of a roll-back, because no copy of it is kept.
seealso:
  - name: SASL_README
    description: Enabling SASL authentication in the Postfix SMTP client.
    link: https://www.postfix.org/SASL_README.html
  - module: mailops.mta.lookup_tables
  - module: mailops.mta.instance
"""

EXAMPLES = r"""
- name: Log in at the relay host
  mailops.mta.sasl_credentials:
    credentials:
      "[relay.example.com]:587":
        username: mx1@example.com
        password: "{{ relay_password }}"
  notify: Activate postfix

- name: Forget all credentials
  mailops.mta.sasl_credentials:
    state: absent
"""

RETURN = r"""
left:
  description: The keys in the table that O(credentials) does not have, where O(purge) is V(false).
  returned: when Postfix is installed
  type: list
  elements: str
  sample: ["[relay.example.com]:587"]
activation:
  description: What the running Postfix needs for this change and for earlier ones that it has not taken up.
  returned: always
  type: str
  choices: [none, reload, restart]
table:
  description: The table, as C(smtp_sasl_password_maps) takes it.
  returned: when Postfix is installed
  type: str
  sample: hash:/etc/postfix/sasl_passwd
"""

from dataclasses import replace

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix import sasl
from ansible_collections.mailops.mta.plugins.module_utils._postfix.lookup_table import plan_tables
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_build import (
    build_outdated,
    read_stored,
    resolved,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_request import refuse_types

OPTIONS = {
    "credentials": {"type": "dict", "default": {}, "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "purge": {"type": "bool", "default": True},
    "path": {"type": "str", "default": "sasl_passwd"},
    "type": {"type": "str", "choices": ["hash", "btree", "lmdb", "cdb", "texthash"]},
    "next_hops": {"type": "list", "elements": "str", "default": []},
    "provided": {"type": "list", "elements": "str", "default": []},
}


def conceal(module: Module) -> None:
    """Mask the wanted passwords, and nothing else of the option."""
    given = module.options["credentials"]
    secrets = sasl.secret_forms(sasl.passwords_of(given))
    module.conceal(secrets, shown=sasl.strings(given), credentials=sasl.masked_options(given))


def plan(module: Module) -> Plan:
    """Compare the wanted credentials with the table; build it where it differs."""
    options, live = module.options, module.postfix
    exists = options["state"] == "present"
    wanted = sasl.wanted_credentials(options["credentials"]) if exists else {}
    sasl.refuse_near_misses(wanted, sasl.next_hops(live.effective, options["next_hops"]))
    place = (options["type"] or live.effective["default_database_type"], options["path"], live.config_directory)
    found = sasl.credential_tables(wanted, exists, *place)
    refuse_types(found, live.table_types)
    stored = {table.name: read_stored(table) for table in found}
    present = sasl.parse_credentials(stored[found[0].name].text)
    module.conceal(sasl.secret_forms(item.password for item in present.values()))
    left = sasl.left_over(wanted, present) if exists and not options["purge"] else []
    if left:
        wanted = sasl.with_others(wanted, present)
    tables = [resolved(table) for table in sasl.credential_tables(wanted, exists, *place)]
    built = build_outdated(live, tables, stored, module.secret_directory)
    shown = sasl.shown_changes(present, wanted)
    facts = {"table": tables[0].name, "left": left}
    return replace(plan_tables(tables[0].name, tables, stored, built, shown), facts=facts)


if __name__ == "__main__":
    run_module(OPTIONS, plan, concealer=conceal, wanted="credentials")
