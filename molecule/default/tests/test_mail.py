# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail in, mail out and mail for the administrator, as the example inventory says."""

from __future__ import annotations

from email import message_from_string

import pytest
from lab import mail
from lab.topology import HOSTS, Lab


def test_mail_from_outside_arrives_at_the_next_hop(lab: Lab, mta: str) -> None:
    token = mail.new_token()
    text = f"Subject: {token}\n\nhello\n"
    taken = mail.send(lab, mta, "stranger@example.org", "somebody@example.test", text, client=lab.client(0))
    assert (taken.code, "queued as" in taken.text) == (250, True), taken
    (seen,) = mail.stored(lab, token)
    assert (seen.sender, seen.recipients) == ("stranger@example.org", ["somebody@example.test"])
    assert (seen.port, seen.client, seen.helo) == (25, lab.address(mta), HOSTS[mta].fqdn)
    assert seen.tls
    received = " ".join((message_from_string(seen.message)["Received"] or "").split())
    assert received.startswith(f"from client.example.org (client-{lab.client(0).replace('.', '-')}.example.org")
    assert "(using TLSv1.3 with cipher" in received
    assert f"by {HOSTS[mta].fqdn} (Postfix) with ESMTPS" in received


# mx12 has the relay host of the group, mx13 none: host_vars/mx13.yml says {}.
@pytest.mark.parametrize(("server", "port", "user"), [("mx12", 587, "relay"), ("mx13", 25, None)])
def test_mail_from_inside_is_delivered_outside(lab: Lab, server: str, port: int, user: str | None) -> None:
    token = mail.new_token()
    mail.sendmail(lab, server, "root@example.test", "customer@example.net", f"Subject: {token}\n\nhello\n")
    (seen,) = mail.stored(lab, token)
    assert (seen.sender, seen.recipients) == ("root@example.test", ["customer@example.net"])
    assert (seen.port, seen.user, seen.tls) == (port, user, True)
    assert (seen.client, seen.helo) == (lab.address(server), HOSTS[server].fqdn)


@pytest.mark.parametrize("account", ["root", "postmaster", "www-data", "mailer-daemon"])
def test_local_accounts_mail_goes_to_the_administrator(lab: Lab, mta: str, account: str) -> None:
    token = mail.new_token()
    mail.sendmail(lab, mta, "", account, f"Subject: {token}\n\nhello\n")
    (seen,) = mail.stored(lab, token)
    assert (seen.recipients, seen.port) == (["postmaster@example.test"], 25)
