# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS one Postfix instance, by Postfix's own programs. Nothing here writes."""

from __future__ import annotations

import fcntl
import os
import socket
import typing as t
from functools import cached_property

from .installed import Installed, Missing
from .main_cf import DIRECTORIES, Explicit, parse_explicit, parse_parameters
from .master_service import Service, known_ports, listen_host, parse_overrides, parse_services, port_name, program
from .table_reference import TableReference


class PostfixError(Exception):
    """A Postfix program or file is not as it should be; the message says what was attempted, and the answer."""


class Run(t.Protocol):
    """Runs a program: argv and bytes for its standard input in; exit status, standard output and error out."""

    def __call__(self, argv: t.Sequence[str], data: bytes | None = None) -> tuple[int, str, str]:
        """Run it."""


class Instance:
    """One configuration directory and what Postfix's programs say of it. Each thing is read once."""

    def __init__(self, run: Run, config_directory: str, promised: t.Collection[str] = ()) -> None:
        """promised: lookup table types that count as installed."""
        self.run = run
        self.config_directory = config_directory
        self._promised = promised

    def path(self, name: str) -> str:
        """Return the path of *name* within the configuration directory."""
        return os.path.join(self.config_directory, name)

    def postfix_program(self, program: str, *arguments: str, data: bytes | None = None) -> tuple[str, str]:
        """Run one of Postfix's programs on this instance; return its output and its warnings, or raise PostfixError."""
        argv = [program, "-c", self.config_directory, *arguments]
        status, out, err = self.run(argv, data)
        if status:
            raise PostfixError(f"{' '.join(argv[:4])} failed with exit status {status}: {_reason(err or out)}")
        return out, err

    @cached_property
    def explicit(self) -> Explicit:
        """The parameters that main.cf sets, as written there."""
        return parse_explicit(*self.postfix_program("postconf", "-n"))

    @cached_property
    def expanded(self) -> t.Mapping[str, str]:
        """The parameters that main.cf sets and Postfix knows, with every $name replaced."""
        return {name: value for name, value in self.effective.items() if name in self.explicit.values}

    @cached_property
    def defaults(self) -> t.Mapping[str, str]:
        """Postfix's own defaults, with every $name replaced."""
        return parse_parameters(self.postfix_program("postconf", "-x", "-d")[0])

    @cached_property
    def effective(self) -> t.Mapping[str, str]:
        """Every parameter's value, with every $name replaced."""
        return parse_parameters(self.postfix_program("postconf", "-x")[0])

    @cached_property
    def services(self) -> t.Mapping[str, Service]:
        """The services of master.cf by service/type."""
        return parse_services(self.postfix_program("postconf", "-M")[0])

    @cached_property
    def installed_types(self) -> frozenset[str]:
        """The lookup table types that this Postfix knows."""
        return frozenset(self.postfix_program("postconf", "-m")[0].split())

    @property
    def table_types(self) -> frozenset[str]:
        """The lookup table types that this Postfix knows, or will know."""
        return self.installed_types.union(self._promised)

    @cached_property
    def version(self) -> tuple[int, int, int]:
        """mail_version as three numbers."""
        numbers = [int(word) for word in self.defaults["mail_version"].split("-")[0].split(".")]
        major, minor, patch = [*numbers, 0, 0][:3]
        return major, minor, patch

    @cached_property
    def installed(self) -> Installed:
        """What values are judged by."""
        classes = self.effective.get("smtpd_restriction_classes", "").replace(",", " ").split()
        return Installed(
            version=self.version,
            defaults=self.defaults,
            table_types=self.table_types,
            services=frozenset(service.name for service in self.services.values() if service.type != "inet"),
            restriction_classes=frozenset(classes),
        )

    @cached_property
    def overrides(self) -> t.Mapping[str, t.Mapping[str, str]]:
        """The parameters that -o options of master.cf set, by service/type, with every $name replaced."""
        return parse_overrides(self.postfix_program("postconf", "-x", "-P")[0])

    @cached_property
    def missing(self) -> Missing:
        """What this host does not have; master(8) ends at an unknown port name and at a foreign listen address."""
        services = self.services.values()
        place = self.effective["daemon_directory"]
        known = known_ports(self.effective["known_tcp_ports"])
        ports = {port for service in services if (port := port_name(service)) and port not in known}
        hosts = {host for service in services if (host := listen_host(service))}
        programs = {program(service) for service in services}
        directories = {self.effective[name] for name in DIRECTORIES}
        return Missing(
            ports=frozenset(port for port in ports if not _port_known(port)),
            hosts=frozenset(host for host in hosts if not _can_listen(host)),
            programs=frozenset(name for name in programs if not os.access(os.path.join(place, name), os.X_OK)),
            paths=frozenset(path for path in directories if not os.path.isdir(path)),
        )

    @cached_property
    def running(self) -> bool:
        """Whether the instance's master(8) runs: it holds a lock on its PID file, as "master -t" asks for."""
        try:
            with open(os.path.join(self.effective["queue_directory"], "pid/master.pid"), encoding="ascii") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    @cached_property
    def unit(self) -> str | None:
        """The systemd unit that runs this instance; None where systemd does not run it.

        On Debian 12 postfix.service is a oneshot dummy, and the primary instance is postfix@-.service.
        """
        if not os.path.isdir("/run/systemd/system"):
            return None
        _status, kind, _err = self.run(["systemctl", "show", "-p", "Type", "--value", "postfix.service"])
        one_unit_each = kind.strip() != "oneshot"
        if os.path.realpath(self.config_directory) == "/etc/postfix":
            return "postfix.service" if one_unit_each else "postfix@-.service"
        # The part behind @ is the name of the instance on Debian 12, and on 13 what follows /etc/postfix- .
        name = os.path.basename(self.config_directory.rstrip("/"))
        unit = f"postfix@{name.removeprefix('postfix-') if one_unit_each else name}.service"
        status, _out, _err = self.run(["systemctl", "is-active", unit])
        return unit if status == 0 or self._starts_at_boot(name) else None

    def _starts_at_boot(self, name: str) -> bool:
        """Whether systemd starts an instance that nobody has started yet: postmulti(1) knows and enables it.

        On Debian 12 its unit makes the chroot, with the names of the name servers.
        """
        known = (self.effective.get("multi_instance_name"), self.effective.get("multi_instance_enable"))
        return known == (name, "yes") and not self.running

    def table_problem(self, reference: TableReference) -> str | None:
        """Tell why a lookup table would not answer; rules that Postfix would skip count as well."""
        if not reference.needs_file:
            return None
        if not os.path.exists(reference.name):
            return "does not exist"
        if reference.compiled_suffix and not os.path.exists(reference.name + reference.compiled_suffix):
            return f"has not been compiled: {reference.name}{reference.compiled_suffix} does not exist"
        _status, _out, err = self.run(["postmap", "-q", "mailops.probe", str(reference)])
        return f"has errors: {err.strip()}" if err.strip() else None


def text_lines(path: str) -> tuple[str, ...]:
    """Return the lines of a text file; none when there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return tuple(file)
    except (FileNotFoundError, IsADirectoryError):
        return ()


def _reason(answer: str) -> str:
    """Return a program's answer on one line; postconf(1) repeats its warnings, and tells of each repeated parameter."""
    lines = dict.fromkeys(line.strip() for line in answer.splitlines() if line.strip())
    return "; ".join([line for line in lines if "overriding earlier entry" not in line] or lines)


def _port_known(name: str) -> bool:
    try:
        socket.getservbyname(name, "tcp")
    except OSError:
        return False
    return True


def _can_listen(host: str) -> bool:
    """Whether a server may listen at this address; port 0 stands for any free port."""
    try:
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as probe:
                probe.bind(address)
    except OSError:
        return False
    return True
