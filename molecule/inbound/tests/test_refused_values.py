# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong value of a variable: one message that names it and what is accepted; nothing changes, in check mode too."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from lab import play, refused
from lab.topology import Lab

ROLE = "mta_inbound"
SPECIFICATION = play.REPOSITORY / "roles" / ROLE / "meta" / "argument_specs.yml"
OPTIONS = yaml.safe_load(SPECIFICATION.read_text())["argument_specs"]["main"]["options"]
OF_ANOTHER_TYPE: dict[str, t.Any] = {"bool": "perhaps", "int": "many", "list": {"a": "b"}, "dict": ["a"], "str": "a b"}
RESTRICTION = ["reject_unlisted_recipent"]
# Variable (without the prefix), its value, and words that the message has to hold besides the variable.
WRONG: list[tuple[str, t.Any, list[str]]] = [
    ("relay_domains", {"exa mple.com": {}}, ["exa mple.com", "write example.com"]),
    ("relay_domains", {"example.com": {"match_subdomain": True}}, ["example.com", "{match_subdomains: true}"]),
    ("relay_domains", "example.com={}", ["example.com={}", "not a mapping"]),
    ("relay_recipients", ["ann"], ['"ann"', "write user@example.com"]),
    ("relay_recipients", "ann@example.com, bob@example.com", ["ann@example.com, bob@example.com", "@example.com for"]),
    ("smtpd_reject_unlisted_sender", "perhaps", ["perhaps", "bool"]),
    ("sender_login_mismatch", "some", ["some", "off, authenticated, all"]),
    ("sender_login_mismatch", "all", ["refuses every sender", "mta_inbound_sender_logins"]),
    ("sender_logins", {"ann": "ann"}, ['"ann"', "write user@example.com"]),
    ("sender_logins", {"ann@example.com": "ann bob"}, ["ann bob", "or a list"]),
    ("smtpd_sender_login_maps", ["/etc/postfix/logins"], ["/etc/postfix/logins", "type:name"]),
    ("smtpd_sender_login_maps", ["ldpa:/etc/postfix/logins.cf"], ["ldpa", "did you mean ldap"]),
    ("own_domains", {"exa mple.com": {}}, ["exa mple.com", "write example.com"]),
    ("reject_unknown_client_hostname", "perhaps", ["perhaps", "bool"]),
    ("reject_rbl_client", ["bl.test=127.0.0"], ["bl.test=127.0.0", "bl.example.com=127.0.0.2"]),
    ("reject_rbl_client", ["bl_test"], ["bl_test", "write bl.example.com"]),
    ("client_allowlist", ["mail.example.org"], ["mail.example.org", "an address"]),
    ("client_allowlist", ["0.0.0.0/0"], ["0.0.0.0/0", "everybody"]),
    ("client_allowlist", [192.10], ["192.1", "put it in quotes"]),
    ("client_denylist", "mail.example.org", ["mail.example.org", "an address"]),
    ("client_denylist", [{"client": "10.0.0.1", "why": "x"}], ["why", "{client: 192.0.2.7, reason: text}"]),
    ("client_providers", ["provider"], ["provider: not known", "office365"]),
    ("client_provider_options", {"max_chnage": 80}, ["max_chnage", "max_change"]),
    ("client_provider_options", {"max_change": "most"}, ["most", "int"]),
    ("postscreen", {"enabled": True, "greet": {"action": "explode"}}, ["explode", "ignore, enforce, drop"]),
    ("postscreen", {"enabled": True, "gret": {}}, ["gret", "greet"]),
    ("postscreen", {"enabled": True, "greet": {"ttl": "1x"}}, ["greet.ttl", '"1x"', "s, m, h, d, w"]),
    ("postscreen", {"enabled": True, "dnsbl": {"allowlist_threshold": 3}}, ["allowlist_threshold", '"3"', "negative"]),
    ("postscreen", {"enabled": False, "dnsbl": {"sites": ["dnsbl.sorbs.net"]}}, ["dnsbl.sorbs.net", "closed in 2024"]),
    ("postscreen", {"enabled": True, "access_list": ["permit_mynetwork"]}, ["permit_mynetwork", "permit_mynetworks"]),
    ("postscreen", {"enabled": True, "cache": {"map": "lmbd:/x"}}, ["cache.map", "lmbd", "did you mean lmdb"]),
    ("reject_unverified_recipient", "perhaps", ["perhaps", "bool"]),
    ("unverified_recipient_reject_code", 551, ["551", "450, 550"]),
    ("address_verify_positive_expire_time", "", ["not accepted", "5d"]),
    ("address_verify_positive_refresh_time", "-1d", ["-1d", "5d"]),
    ("address_verify_negative_expire_time", "3 apples", ["3 apples", "5d"]),
    ("address_verify_negative_refresh_time", "0", ['"0"', "at least 1s"]),
    ("header_checks", ["/x/ REJEKT"], ["REJEKT", "REJECT"]),
    ("header_checks", [{"pattern": "x", "action": "PREPEND"}], ["PREPEND needs a text"]),
    ("header_checks", [{"pattern": "(x", "action": "REJECT"}], ["line 1", "(x"]),
    ("body_checks", [{"pattern": "x"}], ["{pattern: PATTERN"]),
    ("body_checks", ["/(x/ REJECT"], ["line 1", "(x"]),
    ("mime_header_checks", ["x REJECT"], ["/pattern/flags ACTION"]),
    ("blocked_extensions", ["*.exe"], ["*.exe", "letters"]),
    ("blocked_extensions", [7], ['"7"', "as text"]),
    ("smtpd_client_restrictions_before", RESTRICTION, ["did you mean reject_unlisted_recipient"]),
    ("smtpd_helo_restrictions_before", RESTRICTION, ["did you mean reject_unlisted_recipient"]),
    ("smtpd_sender_restrictions_before", RESTRICTION, ["did you mean reject_unlisted_recipient"]),
    ("smtpd_relay_restrictions_before", ["permit"], ["permit", "every client could relay"]),
    ("smtpd_recipient_restrictions_before", RESTRICTION, ["did you mean reject_unlisted_recipient"]),
    ("smtpd_client_restrictions", ["check_client_access hsah:/etc/postfix/clients"], ["hsah", "did you mean hash"]),
    ("smtpd_client_restrictions", ["check_client_access hash:/srv/none"], ["hash:/srv/none", "does not exist"]),
    ("smtpd_helo_restrictions", RESTRICTION, ["did you mean reject_unlisted_recipient"]),
    ("smtpd_sender_restrictions", "permit, reject", ["permit, reject", "not a list"]),
    ("smtpd_recipient_restrictions", RESTRICTION, ["did you mean reject_unlisted_recipient"]),
    ("smtpd_data_restrictions", ["check_policy_service there"], ["there", "inet:host:port"]),
    ("smtpd_end_of_data_restrictions", ["reject_rbl_client"], ["reject_rbl_client needs a DNS list"]),
    ("restriction_classes", {"reject": ["permit"]}, ["reject", "letters"]),
    ("restriction_classes", {"relayhost": ["permit"]}, ["relayhost", "mta_outbound_relayhost"]),
    ("restriction_classes", {"mine": "permit"}, ["mine", "not a list"]),
]
EVERY_TYPE = refused.Wrong(
    {name: OF_ANOTHER_TYPE[option["type"]] for name, option in OPTIONS.items()},
    [name for name, option in OPTIONS.items() if option["type"] != "str" or "choices" in option],
)
CASES = {**refused.of_role(ROLE, WRONG), ("mx12", "every-type"): EVERY_TYPE}


def test_every_variable_has_a_wrong_value() -> None:
    """Besides one of another type, which is all that a switch can have."""
    with_values = {name for name, option in OPTIONS.items() if option["type"] != "bool"}
    layers = {name for name in with_values if name.endswith(("_group", "_host"))}
    assert with_values - layers - {f"{ROLE}_{name}" for name, _value, _told in WRONG} == set()


@pytest.fixture(scope="module")
def attempts(lab: Lab) -> refused.Attempts:
    """From the example site, so that nothing but the wrong values differs."""
    play.run(lab, group={"mta_inbound_restriction_classes": {"friends_only": None}})
    return refused.attempt(lab, CASES, role="What a Postfix server takes from outside")


@pytest.mark.parametrize(("case", "mode"), refused.tries(CASES), ids=refused.name)
def test_wrong_value_is_refused(attempts: refused.Attempts, case: tuple[str, str], mode: str) -> None:
    assert attempts.message(case, mode)


def test_nothing_changed(attempts: refused.Attempts) -> None:
    attempts.require_unchanged()
