# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of cases for client credentials."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sasl import (
    Credential,
    credential_tables,
    left_over,
    masked_options,
    next_hops,
    parse_credentials,
    passwords_of,
    refuse_near_misses,
    secret_forms,
    shown_changes,
    strings,
    wanted_credentials,
    with_others,
)

HOP = "[mx.example.com]:587"
GOOD = ["a:b", "a#b", "a b", " a", "p\u00e4ss", "$x", "'\"\\", "\u00a0", "x"]


@pytest.mark.parametrize("password", GOOD)
def test_password_comes_back_from_the_source(password: str) -> None:
    wanted = wanted_credentials({HOP: {"username": "u@example.com", "password": password}})
    table, *_others = credential_tables(wanted, True, "hash", "sasl_passwd", "/etc/postfix")
    assert parse_credentials(table.text) == wanted


@pytest.mark.parametrize(
    ("key", "option", "problem"),
    [
        (HOP, {"username": "u:v", "password": "pw"}, "username holds a colon"),
        (HOP, {"username": "", "password": "pw"}, "username is empty"),
        (HOP, {"username": "u", "password": ""}, "password is empty"),
        (HOP, {"username": "u", "password": "secret "}, "password ends with a blank"),
        (HOP, {"username": " u", "password": "secret"}, "username starts .* with a blank"),
        (HOP, {"username": "u", "password": "sec\nret"}, "password holds a line break"),
        (HOP, {"username": "u", "password": "sec\0ret"}, "a NUL"),
        (HOP, {"username": "u", "password": "sec\x07ret"}, "another character that a lookup table cannot hold"),
        (HOP, {"username": "u", "password": "sec\udce9ret"}, "another character that a lookup table cannot hold"),
        (HOP, {"username": "u", "password": 12345}, "password is not a string; put it in quotes"),
        (HOP, {"username": "u", "passwd": "secret"}, "expected username and password"),
        (HOP, {"username": "u"}, "expected username and password"),
        (HOP, "u:secret", "expected username and password, or null"),
        ("a b", {"username": "u", "password": "secret"}, 'credentials for "a b": a key is a next hop'),
        ("#a", {"username": "u", "password": "secret"}, "a key is a next hop"),
        ("", {"username": "u", "password": "secret"}, "a key is a next hop"),
        (HOP.upper(), {"username": "u", "password": "secret"}, "capitals make no difference"),
    ],
)
def test_refused_credentials(key: str, option: object, problem: str) -> None:
    first = {HOP: {"username": "a", "password": "b"}} if key != HOP else {}
    with pytest.raises(ValueError, match=problem) as refusal:
        wanted_credentials({**first, key: option})
    assert "sec" not in str(refusal.value)


def test_null_leaves_a_key_out() -> None:
    assert wanted_credentials({HOP: None}) == {}


@pytest.mark.parametrize(
    ("parameters", "hops"),
    [
        ({}, ()),
        ({"relayhost": HOP}, (HOP,)),
        ({"relayhost": "a, [b]:25", "smtp_fallback_relay": "c d"}, ("a", "[b]:25", "c", "d")),
        ({"default_transport": "smtp", "relay_transport": "relay:[e]:25"}, ("[e]:25",)),
    ],
)
def test_next_hops(parameters: dict[str, str], hops: tuple[str, ...]) -> None:
    assert next_hops(parameters, [*hops[:1], "extra"]) == (*hops, "extra")


NEVER = "would never be used"
ANY_PORT = "would be sent to every port of that host"


# Measured with smtp(8) of both releases: of the first four keys, the third and the fourth alone were sent.
@pytest.mark.parametrize(
    ("key", "hop", "effect"),
    [
        ("mx.example.com:587", HOP, NEVER),
        ("[mx.example.com]", HOP, NEVER),
        ("mx.example.com", HOP, ANY_PORT),
        ("MX.example.com", HOP, ANY_PORT),
        ("[mx.example.com]:25", HOP, NEVER),
        ("[mx.example.com]:submission", HOP, NEVER),
        ("[example.com]", "example.com", NEVER),
        ("example.com", "example.com:25", NEVER),
        ("example.com:25", "example.com", NEVER),
        ("[2001:db8::1]", "[2001:db8::1]:587", NEVER),
    ],
)
def test_near_miss(key: str, hop: str, effect: str) -> None:
    with pytest.raises(ValueError, match="write the key exactly so") as refusal:
        refuse_near_misses([key], [hop])
    assert str(refusal.value) == (
        f'credentials for "{key}" {effect}: the next hop is "{hop}"; write the key exactly so'
    )


@pytest.mark.parametrize(
    ("key", "hops"),
    [
        (HOP, [HOP]),
        (HOP.upper(), [HOP]),
        ("[mx.example.com]:25", [HOP, "[mx.example.com]:25"]),
        ("other.example.com", [HOP]),
        ("user@mx.example.com", [HOP]),
        ("@mx.example.com", [HOP]),
        (HOP, []),
    ],
)
def test_key_that_may_be_used(key: str, hops: list[str]) -> None:
    refuse_near_misses([key], hops)


def test_tables() -> None:
    wanted = {HOP: Credential("u", "secret")}
    table, *stale = credential_tables(wanted, True, "lmdb", "sasl_passwd", "/etc/postfix")
    assert (table.name, table.text) == ("lmdb:/etc/postfix/sasl_passwd", f"{HOP}\tu:secret\n".encode())
    assert (table.mode, table.owner, table.group, table.secret) == (0o600, "root", "root", True)
    assert [item.compiled_path for item in stale] == ["/etc/postfix/sasl_passwd.db", "/etc/postfix/sasl_passwd.cdb"]
    assert all(item.keeps_source and item.secret and not item.present for item in stale)


def test_removed_table_has_no_text() -> None:
    table, *stale = credential_tables({HOP: Credential("u", "secret")}, False, "hash", "sasl_passwd", "/etc/postfix")
    assert (table.present, table.text) == (False, b"")
    assert [item.compiled_path for item in stale] == ["/etc/postfix/sasl_passwd.lmdb", "/etc/postfix/sasl_passwd.cdb"]


OLD = {"a": Credential("u", "old-1"), "b": Credential("u", "same"), "c": Credential("u", "old-2")}


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        ({**OLD, "a": Credential("u", "new")}, ("a u ********\n", "a u ******** (password changed)\n")),
        ({**OLD, "a": Credential("v", "old-1")}, ("a u ********\n", "a v ********\n")),
        ({**OLD, "d": Credential("w", "new")}, ("", "d w ********\n")),
        ({"b": OLD["b"]}, ("a u ********\nc u ********\n", "")),
        (OLD, ("(comments or another order)\n", "(the wanted text)\n")),
    ],
)
def test_diff_shows_no_password(after: dict[str, Credential], lines: tuple[str, str]) -> None:
    assert shown_changes(OLD, after) == lines


@pytest.mark.parametrize(
    ("option", "printed", "secrets"),
    [
        ({"username": "user", "password": "secret"}, {"username": "user", "password": "********"}, {"secret"}),
        ({"user": "name", "pass": "secret"}, {"username": "********", "password": "********"}, {"name", "secret"}),
        ("user:secret", {"username": "********", "password": "********"}, {"user:secret"}),
        (
            {"username": ["x"], "password": ["secret"]},
            {"username": "********", "password": "********"},
            {"x", "secret"},
        ),
        (None, {"username": "********", "password": "********"}, set()),
    ],
)
def test_option_that_nobody_has_checked(option: object, printed: object, secrets: set[str]) -> None:
    assert masked_options({HOP: option}) == {HOP: printed}
    assert passwords_of({HOP: option}) == secrets
    assert set(strings({HOP: option})) >= secrets


@pytest.mark.parametrize(
    ("password", "forms"),
    [
        ("secret", {"secret"}),
        ('se"cret', {'se"cret', 'se\\"cret'}),
        ("se'cret", {"se'cret", "se'\"'\"'cret"}),
        ("s\u00e9cret", {"s\u00e9cret", "s\\u00e9cret"}),
        ("x", set()),
    ],
)
def test_forms_of_a_password(password: str, forms: set[str]) -> None:
    assert secret_forms([password]) == forms


def test_password_is_not_in_the_text_of_a_credential() -> None:
    assert "secret" not in repr(Credential("u", "secret"))


A, B, NEW_A = Credential("u", "a"), Credential("u", "b"), Credential("u", "new")


@pytest.mark.parametrize(
    ("wanted", "present", "left", "table"),
    [
        ({"a": A}, {"a": A}, [], {"a": A}),
        ({"a": NEW_A}, {"b": B, "a": A}, ["b"], {"b": B, "a": NEW_A}),
        ({"c": A}, {"b": B, "a": A}, ["b", "a"], {"b": B, "a": A, "c": A}),
        ({"A": NEW_A}, {"a": A, "b": B}, ["b"], {"b": B, "A": NEW_A}),
        ({}, {"a": A}, ["a"], {"a": A}),
    ],
)
def test_credentials_that_stay_for_a_while(
    wanted: dict[str, Credential], present: dict[str, Credential], left: list[str], table: dict[str, Credential]
) -> None:
    assert left_over(wanted, present) == left
    # Their order stays too, so that nothing is written again.
    assert list(with_others(wanted, present).items()) == list(table.items())
