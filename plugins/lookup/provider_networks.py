# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: provider_networks
short_description: Networks that a mail provider sends from
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns the networks of mail providers that hand over mail without SMTP authentication, as the providers publish
    them, to be let in as clients.
  - What was read is kept on the controller. It is used for O(max_age) without asking again, and as long as a DNS or web
    server does not answer, with a warning.
  - A wrong list makes the mail server an open relay or stops a provider's mail. So nothing is returned when a list is
    empty, holds a network that is too wide or not public, or differs too much from the last good one.
options:
  _terms:
    description:
      - V(office365) for Microsoft's endpoint list and SPF together, because mail comes from networks that one of them
        has not got yet. V(office365_endpoints) and V(office365_spf) for one of them.
      - V(google) for the SPF record of V(_spf.google.com).
      - Any name with a dot is a domain, for the networks that pass by its SPF record.
    type: list
    elements: str
    required: true
  with_source:
    description: Return dictionaries that tell where each network is published.
    type: bool
    default: false
  cache_directory:
    description:
      - The directory on the controller that keeps the last good networks, one JSON file a source.
      - Without this, C(mailops.mta/provider_networks) in Ansible's home, which is C(~/.ansible) unless C(ANSIBLE_HOME)
        says otherwise.
    type: path
    env:
      - name: MAILOPS_MTA_PROVIDER_CACHE
  max_age:
    description: Use what was read in the last so many seconds without asking again.
    type: int
    default: 86400
  max_change:
    description:
      - Refuse a source when more than so many percent of its addresses came or went since they were last good.
      - IPv4 and IPv6 are judged apart. A source that gets or loses all of one of them is refused as well.
    type: int
    default: 50
  accept_change:
    description:
      - Take the networks whatever O(max_change) says, for one run.
      - They are the last good ones from then on.
    type: bool
    default: false
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: provider_networks
  options_variable:
    description: The name of the variable that holds these options, for error messages. Without this, O(variable).
    type: str
  widest_ipv4:
    description:
      - Refuse IPv4 networks with a shorter prefix than this.
      - The widest that Office 365 and Google send from is a /14.
    type: int
    default: 12
  widest_ipv6:
    description:
      - Refuse IPv6 networks with a shorter prefix than this.
      - The widest that Office 365 and Google send from is a /36.
    type: int
    default: 32
  allow_private:
    description:
      - Accept private networks, for domains of one's own. Loopback, link-local, multicast and reserved networks are
        always refused.
    type: bool
    default: false
  nameservers:
    description:
      - Name servers to ask, as V(192.0.2.53), V(192.0.2.53:5353), V(2001:db8::53) or V([2001:db8::53]:5353).
      - Without this, those of the controller.
    type: list
    elements: str
    default: []
  endpoints_url:
    description:
      - Where the list of endpoint sets is. The plugin adds the C(clientrequestid) that the service asks for, a UUID of
        the controller.
    type: str
    default: https://endpoints.office.com/endpoints/worldwide?ServiceAreas=Exchange
  timeout:
    description: Seconds to wait for the answer to one question.
    type: float
    default: 5
requirements:
  - dnspython on the controller
notes:
  - All customers of a provider send from the same networks. Whoever lets them relay lets every customer of the provider
    relay, so restrict the senders as well.
  - SPF is expanded as RFC 7208 says, with its limits of 10 look-ups, 2 names without addresses and 10 mail exchangers.
    Macros are refused. The mechanisms C(exists) and C(ptr) depend on the single client, so they add nothing, with a
    warning.
  - The last good networks are written in check mode as well.
seealso:
  - plugin: mailops.mta.mynetworks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show who may hand over mail without a password
  ansible.builtin.debug:
    # ['35.190.247.0/24', ..., '2a01:111:f400::/48', ...]
    msg: "{{ query('mailops.mta.provider_networks', 'office365', 'google', 'newsletter.example.com') }}"

- name: Show where each network is published
  ansible.builtin.debug:
    # [{'network': '198.51.100.0/24', 'source': 'spf:newsletter.example.com'}]
    msg: "{{ query('mailops.mta.provider_networks', 'newsletter.example.com', with_source=true) }}"

- name: Take a large change after a look at it, once
  ansible.builtin.debug:
    msg: "{{ query('mailops.mta.provider_networks', 'google', accept_change=true) }}"
"""

RETURN = r"""
_list:
  description:
    - The networks, IPv4 before IPv6, sorted, without duplicates and with neighbours joined.
    - With O(with_source), dictionaries with the keys V(network) and V(source), which names all sources of the network.
  type: list
  elements: raw
"""

import datetime as dt
import typing as t

from ansible.constants import config
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.mailops.mta.plugins.plugin_utils import _ask, _endpoints, _spf
from ansible_collections.mailops.mta.plugins.plugin_utils._networks import (
    Limits,
    RefusedError,
    UnavailableError,
    collapse,
)
from ansible_collections.mailops.mta.plugins.plugin_utils._provider import (
    Current,
    Found,
    Policy,
    Source,
    current,
    sources,
)

# Option -> the smallest and the largest value.
_BOUNDS: t.Final = {
    "max_age": (0, 10**9),
    "max_change": (0, 1000),
    "widest_ipv4": (1, 32),
    "widest_ipv6": (1, 128),
    "timeout": (0.1, 300),
}


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible has no type hints
    """Ansible's entry point."""

    def run(self, terms: t.Sequence[t.Any], variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        """Return the networks of the providers."""
        self.set_options(var_options=variables, direct=kwargs)
        for name, (least, most) in _BOUNDS.items():
            if not least <= self.get_option(name) <= most:
                raise AnsibleLookupError(self._refusal(name, f"write a number from {least} to {most}"))
        for text in self.get_option("nameservers"):
            if not _ask.is_server(text):
                raise AnsibleLookupError(self._refusal("nameservers", "write an address, such as 192.0.2.53:53", text))
        found = [one for provider in self._flatten(terms) for one in self._of(provider)]
        networks = collapse(network for one in found for network in one.networks)
        if not self.get_option("with_source"):
            return [str(network) for network in networks]
        return [{"network": str(network), "source": _published(network, found)} for network in networks]

    def _refusal(self, name: str, accepted: str, value: t.Any = None) -> str:
        where = self.get_option("options_variable") or self.get_option("variable")
        return f'{where}: {name}: "{self.get_option(name) if value is None else value}" is not accepted; {accepted}'

    def _of(self, provider: t.Any) -> list[Current]:
        """Return the networks of each source of one provider, and pass warnings on."""
        found = []
        origin = ""
        try:
            for source in sources(str(provider), self.get_option("endpoints_url")):
                origin = f", {source.name}"
                found.append(current(source, self._ask, self._policy(), dt.datetime.now(dt.UTC)))
        except (RefusedError, UnavailableError) as error:
            raise AnsibleLookupError(f"{self.get_option('variable')}: {provider}{origin}: {error}") from None
        for one in found:
            for warning in one.warnings:
                Display().warning(f"{self.get_option('variable')}: {provider}, {one.source.name}: {warning}")
        return found

    def _policy(self) -> Policy:
        option = self.get_option
        limits = Limits(
            option("widest_ipv4"), option("widest_ipv6"), option("max_change"), allow_private=option("allow_private")
        )
        # A default of an option is templated without Ansible's settings: ANSIBLE_HOME would be the root directory.
        home = config.get_config_value("ANSIBLE_HOME")
        directory = option("cache_directory") or f"{home}/mailops.mta/provider_networks"
        return Policy(directory, dt.timedelta(seconds=option("max_age")), limits, option("accept_change"))

    def _ask(self, source: Source) -> Found:
        timeout = self.get_option("timeout")
        if source.kind == "spf":
            expansion = _spf.expand(source.at, _ask.resolver(self.get_option("nameservers"), timeout))
            return expansion.networks, expansion.notes
        return _endpoints.smtp_networks(_ask.get(_ask.with_client_id(source.at), timeout)), ()


def _published(network: t.Any, found: t.Sequence[Current]) -> str:
    """Return the sources that have a part of the network."""
    return ", ".join(dict.fromkeys(one.source.name for one in found if any(map(network.overlaps, one.networks))))
