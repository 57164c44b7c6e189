#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sasl_server
short_description: Dovecot as the SASL server that tells Postfix whose password is right
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Writes the whole configuration of a Dovecot that does nothing but answer Postfix, in the language of its version
    (2.3 or 2.4), and the file of its users, which root may write and Dovecot alone may read.
  - Has systemd start Postfix after Dovecot, because an smtpd(8) that cannot reach its SASL server dies.
  - A Dovecot that serves mailboxes is left alone, and the task fails; let that one listen for Postfix instead.
  - Passwords are stored as salted hashes. A password that is the present one already changes nothing, although each new
    hash of it would be another.
  - Neither a password nor a hash is in output, diff, log, command line, temporary file or backup, nor are the old ones.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  users:
    description:
      - All users by name. Names are made of small letters, digits and C(.), C(_), C(@), C(-); capitals that a client
        sends count as small letters.
      - A user has either C(password), or C(password_hash) with its scheme in front, such as C({ARGON2ID}$argon2id$...),
        C({SHA512-CRYPT}$6$...), or C($6$...) as crypt(3) writes it. V(null) leaves a name out.
      - Passwords are stored with SHA-512 as crypt(3) does it.
    type: dict
    default: {}
  mechanisms:
    description: How clients may send their passwords.
    type: list
    elements: str
    choices: [plain, login]
    default: [plain, login]
  socket:
    description: The socket that Dovecot makes, within Postfix's queue directory, as C(smtpd_sasl_path) takes it.
    type: str
    default: private/auth
  state:
    description: V(absent) removes the file of the users, and the order in which the two start.
    type: str
    choices: [present, absent]
    default: present
notes:
  - The module starts, restarts and stops nothing. RV(restart) tells whether Dovecot has to be restarted; it sees a
    change of its users by itself.
  - The files are not part of a roll-back.
seealso:
  - name: SASL_README
    description: How Postfix and its SASL server work together.
    link: https://www.postfix.org/SASL_README.html
  - module: mailops.mta.sasl_credentials
"""

EXAMPLES = r"""
- name: Let two users log in
  mailops.mta.sasl_server:
    users:
      ann@example.com:
        password: "{{ vault_ann_password }}"
      bob@example.com:
        password_hash: "{{ vault_bob_hash }}"
  register: sasl

- name: Start Dovecot
  ansible.builtin.systemd_service:
    name: dovecot
    enabled: true
    daemon_reload: "{{ sasl.units }}"
    state: "{{ 'restarted' if sasl.restart else 'started' }}"
"""

RETURN = r"""
activation:
  description: What the running Postfix needs for earlier changes that it has not taken up.
  returned: always
  type: str
  choices: [none, reload, restart]
ours:
  description: Whether the configuration of Dovecot is the one that this module makes.
  returned: when Postfix is installed
  type: bool
restart:
  description: Whether Dovecot has to be restarted, because it does not run or runs with an earlier configuration.
  returned: when Postfix is installed
  type: bool
units:
  description: Whether units have changed, so that systemd has to read them again.
  returned: when Postfix is installed
  type: bool
"""

from os.path import join

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_module
from ansible_collections.mailops.mta.plugins.module_utils._plan import Plan
from ansible_collections.mailops.mta.plugins.module_utils._postfix import sasl_server, sasl_user
from ansible_collections.mailops.mta.plugins.module_utils._postfix.dovecot import new_salt, read_dovecot
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sasl import secret_forms, strings

OPTIONS = {
    "users": {"type": "dict", "default": {}, "no_log": True},
    "mechanisms": {"type": "list", "elements": "str", "choices": ["plain", "login"], "default": ["plain", "login"]},
    "socket": {"type": "str", "default": "private/auth"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def conceal(module: Module) -> None:
    """Mask the wanted passwords and hashes, and nothing else of the option."""
    given = module.options["users"]
    texts = set(strings(given))
    module.conceal(secret_forms(texts), shown=texts, users=sasl_user.masked_users(given))


def plan(module: Module) -> Plan:
    """Compare Dovecot's two files, and the units, with what is wanted."""
    options, live = module.options, module.postfix
    users = sasl_user.wanted_users(options["users"])
    found = read_dovecot(module.run, module.provided(["dovecot"]))
    present = sasl_user.parse_hashes(found.users.text if found.users else "")
    module.conceal(secret_forms(present.values()))
    if options["state"] == "absent":
        return sasl_server.plan_absent(found, present)
    sasl_server.refuse_foreign(found)
    listener = sasl_server.Listener(
        join(live.effective["queue_directory"], options["socket"]), live.effective["mail_owner"]
    )
    configuration = sasl_server.configuration_text(found.version, options["mechanisms"], listener)
    hashes = sasl_user.hashes(users, present, new_salt)
    return sasl_server.plan_present(found, configuration, sasl_user.rendered(hashes), (present, hashes))


if __name__ == "__main__":
    run_module(OPTIONS, plan, concealer=conceal)
