# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what openssl(1) says of a certificate, and what is wrong with it."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import datetime

# "notAfter=2027-02-01 12:00:00Z", from OpenSSL 3.0 with -dateopt iso_8601
_FIELD = re.compile(r"^(subject|issuer|notBefore|notAfter)=\s*(.*)$", re.MULTILINE)
_NAME = re.compile(r"DNS:([^\s,]+)")
OPENSSL: t.Final = (
    *("openssl", "x509", "-noout", "-subject", "-issuer", "-startdate", "-enddate"),
    *("-ext", "subjectAltName", "-nameopt", "RFC2253", "-dateopt", "iso_8601"),
)
_DAY: t.Final = 86400


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate; times in seconds since 1970, 0 with a problem, which tells why it cannot be read."""

    path: str
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    not_before: int = 0
    not_after: int = 0
    problem: str = ""

    @property
    def self_signed(self) -> bool:
        """Whether nobody else vouches for it."""
        return self.subject == self.issuer

    def days_left(self, now: float) -> int:
        """Whole days until it expires; negative after that."""
        return int((self.not_after - now) // _DAY)


def certificate_files(
    effective: t.Mapping[str, str], overrides: t.Mapping[str, t.Mapping[str, str]]
) -> tuple[str, ...]:
    """Return the files that the SMTP server takes its certificates from.

    smtpd_tls_chain_files goes before the other parameters; with an empty one TLS has no certificate (postconf(5)).
    """
    found: dict[str, None] = {}
    for setting in (effective, *({**effective, **own} for own in overrides.values())):
        chain = setting.get("smtpd_tls_chain_files", "").replace(",", " ").split()
        single = (setting.get(f"smtpd_tls_{kind}cert_file", "") for kind in ("", "ec", "d"))
        found.update(dict.fromkeys(chain or (name for name in single if name not in ("", "none"))))
    return tuple(found)


def parse_certificate(path: str, text: str) -> Certificate:
    """Read the output of OPENSSL; ValueError for anything else."""
    fields: dict[str, str] = dict(_FIELD.findall(text))
    return Certificate(
        path=path,
        subject=fields.get("subject", ""),
        issuer=fields.get("issuer", ""),
        names=tuple(_NAME.findall(text)),
        not_before=_seconds(fields.get("notBefore", "")),
        not_after=_seconds(fields.get("notAfter", "")),
    )


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def covers(name: str, host: str) -> bool:
    """Whether a name of a certificate is for this host; an asterisk stands for one label."""
    one, _dot, rest = host.lower().partition(".")
    return name.lower() == host.lower() or (name.lower() == f"*.{rest}" and bool(one and rest))
