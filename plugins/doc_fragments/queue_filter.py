# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which messages of the queue are meant."""

from __future__ import annotations


class ModuleDocFragment:
    """The filter of queue and queue_info."""

    DOCUMENTATION = r"""
options:
  queue:
    description:
      - Queues. Other software calls V(active) queued.
      - V(corrupt) holds files that Postfix could not read. Only their ID, size and time are known.
    type: list
    elements: str
    choices: [active, incoming, deferred, hold, maildrop, corrupt]
  id:
    description: Queue IDs. In YAML, put them in quotes.
    type: list
    elements: str
  sender:
    description:
      - Envelope senders. Each is the whole address, with C(*), C(?) and C([abc]) as the shell has them, or a regular
        expression of Python between slashes, C(/bounce|noreply/), that is found anywhere. Case does not matter.
      - V(<>) is the empty sender of bounces, which Postfix lists as C(MAILER-DAEMON).
    type: list
    elements: str
  sender_domain:
    description: Domains of envelope senders, in the same way.
    type: list
    elements: str
  recipient:
    description: Recipients that have not got the message yet, in the same way. One recipient of a message is enough.
    type: list
    elements: str
  domain:
    description: Domains of recipients, in the same way.
    type: list
    elements: str
  reason:
    description:
      - Why a recipient has not got the message yet, in the same way, such as V(*Connection timed out*) or
        V(/greylist|try again/).
      - With O(recipient) or O(domain), the same recipient has to match.
    type: str
  older_than:
    description: Least age since arrival, in seconds or with a unit V(s), V(m), V(h), V(d) or V(w).
    type: str
  newer_than:
    description: Greatest age since arrival.
    type: str
  larger_than:
    description: Least size, in bytes or with a unit V(K), V(M) or V(G).
    type: str
  smaller_than:
    description: Greatest size.
    type: str
"""
