#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postconf
short_description: Parameters of Postfix's main.cf
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Sets and removes any number of parameters of C(main.cf) with one read and at most one write.
  - The change is made on a private copy of the configuration directory and judged there. Unknown parameters, values of
    the wrong kind, unknown restrictions, unavailable table types, missing or uncompiled tables, an open relay and
    everything else that would stop mail or let it pass unchecked is refused before the live file changes.
  - Postfix takes a change up when it is reloaded or restarted; see M(mailops.mta.instance).
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
  - mailops.mta.provided
options:
  parameters:
    description:
      - Parameters by their name in postconf(5).
      - Booleans become C(yes) or C(no), lists are joined by C(, ), V(null) removes the parameter from C(main.cf), and
        Postfix's default counts.
      - A value that Postfix reads as equal to the present one (white space, folded lines, list separators, the case of
        yes and no, C($name) and C(${name})) is left as it stands.
    type: dict
    default: {}
  exclusive:
    description:
      - Remove the parameters of C(main.cf) that are neither in O(parameters) nor matched by O(keep).
      - When V(false) they are listed in RV(unmanaged) only.
    type: bool
    default: false
  keep:
    description:
      - Shell-style patterns of parameters that O(exclusive) never touches.
      - The default holds what belongs to the package and to the instance, not to the mail administrator.
    type: list
    elements: str
    default:
      - compatibility_level
      - '*_directory'
      - '*_path'
      - mail_owner
      - setgid_group
      - multi_instance_*
      - master_service_disable
  force:
    description:
      - Names of parameters whose values are written although the rules refuse them. Each one becomes a warning.
    type: list
    elements: str
    default: []
  variables:
    description: The variables that hold the parameters, by their names, for error messages.
    type: dict
    default: {}
notes:
  - C(main.cf) keeps its mode, owner and, where it is a symbolic link, the link. Comments and unmanaged lines stay.
  - What stands in C(main.cf) as wanted already is not judged again.
  - A parameter that stands on several lines is brought back to one line when it is managed. Lines that end in CR LF end
    in LF after the first change. A byte order mark is refused.
  - The new C(main.cf) carries a time stamp that lies three seconds back, so that no Postfix program waits for it.
  - A play that runs at the same time, and postconf(1) itself, wait for each other by postconf's own lock.
seealso:
  - name: postconf(5)
    description: Postfix configuration parameters.
    link: https://www.postfix.org/postconf.5.html
  - module: mailops.mta.instance
"""

EXAMPLES = r"""
- name: Send everything through a relay host
  mailops.mta.postconf:
    parameters:
      relayhost: "[relay.example.com]:587"
      smtp_tls_security_level: encrypt
      inet_protocols: [ipv4, ipv6]
      disable_vrfy_command: true
      biff: null
  notify: Activate postfix

- name: Remove what nobody manages any more
  mailops.mta.postconf:
    parameters: "{{ all_my_parameters }}"
    exclusive: true
  vars:
    all_my_parameters:
      myhostname: mx1.example.com
      mydestination: ["$myhostname", localhost]
  notify: Activate postfix
"""

RETURN = r"""
activation:
  description: What the running Postfix needs for this change and for earlier ones that it has not taken up.
  returned: always
  type: str
  choices: [none, reload, restart]
unmanaged:
  description: Parameters that C(main.cf) sets and that are neither in O(parameters) nor matched by O(keep).
  returned: when Postfix is installed
  type: list
  elements: str
  sample: [alias_maps, biff]
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix.parameter import (
    PACKAGE_OWN,
    activation,
    edit_commands,
    plan_edits,
    render_wanted,
    unmanaged,
)

OPTIONS = {
    "parameters": {"type": "dict", "default": {}},
    "exclusive": {"type": "bool", "default": False},
    "keep": {"type": "list", "elements": "str", "default": list(PACKAGE_OWN)},
    "force": {"type": "list", "elements": "str", "default": []},
    "provided": {"type": "list", "elements": "str", "default": []},
    "variables": {"type": "dict", "default": {}},
}


def plan(module: Module) -> Plan:
    """Compare the wanted parameters with main.cf."""
    options, live, variables = module.options, module.postfix, module.options["variables"]
    wanted = render_wanted(options["parameters"], variables)
    others = unmanaged(live.explicit, wanted, options["keep"])
    edits = plan_edits(wanted, live.explicit, remove=others if options["exclusive"] else ())
    path = live.path("main.cf")
    facts = {"unmanaged": list(others)}
    unused = [name for name in wanted if name in live.explicit.unused and name not in edits.names]
    if not edits and not unused:
        return Plan(header=path, facts=facts)
    # The rules are loaded here, because most runs change nothing and need none.
    from ansible_collections.mailops.mta.plugins.module_utils._postfix.candidate import refuse_unused, staged

    force, provided = options["force"], module.provided(options["provided"])
    warnings = refuse_unused(live, unused, force, variables)
    if not edits:
        return Plan(header=path, facts=facts, warnings=warnings)
    commands = {"main.cf": edit_commands(edits)}
    actions, forced = staged(live, module.private_directory(), commands, force, provided, variables)
    return Plan(
        header=path,
        before=edits.before,
        after=edits.after,
        actions=actions,
        activation=activation(edits.names),
        facts=facts,
        warnings=warnings + forced,
    )


if __name__ == "__main__":
    run_module(OPTIONS, plan, wanted="parameters")
