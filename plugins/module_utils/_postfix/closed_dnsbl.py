# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS lists that are no more: a dead one answers late, or lists every client there is, once its domain is sold."""

from __future__ import annotations

import typing as t

# Zone, with all zones below it -> the year in which it closed.
_CLOSED: t.Final[t.Mapping[str, int]] = {
    "ahbl.org": 2015,
    "bl.emailbasura.org": 2019,
    "dnsbl.inps.de": 2020,
    "dsbl.org": 2008,
    "dul.ru": 2015,
    "ix.dnsbl.manitu.net": 2025,
    "megarbl.net": 2019,
    "njabl.org": 2013,
    "ordb.org": 2006,
    "rfc-ignorant.org": 2012,
    "sorbs.net": 2024,
    "virbl.dnsbl.bit.nl": 2017,
}


def closed_list_problem(domain: str) -> str | None:
    """Tell why a DNS list must not be asked any more; None for a list that nobody knows to be closed."""
    name = f".{domain.lower()}"
    year = next((year for zone, year in _CLOSED.items() if name.endswith(f".{zone}")), None)
    return f"this list closed in {year}: it can only delay or refuse good mail" if year else None
