#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_info
short_description: How a Postfix instance and the programs around it are
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Tells of Postfix, the spam filter, the virus filter, authentication and DKIM whether each is declared, installed,
    enabled, running and answering.
  - Speaks with every SMTP listener, content filter, milter, SASL server and with clamd, looks at certificates, virus
    signatures and queues, and lists what is wrong with a severity.
  - Works while Postfix is stopped, and whether any of the others is installed or not.
extends_documentation_fragment:
  - mailops.mta.attributes.info
  - mailops.mta.instance
options:
  certificate_days:
    description: A certificate that expires in fewer days is a problem.
    type: int
    default: 21
  signature_days:
    description: Virus signatures that were built longer ago are a problem.
    type: int
    default: 3
  deferred_hours:
    description: Mail that has been deferred for longer is a problem.
    type: int
    default: 24
notes:
  - A mail is not sent. The listeners are greeted, and log a connection from this host.
seealso:
  - module: mailops.mta.queue_info
  - module: mailops.mta.instance
"""

EXAMPLES = r"""
- name: Look at the server
  mailops.mta.instance_info:
  register: mail_server

- name: Stop when something is badly wrong
  ansible.builtin.assert:
    that: mail_server.problems | selectattr('severity', 'eq', 'critical') | length == 0
    fail_msg: "{{ mail_server.problems | map(attribute='text') | join('; ') }}"
"""

RETURN = r"""
checked_at:
  description: When, in UTC.
  returned: always
  type: str
  sample: "2026-01-31T23:59:59Z"
mail_version:
  description: The version of Postfix.
  returned: always
  type: str
  sample: 3.10.5
hostname:
  description: Its C(myhostname).
  returned: always
  type: str
  sample: mx1.example.com
parts:
  description: C(postfix), C(antispam), C(antivirus), C(authentication) and C(dkim).
  returned: always
  type: dict
  contains:
    postfix:
      description: One of them; the others look the same.
      returned: always
      type: dict
      contains:
        declared:
          description: Whether the configuration of Postfix, and of Amavis, wants it.
          returned: always
          type: bool
        installed:
          description: Whether all of its services are installed.
          returned: always
          type: bool
        enabled:
          description: Whether all of them start at boot.
          returned: always
          type: bool
        running:
          description: Whether all of them run.
          returned: always
          type: bool
        answering:
          description: Whether they answer, null when nobody asked.
          returned: always
          type: bool
        version:
          description: The version of the package.
          returned: always
          type: str
        detail:
          description: What it does and where, for people.
          returned: always
          type: str
        problem:
          description: What was wrong with an answer.
          returned: always
          type: str
listeners:
  description: The SMTP listeners of C(master.cf).
  returned: always
  type: list
  elements: dict
  sample:
    - service: smtp/inet
      address: 127.0.0.1:25
      program: smtpd
      tls: false
      answering: true
      banner: 220 mx1.example.com ESMTP
      extensions: [PIPELINING, SIZE 10240000, STARTTLS]
      problem: ""
certificates:
  description: The certificates of the SMTP server.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/ssl/certs/mx1.pem
      subject: CN=mx1.example.com
      names: [mx1.example.com]
      self_signed: false
      not_before: "2026-01-01T00:00:00Z"
      not_after: "2026-04-01T00:00:00Z"
      days_left: 59
      problem: ""
signatures:
  description: The files of virus signatures; C(age) in seconds.
  returned: always
  type: list
  elements: dict
  sample: [{name: daily.cld, version: 27800, signatures: 2077045, built: "2026-01-31T07:21:00Z", age: 59919}]
queues:
  description: As M(mailops.mta.queue_info) returns them.
  returned: always
  type: dict
  sample: {active: {messages: 0, bytes: 0, oldest_age: null}}
last_reload:
  description: When Postfix was started or last took its configuration up, in UTC, null when it does not run.
  returned: always
  type: str
  sample: "2026-01-31T21:00:00Z"
problems:
  description: What is wrong, the worst first.
  returned: always
  type: list
  elements: dict
  contains:
    severity:
      description:
        - C(critical) when mail is not taken, not delivered or not checked, C(warning) when it soon will not be, or
          C(notice).
      returned: always
      type: str
    part:
      description: A name of RV(parts), or C(listener), C(certificate), C(signatures) or C(queue).
      returned: always
      type: str
    text:
      description: One sentence.
      returned: always
      type: str
"""

import time

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_info
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_result import queues_result
from ansible_collections.mailops.mta.plugins.module_utils._postfix.server import Server
from ansible_collections.mailops.mta.plugins.module_utils._postfix.server_problem import Limits
from ansible_collections.mailops.mta.plugins.module_utils._postfix.server_result import server_result
from ansible_collections.mailops.mta.plugins.module_utils._queue import totals

LIMITS = {"certificate_days": 21, "signature_days": 3, "deferred_hours": 24}


def read(module: Module) -> dict[str, object]:
    """Look at one mail server."""
    for name in LIMITS:
        if module.options[name] < 0:
            unit = name.rpartition("_")[2]
            raise ValueError(f"{name}: {module.options[name]} is not accepted: a number of {unit}, 0 or more")
    now = time.time()
    server = Server(module.postfix)
    queues = totals(module.postfix.effective["queue_directory"])
    seen = server.seen(now, queues, pending=module.journal().pending)
    limits = Limits(**{name: module.options[name] for name in LIMITS})
    return {
        **server.described,
        **server_result(seen, limits),
        "queues": queues_result(queues, now, ages=True)["queues"],
    }


if __name__ == "__main__":
    run_info({name: {"type": "int", "default": value} for name, value in LIMITS.items()}, read)
