# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of the SASL server, their hashes, and what is written of Dovecot's two files."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._plan import (
    InstallFile,
    MakeDirectory,
    RemoveFile,
    SetAttributes,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sasl_server import (
    CONFIGURATION,
    START_ORDER,
    USERS,
    Dovecot,
    Listener,
    StoredText,
    configuration_text,
    plan_absent,
    plan_present,
    refuse_foreign,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sasl_user import (
    User,
    hashes,
    masked_users,
    parse_hashes,
    rendered,
    shown_users,
    wanted_users,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.sha512_crypt import same_password, sha512_crypt

# password, salt, rounds -> what crypt(3) answers; rounds 5000 are not named.
CRYPT: list[tuple[str, str, int, str]] = [
    (
        "a",
        "abcdEFGH",
        5000,
        "$6$abcdEFGH$aLHVc.SFwBLvfIkARuH795aBEMvYyWcYzblD9E41qNDqGeHon1Q7IZeMHoDus31JdIIoy3dLvGQvnKtkCTYFk/",
    ),
    (
        "x" * 70,
        "abcdEFGH",
        5000,
        "$6$abcdEFGH$N/JiaOTe3/g6vO8LiebGqgcd5yUC4OaGEyumm79gOi1Q7Zw0T1WVdZhudbK7uX4OvuoAXjzPXIN4WhsP./vc4.",
    ),
    (
        "päss: #'\"$",
        "./0123456789ABCD",
        5000,
        "$6$./0123456789ABCD$W9Q5bjvCnN6GfhX2Rfb3lGCCWOqpvVFUsDYjduWG52Um8hZz9nG2q1k62MqXZxACbDWtQ//0az2yAhCgbnfCN1",
    ),
    (
        "y" * 64,
        "s",
        5000,
        "$6$s$SUR4yoBfkqhFY20SYE4yUkOlCYqhrpMbHZWNjGWRr51ZdJ9KTr/elOFbSkuS/PqtxIIk7nNbDmg7VMvrol3Hs0",
    ),
    (
        "z" * 130,
        "abcdefghijklmnop",
        5000,
        "$6$abcdefghijklmnop$9dB8JcJKhKulsTD8XRdDs5vGFj/0ryOvoUoEYgrHZMmMduJVO998MVRaBBJjlvBf59iuHMfn4dVcAeBra7Sn8/",
    ),
    (
        "rounds",
        "abcdEFGH",
        1000,
        "$6$rounds=1000$abcdEFGH$mma6fbFbFoDPIeKmLokRo7OjyTLeqSTqDfdt/8blQ/cMOVspHWEdV9zHk2R5vwX/VjiaVh1o9ALOopmyuhwRF1",
    ),
    (
        "rounds",
        "abcdEFGH",
        20001,
        "$6$rounds=20001$abcdEFGH$XXpmRvaUM/FJMkI2G163OW/VV725voXb169FEm.gxLWr2.v8/XwEQ.So/IJbPA8VvCYBJvpwtewlGS2zKJaeV1",
    ),
]


@pytest.mark.parametrize(("password", "salt", "rounds", "stored"), CRYPT)
def test_hash_is_the_one_of_crypt(password: str, salt: str, rounds: int, stored: str) -> None:
    assert sha512_crypt(password, salt, rounds) == stored
    assert same_password(password, stored)
    assert not same_password(password + "x", stored)


def test_what_is_no_hash_is_nobodys_password() -> None:
    assert not same_password("", "")
    assert not same_password("secret", "$6$salt$")
    assert not same_password("secret", "$5$" + CRYPT[0][3][3:])


ACCEPTED: list[tuple[dict[str, t.Any], dict[str, User]]] = [
    ({}, {}),
    ({"ann": {"password": "x"}}, {"ann": User(password="x")}),
    ({"ann@example.test": {"password": "a: b#'\"$ü"}}, {"ann@example.test": User(password="a: b#'\"$ü")}),
    ({"ann": {"password_hash": "$6$salt$abcdefgh"}}, {"ann": User(hashed="{CRYPT}$6$salt$abcdefgh")}),
    ({"ann": {"password_hash": "{argon2id}$argon2id$v=19$"}}, {"ann": User(hashed="{argon2id}$argon2id$v=19$")}),
    ({"ann": None, "bob": {"password": "x"}}, {"bob": User(password="x")}),
]


@pytest.mark.parametrize(("options", "users"), ACCEPTED)
def test_accepted(options: dict[str, t.Any], users: dict[str, User]) -> None:
    assert wanted_users(options) == users


REFUSED: list[tuple[object, object, str]] = [
    ("Ann", {"password": "x-secret-x"}, "small letters"),
    ("ann:bob", {"password": "x-secret-x"}, "small letters"),
    ("ann bob", {"password": "x-secret-x"}, "small letters"),
    ("", {"password": "x-secret-x"}, "small letters"),
    ("#ann", {"password": "x-secret-x"}, "small letters"),
    (7, {"password": 7}, "not a string"),
    ("ann", "x-secret-x", "expected password or password_hash"),
    ("ann", {}, "expected password or password_hash"),
    ("ann", {"password": "x-secret-x", "password_hash": "x-secret-x"}, "expected password or password_hash"),
    ("ann", {"passwd": "x-secret-x"}, "expected password or password_hash"),
    ("ann", {"password": ""}, "empty"),
    ("ann", {"password": "x-secret-x\n"}, "line break"),
    ("ann", {"password_hash": "x-secret-x"}, "begins with its scheme"),
    ("ann", {"password_hash": "$6$x-secret-x:0"}, "begins with its scheme"),
    ("ann", {"password_hash": "{PLAIN}x-secret-x"}, "scheme of password_hash"),
    ("ann", {"password_hash": "{CRAM-MD5}x-secret-x"}, "scheme of password_hash"),
]


@pytest.mark.parametrize(("name", "option", "told"), REFUSED)
def test_refused_without_its_secret(name: str, option: object, told: str) -> None:
    with pytest.raises(ValueError, match=told) as error:
        wanted_users({name: option})
    assert f'user "{name}"' in str(error.value)
    assert "x-secret-x" not in str(error.value)


def test_all_wrong_users_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r'user "A".*; user "B"'):
        wanted_users({"A": {"password": "x"}, "B": {"password": "x"}})


def test_hash_of_an_equal_password_stays_and_that_of_another_goes() -> None:
    users = {"bob": User(password="b"), "ann": User(password="a"), "eve": User(hashed="{CRYPT}$6$x")}
    salts = iter(["one", "two", "three"])
    first = hashes(users, {}, lambda: next(salts))
    assert list(first) == ["ann", "bob", "eve"]
    assert hashes(users, first, lambda: next(salts)) == first
    other = hashes({**users, "ann": User(password="new")}, first, lambda: next(salts))
    assert {name for name in first if other[name] != first[name]} == {"ann"}
    assert parse_hashes(rendered(first)) == first


def test_nothing_that_is_shown_holds_a_hash() -> None:
    before, after = {"ann": "{CRYPT}old", "bob": "{CRYPT}bob"}, {"ann": "{CRYPT}new", "eve": "{CRYPT}eve"}
    shown = shown_users(before, after)
    assert shown == ("user ann ********\nuser bob ********\n", "user ann ******** (changed)\nuser eve ********\n")
    assert masked_users({"ann": {"password": "x"}, "bob": None}) == {"ann": "********", "bob": None}
    assert "secret" not in repr(User("secret", "secret"))


LISTENER = Listener("/var/spool/postfix/private/auth", "postfix")


@pytest.mark.parametrize(
    ("version", "own", "foreign"),
    [
        (
            (2, 3),
            ["disable_plaintext_auth = no", "driver = passwd-file", f"username_format=%Lu {USERS}"],
            "dovecot_config",
        ),
        ((2, 4), ["auth_allow_cleartext = yes", f"passwd_file_path = {USERS}", "dovecot_config_version"], "driver ="),
        ((3, 0), ["auth_allow_cleartext = yes"], "disable_plaintext_auth"),
    ],
)
def test_configuration_speaks_the_language_of_the_version(
    version: tuple[int, int], own: list[str], foreign: str
) -> None:
    text = configuration_text(version, ["plain"], LISTENER)
    assert all(
        line in text for line in ["auth_mechanisms = plain\n", "unix_listener /var/spool/postfix/private/auth", *own]
    )
    assert foreign not in text


TEXT = configuration_text((2, 3), ["plain", "login"], LISTENER)
NEW = Dovecot((2, 3), group=7)


def stored(text: str, mode: int = 0o644, group: int = 0, mtime_ns: int = 5) -> StoredText:
    return StoredText(text, mode, 0, group, mtime_ns)


def present(found: Dovecot, users: str = "ann:x\n") -> t.Any:
    return plan_present(found, TEXT, users, ({}, {}))


def test_new_files_are_secret_and_dovecots() -> None:
    configuration, users = present(NEW).actions
    assert configuration == InstallFile(CONFIGURATION, TEXT.encode(), mode=0o644, secret=True)
    assert users == InstallFile(USERS, b"ann:x\n", mode=0o640, owner=0, group=7, secret=True)


@pytest.mark.parametrize(
    ("text", "started_ns", "restart", "changed"),
    [(TEXT, 6, False, False), (TEXT, 4, True, False), (TEXT, None, True, False), ("protocols = x\n", 6, True, True)],
)
def test_dovecot_is_restarted_for_a_configuration_it_has_not_read(
    text: str, started_ns: int | None, restart: bool, changed: bool
) -> None:
    users = stored("ann:x\n", 0o640, 7)
    plan = present(Dovecot((2, 3), "", stored(text), users, 7, started_ns))
    assert (plan.facts["restart"], plan.changed) == (restart, changed)


@pytest.mark.parametrize(
    ("users", "action"),
    [
        (stored("ann:x\n", 0o640, 7), None),
        (stored("ann:x\n", 0o644, 7), SetAttributes(USERS, 0o640, 0, 7, secret=True)),
        (stored("ann:x\n", 0o640, 8), SetAttributes(USERS, 0o640, 0, 7, secret=True)),
        (stored("bob:x\n", 0o640, 7), InstallFile(USERS, b"ann:x\n", mode=0o640, owner=0, group=7, secret=True)),
    ],
)
def test_users_file(users: StoredText, action: object) -> None:
    plan = present(Dovecot((2, 3), "", stored(TEXT), users, 7, 6))
    assert plan.actions == ((action,) if action else ())
    assert (plan.before != plan.after) == bool(action)
    assert not plan.facts["restart"]


def test_dovecot_that_serves_mailboxes_is_left_alone() -> None:
    with pytest.raises(ValueError, match="serves imap lmtp"):
        refuse_foreign(Dovecot((2, 3), "imap lmtp", stored("protocols = imap lmtp\n")))
    refuse_foreign(Dovecot((2, 3), "imap", stored(TEXT)))
    refuse_foreign(Dovecot((2, 3), "", stored("anything\n")))


def test_absent_removes_the_users_and_tells_whose_dovecot_it_is() -> None:
    plan = plan_absent(Dovecot((2, 3), "", stored(TEXT), stored("ann:x\n")), {"ann": "x"})
    assert (plan.actions, plan.facts["ours"]) == ((RemoveFile(USERS, secret=True),), True)
    assert (plan.before, plan.after) == ("user ann ********\n", "")
    plan = plan_absent(Dovecot((2, 3), "imap", stored("protocols = imap\n")), {})
    assert (plan.actions, plan.facts["ours"]) == ((), False)


def test_postfix_starts_after_dovecot() -> None:
    settled = Dovecot((2, 3), "", stored(TEXT), stored("ann:x\n", 0o640, 7), 7, 6, start_order={})
    plan = present(settled)
    assert [type(action) for action in plan.actions] == [MakeDirectory, InstallFile] * 2
    texts = {action.path: action.content.decode() for action in plan.actions if isinstance(action, InstallFile)}
    assert tuple(texts) == START_ORDER
    assert all("[Unit]\nAfter=dovecot.service\n" in text for text in texts.values())
    assert (plan.facts["units"], plan.facts["restart"], plan.before != plan.after) == (True, False, True)
    again = present(replace(settled, start_order=texts))
    assert (again.actions, again.facts["units"]) == ((), False)
    removed = plan_absent(replace(settled, users=None, start_order=texts), {})
    assert removed.actions == tuple(RemoveFile(path, foreign=True) for path in START_ORDER)
    assert (removed.facts["units"], removed.before != removed.after) == (True, True)
