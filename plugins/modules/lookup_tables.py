#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lookup_tables
short_description: Postfix's lookup tables, source and compiled file as one state
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Makes any number of lookup tables what they should be, with one call.
  - The source and the file that C(postmap) or C(postalias) makes of it are one state. A compiled file that is missing,
    of another type, not made from this source, or of another mode is repaired. Both files carry the same time stamp;
    that is how a later C(postmap), an edit by hand, a run that was killed and a restored file are noticed.
  - A table is built in a private directory, read back key by key, and then moved into place, so that a reader sees the
    old table or the new one, whole.
  - A line that Postfix would skip with a warning is refused, with its number.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  tables:
    description:
      - What to make, by C(type:path). A relative path starts at O(config_directory).
      - V(null) removes the table, source and compiled file; so does C(state=absent).
      - The types are V(hash), V(btree), V(lmdb), V(cdb), V(texthash), V(cidr), V(regexp) and V(pcre).
        RV(tables) tells what became of each.
      - Each value is a mapping with exactly one of C(entries), C(lines), C(content) and C(src), and the options below.
      - C(entries), a mapping of key to value, the whole content of the table. Booleans become C(yes) or C(no), lists
        are joined by C(, ); a key with the value V(null) is left out. Meant for up to some thousand entries, because
        Ansible itself spends about 0.2 ms of the controller on each, for every host; use C(content) or C(src) for more.
      - C(lines), a list of lines in their order. Prefer it for V(cidr), V(regexp) and V(pcre), where the first match
        wins.
      - C(content), the text of the source.
      - C(src), the absolute path of a file on the target that holds the text; in check mode too it has to be there. It
        may be the source itself, which then is only compiled.
      - C(mode), default V("0644"), of both files. A table that not everybody may read is treated as a secret, its lines
        appear neither in the diff nor in an error, and no copy is kept for a roll-back.
      - C(owner) and C(group) of both files. The default is root for a new file, and otherwise what the file has.
      - C(format), V(table) (default), V(aliases), which is C(name), a colon and addresses on each line, compiled by
        C(postalias), or V(transport), a table whose transports have to be services of C(master.cf).
      - C(state), V(present) (default) or V(absent).
    type: dict
    required: true
  provided:
    description:
      - Services, by C(name/type), that earlier tasks of the same play put into C(master.cf). In check mode they count
        as present.
      - So do table types, such as V(lmdb), whose package an earlier task installs.
    type: list
    elements: str
    default: []
  variables:
    description: The variables that hold the tables, by their names, for error messages.
    type: dict
    default: {}
notes:
  - The running Postfix notices a replaced V(hash), V(btree), V(lmdb) or V(cdb) table by itself. It reads the other
    types once, and a table that it did not find it does not look for again; then RV(activation) is V(reload).
    C(trivial-rewrite) takes up to ten seconds to notice, C(postscreen) until its next connection but one.
  - A source or a compiled file that is a symbolic link stays one, and what it leads to is replaced. The compiled file
    stands beside the link, where Postfix looks for it. Removing a table removes the link alone.
  - A table lies below O(config_directory), in V(/etc/mail), V(/home), V(/opt), V(/srv), V(/usr/local), V(/var/lib) or
    V(/var/spool), or is V(/etc/aliases). Anywhere else it is refused, because a slip such as V(hash:/etc/hosts) would
    replace a file of the system.
  - Missing directories are made, with mode 0755. A directory that others than root can write to is refused.
  - Capitals in keys make no difference to Postfix; two keys that differ in nothing else are refused.
  - When two types of one path stand in the same call, one of them removed, the source stays.
  - For credentials of a relay host use M(mailops.mta.sasl_credentials).
seealso:
  - name: DATABASE_README
    description: Postfix lookup table overview.
    link: https://www.postfix.org/DATABASE_README.html
  - module: mailops.mta.sasl_credentials
  - module: mailops.mta.instance
"""

EXAMPLES = r"""
- name: Provide the tables of this server
  mailops.mta.lookup_tables:
    tables:
      lmdb:maps.d/transport:
        entries:
          example.com: smtp:[mx.example.com]:25
          .example.com: smtp:[mx.example.com]:25
          example.org: null
      cidr:maps.d/client_access:
        lines:
          - 192.0.2.7/32 OK
          - 192.0.2.0/24 REJECT
      pcre:maps.d/header_checks:
        content: |
          /^X-Spam-Flag: +YES/ HOLD marked as spam
      hash:/etc/aliases:
        format: aliases
        entries:
          postmaster: root
          root: [ann@example.com, bob@example.com]
      hash:maps.d/old: null
  notify: Activate postfix

- name: Provide a large table from a file on the server
  mailops.mta.lookup_tables:
    tables:
      lmdb:maps.d/recipients:
        src: /srv/export/recipients
  notify: Activate postfix
"""

RETURN = r"""
activation:
  description: What the running Postfix needs for this change and for earlier ones that it has not taken up.
  returned: always
  type: str
  choices: [none, reload, restart]
tables:
  description: For each table whether it changed, and how many entries it has now.
  returned: when Postfix is installed
  type: dict
  sample:
    lmdb:maps.d/transport: {changed: true, entries: 2}
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix.lookup_table import plan_tables
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_build import (
    build_outdated,
    read_stored,
    resolved,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_request import (
    printed_options,
    refuse_transports,
    refuse_types,
    wanted_tables,
)

OPTIONS = {
    "tables": {"type": "dict", "required": True},
    "provided": {"type": "list", "elements": "str", "default": []},
    "variables": {"type": "dict", "default": {}},
}


def conceal(module: Module) -> None:
    """Print no text of a table."""
    module.conceal((), tables=printed_options(module.options["tables"]))


def plan(module: Module) -> Plan:
    """Compare the wanted tables with those on the host; build what differs."""
    live = module.postfix
    wanted = wanted_tables(module.options["tables"], live.config_directory, module.options["variables"])
    refuse_types(wanted, live.table_types)
    tables = [resolved(table) for table in wanted]
    services = {service.name for service in live.services.values() if service.type != "inet"}
    provided = (key.partition("/")[0] for key in module.provided(module.options["provided"]))
    refuse_transports(tables, frozenset(services.union(provided)))
    stored = {table.name: read_stored(table) for table in tables}
    built = build_outdated(live, tables, stored, module.private_directory)
    return plan_tables(live.config_directory, tables, stored, built)


if __name__ == "__main__":
    run_module(OPTIONS, plan, concealer=conceal, wanted="tables")
