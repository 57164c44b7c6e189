#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: instance
short_description: A running Postfix that has taken its configuration up
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Reloads or restarts Postfix, or does neither, as the changes since the last activation need. The modules of this
    collection note that on the host, so it does not matter which task, role or earlier play made them.
  - Afterwards every SMTP listener of C(master.cf) must answer with a banner and take one recipient, and the mail log
    must be free of new fatal errors.
  - Otherwise the last good configuration is put back, Postfix is restarted, the configuration that failed is kept, and
    the task fails with the reason.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  state:
    description:
      - V(activated) does what the pending changes need, and starts Postfix where it is stopped.
      - V(reloaded) reloads in any case, V(restarted) restarts in any case.
      - V(healthy) changes nothing and fails when a listener does not answer.
    type: str
    choices: [activated, reloaded, restarted, healthy]
    default: activated
attributes:
  idempotent:
    support: partial
    details: With O(state=reloaded) and O(state=restarted) each run reloads or restarts.
notes:
  - Files that hold secrets are not kept for the way back; they stay as they were written last.
  - The place of the last good configuration is C(/var/lib/mailops-mta).
seealso:
  - name: postfix(1)
    description: Postfix control program.
    link: https://www.postfix.org/postfix.1.html
"""

EXAMPLES = r"""
- name: Take up what changed
  mailops.mta.instance:

- name: Fail unless every listener answers
  mailops.mta.instance:
    state: healthy
"""

RETURN = r"""
activation:
  description: What was still to be done for the running Postfix before this task.
  returned: always
  type: str
  choices: [none, reload, restart]
listeners:
  description: The SMTP listeners that have to answer.
  returned: when Postfix is installed
  type: list
  elements: str
  sample: ["127.0.0.1:25", "127.0.0.1:587"]
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Activate, Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix.listener import listeners, needed_activation
from ansible_collections.mailops.mta.plugins.module_utils._witness import Log, activate, witness

OPTIONS = {
    "state": {"type": "str", "choices": ["activated", "reloaded", "restarted", "healthy"], "default": "activated"},
}


def plan(module: Module) -> Plan:
    """Compare what runs with what is configured."""
    live, journal = module.postfix, module.journal()
    found = [str(listener) for listener in listeners(live.services, live.overrides, live.effective)]
    header = f"Postfix instance {live.config_directory}"
    pending = journal.read()["activation"]
    if module.options["state"] == "healthy":
        witness(live, Log(live))
        return Plan(header, facts={"listeners": found}, activation=pending)
    needed = needed_activation(module.options["state"], pending, live.running)
    if needed == "none" and not journal.pending:
        return Plan(header, facts={"listeners": found})
    return Plan(
        header,
        before="running with an earlier configuration\n" if live.running else "stopped\n",
        after=f"running with the present configuration ({needed})\n",
        actions=(Activate(needed),),
        activation=needed,
        facts={"listeners": found},
    )


if __name__ == "__main__":
    run_module(OPTIONS, plan, activate)
