#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resolver_info
short_description: Whether the name servers of a host validate DNSSEC
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Asks each name server in C(/etc/resolv.conf) for the name servers of the root zone, which is signed, and looks
    whether it marks its answer as validated (the bit AD). It is the question that smtp(8) asks before it trusts DANE
    (C(dnssec_probe) in postconf(5)).
  - Without such a name server the TLS security level C(dane) is no more than C(may), and C(dane-only) keeps all mail
    back.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.attributes.info
  - mailops.mta.instance
options:
  path:
    description: The file with the name servers.
    type: path
    default: /etc/resolv.conf
notes:
  - The way to the name server is not protected; let it be one on the host itself, or on a network that you trust.
seealso:
  - name: TLS_README
    description: Postfix TLS support, DANE TLS authentication.
    link: https://www.postfix.org/TLS_README.html#client_tls_dane
"""

EXAMPLES = r"""
- name: Look whether DANE can be used
  mailops.mta.resolver_info:
  register: resolver

- name: Use it
  mailops.mta.postconf:
    parameters:
      smtp_dns_support_level: dnssec
      smtp_tls_security_level: "{{ 'dane' if resolver.dnssec else 'may' }}"
  notify: Activate postfix
"""

RETURN = r"""
dnssec:
  description: Whether a name server answered, and all that answered validate.
  returned: always
  type: bool
name_servers:
  description: For each name server whether it validates; null when it did not answer.
  returned: always
  type: dict
  sample: {127.0.0.1: true, 192.0.2.53: null}
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_info
from ansible_collections.mailops.mta.plugins.module_utils._resolver import validation

OPTIONS = {"path": {"type": "path", "default": "/etc/resolv.conf"}}


def read(module: Module) -> dict[str, object]:
    """Ask the name servers."""
    found = validation(module.options["path"])
    answers = [answer for answer in found.values() if answer is not None]
    return {"dnssec": bool(answers) and all(answers), "name_servers": found}


if __name__ == "__main__":
    run_info(OPTIONS, read)
