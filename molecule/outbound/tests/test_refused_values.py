# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a variable: one message that names it and what is accepted; nothing changes, in check mode too."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from lab import play, refused
from lab.engine import REPOSITORY
from lab.topology import Lab

LOGIN = {"username": "mx1", "password": "sesame-open"}
RELAY = {"host": "relay.example.net", "port": 587}
# Variable (without the prefix), its value, and words that the message has to hold besides the variable.
WRONG: list[tuple[str, t.Any, list[str]]] = [
    ("relayhost", {"host": "a b"}, ["a b", "neither a host name nor an address"]),
    ("relayhost", {**RELAY, "port": 0}, ["0", "1 to 65535"]),
    ("relayhost", {"host": "192.0.2.1", "mx": True}, ["192.0.2.1", "mx to false"]),
    ("relayhost", {**RELAY, "username": "mx1"}, ["[relay.example.net]:587", "both username and password"]),
    ("relayhost", {**RELAY, **LOGIN, "username": "mx:1"}, ["[relay.example.net]:587", "username holds a colon"]),
    ("relayhost", {**RELAY, "tls": "encrpyt"}, ["encrpyt", "did you mean encrypt", "fingerprint"]),
    ("relay_transport", {"port": 25}, ["neither a host name nor an address"]),
    ("default_transport", "smpt:[mail.example.com]", ["smpt", "smtp"]),
    ("smtp_fallback_relay", [{"host": "a b"}], ["a b", "neither a host name nor an address"]),
    ("smtp_fallback_relay", [{**RELAY, **LOGIN}, {**RELAY, **LOGIN, "username": "mx2"}], ["another user name"]),
    ("sender_relayhosts", {"ann": RELAY}, ["ann", "write ann@example.com or @example.com"]),
    ("sender_relayhosts", {"ann@example.com": {**RELAY, "transport": "smtp"}}, ["no transport"]),
    ("sender_relayhosts", {"@a.test": {**RELAY, **LOGIN}, "b@a.test": RELAY}, ["b@a.test would use", "@a.test"]),
    ("sender_dependent_relayhost_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("transports", {"exa mple.com": RELAY}, ["exa mple.com", "write example.com, .example.com"]),
    ("transports", {"example.com": {**RELAY, "hsot": "x"}}, ["hsot", "host, port, mx"]),
    ("transports", {"example.com": {"transport": "smpt"}}, ["smpt", "did you mean smtp"]),
    ("transports", {".example.com": {**RELAY, "match_subdomains": True}}, [".example.com has no subdomains"]),
    ("transport_maps", ["lmdb:/etc/postfix/nowhere"], ["/etc/postfix/nowhere"]),
    ("transport_lines", ["example.com"], ["example.com", "write PATTERN TRANSPORT:NEXTHOP"]),
    ("transport_lines", ["example.com nosuch:[a.example]"], ["line 1", "there is no service nosuch"]),
    ("canonical", {"ann@example.com": ["a@b.test", "c@d.test"]}, ["ann@example.com", "one address"]),
    ("sender_canonical", {"a b": "a@b.test"}, ["a b", "write ann@example.com, @example.com or ann"]),
    ("recipient_canonical", {"ann@example.com": "a b"}, ["a b", "no address"]),
    ("canonical_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("sender_canonical_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("recipient_canonical_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("smtp_generic_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("virtual_alias_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("virtual_alias_domains", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("credentials", [{**RELAY, "username": "mx1"}], ["[relay.example.net]:587", "both username and password"]),
    ("credentials", [LOGIN], ["host"]),
    ("smtp_sasl_security_options", ["noplain"], ["noplain", "noplaintext"]),
    ("smtp_sasl_tls_security_options", ["noplain"], ["noplain", "noplaintext"]),
    ("generic", {"example.com": "a@b.test"}, ["example.com", "write ann@example.com, @example.com or ann"]),
    ("virtual_aliases", {"ann@example.com": "a b"}, ["a b", "no address"]),
    ("tls_policies", {"example.com": "strict"}, ["strict", "none, may, encrypt"]),
    ("tls_policies", {"example.com": {"level": "encrypt", "match": "nexthop"}}, ["match", "verify or secure"]),
    ("tls_policies", {"example.com": {"level": "fingerprint", "match": ["ab:cd"]}}, ["ab:cd", "SHA-256"]),
    ("tls_policies", {"example com": "may"}, ["example com", "neither a domain nor a next hop"]),
    ("smtp_tls_security_level", "strict", ["strict", "dane-only"]),
    ("smtp_tls_security_level", "dane-only", ["would keep all mail back", "no validating name server"]),
    ("smtp_tls_policy_maps", ["hsah:/etc/postfix/x"], ["hsah", "hash"]),
    ("smtp_helo_name", "mail server", ["mail server", "mx1.example.com"]),
    ("mta_sts", "perhaps", ["perhaps", "bool"]),
]
# What a group or a server adds is told as the variable that it is added to.
ADDED: list[tuple[str, t.Any, list[str]]] = [
    ("mta_outbound_sender_relayhosts_group", {"ann": RELAY}, ["ann", "write ann@example.com or @example.com"]),
    (
        "mta_outbound_sender_relayhosts_host",
        {"@a.test": {"host": "a b"}},
        ["a b", "neither a host name nor an address"],
    ),
    ("mta_outbound_transports_group", {"example.com": {**RELAY, "port": "smpt"}}, ["smpt", "1 to 65535"]),
    ("mta_outbound_transports_host", {"example.com": {**RELAY, "mx": "perhaps"}}, ["perhaps"]),
    ("mta_outbound_transport_lines_group", ["example.com"], ["example.com", "write PATTERN TRANSPORT:NEXTHOP"]),
    ("mta_outbound_transport_lines_host", ["example.com nosuch:[a.example]"], ["there is no service nosuch"]),
    (
        "mta_outbound_canonical_group",
        {"example.com": "a@b.test"},
        ["example.com", "write ann@example.com, @example.com or ann"],
    ),
    ("mta_outbound_canonical_host", {"ann@example.com": "a b"}, ["a b", "no address"]),
    ("mta_outbound_sender_canonical_group", {"ann@example.com": 7}, ["7"]),
    (
        "mta_outbound_sender_canonical_host",
        {"ann@example.com": ["a@b.test", "c@d.test"]},
        ["ann@example.com", "one address"],
    ),
    (
        "mta_outbound_recipient_canonical_group",
        {"a b": "a@b.test"},
        ["a b", "write ann@example.com, @example.com or ann"],
    ),
    (
        "mta_outbound_recipient_canonical_host",
        {"ann@example.com": ["a@b.test", "c@d.test"]},
        ["ann@example.com", "one address"],
    ),
    ("mta_outbound_generic_group", {"ann@example.com": "a b"}, ["a b", "no address"]),
    ("mta_outbound_generic_host", {"ann@example.com": ["a@b.test", "c@d.test"]}, ["ann@example.com", "one address"]),
    ("mta_outbound_virtual_aliases_group", {"a b": "a@b.test"}, ["a b", "write ann@example.com, @example.com or ann"]),
    ("mta_outbound_virtual_aliases_host", {"ann@example.com": ["a b"]}, ["a b", "no address"]),
    ("mta_outbound_credentials_group", [{**RELAY, **LOGIN, "port": 0}], ["0", "1 to 65535"]),
    ("mta_outbound_credentials_host", [{**RELAY, "username": "mx1"}], ["[relay.example.net]:587", "both username and"]),
    ("mta_outbound_tls_policies_group", {"example.com": "strict"}, ["strict", "none, may, encrypt"]),
    (
        "mta_outbound_tls_policies_host",
        {"example.com": {"level": "may", "protocol": "TLSv1"}},
        ["protocol", "protocols"],
    ),
    ("mta_base_aliases_group", {"ann": ""}, ["ann", "a value is not empty"]),
    ("mta_base_aliases_host", {"#ann": "bob"}, ["#ann", "does not start with #"]),
    ("mta_base_users_group", {"ann": {"password": "x", "password_hash": "y"}}, ["ann", "password or password_hash"]),
    ("mta_base_users_host", {"Ann": {"password": "x"}}, ["Ann", "small letters"]),
]
# The part of mta_base that is about users, milters, queue and single servers; the scenario default has the rest.
WRONG_BASE: list[tuple[str, t.Any, list[str]]] = [
    ("authentication", "perhaps", ["perhaps", "bool"]),
    ("authentication_services", ["smtps"], ["smtps", "submissions"]),
    ("smtpd_tls_auth_only", "perhaps", ["perhaps", "bool"]),
    ("sasl_mechanisms", ["cram-md5"], ["cram-md5", "plain, login"]),
    ("smtpd_sasl_type", "courier", ["courier", "dovecot, cyrus"]),
    ("submission_originating_ip", "perhaps", ["perhaps", "bool"]),
    ("smtpd_sasl_authenticated_header", "perhaps", ["perhaps", "bool"]),
    ("submission_hidden_client", "perhaps", ["perhaps", "bool"]),
    ("smtpd_tls_loglevel", 5, ["5", "0, 1, 2, 3, 4"]),
    ("smtp_tls_loglevel", -1, ["-1", "0, 1, 2, 3, 4"]),
    ("lmtp_tls_loglevel", "all", ["all", "int"]),
    ("smtpd_client_port_logging", "perhaps", ["perhaps", "bool"]),
    ("default_process_limit", -1, ["-1"]),
    ("lmtp_destination_concurrency_limit", -1, ["-1"]),
    ("smtpd_milters", ["inet:127.0.0.1"], ["inet:127.0.0.1", "inet:"]),
    ("non_smtpd_milters", ["inet6:[::1]:8891"], ["inet6", "inet:"]),
    ("milter_default_action", "tempfial", ["tempfial", "tempfail, reject, accept, quarantine"]),
    ("milter_connect_timeout", "1y", ["1y", "d, w"]),
    ("milter_command_timeout", "-5s", ["-5s"]),
    ("milter_content_timeout", "5 minutes", ["5 minutes"]),
    ("maximal_queue_lifetime", "5days", ["5days"]),
    ("bounce_queue_lifetime", "1y", ["1y", "d, w"]),
    ("delay_warning_time", "soon", ["soon"]),
    ("queue_run_delay", "1y", ["1y", "d, w"]),
    ("minimal_backoff_time", "1y", ["1y", "d, w"]),
    ("maximal_backoff_time", "1y", ["1y", "d, w"]),
    ("mailbox_size_limit", "1M", ["mta_base_message_size_limit"]),
    ("virtual_mailbox_limit", "1M", ["mta_base_message_size_limit"]),
    ("local_only", "perhaps", ["perhaps", "bool"]),
    ("alias_maps", ["hsah:/etc/aliases"], ["hsah", "hash"]),
    ("aliases", {"ann bee": "bob"}, ["ann bee", "a key cannot hold blanks"]),
    ("administrator", "ann, bob", ["ann, bob", "write one address"]),
    ("smtpd_sasl_type", "cyrus", ["needs mta_base_smtpd_sasl_path"]),
    ("lmtp_process_limit", "many", ["many", "write a number"]),
    ("submission_process_limit", "-5", ["-5", "write a number"]),
]
CASES = refused.of_role("mta_outbound", WRONG)
ADDED_CASES = refused.on_servers(
    {
        name.replace("_", "-"): refused.Wrong({name: value}, (name.rpartition("_")[0], *told))
        for name, value, told in ADDED
    }
)
SMALL_AFTER_FILTER = {"antivirus_antispam_enabled": True, "antivirus_antispam_reinjection_size_limit": "1M"}
BASE_CASES = {
    **refused.of_role("mta_base", WRONG_BASE),
    **ADDED_CASES,
    **refused.on_servers(
        {
            "after-filter-size": refused.Wrong(
                SMALL_AFTER_FILTER,
                ("antivirus_antispam_reinjection_size_limit", "1M", "mta_base_message_size_limit"),
            )
        }
    ),
}


@pytest.fixture(scope="module")
def example_site(lab: Lab) -> Lab:
    """The lab with the example site, so that nothing but the wrong values differs."""
    assert play.run(lab).code == 0
    return lab


@pytest.fixture(scope="module")
def attempts(example_site: Lab) -> refused.Attempts:
    return refused.attempt(example_site, CASES, role="Where a Postfix server sends mail")


@pytest.fixture(scope="module")
def base_attempts(example_site: Lab) -> refused.Attempts:
    return refused.attempt(example_site, BASE_CASES)


@pytest.mark.parametrize(("case", "mode"), refused.tries(CASES), ids=refused.name)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


@pytest.mark.parametrize(("case", "mode"), refused.tries(BASE_CASES), ids=refused.name)
def test_wrong_value_of_mta_base_is_refused(base_attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert base_attempts.message(case, mode)


def test_nothing_changed_and_no_password_was_shown(attempts: refused.Attempts, base_attempts: refused.Attempts) -> None:
    attempts.require_unchanged()
    base_attempts.require_unchanged()
    assert LOGIN["password"] not in attempts.checked.output + attempts.applied.output


def test_every_variable_of_the_role_has_a_wrong_value() -> None:
    specs = yaml.safe_load((REPOSITORY / "roles/mta_outbound/meta/argument_specs.yml").read_text())
    names = {name.removeprefix("mta_outbound_") for name in specs["argument_specs"]["main"]["options"]}
    tested = {name for name, _value, _told in WRONG} | {name.removeprefix("mta_outbound_") for name, *_rest in ADDED}
    assert names - tested == set()
