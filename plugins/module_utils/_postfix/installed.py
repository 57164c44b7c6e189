# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one installed Postfix and its configuration know, as far as the value rules need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Installed:
    """Facts of one Postfix instance, read once per run."""

    version: tuple[int, int, int]
    """``mail_version`` as numbers, (3, 7, 11)."""
    defaults: Mapping[str, str]
    """Parameter -> expanded default, the output of ``postconf -d -x``."""
    table_types: frozenset[str]
    """Output of ``postconf -m``."""
    services: frozenset[str]
    """Names of the services in master.cf that are not of type inet: the delivery transports are among them."""
    restriction_classes: frozenset[str] = field(default_factory=frozenset)
    """Words of ``smtpd_restriction_classes``."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Names in a configuration for which this host has nothing."""

    ports: frozenset[str] = frozenset()
    """Names of TCP ports."""
    hosts: frozenset[str] = frozenset()
    """Listen addresses and host names."""
    programs: frozenset[str] = frozenset()
    """Programs of daemon_directory."""
    paths: frozenset[str] = frozenset()
    """Directories and files."""
