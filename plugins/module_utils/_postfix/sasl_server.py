# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE planner for Dovecot as the SASL server of Postfix: its configuration, and the file of its users."""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import dataclass

from .._plan import Action, FileAction, InstallFile, MakeDirectory, Plan, RemoveFile, SetAttributes
from .sasl_user import shown_users

CONFIGURATION: t.Final = "/etc/dovecot/dovecot.conf"
USERS: t.Final = "/etc/dovecot/mta-users"
USERS_MODE: t.Final = 0o640
_CONFIGURATION_MODE: t.Final = 0o644
_MARK: t.Final = "# Made by the module mailops.mta.sasl_server; what else is written here is lost.\n"
_EPOCH_2_4: t.Final = (2, 4)
UNITS: t.Final = "/etc/systemd/system"
# Debian 12 starts every instance of Postfix from the template, Debian 13 all but the first.
START_ORDER: t.Final = tuple(
    f"{UNITS}/{unit}.d/mailops-mta-sasl.conf" for unit in ("postfix.service", "postfix@.service")
)
_START_ORDER_TEXT: t.Final = (
    f"{_MARK}# An smtpd(8) that cannot reach its SASL server dies.\n[Unit]\nAfter=dovecot.service\n"
)


@dataclass(frozen=True, slots=True)
class Listener:
    """The socket that Dovecot makes for Postfix, and whom it belongs to."""

    path: str
    owner: str


@dataclass(frozen=True, slots=True)
class StoredText:
    """A file as it lies on the host."""

    text: str
    mode: int
    owner: int
    group: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Dovecot:
    """What the host has of Dovecot; started_ns: None when it does not run.

    protocols: what else it serves, such as imap; group: the one that Dovecot reads its users with; start_order: what
    is written of START_ORDER, None on a host without systemd.
    """

    version: tuple[int, int]
    protocols: str = ""
    configuration: StoredText | None = None
    users: StoredText | None = None
    group: int | None = None
    started_ns: int | None = None
    start_order: t.Mapping[str, str] | None = None

    @property
    def ours(self) -> bool:
        """Whether the configuration is the one that is made here."""
        return self.configuration is not None and self.configuration.text.startswith(_MARK)


def configuration_text(version: tuple[int, int], mechanisms: t.Sequence[str], listener: Listener) -> str:
    """Return dovecot.conf: no protocol but the one that Postfix speaks with it. 2.4 has another language than 2.3."""
    new = version >= _EPOCH_2_4
    head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" if new else ""
    cleartext = "auth_allow_cleartext = yes" if new else "disable_plaintext_auth = no"
    return (
        f"{_MARK}{head}protocols =\nssl = no\n"
        f"# Whether a password may come without TLS is for Postfix to say.\n{cleartext}\n"
        f"auth_mechanisms = {' '.join(mechanisms)}\n"
        f"{_passdb(new)}"
        f"service auth {{\n  unix_listener {listener.path} {{\n"
        f"    mode = 0660\n    user = {listener.owner}\n    group = {listener.owner}\n  }}\n}}\n"
    )


def _passdb(new: bool) -> str:
    if new:
        lines = f"passdb passwd-file {{\n  passwd_file_path = {USERS}\n  default_password_scheme = CRYPT\n"
    else:
        lines = f"passdb {{\n  driver = passwd-file\n  args = scheme=CRYPT username_format=%Lu {USERS}\n"
    return lines + "}\n"


def refuse_foreign(found: Dovecot) -> None:
    """Raise ValueError for a Dovecot that serves mailboxes: its configuration is somebody's."""
    if found.protocols and not found.ours:
        raise ValueError(
            f"{CONFIGURATION} is not replaced: this Dovecot serves {found.protocols}. Let it listen for Postfix, and"
            " give that socket as smtpd_sasl_path (mta_base_smtpd_sasl_path in the role)"
        )


def plan_present(found: Dovecot, configuration: str, users: str, hashes: tuple[t.Mapping[str, str], ...]) -> Plan:
    """Plan all files. hashes: {name: hash} before and after. Dovecot sees a change of its users by itself."""
    actions: list[Action] = []
    before, after = shown_users(*hashes)
    if found.configuration is None or found.configuration.text != configuration:
        before = _shown_configuration(found) + before
        after = configuration + after
        # Not for the roll-back of Postfix, which restarts Postfix alone: hence secret.
        actions.append(InstallFile(CONFIGURATION, configuration.encode(), mode=_CONFIGURATION_MODE, secret=True))
    restart = bool(actions) or _outdated(found)
    users_action = _users_action(found, users)
    if users_action:
        actions.append(users_action)
        before, after = before or f"{USERS}\n", after or f"{USERS} (order, mode or owner)\n"
    order_actions = _order_actions(found)
    if order_actions:
        after += "Postfix starts after Dovecot\n"
    facts = {"restart": restart, "ours": True, "units": bool(order_actions)}
    return Plan("Dovecot for Postfix", before, after, (*actions, *order_actions), facts=facts)


def _order_actions(found: Dovecot) -> list[Action]:
    """Let every instance of Postfix start after Dovecot, when the host starts."""
    if found.start_order is None:
        return []
    paths = [path for path in START_ORDER if found.start_order.get(path) != _START_ORDER_TEXT]
    return [
        action
        for path in paths
        for action in (
            MakeDirectory(posixpath.dirname(path)),
            InstallFile(path, _START_ORDER_TEXT.encode(), mode=_CONFIGURATION_MODE, foreign=True),
        )
    ]


def _shown_configuration(found: Dovecot) -> str:
    """Return what a diff may show of the present configuration: somebody's may hold passwords."""
    if found.configuration is None:
        return ""
    return found.configuration.text if found.ours else "(another configuration of Dovecot, not shown)\n"


def _outdated(found: Dovecot) -> bool:
    """Whether Dovecot does not run, or runs with an earlier configuration, as after a play that died half-way."""
    changed = found.configuration.mtime_ns if found.configuration else 0
    return found.started_ns is None or found.started_ns < changed


def _users_action(found: Dovecot, text: str) -> FileAction | None:
    stored = found.users
    if stored is None or stored.text != text:
        return InstallFile(USERS, text.encode(), mode=USERS_MODE, owner=0, group=found.group, secret=True)
    if (stored.mode, stored.owner, stored.group) != (USERS_MODE, 0, found.group):
        return SetAttributes(USERS, USERS_MODE, 0, found.group or 0, secret=True)
    return None


def plan_absent(found: Dovecot, hashes: t.Mapping[str, str]) -> Plan:
    """Plan the removal of the users. The configuration stays, so that a Dovecot that starts again serves nobody."""
    users = (RemoveFile(USERS, secret=True),) if found.users else ()
    orders = tuple(RemoveFile(path, foreign=True) for path in START_ORDER if path in (found.start_order or ()))
    before, after = shown_users(hashes, {})
    before += "Postfix starts after Dovecot\n" if orders else ""
    facts = {"restart": False, "ours": found.ours, "units": bool(orders)}
    return Plan("Dovecot for Postfix", before, after, (*users, *orders), facts=facts)
