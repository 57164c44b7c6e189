# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access restrictions of smtpd(8) (postconf(5), "smtpd_recipient_restrictions"; smtpd_check.c).

A misspelt restriction answers 451 to every recipient, and neither ``postfix check`` nor reload says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dnsbl import dnsbl_problem
from .endpoint import POLICY_OPTIONS, endpoint_problem
from .table_reference import table_problem
from .word_list import UnbalancedBracesError, inside_braces, name_set, nearest_name, split_words

_PLAIN = name_set("""
    check_recipient_maps check_relay_domains defer defer_if_permit defer_if_reject defer_unauth_destination permit
    permit_auth_destination permit_inet_interfaces permit_mx_backup permit_mynetworks permit_naked_ip_address
    permit_sasl_authenticated permit_tls_all_clientcerts permit_tls_clientcerts reject
    reject_authenticated_sender_login_mismatch reject_invalid_helo_hostname reject_invalid_hostname
    reject_known_sender_login_mismatch reject_maps_rbl reject_multi_recipient_bounce reject_non_fqdn_helo_hostname
    reject_non_fqdn_hostname reject_non_fqdn_recipient reject_non_fqdn_sender reject_plaintext_session
    reject_sender_login_mismatch reject_unauth_destination reject_unauth_pipelining
    reject_unauthenticated_sender_login_mismatch reject_unknown_address reject_unknown_client
    reject_unknown_client_hostname reject_unknown_helo_hostname reject_unknown_hostname
    reject_unknown_recipient_domain reject_unknown_reverse_client_hostname reject_unknown_sender_domain
    reject_unlisted_recipient reject_unlisted_sender reject_unverified_recipient reject_unverified_sender
    warn_if_reject
""")
_ACCESS_TABLES = frozenset(
    f"check_{subject}{record}_access"
    for subject in ("client", "reverse_client_hostname", "helo", "sender", "recipient")
    for record in ("", "_mx", "_ns", "_a")
) | {"check_ccert_access", "check_sasl_access", "check_etrn_access"}
_DNS_LISTS = name_set("""
    reject_rbl_client reject_rbl permit_dnswl_client permit_rhswl_client reject_rhsbl_client reject_rhsbl_helo
    reject_rhsbl_recipient reject_rhsbl_reverse_client reject_rhsbl_sender
""")
RESTRICTIONS = _PLAIN | _ACCESS_TABLES | _DNS_LISTS | {"check_policy_service", "sleep"}

_LIST = re.compile(r"smtpd_(client|helo|sender|relay|recipient|data|end_of_data|etrn)_restrictions")
# Without a recipient or sender of its own, "type:name" has no access check it could stand for (smtpd_check.c).
_NO_SHORTHAND = frozenset({"smtpd_data_restrictions", "smtpd_end_of_data_restrictions"})
_LOCAL_REWRITE = name_set("""
    permit_inet_interfaces permit_mynetworks permit_sasl_authenticated permit_tls_clientcerts
    permit_tls_all_clientcerts
""")


def is_restriction_list(parameter: str) -> bool:
    """Whether a parameter is one of smtpd's eight restriction lists."""
    return bool(_LIST.fullmatch(parameter))


def shorthand_allowed(parameter: str) -> bool:
    """Whether ``type:name`` may stand in the list without the check it belongs to."""
    return parameter not in _NO_SHORTHAND


@dataclass(frozen=True, slots=True)
class RestrictionList:
    """Names of restrictions, each with the argument it needs."""

    table_types: frozenset[str]
    classes: frozenset[str]
    shorthand: bool = True

    def problem(self, value: str) -> str | None:
        try:
            words = split_words(value)
        except UnbalancedBracesError as error:
            return str(error)
        position = 0
        while position < len(words):
            name = words[position]
            argument = words[position + 1] if position + 1 < len(words) else None
            problem, used = self._restriction(name, argument)
            if problem:
                return problem
            position += used
        return None

    def _restriction(self, name: str, argument: str | None) -> tuple[str | None, int]:
        """What is wrong with one restriction, and how many words it has."""
        lower = name.lower()
        if lower in _PLAIN or name in self.classes or "$" in name:
            return None, 1
        if lower in RESTRICTIONS:
            return self._argument_problem(lower, argument), 2
        if ":" in name and self.shorthand:
            return table_problem(name, self.table_types), 1
        if ":" in name or "/" in name:
            return f"{name} needs a check before it, for example check_recipient_access {name}", 1
        near = nearest_name(name, RESTRICTIONS | self.classes)
        return f"there is no restriction {name}" + (f": did you mean {near}?" if near else ""), 1

    def _argument_problem(self, name: str, argument: str | None) -> str | None:
        if argument is None or argument.lower() in RESTRICTIONS:
            return f"{name} needs {_needs(name)} after it"
        if "$" in argument:
            return None
        if name in _ACCESS_TABLES:
            return self._access_table_problem(name, argument)
        if name in _DNS_LISTS:
            return _prefixed(f"{name} {argument}", dnsbl_problem(argument))
        if name == "sleep":
            return None if argument.isdecimal() else f"sleep needs a number of seconds after it, not {argument}"
        return _prefixed(name, endpoint_problem(argument, POLICY_OPTIONS))

    def _access_table_problem(self, name: str, argument: str) -> str | None:
        inner = inside_braces(argument)
        words = split_words(inner) if inner is not None else [argument]
        if not words or ":" not in words[0]:
            return f"{name} needs type:name after it, not {argument}"
        return table_problem(words[0], self.table_types)


def _needs(name: str) -> str:
    if name in _ACCESS_TABLES:
        return "type:name"
    if name in _DNS_LISTS:
        return "a DNS list domain"
    return "a number of seconds" if name == "sleep" else "inet:host:port or unix:path"


def _prefixed(what: str, problem: str | None) -> str | None:
    return f"{what}: {problem}" if problem else None


@dataclass(frozen=True, slots=True)
class LocalRewriteClients:
    """``local_header_rewrite_clients``."""

    table_types: frozenset[str]

    def problem(self, value: str) -> str | None:
        words = [word for word in split_words(value) if word.lower() != "check_address_map"]
        for word in words:
            if ":" in word and (problem := table_problem(word, self.table_types)):
                return problem
            if ":" not in word and "$" not in word and word.lower() not in _LOCAL_REWRITE:
                near = nearest_name(word, _LOCAL_REWRITE)
                return f"{word} is unknown" + (f": did you mean {near}?" if near else "")
        return None
