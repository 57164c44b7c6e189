# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS the mail server around one Postfix instance: units, packages, certificates, signatures, sockets."""

from __future__ import annotations

import os
import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

from .address import Address, content_filters, logins_wanted, milters, sasl_server
from .certificate import OPENSSL, Certificate, certificate_files, parse_certificate
from .conversation import clamd_answer, filter_answer, greeted, milter_answer, sasl_answer
from .instance import Instance, text_lines
from .listener import Listener, listeners
from .queue_listing import Total
from .queue_result import time_text
from .server_part import (
    CLAMD,
    DOVECOT,
    PACKAGES,
    UNITS,
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
from .server_problem import Seen
from .server_result import Result, listener_results, starttls_problems
from .signature import Signatures, parse_head

_CLAMD_CONF: t.Final = "/etc/clamav/clamd.conf"
_CONFIG_FILE = re.compile(r"--config-file[= ](\S+)")
_SIGNATURE_KINDS: t.Final = (".cvd", ".cld", ".cud", ".ndb", ".hdb", ".hsb", ".ldb", ".yar")
_HEAD_BYTES: t.Final = 512
_AMAVIS_SCRIPT: t.Final = r"""
use Exporter; use Amavis::Boot; use Amavis::Conf; use Amavis::Util; use Amavis::Lookup;
package Amavis::Conf;
include_config_files(Amavis::Util::find_config_files('/usr/share/amavis/conf.d', '/etc/amavis/conf.d'));
supply_after_defaults();
sub bypassed { my($found) = Amavis::Lookup::lookup2(0, 'somebody@example.com', $_[0]); $found ? 1 : 0 }
printf "bypass_spam=%d\nbypass_virus=%d\nverify=%d\nsign=%d\nkeys=%d\n",
  bypassed(\@bypass_spam_checks_maps), bypassed(\@bypass_virus_checks_maps),
  !!$enable_dkim_verification, !!$enable_dkim_signing, scalar(@dkim_signing_keys_list);
"""


class Server:
    """One Postfix instance and what runs around it. Each thing is read once."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.run = instance.run

    def seen(self, now: float, queues: t.Mapping[str, Total], pending: bool) -> Seen:
        """Put together what judging takes; pending: there are changes that the running Postfix has not taken up."""
        live = self.instance
        return Seen(
            now=now,
            postfix=self.postfix,
            parts=parts(self.facts),
            facts=self.facts,
            hostname=live.effective["myhostname"],
            qmgr=self.last_reload is not None,
            pending=pending,
            listeners=self.listener_problems,
            certificates=self.certificates,
            signatures=self.signatures,
            queues=queues,
            free=self.free,
            message_size_limit=int(live.effective["message_size_limit"]),
            unused=sorted(live.explicit.unused),
        )

    @cached_property
    def described(self) -> Result:
        """What needs no judging."""
        live = self.instance
        return {
            "mail_version": live.defaults["mail_version"],
            "hostname": live.effective["myhostname"],
            "last_reload": None if self.last_reload is None else time_text(self.last_reload),
            "listeners": listener_results(live.services, self.listeners, self.greetings),
        }

    @cached_property
    def units(self) -> t.Mapping[str, Unit]:
        """The systemd units of a mail server; all absent where systemd does not run."""
        names = ("postfix.service", self._unit, *UNITS)
        shown = "Id,LoadState,ActiveState,UnitFileState,ActiveEnterTimestamp"
        _status, out, _err = self.run(["systemctl", "show", "--timestamp=unix", "-p", shown, *dict.fromkeys(names)])
        return {**dict.fromkeys(names, Unit()), **parse_units(out)}

    @property
    def _unit(self) -> str:
        return self.instance.unit or "postfix.service"

    @cached_property
    def versions(self) -> t.Mapping[str, str]:
        """The installed packages of a mail server and their versions."""
        names = dict.fromkeys((*PACKAGES.values(), "opendkim"))
        form = "${Package} ${Version} ${db:Status-Status}\\n"
        _status, out, _err = self.run(["dpkg-query", "-W", "-f", form, *names])
        return parse_versions(out)

    @cached_property
    def listeners(self) -> t.Mapping[str, Listener]:
        """The SMTP listeners by their service of master.cf."""
        live = self.instance
        found = ((key, listeners({key: each}, live.overrides, live.effective)) for key, each in live.services.items())
        return {key: listener for key, single in found for listener in single}

    @cached_property
    def greetings(self) -> t.Mapping[str, Answer]:
        """What the listeners say; nobody asks when Postfix does not run."""
        return _asked(greeted, self.listeners) if self.instance.running else {}

    @cached_property
    def listener_problems(self) -> t.Mapping[str, str]:
        """What is wrong with each listener that was asked, by its address."""
        live = self.instance
        level = {key: {**live.effective, **live.overrides.get(key, {})} for key in self.listeners}
        wanted = [key for key, each in level.items() if each.get("smtpd_tls_security_level") in ("may", "encrypt")]
        plain = [key for key in wanted if not self.listeners[key].tls]
        return {str(self.listeners[key]): text for key, text in starttls_problems(self.greetings, plain).items()}

    @cached_property
    def postfix(self) -> Part:
        """Postfix itself."""
        live = self.instance
        return Part(
            declared=True,
            installed=True,
            # The unit of the primary instance on Debian 12 is "enabled-runtime" whatever postfix.service is.
            enabled=self.units["postfix.service" if self._unit == "postfix@-.service" else self._unit].enabled,
            running=live.running,
            answering=not any(answer.problem for answer in self.greetings.values()) if live.running else None,
            version=self.versions.get("postfix", live.defaults["mail_version"]),
        )

    @cached_property
    def facts(self) -> Facts:
        """What the parts are judged by; only what runs is asked."""
        live = self.instance
        filters = {str(each): each for each in content_filters(live.effective, live.overrides, live.services)}
        found = {str(each): each for each in milters(live.effective, live.overrides)}
        facts = Facts(
            units=self.units,
            versions=self.versions,
            logins=logins_wanted(live.effective, live.overrides),
            sasl_type=live.effective.get("smtpd_sasl_type", ""),
            amavis=self._amavis,
            filters=_by_address(filters, _asked(filter_answer, filters)),
            milters=_by_address(found, _asked(milter_answer, found)),
            clamd=clamd_answer(self._clamd_socket) if self.units[CLAMD].running else None,
        )
        sasl = sasl_server(live.effective)
        asked = sasl is not None and facts.logins and self.units[DOVECOT].running
        return replace(facts, sasl=sasl_answer(sasl)) if sasl is not None and asked else facts

    @cached_property
    def _amavis(self) -> Amavis:
        """What Amavis makes of its files, which are Perl: only Amavis can tell."""
        if "amavisd-new" not in self.versions:
            # What it would check is not known; that it should check is.
            return Amavis(checks_spam=True, checks_viruses=True)
        _status, out, err = self.run(["perl", "-T", "-"], _AMAVIS_SCRIPT.encode())
        return parse_amavis(out, err)

    @cached_property
    def _clamd_conf(self) -> t.Mapping[str, str]:
        """The parameters of the file that clamd(8) is started with."""
        _status, started, _err = self.run(["systemctl", "show", "-p", "ExecStart", CLAMD])
        named = _CONFIG_FILE.search(started)
        lines = text_lines(named[1] if named else _CLAMD_CONF)
        pairs = (line.split(None, 1) for line in lines if not line.startswith("#"))
        return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}

    @property
    def _clamd_socket(self) -> Address:
        conf = self._clamd_conf
        if "LocalSocket" in conf or "TCPSocket" not in conf:
            return Address(path=conf.get("LocalSocket", "/run/clamav/clamd.ctl"))
        return Address(conf.get("TCPAddr", "localhost"), conf["TCPSocket"])

    @cached_property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of the SMTP server."""
        live = self.instance
        return tuple(self._certificate(path) for path in certificate_files(live.effective, live.overrides))

    def _certificate(self, path: str) -> Certificate:
        """Read one file; the first certificate in it is the server's own."""
        if not os.path.exists(path):
            return Certificate(path, problem="does not exist")
        try:
            status, out, _err = self.run([*OPENSSL, "-in", path])
        except FileNotFoundError:
            return Certificate(path, problem="cannot be read without the package openssl")
        return Certificate(path, problem="holds no certificate") if status else parse_certificate(path, out)

    @cached_property
    def signatures(self) -> tuple[Signatures, ...]:
        """The files of virus signatures."""
        place = self._clamd_conf.get("DatabaseDirectory", "/var/lib/clamav")
        names = sorted(os.listdir(place)) if os.path.isdir(place) else []
        found = (_signatures(place, name) for name in names if name.endswith(_SIGNATURE_KINDS))
        return tuple(file for file in found if file)

    @cached_property
    def last_reload(self) -> int | None:
        """When Postfix last read its configuration, in seconds since 1970; None when qmgr(8) does not run.

        Measured on 3.7 and 3.10: a reload replaces qmgr(8), and nothing else does.
        """
        place = self.instance.effective["queue_directory"]
        master = "".join(text_lines(os.path.join(place, "pid/master.pid"))).strip()
        if not self.instance.running or not master.isdigit():
            return None
        children = "".join(text_lines(f"/proc/{master}/task/{master}/children")).split()
        started = (_started(child) for child in children if text_lines(f"/proc/{child}/comm") == ("qmgr\n",))
        return next(started, None)

    @cached_property
    def free(self) -> int:
        """Bytes that the file system of the queue has left for Postfix."""
        room = os.statvfs(self.instance.effective["queue_directory"])
        return room.f_bavail * room.f_frsize


_Asked = t.TypeVar("_Asked")


def _asked(question: t.Callable[[_Asked], Answer], whom: t.Mapping[str, _Asked]) -> dict[str, Answer]:
    """Ask all at once: each may take seconds."""
    with ThreadPoolExecutor(max_workers=max(1, len(whom))) as pool:
        return dict(zip(whom, pool.map(question, whom.values()), strict=True))


def _by_address(addresses: t.Mapping[str, Address], answers: t.Mapping[str, Answer]) -> dict[Address, Answer]:
    return {address: answers[name] for name, address in addresses.items()}


def _signatures(place: str, name: str) -> Signatures | None:
    """Return what a file of signatures says of itself; None when an update has taken it away meanwhile."""
    try:
        with open(os.path.join(place, name), "rb") as file:
            head = file.read(_HEAD_BYTES).decode("ascii", "replace")
            return parse_head(name, head, int(os.fstat(file.fileno()).st_mtime))
    except FileNotFoundError:
        return None


def _started(pid: str) -> int | None:
    """Return when a process started, from proc(5): ticks since the boot, behind the name in parentheses."""
    text = "".join(text_lines(f"/proc/{pid}/stat"))
    boot = next((line.split()[1] for line in text_lines("/proc/stat") if line.startswith("btime ")), None)
    fields = text.rpartition(")")[2].split()
    if boot is None or len(fields) < 20:
        return None
    return int(boot) + int(fields[19]) // os.sysconf("SC_CLK_TCK")
