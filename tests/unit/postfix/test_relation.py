# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of values that are right one by one and wrong together."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.relation import relation_problems

STOCK = {
    "message_size_limit": "10240000",
    "mailbox_size_limit": "51200000",
    "virtual_mailbox_limit": "51200000",
    "myhostname": "mail.example.org",
    "relayhost": "",
    "smtp_sasl_auth_enable": "no",
    "smtp_sasl_password_maps": "",
    "smtp_tls_security_level": "",
    "smtp_dns_support_level": "",
    "lmtp_sasl_auth_enable": "no",
    "lmtp_sasl_password_maps": "",
    "lmtp_tls_security_level": "",
    "lmtp_dns_support_level": "",
}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"message_size_limit": "51200001"}, ["mailbox_size_limit", "virtual_mailbox_limit"]),
        ({"message_size_limit": "0"}, ["mailbox_size_limit", "virtual_mailbox_limit"]),
        ({"message_size_limit": "0", "mailbox_size_limit": "0", "virtual_mailbox_limit": "0"}, []),
        ({"mailbox_size_limit": "0", "virtual_mailbox_limit": "10240000"}, []),
        ({"message_size_limit": "10M"}, []),
        ({"relayhost": "Mail.example.org"}, ["relayhost"]),
        ({"relayhost": "[mail.example.org]"}, []),
        ({"smtp_sasl_auth_enable": "Yes"}, ["smtp_sasl_password_maps"]),
        ({"smtp_sasl_auth_enable": "yes", "smtp_sasl_password_maps": "lmdb:/etc/postfix/sasl"}, []),
        ({"lmtp_tls_security_level": "dane"}, ["lmtp_tls_security_level"]),
        ({"smtp_tls_security_level": "dane-only", "smtp_dns_support_level": "enabled"}, ["smtp_tls_security_level"]),
        ({"smtp_tls_security_level": "dane", "smtp_dns_support_level": "dnssec"}, []),
    ],
)
def test_relations(changes: dict[str, str], wrong: list[str]) -> None:
    assert [parameter for parameter, _text in relation_problems(STOCK | changes)] == wrong
