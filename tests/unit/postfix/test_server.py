# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What instance_info reads and judges: addresses, certificates, signatures, units, parts, problems."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix import certificate, server, signature
from ansible_collections.mailops.mta.plugins.module_utils._postfix.address import (
    Address,
    content_filters,
    milters,
    sasl_server,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.master_service import Service
from ansible_collections.mailops.mta.plugins.module_utils._postfix.queue_listing import Total
from ansible_collections.mailops.mta.plugins.module_utils._postfix.server_part import (
    AMAVIS,
    CLAMD,
    DOVECOT,
    FRESHCLAM,
    OPENDKIM,
    UPDATES,
    Amavis,
    Answer,
    Facts,
    Part,
    Unit,
    parse_amavis,
    parse_units,
    parse_versions,
    parts,
)
from ansible_collections.mailops.mta.plugins.module_utils._postfix.server_problem import Limits, Seen, problems
from ansible_collections.mailops.mta.plugins.module_utils._postfix.server_result import starttls_problems

NOW = 1_795_000_000
DAY = 86400
SERVICES = {
    "smtp-amavis/unix": Service("smtp-amavis", "unix", command="lmtp"),
    "scan/unix": Service("scan", "unix", command="pipe user=scan argv=/usr/bin/scan"),
    "10026/inet": Service("10026", "inet", command="smtpd"),
}
RUNS = Unit(installed=True, enabled=True, running=True)
BANNER = Answer("220 [127.0.0.1] ESMTP amavis service ready")


@pytest.mark.parametrize(
    ("settings", "overrides", "expected"),
    [
        ({}, {}, []),
        ({"content_filter": "smtp-amavis:[127.0.0.1]:10024"}, {}, ["127.0.0.1:10024"]),
        ({"content_filter": "smtp-amavis:[::1]"}, {}, ["[::1]:24"]),
        ({"content_filter": "smtp:filter.example.com"}, {}, ["filter.example.com:25"]),
        ({"content_filter": "lmtp:unix:/run/filter.sock"}, {}, ["/run/filter.sock"]),
        # pipe(8) runs a program: there is nobody to talk to.
        ({"content_filter": "scan:dummy"}, {}, []),
        ({"smtpd_proxy_filter": "127.0.0.1:10024"}, {}, ["127.0.0.1:10024"]),
        ({"smtpd_proxy_filter": "inet:scan.example.com:10025"}, {}, ["scan.example.com:10025"]),
        ({}, {"10026/inet": {"content_filter": "smtp-amavis:[127.0.0.1]:10026"}}, ["127.0.0.1:10026"]),
        (
            {"smtpd_client_restrictions": "check_client_access static:{FILTER smtp-amavis:[::1]:10024}"},
            {},
            ["[::1]:10024"],
        ),
    ],
)
def test_content_filters(settings: dict[str, str], overrides: dict[str, dict[str, str]], expected: list[str]) -> None:
    assert [str(address) for address in content_filters(settings, overrides, SERVICES)] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("inet:127.0.0.1:8891", ["127.0.0.1:8891"]),
        ("inet:[::1]:8891, unix:/run/opendkim.sock", ["/run/opendkim.sock", "[::1]:8891"]),
        ("{ inet:localhost:12345, connect_timeout=10s }", ["localhost:12345"]),
        ("inet:8891@localhost", ["localhost:8891"]),
        ("local:/run/a", ["/run/a"]),
        ("{ inet:broken", []),
    ],
)
def test_milters(value: str, expected: list[str]) -> None:
    assert sorted(str(address) for address in milters({"smtpd_milters": value}, {})) == expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("dovecot", "private/auth", "/var/spool/postfix/private/auth"),
        ("dovecot", "inet:127.0.0.1:12345", "127.0.0.1:12345"),
        ("dovecot", "unix:/run/dovecot/auth", "/run/dovecot/auth"),
        ("cyrus", "smtpd", "None"),
    ],
)
def test_sasl_server(kind: str, path: str, expected: str) -> None:
    settings = {"smtpd_sasl_type": kind, "smtpd_sasl_path": path, "queue_directory": "/var/spool/postfix"}
    assert str(sasl_server(settings)) == expected


OPENSSL = """subject=CN=mx.example.com,O=a\\=b
issuer=CN=Some CA
notBefore=2026-11-21 10:59:17Z
notAfter=2026-12-01 10:59:17Z
X509v3 Subject Alternative Name:{blank}
    DNS:mx.example.com, DNS:*.example.net
""".format(blank=" ")


def test_certificate() -> None:
    read = certificate.parse_certificate("/c.pem", OPENSSL)
    assert (read.subject, read.issuer, read.names) == (
        "CN=mx.example.com,O=a\\=b", "CN=Some CA", ("mx.example.com", "*.example.net"),
    )  # fmt: skip
    assert not read.self_signed
    assert read.not_after - read.not_before == 10 * DAY
    assert [read.days_left(read.not_after - seconds) for seconds in (2 * DAY + 5, 5, 0, -5)] == [2, 0, 0, -1]
    with pytest.raises(ValueError, match="Invalid isoformat"):
        certificate.parse_certificate("/c.pem", "")


@pytest.mark.parametrize(
    ("settings", "overrides", "expected"),
    [
        ({}, {}, ()),
        ({"smtpd_tls_cert_file": "/a", "smtpd_tls_eccert_file": "/b"}, {}, ("/a", "/b")),
        ({"smtpd_tls_cert_file": "none"}, {}, ()),
        ({"smtpd_tls_cert_file": "/a", "smtpd_tls_chain_files": "/k, /c"}, {}, ("/k", "/c")),
        ({"smtpd_tls_cert_file": "/a"}, {"465/inet": {"smtpd_tls_cert_file": "/b"}}, ("/a", "/b")),
        ({"smtpd_tls_cert_file": "/a"}, {"465/inet": {"smtpd_tls_security_level": "none"}}, ("/a",)),
    ],
)
def test_certificate_files(
    settings: dict[str, str], overrides: dict[str, dict[str, str]], expected: tuple[str, ...]
) -> None:
    assert certificate.certificate_files(settings, overrides) == expected


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("mx.example.com", "MX.example.com", True),
        ("*.example.com", "mx.example.com", True),
        ("*.example.com", "a.mx.example.com", False),
        ("*.example.com", "example.com", False),
        ("*.", "mx", False),
    ],
)
def test_covers(name: str, host: str, expected: bool) -> None:
    assert certificate.covers(name, host) == expected


HEAD = "ClamAV-VDB:21 Nov 2026 07-21 +0100:27800:2077045:90:md5:signature:builder:1795245660   "


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (HEAD, (27800, 1795242060, 2077045)),
        (HEAD.replace("Nov", "Xyz"), (27800, 0, 2077045)),
        ("ClamAV-VDB:", (0, 0, 0)),
        ("Lab.Test:0:*:6d61696c", (0, 0, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_signatures(head: str, expected: tuple[int, int, int]) -> None:
    read = signature.parse_head("daily.cvd", head, NOW)
    assert (read.number, read.built, read.count) == expected


def test_newest_are_the_official_ones() -> None:
    found = [signature.parse_head(name, HEAD, NOW) for name in ("daily.cld", "local.cud")]
    assert [signature.newest(found[:1]), signature.newest(found[1:]), signature.newest([])] == [1795242060, 0, 0]


SHOWN = """Id=amavis.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
ActiveEnterTimestamp=@1795258920

Id=opendkim.service
LoadState=not-found
ActiveState=inactive
UnitFileState=
ActiveEnterTimestamp=
"""


def test_programs() -> None:
    assert parse_units(SHOWN) == {AMAVIS: Unit(True, True, True, 1795258920), OPENDKIM: Unit()}
    assert parse_versions("postfix 3.7.11 installed\nopendkim  not-installed\n") == {"postfix": "3.7.11"}
    assert parse_amavis("bypass_spam=0\nbypass_virus=1\nverify=1\nsign=0\nkeys=2\n", "") == Amavis(True, False, True, 0)
    assert parse_amavis("", "Error in x\nmore").problem == "Error in x"


def facts(**changes: object) -> Facts:
    """A server whose mail passes Amavis and clamd, and that lets users log in."""
    units = dict.fromkeys((AMAVIS, CLAMD, FRESHCLAM, DOVECOT), RUNS)
    well = Facts(
        units=units, versions={}, logins=True, sasl=Answer("PLAIN"), amavis=Amavis(True, True, True, 1),
        clamd=Answer("ClamAV 1.4.3"), filters={Address("127.0.0.1", "10024", name="smtp-amavis"): BANNER},
    )  # fmt: skip
    return replace(well, **changes)


def seen(own: Facts, **changes: object) -> Seen:
    """The server with nothing wrong."""
    built = signature.Signatures("daily.cvd", 1, NOW - DAY, 1, 0)
    well = Seen(
        now=NOW, postfix=Part(True, True, True, True, True), parts=parts(own), facts=own, hostname="mx.example.com",
        signatures=[built], free=10**9, message_size_limit=10**6,
    )  # fmt: skip
    return replace(well, **changes)


DEAD = Answer(problem="cannot be reached: Connection refused")
DOWN = {**facts().units, AMAVIS: Unit(True, True, False)}
ALONE = {**facts().units, FRESHCLAM: Unit()}
LOCAL = signature.Signatures("local.ndb", 0, 0, 0, NOW)
CERTIFICATE = certificate.Certificate("/c.pem", "CN=a", "CN=b", ("mx.example.com",), NOW - DAY, NOW + 90 * DAY)
MILTER = {Address("127.0.0.1", "8891"): DEAD}


def certified(**changes: object) -> dict[str, object]:
    """What is seen of a server with one certificate."""
    return {"certificates": [replace(CERTIFICATE, **changes)]}


@pytest.mark.parametrize(
    ("own", "changes", "expected"),
    [
        (facts(), {}, []),
        # Postfix
        (facts(), {"qmgr": False}, ["critical postfix: the queue manager"]),
        (facts(), {"pending": True}, ["warning postfix: the configuration has changes"]),
        (facts(), {"unused": ["bif"]}, ["notice postfix: main.cf sets parameters that nothing reads: bif"]),
        (facts(), {"listeners": {"127.0.0.1:25": "says nothing"}}, ["critical listener: 127.0.0.1:25 says nothing"]),
        # Parts
        (facts(units=DOWN), {}, ["critical antispam:", "critical antivirus:", "critical dkim:"]),
        (facts(sasl=DEAD), {}, ["critical authentication: the SASL server runs, and does not answer"]),
        (facts(sasl=None, sasl_type="cyrus", units={**facts().units, DOVECOT: Unit()}), {}, []),
        (facts(logins=False, units={**facts().units, DOVECOT: Unit()}), {}, []),
        (facts(amavis=Amavis(False, True)), {}, []),
        (facts(amavis=Amavis(False, False)), {}, ["warning antispam: mail passes Amavis, which looks neither"]),
        (facts(amavis=Amavis(problem="line 3")), {}, ["critical antispam: Amavis cannot read its configuration"]),
        (facts(milters=MILTER), {}, ["critical postfix: the filter at 127.0.0.1:8891 does not answer"]),
        (
            facts(milters=MILTER, units={**facts().units, OPENDKIM: RUNS}),
            {},
            ["critical dkim: DKIM runs, and does not answer", "critical postfix: the filter at 127.0.0.1:8891"],
        ),
        (facts(filters={Address("a", "10099"): DEAD}), {}, ["critical postfix: the filter at a:10099 does not answer"]),
        # Certificates
        (facts(), certified(), []),
        (facts(), certified(not_after=NOW), ["critical certificate: /c.pem expired less than a day ago"]),
        (facts(), certified(not_before=NOW + 1), ["critical certificate: /c.pem is not valid yet"]),
        (facts(), certified(not_after=NOW + DAY), ["warning certificate: /c.pem expires in 1 day"]),
        (facts(), certified(names=("a",)), ["notice certificate: /c.pem is not for mx.example.com"]),
        (facts(), certified(problem="does not exist"), ["critical certificate: /c.pem: does not exist"]),
        # Signatures
        (facts(), {"now": NOW + 3 * DAY}, ["warning signatures: the newest virus signatures were built 4 days ago"]),
        (facts(), {"signatures": []}, ["warning signatures: there are no virus signatures"]),
        (facts(filters={}), {"signatures": []}, []),
        (facts(), {"signatures": [LOCAL]}, ["notice signatures: the virus signatures are other ones"]),
        (facts(units=ALONE), {}, ["warning signatures: nothing fetches new virus signatures"]),
        (facts(units={**ALONE, UPDATES[1]: RUNS}), {}, []),
        (facts(units=ALONE), {"signatures": [LOCAL]}, ["notice signatures: the virus signatures are other ones"]),
        (facts(units={**facts().units, FRESHCLAM: Unit(), "mailops-mta-definitions.timer": RUNS}), {}, []),
        # Queues
        (facts(), {"queues": {"corrupt": Total(messages=2)}}, ["warning queue: 2 messages in the corrupt queue"]),
        (facts(), {"queues": {"deferred": Total(1, oldest=NOW - DAY)}}, []),
        (facts(), {"queues": {"deferred": Total(1, oldest=NOW - 90000)}}, ["warning queue: 1 message deferred, the"]),
        (facts(), {"queues": {"maildrop": Total(1, oldest=NOW - 301)}}, ["warning queue: mail lies in maildrop"]),
        (facts(), {"free": 1_400_000}, ["critical queue: 1 MiB are free"]),
    ],
)  # fmt: skip
def test_problems(own: Facts, changes: dict[str, object], expected: list[str]) -> None:
    told = [f"{each.severity} {each.part}: {each.text}" for each in problems(seen(own, **changes), Limits())]
    assert len(told) == len(expected), told
    assert [start for text, start in zip(told, expected, strict=True) if not text.startswith(start)] == []


def test_starttls_is_missed_where_it_is_wanted() -> None:
    offer = "220-wait\n220 mx ESMTP\n250-mx\n250-SIZE\n250 STARTTLS\nSTARTTLS: "
    plain = Answer("220 mx ESMTP\n250-mx\n250 SIZE")
    answers = {
        "good": Answer(offer + "works"), "bad": Answer(offer + "fails: NO_SHARED_CIPHER"),
        "unwanted": plain, "missing": plain, "dead": DEAD,
    }  # fmt: skip
    told = starttls_problems(answers, ["good", "bad", "missing", "dead"])
    assert told["bad"] == "offers STARTTLS, which fails: NO_SHARED_CIPHER"
    assert [bool(text) for text in told.values()] == [False, True, False, True, True]


def test_a_file_of_signatures_that_an_update_takes_away_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "lab.ndb").write_text("Lab.Word:0:*:76697275736f667468656c6162\n")
    found = {name: server._signatures(str(tmp_path), name) for name in ("lab.ndb", "daily.cvd")}
    assert {name: file is not None for name, file in found.items()} == {"lab.ndb": True, "daily.cvd": False}
