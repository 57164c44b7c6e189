# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters that take one or several of a few words (postconf(5); the name tables in Postfix's source)."""

from __future__ import annotations

import re
from dataclasses import replace

from .kind import Choice

_LOCKS = Choice(("flock", "fcntl", "dotlock"), several=True)
_CANONICAL = ("envelope_sender", "envelope_recipient", "header_sender", "header_recipient")
_SOURCES = ("sendmail", "smtpd", "qmqpd", "forward", "bounce", "notify", "verify", "all")
_MAIL_TO = Choice(("alias", "forward", "include"), several=True, may_be_empty=True)
_TEMPFAIL = Choice(("defer", "defer_if_permit"))
_SCREENING = Choice(("ignore", "enforce", "drop"))
_FACILITIES = (
    "mail",
    "auth",
    "authpriv",
    "cron",
    "daemon",
    "kern",
    "lpr",
    "news",
    "syslog",
    "user",
    "uucp",
    *(f"local{number}" for number in range(8)),
)
_TLS_LOG = (
    "none",
    "routine",
    "debug",
    "ssl-expert",
    "ssl-developer",
    *map(str, range(10)),
    "summary",
    "untrusted",
    "peercert",
    "certmatch",
    "verbose",
    "cache",
    "dane",
    "ssl-debug",
    "ssl-handshake-packet-dump",
    "ssl-session-packet-dump",
)
_SASL_SECURITY = ("noplaintext", "noactive", "nodictionary", "noanonymous", "forward_secrecy", "mutual_auth")

# The first pattern that matches a whole parameter name counts. smtp_ stands for lmtp_ as well, see client_name().
_CHOICES: tuple[tuple[str, Choice], ...] = (
    # the rest are client levels: verify, secure and fingerprint become encrypt with a warning, dane stops smtpd
    ("smtpd_tls_security_level|postscreen_tls_security_level", Choice(("none", "may", "encrypt"), may_be_empty=True)),
    (
        "smtp_tls_security_level",
        Choice(("none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure"), may_be_empty=True),
    ),
    ("smtp_tls_dane_insecure_mx_policy", Choice(("dane", "encrypt", "may"))),
    ("smtpd?_tls_(mandatory_)?ciphers", Choice(("high", "medium", "low", "export", "null"))),
    ("smtpd?_tls_loglevel", Choice(_TLS_LOG, several=True)),
    ("smtpd_tls_eecdh_grade", Choice(("auto", "strong", "ultra", "none"))),
    ("smtpd?_sasl_(tls_|tls_verified_)?security_options", Choice(_SASL_SECURITY, several=True, may_be_empty=True)),
    ("smtpd_sasl_type", Choice(("dovecot", "cyrus"))),
    ("smtp_sasl_type", Choice(("cyrus",))),
    ("smtp_dns_support_level", Choice(("disabled", "enabled", "dnssec"), may_be_empty=True)),
    ("smtp_dns_resolver_options", Choice(("res_defnames", "res_dnsrch"), several=True, may_be_empty=True)),
    ("smtp_host_lookup", Choice(("dns", "native"), several=True)),
    ("smtp_address_preference", Choice(("any", "ipv4", "ipv6"))),
    ("smtp_address_verify_target", Choice(("rcpt", "data"))),
    ("smtp_pix_workarounds", Choice(("disable_esmtp", "delay_dotcrlf"), several=True, may_be_empty=True)),
    ("smtpd_upstream_proxy_protocol|postscreen_upstream_proxy_protocol", Choice(("haproxy",), may_be_empty=True)),
    ("smtpd_proxy_options", Choice(("speed_adjust",), several=True, may_be_empty=True)),
    # "shutdown" came to every release with the patch level that made it the default (3.7.20, 3.10.8): not on 3.7.11
    ("milter_default_action", Choice(("tempfail", "reject", "accept", "quarantine"))),
    ("inet_protocols", Choice(("all", "ipv4", "ipv6"), several=True)),
    ("mynetworks_style", Choice(("host", "subnet", "class"))),
    ("postscreen_.*_action", _SCREENING),
    (".*_tempfail_action|reject_tempfail_action", _TEMPFAIL),
    ("header_from_format", Choice(("standard", "obsolete"))),
    ("info_log_address_format", Choice(("external", "internal"))),
    ("sendmail_fix_line_endings", Choice(("always", "strict", "never"))),
    ("(mailbox_delivery|virtual_mailbox)_lock", _LOCKS),
    ("allow_mail_to_(commands|files)", _MAIL_TO),
    ("prepend_delivered_header", Choice(("command", "file", "forward"), several=True, may_be_empty=True)),
    (
        "propagate_unmatched_extensions",
        Choice(("canonical", "virtual", "alias", "forward", "include", "generic"), several=True, may_be_empty=True),
    ),
    ("sender_canonical_classes", Choice(("envelope_sender", "header_sender"), several=True)),
    ("recipient_canonical_classes", Choice(("envelope_recipient", "header_recipient"), several=True)),
    ("canonical_classes", Choice(_CANONICAL, several=True)),
    ("masquerade_classes", Choice(_CANONICAL, several=True, may_be_empty=True)),
    (
        "notify_classes",
        Choice(
            ("bounce", "2bounce", "data", "delay", "policy", "protocol", "resource", "software"),
            several=True,
            may_be_empty=True,
        ),
    ),
    (
        "receive_override_options",
        Choice(
            ("no_unknown_recipient_checks", "no_address_mappings", "no_header_body_checks", "no_milters"),
            several=True,
            may_be_empty=True,
        ),
    ),
    ("internal_mail_filter_classes", Choice(_SOURCES[:-1], several=True, may_be_empty=True)),
    ("smtputf8_autodetect_classes", Choice(_SOURCES, several=True)),
    ("syslog_facility", Choice(_FACILITIES)),
    ("maillog_file_permissions", Choice(("0600", "0640", "0644"))),
)


def client_name(parameter: str) -> str:
    """The name whose rule a parameter shares: smtp_ for lmtp_, smtpd_ or smtp_ for tlsproxy's copies."""
    for prefix, original in (("lmtp_", "smtp_"), ("tlsproxy_client_", "smtp_tls_"), ("tlsproxy_tls_", "smtpd_tls_")):
        if parameter.startswith(prefix):
            return original + parameter.removeprefix(prefix)
    return parameter


def choice_kind(parameter: str, version: tuple[int, int, int], default: str) -> Choice | None:
    """The words a parameter takes in this version; None when it is no choice. The installed default is always one."""
    choice = _by_pattern(parameter, version)
    if choice is None or choice.several or not default or default in choice.words:
        return choice
    return replace(choice, words=(*choice.words, default))


def _by_pattern(parameter: str, version: tuple[int, int, int]) -> Choice | None:
    if parameter == "smtpd_forbid_bare_newline":
        # "note" came with 3.9: on 3.7.11 it is fatal (measured: smtpd does not start)
        return Choice(("normalize", "yes", "reject", "no", *(("note",) if version >= (3, 9, 0) else ())))
    name = client_name(parameter)
    return next((choice for pattern, choice in _CHOICES if re.fullmatch(pattern, name)), None)
