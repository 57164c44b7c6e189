#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: master_services
short_description: Services of Postfix's master.cf
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Adds, changes and removes any number of services of C(master.cf) with one read and at most one write.
  - The columns, the command and each C(-o) option of a service can be set alone; what is not mentioned stays.
  - The change is made on a private copy of the configuration directory and judged there. Unknown port names, missing
    programs, foreign listen addresses, private inet services (each of these ends the master process, and mail with
    it), unknown parameters and values of the wrong kind are refused before the live file changes.
  - Postfix takes a change up when it is reloaded, and a removal when it is restarted; see M(mailops.mta.instance).
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
  - mailops.mta.provided
options:
  services:
    description:
      - Services by C(name/type) as postconf(1) names them, such as C(smtp/inet), C(127.0.0.1:10025/inet) or
        C(tlsmgr/unix).
      - V(null) removes the service.
      - The other values are mappings with the keys C(private), C(unprivileged), C(chroot), C(wakeup), C(process_limit),
        C(command), C(options) and C(exclusive_options). A key that is not mentioned leaves that part of a present
        service alone.
      - C(private), C(unprivileged) and C(chroot) are booleans or C(-), C(wakeup) is a number of seconds, perhaps with a
        C(?) behind it, or C(-), C(process_limit) is a number or C(-). C(-) stands for Postfix's default, see master(5).
      - C(command) is the program with its arguments, without C(-o). A new service needs it. The other columns of a new
        service are C(-), and C(private) is C(n) where the type is C(inet).
      - C(options) maps parameters to the values that the service's C(-o) options give them. Booleans become C(yes) or
        C(no), lists are joined by C(, ), values may hold blanks, V(null) removes the option. Options that are not
        mentioned stay, unless C(exclusive_options) is true.
      - A service, column or value that Postfix reads as equal to the present one is left as it stands.
    type: dict
    required: true
  force:
    description:
      - What is written although the rules refuse it, a service as C(smtp/inet) or one of its options as
        C(smtp/inet -o name). Each one becomes a warning.
    type: list
    elements: str
    default: []
  variables:
    description: The variables that hold the services, by their names, for error messages.
    type: dict
    default: {}
notes:
  - C(master.cf) keeps its mode, owner and, where it is a symbolic link, the link. Comments, services that are commented
    out and unmanaged services stay as they are.
  - A service that C(master.cf) holds several times is brought back to one entry when it is managed. Of several C(-o)
    options for one parameter the last one counts, and is the one that a change of the service keeps.
seealso:
  - name: master(5)
    description: Postfix master process configuration file format.
    link: https://www.postfix.org/master.5.html
  - module: mailops.mta.postconf
  - module: mailops.mta.instance
"""

EXAMPLES = r"""
- name: Offer submission over TLS, and no UUCP
  mailops.mta.master_services:
    services:
      submissions/inet:
        chroot: true
        command: smtpd
        options:
          syslog_name: postfix/submissions
          smtpd_tls_wrappermode: true
          smtpd_sasl_auth_enable: true
          smtpd_relay_restrictions: [permit_sasl_authenticated, reject]
      uucp/unix: null
  notify: Activate postfix

- name: Let at most five delivery agents talk to the content filter, and change nothing else of it
  mailops.mta.master_services:
    services:
      smtp-amavis/unix:
        process_limit: 5
  notify: Activate postfix

- name: Take one option back
  mailops.mta.master_services:
    services:
      smtp/inet:
        options:
          smtpd_proxy_filter: null
  notify: Activate postfix
"""

RETURN = r"""
activation:
  description: What the running Postfix needs for this change and for earlier ones that it has not taken up.
  returned: always
  type: str
  choices: [none, reload, restart]
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix.service_edit import (
    plan_services,
    read_wanted,
    with_promised,
)

OPTIONS = {
    "services": {"type": "dict", "required": True},
    "force": {"type": "list", "elements": "str", "default": []},
    "provided": {"type": "list", "elements": "str", "default": []},
    "variables": {"type": "dict", "default": {}},
}


def plan(module: Module) -> Plan:
    """Compare the wanted services with master.cf."""
    options, live, variables = module.options, module.postfix, module.options["variables"]
    path = live.path("master.cf")
    wanted, provided = read_wanted(options["services"], variables), module.provided(options["provided"])
    edits = plan_services(wanted, with_promised(wanted, live.services, provided))
    if not edits:
        return Plan(header=path)
    # The rules are loaded here, because most runs change nothing and need none.
    from ansible_collections.mailops.mta.plugins.module_utils._postfix.candidate import staged

    commands = {"master.cf": edits.commands}
    actions, warnings = staged(live, module.private_directory(), commands, options["force"], provided, variables)
    return Plan(
        header=path,
        before=edits.before,
        after=edits.after,
        actions=actions,
        # A reload opens and closes listeners as well. But on Debian 13 master(8) may not signal the processes of a
        # service that is gone (its unit lacks CAP_KILL): while one has a client, it waits for it and serves nobody.
        activation="restart" if edits.removals else "reload",
        warnings=warnings,
    )


if __name__ == "__main__":
    run_module(OPTIONS, plan, wanted="services")
