# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what the mail log says about daemons that died."""

from __future__ import annotations

import re

_FATAL = re.compile(r" (\S+?)\[\d+\]: ((?:fatal|panic): .*|.*(?:bad command startup|exit status [1-9]).*)")
# Programs that people and modules run; their errors say nothing about the service.
_USER_PROGRAMS = re.compile(r"postfix(-\w+)?$|.*/(sendmail|post(queue|drop|map|alias|conf|super|cat|log|fix-script))$")


def fatal_errors(log: str, config_directory: str) -> tuple[str, ...]:
    """Return "daemon: error" for each fatal error of a daemon, in the short format of journalctl(1).

    Where the log tells that the instance was started, only what follows counts: the daemons of an instance that is
    stopped for a restart may die of a configuration that is no longer there.
    """
    started = re.compile(f"daemon started -- .*, configuration {re.escape(config_directory)}$", re.MULTILINE)
    present = started.split(log)[-1]
    found = (match.groups() for match in map(_FATAL.search, present.splitlines()) if match)
    return tuple(f"{tag}: {text}" for tag, text in found if not _USER_PROGRAMS.match(tag))
