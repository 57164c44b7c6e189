# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PURE: what people call a parameter, a service or a lookup table that a role makes from one of its variables."""

from __future__ import annotations

import types
import typing as t

Variables = t.Mapping[str, str]
NOBODY: t.Final[Variables] = types.MappingProxyType({})


def known_as(subject: str, variables: Variables) -> str:
    """Return the variable that *subject* comes from, with the subject where the variable does not end in it.

    subject: "relayhost", "lmdb:maps.d/senders", "smtp/inet" or "smtp/inet -o name"; as it is when no variable is told.
    """
    variable = variables.get(subject) or variables.get(subject.partition(" -o ")[0])
    if not variable:
        return subject
    return variable if variable.endswith(f"_{subject}") else f"{variable} ({subject})"
