# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where virus definitions come from and how often: mirrors, URLs, times."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.definition_mirrors import definition_mirrors
from ansible_collections.mailops.mta.plugins.filter.signature_files import signature_files
from ansible_collections.mailops.mta.plugins.filter.signature_urls import signature_urls
from ansible_collections.mailops.mta.plugins.filter.time_span import time_span

SPANS = {"5s": 5, "90 s": 90, "30m": 1800, "2h": 7200, " 1d ": 86400, "3w": 1814400, "52w": 31449600}
NO_SPANS = [None, True, "", "2", 7200, "0s", "-1h", "1.5h", "2h30m", "2 hours", "2H", "53w", "5s\n5s", "\u0665s"]
MIRRORS: list[tuple[list[str], list[str], list[str]]] = [
    (["database.clamav.net"], [], ["database.clamav.net"]),
    (["db.us.clamav.net", "database.clamav.net", "db.us.clamav.net"], [], ["db.us.clamav.net", "database.clamav.net"]),
    (["database.clamav.net", "http://mirror.example.com/"], ["http://mirror.example.com"], []),
    (["https://192.0.2.1:8443/a_b/c~d"], ["https://192.0.2.1:8443/a_b/c~d"], []),
    (["http://[2001:db8::1]:80", "http://two.example"], ["http://[2001:db8::1]:80", "http://two.example"], []),
]
NO_MIRRORS: list[tuple[t.Any, str]] = [
    ([], "name one mirror at least"),
    ("database.clamav.net", "name one mirror at least"),
    (["data base"], '"data base" is not accepted'),
    (["-x.example"], '"-x.example" is not accepted'),
    (["ftp://mirror.example"], '"ftp://mirror.example" is not accepted'),
    (["http://mirror.example/a b"], "is not accepted"),
    (["http://mirror.example\nNotifyClamd no"], "is not accepted"),
    (["database.clamav.net\n"], "is not accepted"),
    (["192.0.2.1"], '"192.0.2.1" is not accepted; write a host name, or the URL'),
    (["http://"], '"http://" is not accepted'),
]
NO_URLS: list[tuple[list[t.Any], str]] = [
    (["lists.example.com/own.ndb"], "write https://HOST/PATH/own.ndb"),
    (["https://lists.example.com"], "is not accepted"),
    (["https://lists.example.com/own.ndb?x=y"], "plain file name"),
    (["https://lists.example.com/"], "is not accepted"),
    (["https://lists.example.com/a b.ndb"], "is not accepted"),
    (["https://lists.example.com/own.txt"], "kind of signature that ClamAV knows: cdb"),
    (["https://lists.example.com/daily.cvd"], "one of ClamAV's own databases"),
    (["https://lists.example.com/daily.1.ndb"], "one of ClamAV's own databases"),
    (["https://a.example/own.ndb", "https://b.example/own.ndb"], "there is another file called own.ndb"),
    (["https://a.example/mine.ndb"], "there is another file called mine.ndb"),
    (["file://own.ndb"], "is not accepted"),
]
NO_FILES: list[tuple[t.Any, str]] = [
    ([], "write {own.ndb: text of the signatures}"),
    ({"own": "x"}, '"own" is not accepted; write a plain file name'),
    ({".ndb": "x"}, "plain file name"),
    ({"../own.ndb": "x"}, "plain file name"),
    ({"a b.ndb": "x"}, "plain file name"),
    ({"own.exe": "x"}, '"own.exe" does not end in a kind of signature'),
    ({"own.cvd": "x"}, '"own.cvd" does not end in a kind of signature'),
    ({"main.ndb": "x"}, "ClamAV's own databases"),
    ({"own.ndb": " \n"}, '"own.ndb" holds no signatures'),
    ({"own.ndb": {"src": "x"}}, '"own.ndb" holds no signatures'),
]


def message(refused: t.Callable[[], object]) -> str:
    with pytest.raises(AnsibleFilterError) as caught:
        refused()
    return str(caught.value)


@pytest.mark.parametrize(("text", "seconds"), SPANS.items())
def test_time_span(text: str, seconds: int) -> None:
    assert time_span(text) == seconds


@pytest.mark.parametrize("text", NO_SPANS)
def test_other_times_are_refused(text: object) -> None:
    told = message(lambda: time_span(text, "interval"))
    assert told == f'interval: "{text}" is not accepted; write a number with s, m, h, d or w, from 1s to 52w: 2h'


@pytest.mark.parametrize(("mirrors", "private", "public"), MIRRORS)
def test_mirrors_by_kind(mirrors: list[str], private: list[str], public: list[str]) -> None:
    assert definition_mirrors(mirrors) == {"private": private, "public": public}


@pytest.mark.parametrize(("mirrors", "told"), NO_MIRRORS)
def test_other_mirrors_are_refused(mirrors: object, told: str) -> None:
    assert told in message(lambda: definition_mirrors(mirrors, "mirrors"))


def test_urls_by_file_name() -> None:
    urls = ["https://lists.example.com/a/own.ndb", "file:///srv/x.cud", "ftp://h/y.yara", "ftp://h/y.yara"]
    assert signature_urls(urls) == {"own.ndb": urls[0], "x.cud": urls[1], "y.yara": urls[2]}
    assert signature_urls([]) == {}


@pytest.mark.parametrize(("urls", "told"), NO_URLS)
def test_other_urls_are_refused(urls: list[t.Any], told: str) -> None:
    assert told in message(lambda: signature_urls(urls, ["mine.ndb"], "urls"))


def test_files_that_are_null_are_left_out() -> None:
    assert signature_files({"own.ndb": "x", "old.ndb": None}) == {"own.ndb": "x"}


@pytest.mark.parametrize(("files", "told"), NO_FILES)
def test_other_files_are_refused(files: object, told: str) -> None:
    assert told in message(lambda: signature_files(files, "files"))
