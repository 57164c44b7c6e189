#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: queue_info
short_description: What is in the queues of a Postfix instance
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Counts messages, bytes and ages per queue by a look at the files; 50,000 of them take less than a second.
  - On request lists messages that match a filter, sums up by domain and age, by sender and by reason, or shows one.
  - Works while Postfix is stopped. Memory does not grow with the queue.
extends_documentation_fragment:
  - mailops.mta.attributes.info
  - mailops.mta.instance
  - mailops.mta.queue_filter
options:
  ages:
    description:
      - Read size and arrival of every message, for RV(queues) and RV(total).
      - With V(false) only file names are read, in a tenth of the time. C(bytes) and C(oldest_age) are null then.
        O(list) and O(summary) read everything in any case.
    type: bool
    default: true
  list:
    description: List the messages that match, RV(messages).
    type: bool
    default: false
  limit:
    description: List so many messages at most, the first ones in order. RV(matched) counts all.
    type: int
    default: 100
  sort:
    description: What the list is sorted by, upwards; the oldest message comes first with V(arrival).
    type: str
    choices: [arrival, size, queue, sender, recipients, reason]
    default: arrival
  reverse:
    description: Sort downwards.
    type: bool
    default: false
  origin:
    description: Add where each listed message came from, and its content filter, as its queue file says.
    type: bool
    default: false
  summary:
    description: Sum up what matches, RV(summary).
    type: bool
    default: false
  show:
    description: Queue ID of one message to show with header and body, RV(message).
    type: str
notes:
  - Messages move while they are counted; one may be counted in two queues or in none.
  - A corrupt file is listed without sender and recipients.
seealso:
  - module: mailops.mta.queue
  - name: postqueue(1)
    description: Postfix queue control.
    link: https://www.postfix.org/postqueue.1.html
"""

EXAMPLES = r"""
- name: Count
  mailops.mta.queue_info:
  register: mail_queue

- name: Find what waits for one domain for more than a day, the largest first
  mailops.mta.queue_info:
    list: true
    queue: deferred
    domain: partner.example
    older_than: 1d
    sort: size
    reverse: true
    limit: 20

- name: Sum up what greylisting holds back
  mailops.mta.queue_info:
    summary: true
    reason: /greylist|try again later/
"""

RETURN = r"""
scanned_at:
  description: When the queues were read, in UTC.
  returned: always
  type: str
  sample: "2026-01-31T23:59:59Z"
msg:
  description: The counts in a few words.
  returned: always
  type: str
  sample: "7 messages: 2 active, 5 deferred; the oldest waits for 3 h"
running:
  description: Whether the instance runs.
  returned: always
  type: bool
queues:
  description: Each of C(active), C(incoming), C(deferred), C(hold), C(maildrop) and C(corrupt), whatever the filter is.
  returned: always
  type: dict
  contains:
    active:
      description: One of them; the others look the same.
      returned: always
      type: dict
      contains:
        messages:
          description: Number of messages.
          returned: always
          type: int
        bytes:
          description: Size of their contents together, null without O(ages).
          returned: always
          type: int
        oldest_age:
          description: Seconds since the oldest of them arrived, null in an empty queue and without O(ages).
          returned: always
          type: int
total:
  description: The same for all queues together.
  returned: always
  type: dict
  sample: {messages: 12, bytes: 40960, oldest_age: 7201}
matched:
  description: What matches the filter, listed or not.
  returned: with O(list) or O(summary)
  type: dict
  sample: {messages: 12, bytes: 40960, oldest_age: 7201, recipients: 14}
messages:
  description: The messages that match, O(limit) of them at most.
  returned: with O(list)
  type: list
  elements: dict
  contains:
    queue:
      description: The queue that it is in.
      returned: always
      type: str
    queue_id:
      description: Its queue ID.
      returned: always
      type: str
    arrival_time:
      description: When it arrived, in UTC. For a corrupt file, when it was last written.
      returned: always
      type: str
    age:
      description: Seconds since then.
      returned: always
      type: int
    size:
      description: Bytes.
      returned: always
      type: int
    sender:
      description: Envelope sender; C(MAILER-DAEMON) is the empty one.
      returned: always
      type: str
    sender_domain:
      description: Its domain, or nothing.
      returned: always
      type: str
    recipients:
      description: The first 20 recipients that have not got it yet.
      returned: always
      type: list
      elements: dict
      contains:
        address:
          description: Address.
          returned: always
          type: str
        domain:
          description: Its domain, or nothing.
          returned: always
          type: str
        reason:
          description: Why it has not got it yet, or nothing.
          returned: always
          type: str
    recipient_count:
      description: How many recipients have not got it yet.
      returned: always
      type: int
    reason:
      description: The first reason of a recipient, or nothing.
      returned: always
      type: str
    expired:
      description: Whether it goes back to its sender at the next attempt.
      returned: always
      type: bool
    origin_host:
      description: Name of the client that it came from, null when it was submitted on this host.
      returned: with O(origin)
      type: str
    origin_address:
      description: Address of the client.
      returned: with O(origin)
      type: str
    content_filter:
      description: The content filter that it has to go through.
      returned: with O(origin)
      type: str
summary:
  description: What matches, summed up. Of each list the 20 most frequent are told, and how much the others come to.
  returned: with O(summary)
  type: dict
  contains:
    age_limits:
      description: Upper limits of the columns of ages, in minutes, as qshape(1) has them. The last column has none.
      returned: always
      type: list
      elements: int
    domains:
      description: Domains of recipients, with recipients per column of age.
      returned: always
      type: list
      elements: dict
      sample: [{domain: example.net, recipients: 3, ages: [0, 0, 1, 0, 0, 2, 0, 0, 0, 0]}]
    other_domains:
      description: Recipients in other domains.
      returned: always
      type: int
    senders:
      description: Envelope senders.
      returned: always
      type: list
      elements: dict
      sample: [{sender: ann@example.com, messages: 3, bytes: 10240}]
    other_senders:
      description: Messages of other senders.
      returned: always
      type: int
    reasons:
      description: Delay reasons.
      returned: always
      type: list
      elements: dict
      sample: [{reason: "connect to mx.example.net[192.0.2.1]:25: Connection refused", recipients: 3}]
    other_reasons:
      description: Recipients with other reasons.
      returned: always
      type: int
message:
  description: One message, up to 64 KiB of its header and of its body.
  returned: with O(show)
  type: dict
  sample: {queue_id: 3F2A1C0B77, queue: deferred, header: "Subject: Hello\n", body: "Hello\n", truncated: false}
"""

import time
from itertools import chain

from ansible_collections.mailops.mta.plugins.module_utils._module import Module, run_info
from ansible_collections.mailops.mta.plugins.module_utils._postfix import queue_action, queue_filter, queue_result
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_listing import ORDERS, collect
from ansible_collections.mailops.mta.plugins.module_utils._queue import (
    corrupt,
    counts,
    listed,
    origins,
    text_of,
    totals,
)

OPTIONS = {
    **queue_filter.OPTIONS,
    "ages": {"type": "bool", "default": True},
    "list": {"type": "bool", "default": False},
    "limit": {"type": "int", "default": 100},
    "sort": {"type": "str", "choices": list(ORDERS), "default": "arrival"},
    "reverse": {"type": "bool", "default": False},
    "origin": {"type": "bool", "default": False},
    "summary": {"type": "bool", "default": False},
    "show": {"type": "str"},
}


def read(module: Module) -> dict[str, object]:
    """Count the queues, and list them when that is asked for."""
    options, now = module.options, time.time()
    wanted = queue_filter.read_filter(options)
    if options["show"] is not None:
        queue_filter.checked_ids([options["show"]], "show")
    queue_action.judge_bounds(options)
    directory = module.postfix.effective["queue_directory"]
    found = {"scanned_at": queue_result.time_text(now), "running": module.postfix.running}
    if not options["list"] and not options["summary"]:
        scan = totals if options["ages"] else counts
        found.update(queue_result.queues_result(scan(directory), now, options["ages"]))
    else:
        messages = chain(listed(module), corrupt(directory))
        order = {name: options[name] for name in ("sort", "reverse")}
        limit = options["limit"] if options["list"] else 0
        seen = collect(messages, wanted, now, **order, limit=limit, summarise=options["summary"])
        found.update(queue_result.queues_result(seen.queues, now, True))
        origin = origins(module, seen.kept) if options["origin"] else None
        found.update(queue_result.listing_result(seen, now, origin, options["list"]))
    if options["show"] is not None:
        found["message"] = text_of(module, options["show"])
    return found


if __name__ == "__main__":
    run_info(OPTIONS, read)
