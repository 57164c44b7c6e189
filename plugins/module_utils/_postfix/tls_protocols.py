# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``smtpd_tls_protocols`` and its relatives (postconf(5): ``>=TLSv1.2, <=TLSv1.3`` or ``!SSLv3, TLSv1.2``)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .word_list import spoken

_VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_KNOWN = frozenset(version.lower() for version in _VERSIONS)


def is_tls_protocols(parameter: str) -> bool:
    """Whether a parameter is a list of TLS versions."""
    return bool(re.fullmatch(r"(smtpd?|lmtp|tlsproxy_(tls|client))_(tls_)?(mandatory_)?protocols", parameter))


@dataclass(frozen=True, slots=True)
class TlsProtocols:
    """Bounds, names and exclusions. A bad word makes Postfix drop TLS for the session, or the mail is deferred."""

    def problem(self, value: str) -> str | None:
        for word in re.split(r"[,:\s]+", value.strip()):
            name = re.sub(r"^(>=|<=|!)", "", word)
            bound = name != word and not word.startswith("!")
            if name.lower() in _KNOWN or (bound and re.fullmatch(r"(0x)?[0-9a-f]{3,4}", name, re.IGNORECASE)):
                continue
            if not value:
                continue
            return f"{word or value!r} is no TLS version: expected {spoken(_VERSIONS)}, alone or after >=, <= or !"
        return None
