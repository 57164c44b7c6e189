# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smallest and largest values of numbers and times, from the parameter tables of Postfix 3.7.11 and 3.10.13.

Common case, not listed: a number has the minimum 0, a time the minimum 1s. Where Postfix itself has no minimum for
a number, a negative one is refused all the same: message_size_limit = -5 answers 452 to every MAIL FROM.
"""

from __future__ import annotations

import re

from .kind import INT_MAX, LONG_MAX, Duration, Number
from .word_list import name_set

_AT_LEAST_ONE = name_set("""
    address_verify_pending_request_limit address_verify_poll_count berkeley_db_create_buffer_size
    berkeley_db_read_buffer_size bounce_size_limit debug_peer_level default_process_limit
    default_recipient_refill_limit deliver_lock_attempts fork_attempts hash_queue_depth header_address_token_limit
    header_size_limit hopcount_limit initial_destination_concurrency lmdb_map_size lmtp_min_data_rate max_use
    mime_boundary_length_limit mime_nesting_limit postscreen_command_count_limit postscreen_dnsbl_threshold
    qmgr_message_active_limit qmgr_message_recipient_limit qmgr_message_recipient_minimum
    queue_file_attribute_count_limit smtp_min_data_rate smtpd_hard_error_limit smtpd_history_flush_threshold
    smtpd_junk_command_limit smtpd_min_data_rate smtpd_policy_service_try_limit smtpd_recipient_limit
    smtpd_recipient_overshoot_limit smtpd_soft_error_limit socketmap_max_reply_size tls_daemon_random_bytes
    tls_random_bytes virtual_alias_address_length_limit virtual_alias_expansion_limit virtual_alias_recursion_limit
    virtual_minimum_uid
""")
_NUMBERS = {
    "default_delivery_slot_discount": (0, 100),
    "delay_logging_resolution_limit": (0, 6),
    "line_length_limit": (512, INT_MAX),
    "postscreen_dnsbl_allowlist_threshold": (-INT_MAX, 0),
    "postscreen_post_queue_limit": (5, INT_MAX),
    "postscreen_pre_queue_limit": (10, INT_MAX),
    "smtpd_client_ipv4_prefix_length": (0, 32),
    "smtpd_client_ipv6_prefix_length": (0, 128),
    "smtpd_forbid_bare_newline_reject_code": (500, 599),
    "smtpd_sasl_response_limit": (12288, INT_MAX),
    "lmdb_map_size": (1, LONG_MAX),
    "mailbox_size_limit": (0, LONG_MAX),
    "message_size_limit": (0, LONG_MAX),
    "queue_minfree": (0, LONG_MAX),
    "virtual_mailbox_limit": (0, LONG_MAX),
}
_REPLY_CODE = re.compile(r"(?:.*_)?(?:reject|defer)_code")

_MAY_BE_ZERO = name_set("""
    address_verify_cache_cleanup_interval address_verify_sender_ttl bounce_queue_lifetime
    default_destination_rate_delay default_transport_rate_delay delay_warning_time dnsblog_reply_delay in_flow_delay
    lmtp_connect_timeout lmtp_pix_workaround_threshold_time lmtp_sasl_auth_cache_time lmtp_tls_session_cache_timeout
    maximal_queue_lifetime postscreen_cache_cleanup_interval qmgr_clog_warn_time qmqpd_error_delay
    smtp_connect_timeout smtp_pix_workaround_threshold_time smtp_sasl_auth_cache_time smtp_tls_session_cache_timeout
    smtpd_error_sleep_time smtpd_tls_session_cache_timeout
""")
_AT_LEAST_TEN_SECONDS = frozenset(
    {"postlogd_watchdog_timeout", "postscreen_watchdog_timeout", "tlsproxy_watchdog_timeout"}
)
_HUNDRED_DAYS = 100 * 86400
_AT_MOST = {
    "bounce_queue_lifetime": _HUNDRED_DAYS,
    "in_flow_delay": 10,
    "lmtp_tls_session_cache_timeout": _HUNDRED_DAYS,
    "maximal_queue_lifetime": _HUNDRED_DAYS,
    "smtp_tls_session_cache_timeout": _HUNDRED_DAYS,
    "smtpd_tls_session_cache_timeout": _HUNDRED_DAYS,
}

# "<transport>_<suffix>" takes its default, and its bounds, from this parameter (postconf(5), "transport_...").
_PER_TRANSPORT = {
    "_delivery_slot_cost": "default_delivery_slot_cost",
    "_delivery_slot_discount": "default_delivery_slot_discount",
    "_delivery_slot_loan": "default_delivery_slot_loan",
    "_destination_concurrency_failed_cohort_limit": "default_destination_concurrency_failed_cohort_limit",
    "_destination_concurrency_limit": "default_destination_concurrency_limit",
    "_destination_concurrency_negative_feedback": "default_destination_concurrency_negative_feedback",
    "_destination_concurrency_positive_feedback": "default_destination_concurrency_positive_feedback",
    "_destination_rate_delay": "default_destination_rate_delay",
    "_destination_recipient_limit": "default_destination_recipient_limit",
    "_extra_recipient_limit": "default_extra_recipient_limit",
    "_initial_destination_concurrency": "initial_destination_concurrency",
    "_minimum_delivery_slots": "default_minimum_delivery_slots",
    "_recipient_limit": "default_recipient_limit",
    "_recipient_refill_delay": "default_recipient_refill_delay",
    "_recipient_refill_limit": "default_recipient_refill_limit",
    "_time_limit": "command_time_limit",
    "_transport_rate_delay": "default_transport_rate_delay",
}


def general_name(parameter: str, services: frozenset[str]) -> str:
    """The name that ``<transport>_<suffix>`` takes its default from; other names unchanged."""
    for suffix, general in _PER_TRANSPORT.items():
        if parameter.endswith(suffix) and parameter.removesuffix(suffix) in services:
            return general
    return parameter


def number_kind(parameter: str, default: str) -> Number:
    """Bounds of a parameter whose default is a whole number."""
    if _REPLY_CODE.fullmatch(parameter) and parameter not in _NUMBERS:
        return Number(200, 599)
    minimum, maximum = _NUMBERS.get(parameter, (int(parameter in _AT_LEAST_ONE), INT_MAX))
    return Number(min(minimum, int(default)), maximum)


def duration_kind(parameter: str, default: str) -> Duration:
    """Bounds of a parameter whose default is a time; the default's unit counts where a value has none."""
    unit = default.lstrip("0123456789")[:1]
    minimum = 10 if parameter in _AT_LEAST_TEN_SECONDS else int(parameter not in _MAY_BE_ZERO)
    return Duration(unit, minimum, _AT_MOST.get(parameter, INT_MAX))
