#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postscreen
short_description: The screen in front of Postfix's port 25
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Switches postscreen(8) on and off, with its tests, actions, time limits and DNS lists, in one step.
  - It sets the C(postscreen_) parameters of C(main.cf), a C(cidr) table of permitted and rejected networks, and the
    four services of C(master.cf) that belong together (C(smtp/inet), C(smtpd/pass), C(dnsblog/unix), C(tlsproxy/unix)).
  - All of it is changed on one private copy of the configuration directory and judged there. What would stop
    postscreen(8), and port 25 with it, is refused before a live file changes.
  - An option that is not given, or is V(null), is removed from C(main.cf), and Postfix's default counts.
  - Postfix takes a change up when it is reloaded, during which port 25 stays open; see M(mailops.mta.instance).
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
options:
  enabled:
    description:
      - Whether postscreen(8) answers at port 25.
      - When V(false), smtpd(8) has the port again, and the table and the parameters go. The other options are judged
        all the same.
    type: bool
    required: true
  access_list:
    description:
      - Words of C(postscreen_access_list), and lookup tables as C(type:path). A client that is permitted skips all
        tests.
      - Postfix's default is C(permit_mynetworks).
    type: list
    elements: str
  permit_networks:
    description:
      - Networks and addresses of clients that skip all tests.
      - They are kept in the table C(postscreen_access.cidr) beside C(main.cf), which comes last in the access list.
    type: list
    elements: str
    default: []
  reject_networks:
    description:
      - Networks and addresses of clients that O(denylist_action) is for.
      - Of a permitted and a rejected network around one client the narrower one counts.
    type: list
    elements: str
    default: []
  denylist_action:
    description:
      - What becomes of a client that the access list rejects.
      - V(ignore) logs it and goes on, V(enforce) refuses the mail with 550 and logs helo, sender and recipients,
        V(drop) hangs up with 521. The same holds for the actions of all tests.
      - O(ignore:blacklist_action) is its old name.
    type: str
    choices: [ignore, enforce, drop]
    aliases: [blacklist_action]
  greet:
    description: The test whether a client speaks before its turn.
    type: dict
    suboptions:
      action:
        description: What becomes of a client that does.
        type: str
        choices: [ignore, enforce, drop]
      banner:
        description: The text that tempts the client; an empty one switches this off.
        type: str
      ttl:
        description: How long a client that passed is not tested again, such as V(1d).
        type: str
      wait:
        description: How long a client has to wait for the greeting, such as V(6s).
        type: str
  dnsbl:
    description: Lists that are asked by DNS for the client's address.
    type: dict
    suboptions:
      sites:
        description:
          - The lists, each as a name, as text in Postfix's own form C(name=replies*weight), or as a mapping. Text may
            hold several of them between commas.
          - A mapping has the keys C(site), C(replies), the answers that count, such as V(127.0.0.[2;4..7]), C(weight),
            what such an answer adds to the client's score (1 when not given, negative for allowlists), and C(enabled).
          - Where no replies are given they are C(127.0.0.[2..11]), for an allowlist C(127.0.[0..254].[0..254]), so that
            the codes by which a list reports an error never count.
          - A list that is known to be closed is refused.
        type: list
        elements: raw
      action:
        description: What becomes of a client with a score of O(dnsbl.threshold) or more.
        type: str
        choices: [ignore, enforce, drop]
      threshold:
        description: The score that counts as listed, 1 or more.
        type: int
      allowlist_threshold:
        description:
          - A client with this score or less skips the other tests, without the wait. It has to be negative to work;
            V(0) stands for none.
          - O(ignore:dnsbl.whitelist_threshold) is its old name.
        type: int
        aliases: [whitelist_threshold]
      min_ttl:
        description: How long the answer of a list counts at least.
        type: str
      max_ttl:
        description:
          - How long the answer of a list counts at most.
          - O(ignore:dnsbl.ttl) is its old name.
        type: str
        aliases: [ttl]
      timeout:
        description: How long postscreen(8) waits for the lists.
        type: str
      reply_map:
        description:
          - Lookup table, as C(type:path), of the names that clients are told instead of the lists' own. It hides a key
            that is part of a list's name.
        type: str
  bare_newline:
    description:
      - The test whether a client ends a line with a line feed alone.
      - It comes after the greeting, see the notes. It is no protection from SMTP smuggling, which is the parameter
        C(smtpd_forbid_bare_newline).
    type: dict
    suboptions: &deep_test
      enable:
        description: Whether clients are tested.
        type: bool
      action:
        description: What becomes of a client that does. An action alone tests nobody.
        type: str
        choices: [ignore, enforce, drop]
      ttl:
        description: How long a client that passed is not tested again, such as V(30d).
        type: str
  non_smtp_command:
    description: The test whether a client sends commands of other protocols; see the notes.
    type: dict
    suboptions: *deep_test
  pipelining:
    description: The test whether a client sends several commands at once without leave; see the notes.
    type: dict
    suboptions: *deep_test
  cache:
    description: The memory of the tests that clients have passed.
    type: dict
    suboptions:
      map:
        description: Its lookup table as C(type:path), which postscreen(8) writes.
        type: str
      retention_time:
        description: How long a client is kept after its last test has expired.
        type: str
      cleanup_interval:
        description: How much time lies between two clean-ups; V(0) stands for none.
        type: str
  command_count_limit:
    description: How many commands a session with postscreen(8) itself may have.
    type: int
  upstream_proxy_protocol:
    description: The protocol of a load balancer in front of port 25; each session has to begin with its header.
    type: str
    choices: [haproxy]
  allowlist_interfaces:
    description:
      - Local addresses at which a client can pass the tests, all by default. At a backup MX address, excluded with
        C(!), no new client can.
      - O(ignore:whitelist_interfaces) is its old name.
    type: list
    elements: str
    aliases: [whitelist_interfaces]
  watchdog_timeout:
    description: How long postscreen(8) may be silent before it ends itself, 10 seconds or more.
    type: str
  provided:
    description:
      - Lookup tables, as C(type:path), that earlier tasks of the same play make. In check mode they count as present.
      - So do table types, such as V(lmdb), whose package an earlier task installs.
    type: list
    elements: str
    default: []
  variable:
    description: The name of the variable that holds these options, for error messages.
    type: str
notes:
  - Port 25 only. Mail programs of people belong at the submission ports, which this module leaves alone.
  - With a test after the greeting (O(bare_newline), O(non_smtp_command), O(pipelining)) every new client is answered
    450 at its first mail and has to come back, and the module warns of it.
  - The command, the columns and the C(-o) options that smtpd(8) has in C(smtp/inet) move to C(smtpd/pass) when
    postscreen(8) is switched on, and back. While it is on, options for smtpd(8) belong to C(smtpd/pass).
  - Names that Postfix has replaced (C(postscreen_blacklist_action), C(postscreen_dnsbl_ttl),
    C(postscreen_dnsbl_whitelist_threshold), C(postscreen_whitelist_interfaces)) are removed from C(main.cf).
  - The three services behind postscreen(8) stay in C(master.cf) when it is switched off. Nobody calls them then, and
    Postfix could not take them out without ending the sessions that they have or, on Debian 13, waiting for them.
seealso:
  - name: postscreen(8)
    description: Postfix zombie blocker.
    link: https://www.postfix.org/POSTSCREEN_README.html
  - module: mailops.mta.instance
"""

EXAMPLES = r"""
- name: Turn away clients that speak too early or that two lists know
  mailops.mta.postscreen:
    enabled: true
    greet:
      action: enforce
    dnsbl:
      action: enforce
      threshold: 3
      allowlist_threshold: -2
      sites:
        - {site: zen.spamhaus.org, weight: 3}
        - bl.spamcop.net*2
        - {site: list.dnswl.org, replies: "127.0.[0..255].[1..3]", weight: -2}
    reject_networks: [198.51.100.0/24]
    permit_networks: [198.51.100.25]
    denylist_action: drop
  notify: Activate postfix

- name: Give port 25 back to smtpd
  mailops.mta.postscreen:
    enabled: false
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
from ansible_collections.mailops.mta.plugins.module_utils._postfix.candidate import staged
from ansible_collections.mailops.mta.plugins.module_utils._postfix.lookup_table import plan_table
from ansible_collections.mailops.mta.plugins.module_utils._postfix.parameter import edit_commands, plan_edits
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen import option_names, read_options
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_options import OPTIONS
from ansible_collections.mailops.mta.plugins.module_utils._postfix.postscreen_services import wanted_services
from ansible_collections.mailops.mta.plugins.module_utils._postfix.service_edit import plan_services
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_build import build_outdated, read_stored


def plan(module: Module) -> Plan:
    """Compare the wanted screen with main.cf, master.cf and the table of networks."""
    options, live = module.options, module.postfix
    wanted = read_options(options, live.installed, live.config_directory)
    services = plan_services(wanted_services(options["enabled"], live.services), live.services)
    parameters = plan_edits(wanted.parameters, live.explicit)
    stored = read_stored(wanted.table)
    built = build_outdated(live, [wanted.table], {wanted.table.name: stored}, module.private_directory)
    table = plan_table(wanted.table, stored, built.get(wanted.table.name))
    provided = module.provided(options["provided"]) | {wanted.table.name}
    edits = {"main.cf": edit_commands(parameters), "master.cf": services.commands}
    variables = option_names(options["variable"])
    files = staged(live, module.private_directory(), edits, (), provided, variables)[0] if any(edits.values()) else ()
    return Plan(
        header=live.config_directory,
        before=parameters.before + services.before + table.before,
        after=parameters.after + services.after + table.after,
        warnings=wanted.warnings,
        # Postfix never sees a main.cf that names a table which is not there.
        actions=(*table.actions, *files) if wanted.table.present else (*files, *table.actions),
        activation="reload" if files else table.activation,
    )


if __name__ == "__main__":
    run_module(OPTIONS, plan, wanted="enabled")
