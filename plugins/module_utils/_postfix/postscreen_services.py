# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the four services of master.cf that switch postscreen(8) on and off (POSTSCREEN_README, "Turning on")."""

from __future__ import annotations

import re
import typing as t

from .master_service import COLUMNS, Service, program
from .service_edit import WantedService

_PASS: t.Final = "smtpd/pass"
# Program -> service: they answer postscreen(8), and without a limit of 0 they do not start.
_ASSISTANTS: t.Final = {"dnsblog": "dnsblog/unix", "tlsproxy": "tlsproxy/unix"}
# What Debian's master.cf has for smtpd(8).
_SMTPD: t.Final = Service("smtpd", "pass", chroot="y", command="smtpd")
_UNCHANGED: t.Final = WantedService({}, {})

Services: t.TypeAlias = "dict[str, WantedService | None]"


def wanted_services(enabled: bool, present: t.Mapping[str, Service]) -> Services:
    """Return the services to write for postscreen(8) at port 25, or for smtpd(8) without it.

    smtpd(8) keeps its columns, arguments and -o options, on whichever side of postscreen(8) it is. The three services
    behind postscreen(8) stay when it is switched off: nobody calls them then, and while master(8) takes a removed one
    out it waits for the sessions of its processes. Where it may not end them (Debian 13: the unit lacks CAP_KILL) it
    waits for processes that wait for it, and no mail moves until Postfix is restarted (measured on 3.10.13).
    Raises ValueError when another program has the port.
    """
    key = "25/inet" if "25/inet" in present and "smtp/inet" not in present else "smtp/inet"
    listener = present.get(key)
    if listener is not None and program(listener) not in ("smtpd", "postscreen"):
        raise ValueError(f"{key} of master.cf runs {program(listener)}: expected smtpd or postscreen at this port")
    if not enabled:
        return _switched_off(key, listener, present)
    _refuse_other_listeners(key, present)
    return _switched_on(key, listener, present)


def _refuse_other_listeners(key: str, present: t.Mapping[str, Service]) -> None:
    others = [name for name in present if re.fullmatch(r".*:(smtp|25)/inet", name)]
    if key not in present and others:
        raise ValueError(f"master.cf has no {key}, but {', '.join(others)}: this module knows port 25 of all addresses")


def _switched_on(key: str, listener: Service | None, present: t.Mapping[str, Service]) -> Services:
    on_already = listener is not None and program(listener) == "postscreen"
    smtpd = present.get(_PASS, _SMTPD) if listener is None or on_already else listener
    made = {"chroot": smtpd.chroot, "process_limit": "1", "command": "postscreen"}
    assistants = {
        service: made | {"process_limit": "0", "command": name} if service not in present else {"process_limit": "0"}
        for name, service in _ASSISTANTS.items()
    }
    return {
        key: WantedService({"process_limit": "1"} if on_already else made, {}, exclusive_options=not on_already),
        _PASS: _UNCHANGED if on_already and _PASS in present else _moved(smtpd, private="-"),
        **{service: WantedService(columns, {}) for service, columns in assistants.items()},
    }


def _switched_off(key: str, listener: Service | None, present: t.Mapping[str, Service]) -> Services:
    on = listener is not None and program(listener) == "postscreen"
    return {key: _moved(present.get(_PASS, _SMTPD), private="n")} if on else {}


def _moved(smtpd: Service, private: str) -> WantedService:
    """Return all of smtpd(8) for a service of another type: one of type inet is never private."""
    columns = {name: getattr(smtpd, name) for name in (*COLUMNS, "command")}
    return WantedService(columns | {"private": private}, smtpd.options, exclusive_options=True)
