# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Amavis and SpamAssassin are told: settings, scores, rules and patterns of names."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.mta.plugins.filter.amavis_settings import amavis_settings
from ansible_collections.mailops.mta.plugins.filter.banned_names import banned_names
from ansible_collections.mailops.mta.plugins.filter.dkim_keys import dkim_keys
from ansible_collections.mailops.mta.plugins.filter.spam_score import spam_score
from ansible_collections.mailops.mta.plugins.filter.spamassassin_settings import spamassassin_settings

ROLE = pathlib.Path(__file__).resolve().parents[3] / "roles" / "antivirus_antispam"
VARIABLES = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())

AMAVIS: list[tuple[str, t.Any, str]] = [
    ("$log_level", 2, "$log_level = 2;"),
    ("$sa_kill_level_deflt", 6.6, "$sa_kill_level_deflt = 6.6;"),
    ("$enable_dkim_signing", True, "$enable_dkim_signing = 1;"),
    ("$spam_quarantine_to", None, "$spam_quarantine_to = undef;"),
    ("$mailfrom_notify_admin", "", "$mailfrom_notify_admin = '';"),
    ("$myhostname", "mx'1\\", r"$myhostname = 'mx\'1\\';"),
    ("$sa_spam_subject_tag", "@{[`id`]} $x ", "$sa_spam_subject_tag = '@{[`id`]} $x ';"),
    ("$final_spam_destiny", "D_PASS", "$final_spam_destiny = D_PASS;"),
    ("$max_servers", "4", "$max_servers = 4;"),
    ("$sa_kill_level_deflt", "15.0", "$sa_kill_level_deflt = 15.0;"),
    ("$sa_tag_level_deflt", "-999", "$sa_tag_level_deflt = -999;"),
    ("$myversion", "1.10", "$myversion = '1.10';"),
    ("$mycode", "007", "$mycode = '007';"),
    ("$inet_socket_port", [10024, 10026], "$inet_socket_port = [10024, 10026];"),
    ("@mynetworks", ["127.0.0.0/8", "[::1]/128"], "@mynetworks = ('127.0.0.0/8', '[::1]/128');"),
    ("@banned_admin_maps", [], "@banned_admin_maps = ();"),
    ("$policy_bank{'A'}", {"local": True, "maps": [False]}, "$policy_bank{'A'} = {local => 1, maps => [0]};"),
    ("@opts", [{".": {"c": "relaxed/relaxed"}}], "@opts = ({'.' => {c => 'relaxed/relaxed'}});"),
    ("$banned_filename_re", [r".\.(?:exe)$"], r"$banned_filename_re = new_RE(qr'.\.(?:exe)$'i);"),
    ("$banned_filename_re", [], "$banned_filename_re = new_RE();"),
]  # fmt: skip
AMAVIS_REFUSED: list[tuple[t.Any, str]] = [
    ({"log_level": 2}, 'x: "log_level" is not a variable of Amavis; write a sign'),
    ({"$a; system('id'); $b": 2}, "is not a variable of Amavis"),
    ({"@mynetworks": "127.0.0.0/8"}, 'x: "127.0.0.0/8" is no value for @mynetworks'),
    ({"$a_re": ["a'; system('id'); '"]}, "is no value for $a_re"),
    ({"$a_re": ["(?{ system('id') })"]}, "is no value for $a_re"),
    ({"$a_re": ["("]}, "is no value for $a_re"),
    ({"$a": {1, 2}}, "is no value for $a"),
    ([], "is not a mapping"),
]
SCORES: list[tuple[t.Any, float]] = [
    ("33%", 6.6), ("75 %", 15.0), ("100%", 20.0), (6.6, 6.6), ("6.6", 6.6), (5, 5.0), (-2, -2.0), ("medium", 6.6),
]  # fmt: skip
RULES: list[tuple[dict[str, t.Any], list[str]]] = [
    ({"name": "A", "body": "/x/"}, ["body A /x/"]),
    ({"name": "A_1", "header": "Subject =~ /x/i", "score": 2.5, "describe": "An x"},
     ["header A_1 Subject =~ /x/i", "describe A_1 An x", "score A_1 2.5"]),
    ({"name": "__A", "meta": "B && !C", "score": -1}, ["meta __A B && !C", "score __A -1"]),
]  # fmt: skip
RULES_REFUSED: list[tuple[t.Any, str]] = [
    ({"name": "A"}, "is not a rule; write {name: NAME"),
    ({"name": "A", "body": "/x/", "uri": "/y/"}, "is not a rule"),
    ({"name": "A", "boddy": "/x/"}, "is not a rule"),
    ({"name": "a b", "body": "/x/"}, '"a b" is not the name of a rule'),
    ({"name": "A", "body": "/x/\nscore B 9"}, "is not one line of text"),
    ({"name": "A", "body": ""}, "is not one line of text"),
    ({"name": "A", "body": "/x/", "score": "high"}, '"high" is not a score for A'),
    ({"name": "A", "body": "/x/", "score": True}, '"True" is not a score for A'),
    ("body A /x/", "is not a rule"),
]


KEY = {"domain": "Example.com", "selector": "MX1"}
KEYS_REFUSED: list[tuple[t.Any, str]] = [
    (KEY, "is not a list of keys"),
    (["example.com"], 'x: "example.com" is not accepted; write {domain: example.com, selector: mx1}'),
    ([{"domain": "example.com"}], "is not accepted; write {domain"),
    ([{**KEY, "file": "/x"}], "is not accepted; write {domain"),
    ([{**KEY, "bits": 512}], 'x: bits "512" of the DKIM key mx1 of example.com'),
    ([KEY, {**KEY, "domain": "example.com"}], "x: the DKIM key mx1._domainkey.example.com is there twice"),
]


@pytest.mark.parametrize(("name", "value", "line"), AMAVIS)
def test_amavis_settings(name: str, value: t.Any, line: str) -> None:
    assert amavis_settings({name: value}) == [line]


@pytest.mark.parametrize(("settings", "message"), AMAVIS_REFUSED)
def test_wrong_amavis_settings_are_refused(settings: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(message)):
        amavis_settings(settings, "x")


@pytest.mark.parametrize(("value", "score"), SCORES)
def test_spam_score(value: t.Any, score: float) -> None:
    assert spam_score(value, {"medium": "33%"}) == score


@pytest.mark.parametrize("value", ["few", "-5%", True, None, [], "1e3", ""])
def test_wrong_scores_are_refused(value: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r'x: ".*" is not accepted; .* or one of low, high'):
        spam_score(value, {"low": 1, "high": 2}, "x")


@pytest.mark.parametrize(
    ("levels", "part", "scores"),
    [
        ("documented", "tag", [4.0, 6.6, 10.0]),
        ("documented", "kill", [13.2, 15.0, 18.0]),
        ("carbonio_ui", "tag", [6.6, 4.0, 3.2]),
        ("carbonio_ui", "kill", [18.0, 15.0, 13.2]),
    ],
)
def test_levels(levels: str, part: str, scores: list[float]) -> None:
    words = VARIABLES["_antivirus_antispam_levels"][levels][part]
    assert [spam_score(word, words) for word in ("low", "medium", "high")] == scores


@pytest.mark.parametrize(("rule", "lines"), RULES)
def test_rules(rule: dict[str, t.Any], lines: list[str]) -> None:
    assert spamassassin_settings({}, rules=[rule]) == lines


@pytest.mark.parametrize(("rule", "message"), RULES_REFUSED)
def test_wrong_rules_are_refused(rule: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(message)):
        spamassassin_settings({}, rules=[rule])


def test_settings_and_scores() -> None:
    settings = {"use_bayes": False, "trusted_networks": ["10.0.0.0/8", "!10.0.0.66"], "left_out": None}
    assert spamassassin_settings(settings, scores={"MISSING_DATE": 0, "MISSING_FROM": None}) == [
        "use_bayes 0",
        "trusted_networks 10.0.0.0/8 !10.0.0.66",
        "score MISSING_DATE 0",
    ]


def test_banned_names() -> None:
    types = VARIABLES["_antivirus_antispam_types"]
    assert banned_names([]) == []
    assert banned_names([".VBS", "vbs"], types) == [r".\.(?:vbs)[\s.]*$"]
    assert banned_names(["exe", "c++"], types) == [r".\.(?:c\+\+|exe)[\s.]*$", r"^\.(?:dll|exe\-ms)$"]
    with pytest.raises(AnsibleFilterError, match='x: "a b" is not an extension'):
        banned_names(["a b"], variable="x")


@pytest.mark.parametrize("name", ["a.exe", "a.b.exe", "a.exe.", "a.exe ", "a.EXE"])
def test_banned_names_match(name: str) -> None:
    (pattern,) = banned_names(["exe"])
    assert re.search(pattern, name, re.IGNORECASE)
    assert not re.search(pattern, f"{name}.txt", re.IGNORECASE)
    # Amavis's short types have a dot and nothing before it.
    assert not re.search(pattern, ".exe", re.IGNORECASE)


def test_dkim_keys() -> None:
    assert dkim_keys([KEY]) == [{"domain": "example.com", "selector": "mx1", "bits": 2048}]


@pytest.mark.parametrize(("keys", "message"), KEYS_REFUSED)
def test_wrong_keys_are_refused(keys: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(message)):
        dkim_keys(keys, "x")
