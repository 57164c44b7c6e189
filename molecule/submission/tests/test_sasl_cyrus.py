# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An existing Cyrus SASL: saslauthd with an account of the system on mx12, passwords in sasldb on mx13."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from lab import mail
from lab.submission import EHLO, OUTSIDE, STARTTLS, Session, as_ann, assert_answered, envelope, plain
from lab.topology import Lab

PASSWORD = "ann's of Cyrus"
FROM_ANN = envelope("ann@example.test", OUTSIDE)
SESSIONS: dict[str, Session] = {
    "good": (587, [*as_ann(PASSWORD), *FROM_ANN], 250, "2.1.5"),
    "good-at-465": (465, [EHLO, plain("ann@example.test", PASSWORD), *FROM_ANN], 250, "2.1.5"),
    "bad": (587, as_ann(PASSWORD + "x"), 535, "5.7.8"),
    "of-the-role": (587, as_ann(), 535, "5.7.8"),
    "missing": (587, [*STARTTLS, *FROM_ANN], 554, "Access denied"),
    "over-plain-text": (587, [EHLO, plain("ann@example.test", PASSWORD)], 530, "STARTTLS"),
}
# As somebody sets them up for an smtpd(8) in its chroot.
INSTALL = "apt-get install -qq -y sasl2-bin >/dev/null 2>&1; mkdir -p /etc/postfix/sasl; umask 027\n"
SERVERS = {
    "mx12": (
        """useradd ann; read -r password; echo "ann:$password" | chpasswd
        printf 'pwcheck_method: saslauthd\\nmech_list: plain login\\n' >/etc/postfix/sasl/smtpd.conf
        install -d -m 0750 -g postfix /var/spool/postfix/var/run/saslauthd
        systemd-run -q --unit=cyrus saslauthd -d -a shadow -m /var/spool/postfix/var/run/saslauthd""",
        "systemctl stop cyrus; userdel ann; rm -r /var/spool/postfix/var/run",
    ),
    "mx13": (
        """printf 'pwcheck_method: auxprop\\nauxprop_plugin: sasldb\\n' >/etc/postfix/sasl/smtpd.conf
        echo 'mech_list: plain login' >>/etc/postfix/sasl/smtpd.conf
        read -r password
        printf %s "$password" | saslpasswd2 -p -c -u example.test -f /var/spool/postfix/etc/sasldb2 ann
        chgrp postfix /var/spool/postfix/etc/sasldb2""",
        "rm /var/spool/postfix/etc/sasldb2",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _servers(lab: Lab, converge: Callable[..., None]) -> Iterator[None]:
    """Converge, with somebody's Cyrus SASL."""
    try:
        for server, (script, _undo) in SERVERS.items():
            mail.output(lab, server, "sh", "-ec", INSTALL + script, stdin=f"{PASSWORD}\n")
        converge({"mta_base_smtpd_sasl_type": "cyrus", "mta_base_smtpd_sasl_path": "smtpd"})
        yield
    finally:
        for server, (_script, undo) in SERVERS.items():
            mail.output(lab, server, "sh", "-c", f"{undo}; rm /etc/postfix/sasl/smtpd.conf")


@pytest.mark.parametrize("name", SESSIONS)
def test_session(replies: dict[tuple[str, str], list[mail.Reply]], mta: str, name: str) -> None:
    assert_answered(SESSIONS[name], replies[mta, name])
