# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines of the mail log tell of a daemon that died."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.mail_log import fatal_errors

NO_SASL = "postfix/smtpd[41]: fatal: no SASL authentication mechanisms"
EXIT = "postfix/master[7]: warning: process /usr/lib/postfix/sbin/smtpd pid 41 exit status 1"
THROTTLED = "postfix/master[7]: warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"
RELOADED = "postfix/master[7]: reload -- version 3.10.13, configuration /etc/postfix"
STARTED = "postfix/master[50]: daemon started -- version 3.10.13, configuration /etc/postfix"
OTHER_STARTED = "postfix-out/master[60]: daemon started -- version 3.10.13, configuration /etc/postfix-out"
TOOL = "postfix/postqueue[42]: fatal: usage: postqueue"
SCRIPT = "postfix/postfix-script[43]: fatal: the Postfix mail system is not running"
PLAIN = "postfix/smtpd[44]: connect from unknown[10.0.0.1]"

CASES = {
    "nothing": ([], 0),
    "plain": ([PLAIN], 0),
    "a death": ([NO_SASL, EXIT, THROTTLED], 3),
    "programs of people": ([TOOL, SCRIPT], 0),
    "after a reload": ([RELOADED, NO_SASL], 1),
    "before a start": ([NO_SASL, EXIT, THROTTLED, STARTED, PLAIN], 0),
    "after a start": ([STARTED, PLAIN, NO_SASL], 1),
    "before the start of another instance": ([NO_SASL, OTHER_STARTED], 1),
    "after two starts": ([STARTED, NO_SASL, STARTED, EXIT, THROTTLED], 2),
}


@pytest.mark.parametrize("name", CASES)
def test_fatal_errors(name: str) -> None:
    lines, count = CASES[name]
    log = "".join(f"Nov 25 12:00:00 mx13.example.test {line}\n" for line in lines)
    assert len(fatal_errors(log, "/etc/postfix")) == count


def test_words() -> None:
    assert fatal_errors(f"Nov 25 12:00:00 mx13 {NO_SASL}\n", "/etc/postfix") == (
        "postfix/smtpd: fatal: no SASL authentication mechanisms",
    )
