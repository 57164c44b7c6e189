# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of lookup tables in values."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.mta.plugins.module_utils._postfix.table_reference import (
    TableReference,
    file_references,
    table_references,
)


@pytest.mark.parametrize(
    ("parameter", "value", "tables"),
    [
        ("transport_maps", "", []),
        ("transport_maps", "lmdb:/etc/postfix/a, hash:/etc/postfix/b", ["lmdb:/etc/postfix/a", "hash:/etc/postfix/b"]),
        ("transport_maps", "hash:/a hash:/a", ["hash:/a"]),
        ("virtual_alias_maps", "proxy:hash:/a", ["hash:/a"]),
        ("virtual_alias_maps", "pipemap:{lmdb:/a, proxy:pcre:/b}", ["lmdb:/a", "pcre:/b"]),
        ("virtual_alias_maps", "unionmap:{static:x, tcp:127.0.0.1:10001}", ["static:x", "tcp:127.0.0.1:10001"]),
        ("virtual_alias_maps", "inline:{a=b}", ["inline:{a=b}"]),
        ("virtual_alias_maps", "$alias_maps hash:/a", ["hash:/a"]),
        ("virtual_alias_maps", "hash:/a {", []),
        ("smtpd_recipient_restrictions",
         "permit_mynetworks, check_client_access cidr:/a, hash:/b, check_policy_service unix:private/policy",
         ["cidr:/a", "hash:/b"]),
        ("smtpd_recipient_restrictions", "check_policy_service { inet:127.0.0.1:10040, timeout=1s }", []),
        ("smtpd_client_restrictions", "check_ccert_access { hash:/a, { search_order = pubkey_fingerprint } }",
         ["hash:/a"]),
        ("my_class", "check_sender_access hash:/a, reject_rbl_client zen.example.net", ["hash:/a"]),
        ("mynetworks", "127.0.0.0/8 [::1]/128, !cidr:/a, /b", ["cidr:/a"]),
        ("mydestination", "example.org, hash:/a", ["hash:/a"]),
        ("postscreen_access_list", "permit_mynetworks, cidr:/a", ["cidr:/a"]),
        ("local_recipient_maps", "unix:passwd.byname", ["unix:passwd.byname"]),
        ("relayhost", "mx.example.org:25", []),
        ("content_filter", "smtp-amavis:[127.0.0.1]:10024", []),
        ("smtpd_milters", "inet:127.0.0.1:8891, unix:/run/milter", []),
        ("smtpd_banner", "see https://example.org", []),
    ],
)  # fmt: skip
def test_references(parameter: str, value: str, tables: list[str]) -> None:
    assert [str(reference) for reference in table_references(parameter, value)] == tables


@pytest.mark.parametrize(
    ("parameter", "value", "files"),
    [
        ("mynetworks", "127.0.0.0/8, /etc/postfix/a !/etc/postfix/b, cidr:/c", ["/etc/postfix/a", "/etc/postfix/b"]),
        ("relay_domains", "/etc/postfix/a, /etc/postfix/a", ["/etc/postfix/a"]),
        ("mydestination", "example.org {", []),
        ("myorigin", "/etc/mailname", []),
        ("smtpd_tls_cert_file", "/etc/ssl/cert.pem", []),
    ],
)
def test_file_references(parameter: str, value: str, files: list[str]) -> None:
    assert list(file_references(parameter, value)) == files


@pytest.mark.parametrize(
    ("reference", "needs_file", "suffix"),
    [
        (TableReference("hash", "/etc/postfix/a"), True, ".db"),
        (TableReference("btree", "/etc/postfix/a"), True, ".db"),
        (TableReference("lmdb", "/etc/postfix/a"), True, ".lmdb"),
        (TableReference("cdb", "/etc/postfix/a"), True, ".cdb"),
        (TableReference("texthash", "/etc/postfix/a"), True, ""),
        (TableReference("cidr", "/etc/postfix/a"), True, ""),
        (TableReference("pcre", "/etc/postfix/a"), True, ""),
        (TableReference("ldap", "/etc/postfix/a.cf"), True, ""),
        (TableReference("cidr", "{{0.0.0.0/0 x}}"), False, ""),
        (TableReference("static", "/etc/postfix/a"), False, ""),
        (TableReference("unix", "passwd.byname"), False, ""),
    ],
)
def test_files(reference: TableReference, needs_file: bool, suffix: str) -> None:
    assert (reference.needs_file, reference.compiled_suffix) == (needs_file, suffix)


def test_caches_are_made_by_the_daemons() -> None:
    for parameter in ("postscreen_cache_map", "address_verify_map", "smtpd_tls_session_cache_database"):
        assert [found.needs_file for found in table_references(parameter, "lmdb:/var/lib/postfix/x")] == [False]
