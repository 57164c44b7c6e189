# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of value a parameter takes: by its name where that is known, else by the installed default."""

from __future__ import annotations

import re
from collections.abc import Callable

from .bounds import duration_kind, general_name, number_kind
from .choices import choice_kind, client_name
from .endpoint import Milters
from .host_name import Address, HostName, Interfaces, NextHops, Transport, TransportList, is_next_hop, is_transport
from .installed import Installed
from .kind import AbsolutePath, Boolean, Choice, CompatibilityLevel, Kind, Text
from .network_list import NetworkList, is_network_list
from .postscreen_value import AccessList, DnsblSites
from .restriction import LocalRewriteClients, RestrictionList, is_restriction_list, shorthand_allowed
from .table_reference import MatchList, TableList, is_match_list, is_single_table, is_table_list
from .tls_protocols import TlsProtocols, is_tls_protocols

# Texts with a default that may be set to nothing all the same; for all others of this kind Postfix answers
# "bad string length 0" (the minimum in CONFIG_STR_TABLE).
_MAY_BE_EMPTY = re.compile(
    r"(authorized|postmulti)_.*_(users|commands)|(import|export)_environment|.*_maps_lookup_key|milter_.*_macros"
    r"|.*_(domains|exclusions|exceptions|clients)|(smtp|lmtp)_tcp_port|tls_(eecdh_(auto_curves|strong_curve|ultra_curve)"
    r"|ffdhe_auto_groups|config_file|random_exchange_name|random_source|session_ticket_cipher)"
    r"|address_verify_sender|default_verp_delimiters|dnssec_probe|known_tcp_ports|mail_spool_directory"
    r"|message_drop_headers|mydestination|parent_domain_matches_subdomains|postscreen_(greet_banner|forbidden_commands)"
    r"|proxy_(read|write)_maps|smtpd_(proxy_ehlo|sasl_mechanism_filter|forbidden_commands|null_access_lookup_key)"
    r"|tlsproxy_client_loglevel_parameter"
)
_NUMBER = re.compile(r"-?[0-9]+")
_DURATION = re.compile(r"[0-9]+[smhdw]")
# Whole numbers by their default, but other text is right as well (0.5, "smtp", "6 no_header_reply").
_NUMBER_LIKE = re.compile(
    r".*_destination_concurrency_(positive|negative)_feedback|(smtp|lmtp)_tcp_port|milter_protocol"
)
# A relative name is looked up in the queue directory: the daemon goes on without TLS.
_TLS_FILE = re.compile(
    r"(smtpd?|lmtp)_tls_((ec|d)?(cert|key)_file|dh(512|1024)_param_file|CAfile|CApath|(chain|trust_anchor)_files?)"
)
_BIND_ADDRESS = re.compile(r"(smtp|lmtp)_bind_address(6?)")
_OPTIONAL_DIRECTORY = re.compile(r"(html|meta|readme|sample|shlib)_directory")

# Old names that the defaults of the new ones still read, though "postconf -d" does not list them.
_RENAMED = {
    "authorized_verp_clients": "smtpd_authorized_verp_clients",
    "fallback_relay": "smtp_fallback_relay",
    "lmtp_per_record_deadline": "lmtp_per_request_deadline",
    "postscreen_blacklist_action": "postscreen_denylist_action",
    "postscreen_dnsbl_ttl": "postscreen_dnsbl_max_ttl",
    "postscreen_dnsbl_whitelist_threshold": "postscreen_dnsbl_allowlist_threshold",
    "postscreen_whitelist_interfaces": "postscreen_allowlist_interfaces",
    "smtp_per_record_deadline": "smtp_per_request_deadline",
    "smtpd_client_connection_limit_exceptions": "smtpd_client_event_limit_exceptions",
    "smtpd_per_record_deadline": "smtpd_per_request_deadline",
    "tlsproxy_client_level": "tlsproxy_client_security_level",
    "tlsproxy_client_policy": "tlsproxy_client_policy_maps",
    "virtual_maps": "virtual_alias_maps",
}

_BY_NAME: dict[str, Callable[[Installed], Kind]] = {
    "compatibility_level": lambda _: CompatibilityLevel(),
    "default_database_type": lambda installed: Choice(tuple(sorted(installed.table_types))),
    "defer_transports": lambda installed: TransportList(installed.services),
    "inet_interfaces": lambda _: Interfaces(),
    "local_header_rewrite_clients": lambda installed: LocalRewriteClients(installed.table_types),
    "mydomain": lambda _: HostName(),
    "myhostname": lambda _: HostName(),
    "mynetworks": lambda installed: NetworkList(installed.table_types, host_names=False),
    "non_smtpd_milters": lambda _: Milters(),
    "postscreen_access_list": lambda installed: AccessList(installed.table_types),
    "postscreen_dnsbl_sites": lambda _: DnsblSites(),
    "proxy_interfaces": lambda _: Interfaces(),
    "smtpd_milters": lambda _: Milters(),
}


def kind_of(parameter: str, installed: Installed) -> Kind:
    """The rule for the values of a parameter; any text for a name that Postfix does not know, such as a macro."""
    if parameter in installed.restriction_classes:
        return RestrictionList(installed.table_types, installed.restriction_classes)
    name = _RENAMED.get(parameter, parameter)
    general = general_name(name, installed.services)
    default = installed.defaults.get(name, installed.defaults.get(general))
    if default is None:
        return Text()
    if name in _BY_NAME:
        return _BY_NAME[name](installed)
    return (
        _kind_by_pattern(name, installed)
        or choice_kind(name, installed.version, default)
        or _kind_by_default(name, general, default)
    )


def _kind_by_pattern(parameter: str, installed: Installed) -> Kind | None:
    types = installed.table_types
    if is_restriction_list(parameter):
        return RestrictionList(types, installed.restriction_classes, shorthand_allowed(parameter))
    if is_network_list(parameter):
        return NetworkList(types)
    if is_table_list(parameter):
        return TableList(types, is_single_table(parameter))
    if is_match_list(parameter):
        return MatchList(types)
    if is_transport(parameter):
        return Transport(installed.services)
    if is_next_hop(parameter):
        return NextHops()
    if _TLS_FILE.fullmatch(parameter):
        return AbsolutePath(True, ("none", "auto") if "_dh" in parameter else ("none",), parameter.endswith("s"))
    if bind := _BIND_ADDRESS.fullmatch(parameter):
        return Address(6 if bind[2] else 4)
    return TlsProtocols() if is_tls_protocols(parameter) else None


def tls_files(parameter: str, value: str) -> tuple[str, ...]:
    """Certificate and key files. Where one is missing, smtpd offers STARTTLS and fails, and mail flows in clear."""
    words = value.replace(",", " ").split() if _TLS_FILE.fullmatch(parameter) else ()
    return tuple(word for word in words if word.startswith("/"))


def _kind_by_default(parameter: str, general: str, default: str) -> Kind:
    may_be_empty = not default or bool(_MAY_BE_EMPTY.fullmatch(parameter))
    if _OPTIONAL_DIRECTORY.fullmatch(parameter):
        return AbsolutePath(other_words=("no",))
    if default.startswith("/") and parameter.endswith(("_directory", "_path")):
        return AbsolutePath(may_be_empty)
    if default in ("yes", "no"):
        return Boolean()
    if _NUMBER_LIKE.fullmatch(parameter):
        return Text(may_be_empty)
    if _NUMBER.fullmatch(default):
        return number_kind(general, default)
    return duration_kind(client_name(general), default) if _DURATION.fullmatch(default) else Text(may_be_empty)
