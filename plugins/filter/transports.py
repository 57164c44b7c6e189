# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: transports
short_description: The lines of a transport table
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Turns domains and addresses with their relay hosts into lines of transport(5), with lines of one's own behind them.
  - Whether there is such a transport on the server is judged when M(mailops.mta.lookup_tables) builds the table.
options:
  _input:
    description:
      - Relay hosts by C(example.com), C(.example.com) (its subdomains), C(ann@example.com) or V(*), everything else.
      - A relay host has the keys of P(mailops.mta.next_hop#filter), and C(match_subdomains) (default V(false)) to hold
        for the subdomains too, and C(transport) (default V(smtp)), the service of C(master.cf) that delivers.
      - Without C(host) the mail goes to the MX hosts of the recipient's domain, whatever the relay host is.
      - V(null) leaves the entry out.
    type: dict
    required: true
  lines:
    description: More lines, such as V(example.org error:5.1.2 we have moved).
    type: list
    elements: str
    default: []
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: transports
  lines_variable:
    description: The name of the variable of O(lines), for error messages. Without this, O(variable).
    type: str
"""

EXAMPLES = r"""
- name: Show the lines of a table
  ansible.builtin.debug:
    # ['example.com smtp:[mx.example.com]:2525', '.example.com smtp:[mx.example.com]:2525', 'example.org smtp:']
    msg: "{{ {'example.com': internal, 'example.org': {}} | mailops.mta.transports }}"
  vars:
    internal: {host: mx.example.com, port: 2525, match_subdomains: true}
"""

RETURN = r"""
_value:
  description: The lines of the table.
  type: list
  elements: str
"""

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.next_hop import next_hop

_DOMAIN: t.Final = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*"
_PATTERN: t.Final = re.compile(rf'\.?{_DOMAIN}|[^\s@,:"]+@{_DOMAIN}|\*')
_SERVICE: t.Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# transport(5): pattern, blanks, transport:nexthop, where each of the two may be empty.
_LINE: t.Final = re.compile(r"\S+\s+[^\s:]*:.*")
_FORM: t.Final = "write PATTERN TRANSPORT:NEXTHOP, such as example.com smtp:[mx.example.com]:2525"


def transports(
    destinations: t.Mapping[str, t.Any],
    lines: t.Sequence[str] = (),
    variable: str = "transports",
    lines_variable: str | None = None,
) -> list[str]:
    """Return "pattern transport:nexthop" for each destination, then *lines*."""
    found = [
        line
        for pattern, relay in destinations.items()
        if relay is not None
        for line in _lines(str(pattern), relay, variable)
    ]
    return [*found, *(_judged(line, lines_variable or variable) for line in lines)]


def _lines(pattern: str, relay: t.Any, variable: str) -> t.Iterator[str]:
    if not _PATTERN.fullmatch(pattern):
        form = "write example.com, .example.com, ann@example.com or *"
        raise AnsibleFilterError(f'{variable}: "{pattern}" is neither a domain nor an address; {form}')
    if not isinstance(relay, t.Mapping):
        raise AnsibleFilterError(f'{variable}: {pattern} is "{relay}"; write {{host: NAME, port: 25, mx: false}}')
    options = dict(relay)
    subdomains, service = options.pop("match_subdomains", False), options.pop("transport", "smtp")
    if not isinstance(subdomains, bool):
        raise AnsibleFilterError(f'{variable}: match_subdomains of {pattern} is "{subdomains}", not true or false')
    if not _SERVICE.fullmatch(str(service)):
        raise AnsibleFilterError(f'{variable}: transport of {pattern} is "{service}", not the name of a service')
    if service == "lmtp" and {"username", "tls"} & set(options):
        raise AnsibleFilterError(f"{variable}: {pattern} goes by lmtp, which knows no username and no tls here")
    if subdomains and ("@" in pattern or pattern[0] in ".*"):
        raise AnsibleFilterError(f"{variable}: {pattern} has no subdomains; match_subdomains is for a domain")
    destination = f"{service}:{next_hop(options, f'{variable}: {pattern}')}"
    yield f"{pattern} {destination}"
    if subdomains:
        yield f".{pattern} {destination}"


def _judged(line: t.Any, variable: str) -> str:
    # A line that begins with a blank would become a part of the one before.
    if not isinstance(line, str) or not line.isprintable() or line != line.strip():
        raise AnsibleFilterError(f'{variable}: "{line}" is not one line; {_FORM}')
    if not line.startswith("#") and not _LINE.fullmatch(line):
        raise AnsibleFilterError(f'{variable}: "{line}" is not accepted; {_FORM}')
    return line


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"transports": transports}
