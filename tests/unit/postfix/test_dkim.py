# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys for DKIM: which are wanted, what is done for them, what DNS says."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._plan import InstallFile, SetAttributes
from ansible_collections.mailops.mta.plugins.module_utils._postfix import dkim

KEY = dkim.Key("example.com", "mx1", 2048, "/keys")
PRIVATE = "-----BEGIN PRIVATE KEY-----\n"
REFUSED: list[tuple[list[dict[str, t.Any]], str]] = [
    ([{"domain": "", "selector": "a"}], 'domain "" of a DKIM key is not accepted'),
    ([{"domain": "example.com", "selector": "../x"}], 'selector "../x" of a DKIM key is not accepted'),
    ([{"domain": "exam ple.com", "selector": "a"}], 'domain "exam ple.com"'),
    ([{"domain": "example.com", "selector": "a", "bits": 512}], 'bits "512" of the DKIM key a of example.com'),
    ([{"domain": "example.com", "selector": "a"}] * 2, "the DKIM key a._domainkey.example.com is there twice"),
]


def test_wanted_keys() -> None:
    (key,) = dkim.wanted_keys([{"domain": "Example.COM", "selector": "MX1"}], "/keys")
    assert key == KEY
    assert (key.path, key.name) == ("/keys/example.com.mx1.pem", "mx1._domainkey.example.com")


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_wrong_keys_are_refused(options: list[dict[str, t.Any]], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        dkim.wanted_keys(options, "/keys")


def test_a_missing_key_is_installed_as_a_secret() -> None:
    (action,) = dkim.key_actions(KEY, None, PRIVATE, 110)
    assert action == InstallFile(KEY.path, content=PRIVATE.encode(), mode=0o640, owner=0, group=110, secret=True)


@pytest.mark.parametrize(("stat", "actions"), [("640 0 110", 0), ("644 0 110", 1), ("640 0 0", 1), ("640 1 110", 1)])
def test_a_key_that_is_there_keeps_its_text(stat: str, actions: int) -> None:
    found = dkim.key_actions(KEY, dkim.parse_stat(stat), "", 110)
    assert list(found) == [SetAttributes(KEY.path, 0o640, 0, 110, secret=True)] * actions


def test_record() -> None:
    text = dkim.record("-----BEGIN PUBLIC KEY-----\nMIIB\nIjAN\n-----END PUBLIC KEY-----\n")
    assert text == "v=DKIM1; k=rsa; p=MIIBIjAN"
    assert dkim.zone_line("a.b", text) == 'a.b. IN TXT ( "v=DKIM1; k=rsa; p=MIIBIjAN" )'
    assert dkim.zone_line("a.b", "x" * 300).split('"')[1::2] == ["x" * 255, "x" * 45]
