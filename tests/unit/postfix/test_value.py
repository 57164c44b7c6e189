# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of values, judged by the recorded facts of the stock packages of Debian 12 and Debian 13."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.equality import same_value
from ansible_collections.mailops.mta.plugins.module_utils._postfix.main_cf import READ_ONLY
from ansible_collections.mailops.mta.plugins.module_utils._postfix.rendering import render_value
from ansible_collections.mailops.mta.plugins.module_utils._postfix.value import (
    Installed,
    nearest_name,
    value_problem,
    written_problem,
)

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"

# What stops a daemon, defers or loses mail, or is ignored, while "postfix check" and reload exit 0 (measured).
REFUSED = [
    ("message_size_limit", "10M", "plain number, 10485760 for 10M"),
    ("message_size_limit", "10 MB", "plain number, 10485760"),
    ("message_size_limit", "10 000", "whole number"),
    ("message_size_limit", "-5", "at least 0"),
    ("message_size_limit", "99999999999999999999", "64 bits"),
    ("message_size_limit", "", "whole number"),
    ("message_size_limit", "0x10", "whole number"),
    ("mailbox_size_limit", "1e6", "whole number"),
    ("smtpd_recipient_limit", "4294967296", "32 bits"),
    ("smtpd_recipient_limit", "0", "at least 1"),
    ("line_length_limit", "100", "at least 512"),
    ("default_delivery_slot_discount", "101", "from 0 to 100"),
    ("unverified_recipient_reject_code", "600", "from 200 to 599"),
    ("smtp_destination_concurrency_limit", "many", "whole number"),
    ("lmtp_initial_destination_concurrency", "0", "at least 1"),
    ("smtpd_helo_required", "maybe", "expected yes or no"),
    ("smtpd_helo_required", "true", "expected yes or no"),
    ("smtpd_helo_required", "1", "expected yes or no"),
    ("smtpd_helo_required", "", "expected yes or no"),
    ("smtpd_timeout", "1x", "units s, m, h, d, w"),
    ("smtpd_timeout", "0", "at least 1s"),
    ("maximal_queue_lifetime", "-1d", "units s, m, h, d, w"),
    ("maximal_queue_lifetime", "1y", "units s, m, h, d, w"),
    ("maximal_queue_lifetime", "1.5d", "units s, m, h, d, w"),
    ("maximal_queue_lifetime", "5 d", "units s, m, h, d, w"),
    ("maximal_queue_lifetime", "5D", "units s, m, h, d, w"),
    ("maximal_queue_lifetime", "99999999w", "too long"),
    ("maximal_queue_lifetime", "101d", "at most 8640000s"),
    ("maximal_queue_lifetime", "", "units s, m, h, d, w"),
    ("postscreen_watchdog_timeout", "5s", "at least 10s"),
    ("in_flow_delay", "11s", "at most 10s"),
    ("relay_destination_rate_delay", "1x", "units s, m, h, d, w"),
    ("smtpd_banner", "", "not nothing"),
    ("default_privs", "", "not nothing"),
    ("syslog_name", "", "not nothing"),
    ("smtpd_tls_security_level", "foo", "none, may, encrypt or nothing"),
    ("smtpd_tls_security_level", "dane", "none, may, encrypt or nothing"),
    ("smtp_tls_security_level", "yes", "dane-only"),
    ("lmtp_tls_security_level", "halfdane", "dane-only"),
    ("smtpd_tls_mandatory_ciphers", "strong", "high, medium"),
    ("smtpd_tls_loglevel", "high", "none"),
    ("smtpd_tls_protocols", "TLS1.2", "TLSv1.2"),
    ("smtp_tls_mandatory_protocols", ">=TLSv1.2, !TLSv9", "TLSv1.3"),
    ("lmtp_tls_protocols", ">TLSv1.1", ">="),
    ("smtp_sasl_security_options", "noanonymus", "did you mean noanonymous?"),
    ("smtpd_sasl_type", "saslauthd", "dovecot or cyrus"),
    ("smtp_dns_support_level", "secure", "disabled, enabled, dnssec or nothing"),
    ("inet_protocols", "ipv5", "all, ipv4 and ipv6"),
    ("inet_protocols", "", "all, ipv4 and ipv6"),
    ("compatibility_level", "latest", "such as 3.6"),
    ("compatibility_level", "3.6.", "such as 3.6"),
    ("myhostname", "-mail.example.org", "is no host name"),
    ("myhostname", "mail..example.org", "is no host name"),
    ("myhostname", "mail example.org", "is no host name"),
    ("myhostname", "192.0.2.1", "expected a letter"),
    ("myhostname", "", "expected a host name"),
    ("mydomain", "example.org.", "is no host name"),
    ("inet_interfaces", "192.0.2.0/24", "expected all, loopback-only"),
    ("inet_interfaces", "192.0.2.1:25", "expected all, loopback-only"),
    ("queue_directory", "spool/postfix", "absolute path"),
    ("smtpd_tls_cert_file", "ssl/mail.pem", "absolute path"),
    ("smtp_tls_CAfile", "ca.pem", "absolute path"),
    ("smtpd_tls_chain_files", "/etc/ssl/key.pem, cert.pem", "absolute paths"),
    ("smtp_bind_address", "2001:db8::1", "IPv4 address"),
    ("smtp_bind_address6", "[2001:db8::1]", "without brackets"),
    ("smtp_bind_address", "192.0.2.1/32", "IPv4 address"),
    ("readme_directory", "maybe", "absolute path or no"),
    ("smtpd_forbid_bare_newline", "normalise", "did you mean normalize?"),
    ("milter_default_action", "discard", "tempfail, reject, accept"),
    ("smtpd_milters", "localhost:8891", "inet:host:port or unix:path"),
    ("non_smtpd_milters", "{ inet:127.0.0.1:8891, conect_timeout=5s }", "did you mean connect_timeout?"),
    ("smtpd_milters", "{ unix:opendkim/socket, connect_timeout = 5s }", "without blanks"),
    ("content_filter", "nosuch:[127.0.0.1]:10024", "there is no service nosuch in master.cf"),
    ("virtual_transport", "lmpt:unix:private/dovecot-lmtp", "did you mean lmtp?"),
    ("relay_transport", ":[192.0.2.1]", "no transport before the colon"),
    ("defer_transports", "smtp, smpt", "no service smpt"),
    ("relayhost", "smtp:[mx.example.org]:25", "no next hop"),
    ("relayhost", "[mx.example.org", "no next hop"),
    ("relayhost", "[mx.example.org]587", "no next hop"),
    ("relayhost", "mx.example.org:99999", "1 to 65535"),
    ("smtp_fallback_relay", "[mx.example.org]:0", "1 to 65535"),
    ("transport_maps", "hash:missing", "expected hash:/path/missing"),
    ("transport_maps", "foo:/etc/postfix/transport", "the table type foo does not exist"),
    ("transport_maps", "/etc/postfix/transport", "expected type:name, for example lmdb:/etc/postfix/transport"),
    ("transport_maps", "hash:", "no table name"),
    ("virtual_alias_maps", "pgsql:/etc/postfix/virtual.cf", "package postfix-pgsql"),
    ("virtual_alias_maps", "hahs:/etc/postfix/virtual", "did you mean hash?"),
    ("virtual_alias_maps", "proxy:mysql:/etc/postfix/virtual.cf", "package postfix-mysql"),
    ("virtual_alias_maps", "pipemap:{hash:/etc/postfix/a, foo:/b}", "the table type foo"),
    ("virtual_alias_maps", "pipemap:hash:/etc/postfix/a", "in braces"),
    ("virtual_alias_maps", "inline:{a=b", "without its }"),
    ("header_checks", "regexp:missing", "expected regexp:/path/missing"),
    ("smtp_header_checks", "pcre:checks/header", "not an absolute path"),
    ("postscreen_cache_map", "lmdb:/var/lib/postfix/a, lmdb:/var/lib/postfix/b", "expected one type:name"),
    ("relay_domains", "example.org, hsah:/etc/postfix/relay", "did you mean hash?"),
    ("smtpd_recipient_restrictions", "permit_mynetwork", "did you mean permit_mynetworks?"),
    ("smtpd_client_restrictions", "check_client_access hash:missing", "not an absolute path"),
    ("smtpd_forbid_bare_newline_exclusions", "::1", "write [::1]/128"),
    ("mynetworks", "10.0.0.50/24", "write 10.0.0.0/24"),
    ("postscreen_greet_action", "banana", "ignore, enforce or drop"),
    ("postscreen_denylist_action", "reject", "ignore, enforce or drop"),
    ("postscreen_dnsbl_threshold", "0", "at least 1"),
    ("postscreen_dnsbl_threshold", "-1", "at least 1"),
    ("postscreen_dnsbl_allowlist_threshold", "1", "at most 0"),
    ("postscreen_greet_ttl", "1x", "units s, m, h, d, w"),
    ("postscreen_dnsbl_max_ttl", "2hh", "units s, m, h, d, w"),
    ("postscreen_upstream_proxy_protocol", "proxy", "haproxy or nothing"),
    ("postscreen_access_list", "permit_mynetwork", "did you mean permit_mynetworks?"),
    ("postscreen_access_list", "cidr:postscreen.cidr", "not an absolute path"),
    ("postscreen_dnsbl_sites", "zen.example.net=", "no reply filter"),
    ("postscreen_dnsbl_sites", "=127.0.0.2", "expected a host name"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.0.[2..1]", "ranges upwards"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.0.300", "numbers from 0 to 255"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.0.2=3", "no reply filter"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.0.2/8", "no reply filter"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.0.[2", "no reply filter"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.0", "four fields"),
    ("postscreen_dnsbl_sites", "zen.example.net=127.0.[0.2]", "no reply filter"),
    ("postscreen_dnsbl_sites", "-zen.example.net", "no host name"),
    ("postscreen_dnsbl_sites", "zen.example.net*x", "no weight"),
    ("postscreen_dnsbl_sites", "zen.example.net*2.5", "no weight"),
    ("postscreen_dnsbl_sites", "zen.example.net*99999999999", "no weight"),
    ("postscreen_dnsbl_sites", "zen example.test", "has a dot in it"),
    ("postscreen_dnsbl_sites", "zen.example.net,", "comma after the last site"),
    ("postscreen_blacklist_action", "banana", "ignore, enforce or drop"),
    ("virtual_maps", "/etc/postfix/virtual", "expected type:name"),
    ("mail_version", "3.9.0", "sets this parameter itself"),
]
ACCEPTED = [
    ("message_size_limit", "0"),
    ("message_size_limit", "26214400"),
    ("mailbox_size_limit", "9223372036854775807"),
    ("smtpd_helo_required", "Yes"),
    ("smtpd_timeout", "${stress?{10}:{300}}s"),
    ("smtpd_timeout", "300"),
    ("maximal_queue_lifetime", "1w2"),
    ("maximal_queue_lifetime", "1d12h"),
    ("maximal_queue_lifetime", "0"),
    ("maximal_queue_lifetime", "100d"),
    ("delay_warning_time", "4"),
    ("smtp_destination_concurrency_negative_feedback", "1/concurrency"),
    ("relay_destination_rate_delay", "0"),
    ("unverified_recipient_reject_code", "550"),
    ("smtpd_banner", "mail.example.org ESMTP"),
    ("smtpd_banner", "costs 5$ or more"),
    ("smtpd_banner", "costs 5$"),
    ("smtpd_reject_footer", "\\c. Contact postmaster, $server_name ${client_address}"),
    ("mydestination", ""),
    ("mynetworks", ""),
    ("relayhost", ""),
    ("relayhost", "[smtp.example.org]:submission, [2001:db8::1]:587 example.net"),
    ("smtp_fallback_relay", "[192.0.2.9]:2525"),
    ("inet_interfaces", "loopback-only"),
    ("inet_interfaces", "127.0.0.1, [::1], mail.example.org"),
    ("inet_protocols", "ipv4, ipv6"),
    ("compatibility_level", "3.6"),
    ("compatibility_level", "2"),
    ("myhostname", "mail"),
    ("myhostname", "mx_1.müller.example"),
    ("readme_directory", "no"),
    ("smtpd_tls_cert_file", "/etc/ssl/certs/ssl-cert-snakeoil.pem"),
    ("smtpd_tls_key_file", "$smtpd_tls_cert_file"),
    ("smtpd_tls_dh1024_param_file", "auto"),
    ("smtpd_tls_chain_files", "/etc/ssl/key.pem, /etc/ssl/cert.pem"),
    ("smtp_bind_address", "192.0.2.1"),
    ("smtp_bind_address6", "2001:db8::1"),
    ("smtpd_relay_restrictions", "permit_sasl_authenticated,reject"),
    ("smtpd_sasl_path", "private/auth"),
    ("smtpd_authorized_xforward_hosts", "127.0.0.0/8"),
    ("milter_macro_daemon_name", "ORIGINATING"),
    ("virtual_uid_maps", "static:5000"),
    ("myorigin", "/etc/mailname"),
    ("smtpd_tls_security_level", "May"),
    ("smtpd_tls_security_level", ""),
    ("smtp_tls_security_level", "dane-only"),
    ("smtpd_tls_protocols", ">=TLSv1.2, <=TLSv1.3"),
    ("smtpd_tls_mandatory_protocols", "!SSLv2:!SSLv3 tlsv1.2"),
    ("smtp_tls_protocols", ">=0303"),
    ("smtp_tls_protocols", ""),
    ("smtpd_tls_loglevel", "1"),
    ("smtpd_tls_loglevel", "summary,certmatch"),
    ("smtpd_sasl_security_options", "noanonymous, noplaintext"),
    ("smtpd_forbid_bare_newline", "normalize"),
    ("notify_classes", ""),
    ("receive_override_options", "no_unknown_recipient_checks,no_header_body_checks,no_milters"),
    ("smtpd_milters", "inet:127.0.0.1:8891, { unix:opendkim/socket, { connect_timeout = 5s }, default_action=accept }"),
    ("content_filter", "relay:[127.0.0.1]:10024"),
    ("virtual_transport", "lmtp:unix:private/dovecot-lmtp"),
    ("local_transport", "error:no local mail"),
    ("default_transport", "smtp"),
    ("transport_maps", "lmdb:/etc/postfix/transport, hash:/etc/postfix/other"),
    ("virtual_alias_maps", "proxy:pcre:/etc/postfix/virtual, inline:{ root=admin@example.org } static:{nobody}"),
    ("virtual_alias_maps", "unionmap:{hash:/etc/postfix/a, lmdb:/etc/postfix/b}, $alias_maps"),
    ("local_recipient_maps", "unix:passwd.byname hash:/etc/aliases"),
    ("smtp_dns_reply_filter", "pcre:{{/^\\S+\\s+AAAA/ ignore}}"),
    ("smtpd_sender_login_maps", "tcp:127.0.0.1:10001"),
    ("smtpd_tls_session_cache_database", "btree:/var/lib/postfix/smtpd_scache"),
    ("relay_domains", "example.org, !no.example.org, /etc/postfix/domains, lmdb:/etc/postfix/relay"),
    ("smtpd_client_event_limit_exceptions", ".example.org, 10.0.0.0/8, hash:/etc/postfix/clients"),
    ("smtpd_client_restrictions", "check_client_access static:{FILTER smtp-amavis:[127.0.0.1]:10024}"),
    ("local_header_rewrite_clients", "permit_mynetworks, static:all"),
    ("postscreen_greet_action", "enforce"),
    ("postscreen_greet_wait", "${stress?{2}:{6}}s"),
    ("postscreen_dnsbl_allowlist_threshold", "-2"),
    ("postscreen_upstream_proxy_protocol", "haproxy"),
    ("postscreen_access_list", "permit_mynetworks, cidr:/etc/postfix/postscreen.cidr, reject"),
    ("postscreen_dnsbl_sites", "bl.test=127.0.0.2*2, bl.test=127.0.0.[3..9]*1 wl.test=127.0.[0..255].[1..3;7]*-3"),
    ("postscreen_dnsbl_sites", "key.zen.example.net=[127.0.0.[2..11]]*+3"),
    ("a_name_of_my_own", "any text"),
    ("my_transport_maps", "any text"),
]


def facts(version: str, *, classes: str = "") -> Installed:
    """Return what instance.py would have read from the recorded program output."""
    recorded = {name: (DATA / f"postfix-{version}" / f"postconf-{name}.txt").read_text() for name in ("d-x", "m", "M")}
    defaults = dict(line.split(" =", 1) for line in recorded["d-x"].splitlines())
    services = [line.split()[:2] for line in recorded["M"].splitlines()]
    major, minor, patch = map(int, defaults["mail_version"].split("."))
    return Installed(
        version=(major, minor, patch),
        defaults={name: value.strip() for name, value in defaults.items()},
        table_types=frozenset(recorded["m"].split()),
        services=frozenset(name for name, kind in services if kind != "inet"),
        restriction_classes=frozenset(classes.split()),
    )


@pytest.fixture(scope="module", params=["3.7", "3.10"])
def installed(request: pytest.FixtureRequest) -> Installed:
    return facts(request.param)


@pytest.mark.parametrize(
    ("value", "advice"), [("${myhostname ESMTP", "no closing"), ("x $", "parameter name"), ("$$ $(x", "no closing")]
)
def test_broken_macro(installed: Installed, value: str, advice: str) -> None:
    """Only a value as it is written tells: expanded, "$$" is "$"."""
    assert advice in (written_problem("smtpd_banner", value, installed) or "accepted")
    assert written_problem("luser_relay", value, installed) is None


@pytest.mark.parametrize(("parameter", "value", "advice"), REFUSED)
def test_refused(installed: Installed, parameter: str, value: str, advice: str) -> None:
    assert advice in (value_problem(parameter, value, installed) or "accepted")


@pytest.mark.parametrize(("parameter", "value"), ACCEPTED)
def test_accepted(installed: Installed, parameter: str, value: str) -> None:
    assert value_problem(parameter, value, installed) is None


def test_every_stock_default_is_accepted(installed: Installed) -> None:
    judged = {name: value for name, value in installed.defaults.items() if name not in READ_ONLY}
    problems = {name: value_problem(name, value, installed) for name, value in judged.items()}
    assert len(judged) > 950
    assert {name: text for name, text in problems.items() if text} == {}


def test_most_kinds_come_from_the_defaults(installed: Installed) -> None:
    """Every yes/no, number and time of the defaults refuses a text: none is taken for a free text by mistake."""
    texts = ("_concurrency_negative_feedback", "_concurrency_positive_feedback", "_tcp_port", "milter_protocol")
    typed = {
        name
        for name, value in installed.defaults.items()
        if value.rstrip("smhdw").isdecimal() or value in ("yes", "no")
        if not name.endswith(texts)
    }
    assert len(typed) > 450
    assert {name for name in typed if value_problem(name, "banana", installed) is None} == set()


@pytest.mark.parametrize(
    ("version", "parameter", "value", "accepted"),
    [
        ("3.7", "smtpd_forbid_bare_newline", "note", False),
        ("3.10", "smtpd_forbid_bare_newline", "note", True),
        ("3.7", "milter_default_action", "shutdown", False),
        ("3.10", "milter_default_action", "shutdown", True),
    ],
)
def test_words_that_came_later(version: str, parameter: str, value: str, accepted: bool) -> None:
    assert (value_problem(parameter, value, facts(version)) is None) is accepted


def test_parameters_of_a_transport_in_master_cf_are_typed() -> None:
    stock = facts("3.10")
    amavis = Installed(stock.version, stock.defaults, stock.table_types, stock.services | {"smtp-amavis"})
    assert value_problem("smtp-amavis_destination_recipient_limit", "x", stock) is None
    assert value_problem("smtp-amavis_destination_recipient_limit", "x", amavis) is not None
    assert value_problem("smtp-amavis_destination_rate_delay", "0", amavis) is None
    assert value_problem("smtp-amavis_time_limit", "0", amavis) is not None
    assert value_problem("content_filter", "smtp-amavis:[127.0.0.1]:10024", amavis) is None


def test_restriction_classes_are_judged_as_restrictions() -> None:
    known = facts("3.7", classes="strict")
    assert value_problem("strict", "reject_unknown_client_hostname", known) is None
    assert value_problem("strict", "reject_unknown_clients", known) is not None
    assert value_problem("smtpd_client_restrictions", "strict", known) is None
    assert value_problem("smtpd_client_restrictions", "strict", facts("3.7")) is not None


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("relayhots", "relayhost"),
        ("smtpd_helo_requird", "smtpd_helo_required"),
        ("smtpd_recipient_restriction", "smtpd_recipient_restrictions"),
        ("SMTPD_BANNER", "smtpd_banner"),
        ("completely_different_thing", None),
    ],
)
def test_nearest_name(installed: Installed, name: str, nearest: str | None) -> None:
    assert nearest_name(name, installed.defaults) == nearest


@pytest.mark.parametrize(
    ("parameter", "one", "other", "same"),
    [
        ("smtpd_banner", "a  b\n  c", "a b c", True),
        ("smtpd_banner", "a,b", "a b", False),
        ("smtpd_banner", "$myhostname ESMTP", "${myhostname} ESMTP", True),
        ("smtpd_banner", "$(myhostname) ESMTP", "$myhostname ESMTP", True),
        ("smtpd_banner", "${stress?a}", "$stress", False),
        ("mydestination", "a, b,c", "a b  c", True),
        ("mydestination", "a, b", "b, a", False),
        ("smtpd_recipient_restrictions", "permit_mynetworks,\n    reject", "permit_mynetworks reject", True),
        ("biff", "Yes", "yes", True),
        ("biff", "yes", "no", False),
        ("myhostname", "Mail.example.org", "mail.example.org", False),
        ("maximal_queue_lifetime", "5d", "120h", False),
        ("my_own", "a, b", "a b", False),
        ("mydestination", "", "a", False),
    ],
)
def test_same_value(parameter: str, one: str, other: str, same: bool) -> None:
    for values in ((one, other), (other, one)):
        assert same_value(parameter, *values) is same


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (10240000, "10240000"),
        ("", ""),
        (" [mx.example.org]:25\n", "[mx.example.org]:25"),
        ("a\tb", "a b"),
        ("größer", "größer"),
        (["permit_mynetworks", "check_client_access hash:/etc/postfix/a"],
         "permit_mynetworks, check_client_access hash:/etc/postfix/a"),
        ([], ""),
        ([25, True], "25, yes"),
    ],
)  # fmt: skip
def test_render_value(value: object, text: str) -> None:
    assert render_value(value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (3.10, "put it in quotes"),
        (float("nan"), "put it in quotes"),
        (None, "NoneType"),
        ({"a": "b"}, "dict"),
        (b"bytes", "bytes"),
        ("a\nb", "line break"),
        ("a\rb", "line break"),
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\udcffb", "U+DCFF"),
        (["a", ["b"]], "list inside a list"),
        (["a", ""], "is empty"),
        (["a", None], "NoneType"),
        (["a\nb"], "line break"),
    ],
)
def test_values_without_a_faithful_text(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        render_value(value)
    assert reason in str(caught.value)
