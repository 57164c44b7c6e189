# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a role variable: refused with one sentence before anything changes, in check mode as well."""

from __future__ import annotations

import pytest
from lab import mail, refused
from lab.refused import Wrong
from lab.tasks import run_tasks
from lab.topology import MTA_HOSTS, Lab

WRONG = {
    # Refused before the first task that looks at a server.
    "all-addresses": Wrong(
        {"mta_base_mynetworks": ["0.0.0.0/0"]}, ("mta_base_mynetworks", "0.0.0.0/0", "mta_base_allow_open_relay")
    ),
    "half-of-all": Wrong(
        {"mta_base_mynetworks_host": ["128.0.0.0/1"]},
        ("mta_base_mynetworks", "128.0.0.0/1", "mta_base_allow_open_relay", "; mta_base_mynetworks_host adds to it"),
    ),
    "all-of-ipv6": Wrong(
        {"mta_base_mynetworks": ["::/0"]}, ("mta_base_mynetworks", "[::]/0", "mta_base_allow_open_relay")
    ),
    "named-network": Wrong(
        {"mta_base_mynetworks": ["mail.example.net"]}, ("mta_base_mynetworks", "mail.example.net", "192.168.88")
    ),
    "wrong-mask": Wrong({"mta_base_mynetworks": ["10.0.0.0/33"]}, ("mta_base_mynetworks", "10.0.0.0/33", "write")),
    "number-as-network": Wrong({"mta_base_mynetworks": [192.1]}, ("mta_base_mynetworks", "192.1")),
    "short-name": Wrong({"mta_base_myhostname": "mx1"}, ("mta_base_myhostname", '"mx1"', "fully qualified")),
    "apples": Wrong({"mta_base_message_size_limit": "20 apples"}, ("mta_base_message_size_limit", "20 apples", "20M")),
    "negative-size": Wrong({"mta_base_mailbox_size_limit": "-1"}, ("mta_base_mailbox_size_limit", "-1", "20M")),
    "small-mailbox": Wrong(
        {"mta_base_mailbox_size_limit": "1M"}, ("mta_base_mailbox_size_limit", "mta_base_message_size_limit")
    ),
    "unknown-choice": Wrong(
        {"mta_base_smtpd_tls_security_level": "sometimes"},
        ("mta_base_smtpd_tls_security_level", "sometimes", "none, may, encrypt"),
    ),
    "word-as-number": Wrong(
        {"mta_base_default_process_limit": "many"}, ("mta_base_default_process_limit", "many", "int")
    ),
    "word-as-switch": Wrong(
        {"mta_base_smtpd_helo_required": "perhaps"}, ("mta_base_smtpd_helo_required", "perhaps", "bool")
    ),
    "login-for-nobody": Wrong({"mta_base_authentication": True}, ("mta_base_authentication", "mta_base_users")),
    "user-with-a-blank": Wrong(
        {"mta_base_users": {"ann bee": {"password": "x"}}}, ("mta_base_users", '"ann bee"', "small letters")
    ),
    "user-with-a-plain-hash": Wrong(
        {"mta_base_users_host": {"ann": {"password_hash": "{PLAIN}sesame-sesame"}}},
        ("mta_base_users", '"ann"', "SHA512-CRYPT"),
    ),
    "login-at-an-unknown-service": Wrong(
        {"mta_base_authentication_services": ["imap"]}, ("mta_base_authentication_services", "imap", "submissions")
    ),
    "cyrus-without-path": Wrong(
        {"mta_base_smtpd_sasl_type": "cyrus"}, ("mta_base_smtpd_sasl_type", '"cyrus"', "mta_base_smtpd_sasl_path")
    ),
    "login-at-port-25-without-tls": Wrong(
        {
            "mta_base_authentication": True,
            "mta_base_authentication_services": ["smtp"],
            "mta_base_smtpd_sasl_path": "private/auth",
            "mta_base_smtpd_tls_security_level": "none",
        },
        ("mta_base_authentication_services", "port 25", "mta_base_smtpd_tls_auth_only"),
    ),
    "client-shown-and-hidden": Wrong(
        {"mta_base_submission_originating_ip": True, "mta_base_submission_hidden_client": True},
        ("mta_base_submission_originating_ip", "mta_base_submission_hidden_client"),
    ),
    "lifetime-in-years": Wrong({"mta_base_maximal_queue_lifetime": "1y"}, ("maximal_queue_lifetime", '"1y"', "d, w")),
    "milter-without-type": Wrong(
        {"mta_base_smtpd_milters": ["/run/milter.sock"]}, ("smtpd_milters", "/run/milter.sock", "inet:")
    ),
    "key-alone": Wrong(
        {"mta_base_tls_key": "/etc/ssl/private/x.key"}, ("mta_base_tls_certificate", "mta_base_tls_key", "both")
    ),
    "parameter-of-a-role": Wrong(
        {"mta_base_parameters": {"mynetworks": "10.0.0.0/8"}},
        ("mta_base_parameters", "mynetworks", "mta_base_mynetworks"),
    ),
    "parameter-of-another-role": Wrong(
        {"mta_base_parameters_host": {"relayhost": "x"}}, ("mta_base_parameters", "relayhost", "mta_outbound_relayhost")
    ),
    # Refused by a module, or by a role after mta_base; molecule/faults holds all that modules refuse.
    "missing-certificate": Wrong(
        {"mta_base_tls_certificate": "/etc/ssl/none.pem", "mta_base_tls_key": "/etc/ssl/none.key"},
        ("smtpd_tls_chain_files", "/etc/ssl/none"),
    ),
    "unknown-protocol": Wrong({"mta_base_tls_protocols": ">=TLSv9"}, ("protocols", ">=TLSv9", "TLSv1.2")),
    "port-out-of-range": Wrong(
        {"mta_outbound_relayhost": {"host": "relay.example.net", "port": 70000}},
        ("mta_outbound_relayhost", "70000", "65535"),
    ),
    "relay-host-is-text": Wrong(
        {"mta_outbound_relayhost": "relay.example.net"}, ("mta_outbound_relayhost", "str", "dict")
    ),
    "relay-host-with-bracket": Wrong(
        {"mta_outbound_relayhost": {"host": "[relay.example.net"}}, ("mta_outbound_relayhost", "[relay.example.net")
    ),
    "misspelt-key-of-relay-host": Wrong(
        {"mta_outbound_relayhost": {"name": "relay.example.net"}}, ("mta_outbound_relayhost", "name", "host")
    ),
    "credentials-without-password": Wrong(
        {"mta_outbound_credentials": [{"host": "relay.example.net", "username": "relay"}]},
        ("mta_outbound_credentials", "password"),
    ),
    "wrong-relay-domain": Wrong(
        {"mta_inbound_relay_domains_group": {"b.test": {}}, "mta_inbound_relay_domains_host": {"exa mple.test": {}}},
        ("mta_inbound_relay_domains", "exa mple.test", "_group and mta_inbound_relay_domains_host add to it"),
    ),
    "unknown-restriction": Wrong(
        {"mta_inbound_smtpd_recipient_restrictions": ["reject_unknown_sender_domian"]},
        ("smtpd_recipient_restrictions", "reject_unknown_sender_domian", "reject_unknown_sender_domain"),
    ),
    "misspelt-parameter": Wrong(
        {"mta_base_parameters": {"delay_warning_tmie": "4h"}},
        ("mta_base_parameters (", "delay_warning_tmie", "delay_warning_time"),
    ),
    # Which one of three variables it is.
    "parameter-of-the-group": Wrong(
        {"mta_base_parameters_group": {"hash_queue_depth": "two"}}, ("mta_base_parameters_group (", '"two"')
    ),
    "parameter-of-a-server": Wrong(
        {
            "mta_base_parameters_group": {"hash_queue_depth": 2},
            "mta_base_parameters_host": {"hash_queue_depth": "two"},
        },
        ("mta_base_parameters_host (", '"two"'),
    ),
    "service-of-a-server": Wrong(
        {"mta_base_services_host": {"trial/inet": {"command": "smptd"}}}, ("mta_base_services_host (", "smptd")
    ),
    "table-of-a-server": Wrong(
        {"mta_base_lookup_tables_host": {"hash:trial": {"lines": ["no value", "b"]}}},
        ("mta_base_lookup_tables_host (", "line 2"),
    ),
}
CASES = refused.on_servers(WRONG)


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> refused.Attempts:
    return refused.attempt(lab, CASES)


@pytest.mark.parametrize(("case", "mode"), refused.tries(CASES), ids=refused.name)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


def test_nothing_changed(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()


@pytest.mark.parametrize("server", [host.name for host in MTA_HOSTS])
def test_smtp_still_answers(lab: Lab, attempts: refused.Attempts, server: str) -> None:
    assert attempts.applied.code != 0
    assert mail.dialogue(lab, server, [])[0].code == 220


@pytest.mark.parametrize("server", [host.name for host in MTA_HOSTS])
def test_judge_knows_only_roles_that_are_loaded(lab: Lab, server: str) -> None:
    (answer,) = run_tasks(lab, [{"mailops.mta.judge": {"roles": ["mta_bas"]}}])[server]
    told = 'roles: "mta_bas" is not accepted; write a role that is loaded and has _mta_bas_wanted and _mta_bas_problems'
    assert (answer["failed"], answer["msg"]) == (True, told)
