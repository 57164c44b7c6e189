#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postconf_info
short_description: What a Postfix instance is configured to do
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Reads the parameters of C(main.cf), the services of C(master.cf), the version, and what is unmanaged or unused.
extends_documentation_fragment:
  - mailops.mta.attributes.info
  - mailops.mta.instance
options:
  parameters:
    description:
      - Shell-style patterns of the parameters to return in RV(effective). Postfix has about a thousand of them.
    type: list
    elements: str
    default: []
  managed:
    description:
      - Shell-style patterns of the parameters that somebody manages; the rest of RV(explicit) is RV(unmanaged).
    type: list
    elements: str
    default: []
seealso:
  - module: mailops.mta.postconf
"""

EXAMPLES = r"""
- name: Read what differs from Postfix's defaults, and every TLS parameter
  mailops.mta.postconf_info:
    parameters: ['*_tls_*']
    managed: [myhostname, mydestination]
  register: mail
"""

RETURN = r"""
mail_version:
  description: The version of Postfix.
  returned: always
  type: str
  sample: 3.10.5
explicit:
  description: The parameters that C(main.cf) sets, as written there.
  returned: always
  type: dict
  sample: {relayhost: "[relay.example.com]:587"}
effective:
  description: The values of the parameters that O(parameters) matches, set or default, with every C($name) replaced.
  returned: always
  type: dict
unmanaged:
  description: The parameters of RV(explicit) that no pattern of O(managed) matches.
  returned: always
  type: list
  elements: str
unused:
  description: The parameters of RV(explicit) that no Postfix program reads, such as misspelt ones.
  returned: always
  type: list
  elements: str
services:
  description: The services of C(master.cf) by C(name/type), with their columns and C(-o) options.
  returned: always
  type: dict
  sample:
    smtp/inet:
      name: smtp
      type: inet
      private: "n"
      unprivileged: "-"
      chroot: "y"
      wakeup: "-"
      process_limit: "-"
      command: smtpd
      options: {}
      duplicate: false
running:
  description: Whether the instance runs.
  returned: always
  type: bool
"""

from dataclasses import asdict

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_info
from ansible_collections.mailops.mta.plugins.module_utils._postfix.parameter import matches, unmanaged

OPTIONS = {
    "parameters": {"type": "list", "elements": "str", "default": []},
    "managed": {"type": "list", "elements": "str", "default": []},
}


def read(module: Module) -> dict[str, object]:
    """Read one instance."""
    live, options = module.postfix, module.options
    effective = live.effective if options["parameters"] else {}
    return {
        "mail_version": live.defaults["mail_version"],
        "explicit": dict(live.explicit.values),
        "effective": {name: value for name, value in effective.items() if matches(name, options["parameters"])},
        "unmanaged": list(unmanaged(live.explicit, {}, options["managed"])),
        "unused": sorted(live.explicit.unused),
        "services": {key: asdict(service) for key, service in live.services.items()},
        "running": live.running,
    }


if __name__ == "__main__":
    run_info(OPTIONS, read)
