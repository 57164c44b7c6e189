#!/usr/bin/python

# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: queue
short_description: Hold, release, requeue, delete, expire or flush messages of a Postfix queue
version_added: 0.1.0
author:
  - mailops.mta contributors (@mailops)
description:
  - Acts on messages by their queue IDs or by a filter, with one scan and one C(postsuper) for any number of them.
  - Tells what was really changed. A message that was delivered or deleted meanwhile is reported as vanished and is no
    failure.
  - In check mode tells which messages it would touch.
extends_documentation_fragment:
  - mailops.mta.attributes
  - mailops.mta.instance
  - mailops.mta.queue_filter
options:
  action:
    description:
      - V(hold) keeps messages from being delivered, V(release) ends that; they go to the deferred queue and are tried
        at the next run.
      - V(requeue) puts messages through address rewriting and content filters again. Each gets a new queue ID, and
        C(pickup) is woken, so that it does not take a minute.
      - V(delete) removes messages without telling anybody.
      - V(expire) returns messages to their senders now, held ones as well.
      - V(flush) tries deferred messages again now, even those of C(defer_transports) and those for hosts that have not
        answered. Held messages stay. Without a filter it is C(postqueue -f). Of a queue that is longer than
        C(qmgr_message_active_limit), the queue manager takes the rest as it gets room.
      - V(set_aside) moves corrupt files to O(directory). Nothing but that and V(delete) can be done with them.
    type: str
    choices: [hold, release, requeue, delete, expire, flush, set_aside]
    required: true
  all:
    description:
      - V(delete) and V(expire) on all messages, or on all in O(queue), need this. It excludes the other filters.
      - Files in V(corrupt) are meant only where O(queue) or O(id) names them.
    type: bool
    default: false
  limit:
    description: Act upon so many messages at most, the oldest ones.
    type: int
  max_messages:
    description: Fail and change nothing when more messages than this match.
    type: int
  directory:
    description: Where V(action=set_aside) moves files. It is made for root alone.
    type: path
    default: /var/lib/mailops-mta/corrupt
attributes:
  idempotent:
    support: partial
    details: With V(action=flush) and V(action=requeue) each run tries or requeues what it finds.
notes:
  - A queue ID of the short kind can be used again within a second after its message has gone. Where scripts delete,
    prefer C(enable_long_queue_ids=yes).
  - An explicit empty list, such as the IDs out of a search that found none, matches nothing.
seealso:
  - module: mailops.mta.queue_info
  - name: postsuper(1)
    description: Postfix superintendent.
    link: https://www.postfix.org/postsuper.1.html
"""

EXAMPLES = r"""
- name: Try everything again
  mailops.mta.queue:
    action: flush

- name: Delete what a compromised account has sent, unless that is suspiciously much
  mailops.mta.queue:
    action: delete
    sender: ann@example.com
    newer_than: 6h
    max_messages: 5000

- name: Return to their senders the messages to a domain with a typing error
  mailops.mta.queue:
    action: expire
    domain: gmial.com

- name: Empty a queue
  mailops.mta.queue:
    action: delete
    queue: hold
    all: true
"""

RETURN = r"""
msg:
  description: What was done, in a few words.
  returned: always
  type: str
  sample: 12 messages deleted; 1 had vanished
matched:
  description: How many messages matched.
  returned: always
  type: int
done:
  description:
    - How many messages were changed; in check mode, would be. Of most actions that is what Postfix says message by
      message. With V(flush) it is how many have left the deferred queue or have been tried by the time that the result
      is told.
  returned: always
  type: int
vanished:
  description: How many messages were not there any more, or never.
  returned: always
  type: int
vanished_ids:
  description: The first of them.
  returned: when there are any
  type: list
  elements: str
waiting:
  description: How many deferred messages the queue manager has not taken up a few seconds after O(action=flush).
  returned: when there are any
  type: int
unchanged:
  description: The first of O(id) that are there but in another queue, done already, or left out by a filter.
  returned: when there are any
  type: list
  elements: str
messages:
  description:
    - Messages that matched, a line each. In check mode the first 10; of what has been done the first 3, and none where
      neither a filter nor O(id) was given.
    - M(mailops.mta.queue_info) tells more with the same filter.
  returned: always
  type: list
  elements: str
  sample: ["3F2A1C0B77 deferred ann@example.com -> bob@example.net"]
"""

from ansible_collections.mailops.mta.plugins.module_utils._module import run_request
from ansible_collections.mailops.mta.plugins.module_utils._postfix import queue_action, queue_filter
from ansible_collections.mailops.mta.plugins.module_utils._queue_action import perform, plan, predict

OPTIONS = {
    **queue_filter.OPTIONS,
    "action": {"type": "str", "choices": list(queue_action.ACTIONS), "required": True},
    "all": {"type": "bool", "default": False},
    "limit": {"type": "int"},
    "max_messages": {"type": "int"},
    "directory": {"type": "path", "default": "/var/lib/mailops-mta/corrupt"},
}


if __name__ == "__main__":
    run_request(OPTIONS, plan, predict, perform)
