# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: queue_requests
short_description: Requests on queues, judged before the first one is carried out
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Returns the requests as they are, or fails with what M(mailops.mta.queue) or M(mailops.mta.queue_info) would say of
    the first wrong one. The servers are not asked.
options:
  _input:
    description: Options of M(mailops.mta.queue), or without C(action) those of M(mailops.mta.queue_info).
    type: list
    elements: dict
    required: true
  variable:
    description: The name of the variable, for error messages.
    type: str
    default: queue_requests
"""

EXAMPLES = r"""
- name: Judge all requests before the first one
  ansible.builtin.assert:
    that: requests | mailops.mta.queue_requests(variable='requests') is sequence
"""

RETURN = r"""
_value:
  description: The requests.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.mailops.mta.plugins.module_utils._postfix import queue_action, queue_filter

Request = t.Mapping[str, t.Any]
_BOUNDS: t.Final = ("limit", "max_messages")


def queue_requests(requests: t.Sequence[Request], variable: str = "queue_requests") -> list[Request]:
    """Return *requests*."""
    for number, request in enumerate(requests):
        try:
            _judge(_typed(request))
        except ValueError as error:
            place = f"{variable}[{number}]" if "action" in request else variable
            raise AnsibleFilterError(f"{place}: {error}") from error
    return list(requests)


def _typed(request: Request) -> dict[str, t.Any]:
    """Return the options as a module gets them: from an inventory, words and numbers may come as text."""
    options: dict[str, t.Any] = dict.fromkeys([*queue_filter.OPTIONS, *_BOUNDS, "show"])
    for name, value in request.items():
        kind = queue_filter.OPTIONS.get(name, {}).get("type")
        options[name] = value
        if kind == "list" and isinstance(value, (str, int)):
            options[name] = str(value).split(",")
        elif kind == "list" and value is not None:
            options[name] = [str(each) for each in value]
        elif name in _BOUNDS and value is not None:
            options[name] = int(value)
    options["all"] = boolean(options.get("all") or False)
    return options


def _judge(options: Request) -> None:
    wanted = queue_filter.read_filter(options)
    queue_action.judge_bounds(options)
    if options["show"] is not None:
        queue_filter.checked_ids([options["show"]], "show")
    if options.get("action") is not None:
        queue_action.read_request(options, wanted)


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"queue_requests": queue_requests}
