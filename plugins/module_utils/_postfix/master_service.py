# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE reading and judging of the services of master.cf (master(5))."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from itertools import accumulate

from .installed import Missing

TYPES: t.Final = ("inet", "unix", "unix-dgram", "fifo", "pass")
_YES_NO: t.Final = (r"[yn-]", '"y", "n" or "-"')
# Column -> what master(5) accepts there, as a pattern and in words.
COLUMNS: t.Final[t.Mapping[str, tuple[str, str]]] = {
    "private": _YES_NO,
    "unprivileged": _YES_NO,
    "chroot": _YES_NO,
    "wakeup": (r"-|[0-9]+\??", 'a number of seconds, perhaps with "?" behind it, or "-"'),
    "process_limit": (r"-|[0-9]+", 'a number of processes (0: no limit) or "-"'),
}
# All other daemons of Postfix end with "unexpected command-line argument".
_TAKE_ARGUMENTS: t.Final = ("pipe", "spawn")
# Program -> the column that it looks at before it starts, and the texts that it starts with (measured on 3.7.11 and
# 3.10.13: "service ... requires a process limit of 1", "requires privileged operation").
_NEEDS: t.Final[t.Mapping[str, tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(
        ("anvil", "pickup", "postlogd", "postscreen", "qmgr", "scache", "tlsmgr", "verify"), ("process_limit", ("1",))
    ),
    **dict.fromkeys(("bounce", "cleanup", "dnsblog", "flush", "tlsproxy"), ("process_limit", ("0",))),
    **dict.fromkeys(("local", "pipe", "spawn"), ("unprivileged", ("n",))),
    "smtpd": ("unprivileged", ("y", "-")),
}
# What "-" in a column means, where that is fixed: master(5). (chroot and process_limit follow parameters.)
_DEFAULTS: t.Final[t.Mapping[str, str]] = {"private": "y", "unprivileged": "y", "wakeup": "0"}


@dataclass(frozen=True, slots=True)
class Service:
    """One service. The columns are as written; command holds the program and its arguments without the -o options.

    duplicate: master.cf has the service several times, of which the last one counts.
    """

    name: str
    type: str
    private: str = "-"
    unprivileged: str = "-"
    chroot: str = "-"
    wakeup: str = "-"
    process_limit: str = "-"
    command: str = ""
    options: t.Mapping[str, str] = field(default_factory=dict)
    duplicate: bool = False

    @property
    def key(self) -> str:
        """The service as postconf(1) names it: service/type."""
        return f"{self.name}/{self.type}"


def parse_services(text: str) -> dict[str, Service]:
    """Read the output of "postconf -M": one line for each service."""
    services: dict[str, Service] = {}
    for line in text.splitlines():
        if line.strip():
            service = parse_entry(line, lambda key: key in services)
            services[service.key] = service
    return services


def parse_entry(line: str, seen: t.Callable[[str], bool] = lambda _key: False) -> Service:
    """Read one service in one line; *seen* tells whether its service/type stood there before."""
    name, type_, private, unprivileged, chroot, wakeup, process_limit, rest = line.split(None, 7)
    command, options = _split_options(_words(rest))
    return Service(
        name=name,
        type=type_,
        private=private,
        unprivileged=unprivileged,
        chroot=chroot,
        wakeup=wakeup,
        process_limit=process_limit,
        command=command,
        options=options,
        duplicate=seen(f"{name}/{type_}"),
    )


def _words(text: str) -> list[str]:
    """Split at white space outside of braces, as Postfix does; a brace that is never closed reaches to the end."""
    words: list[str] = []
    word, depth = "", 0
    for character in text:
        if character in " \t" and not depth:
            words.append(word)
            word = ""
            continue
        depth += (character == "{") - (character == "}" and depth > 0)
        word += character
    return [word for word in (*words, word) if word]


def _split_options(words: t.Sequence[str]) -> tuple[str, dict[str, str]]:
    """Take the -o options out. They end at the first plain argument: what comes after that belongs to a program."""
    kept, options = list(words[:1]), {}
    position = 1
    while position < len(words) and words[position].startswith("-") and words[position] != "--":
        pair = _pair(words[position + 1]) if words[position] == "-o" and position + 1 < len(words) else None
        if pair is None:
            kept.append(words[position])
            position += 1
        else:
            options[pair[0]] = pair[1]
            position += 2
    return " ".join([*kept, *words[position:]]), options


def _pair(word: str) -> tuple[str, str] | None:
    """Read "name=value" or "{ name = value with blanks }"."""
    name, equals, value = _bare(word).partition("=")
    return (name.strip(), value.strip()) if equals and re.match(r"\s*[^\s{]", name) else None


def _bare(word: str) -> str:
    """Take the braces off that only hold a word together: a pair whose first one closes at the very end."""
    depths = accumulate((character == "{") - (character == "}") for character in word)
    closed = next((position for position, depth in enumerate(depths) if depth == 0), -1)
    return word[1:-1].strip() if word.startswith("{") and closed == len(word) - 1 else word


def parse_overrides(text: str) -> dict[str, dict[str, str]]:
    """Read the output of "postconf -P" (lines "service/type/parameter = value") by service/type."""
    overrides: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        path, equals, value = line.partition(" =")
        if equals:
            key, _slash, name = path.rpartition("/")
            overrides.setdefault(key, {})[name] = value.strip()
    return overrides


def render_entry(service: Service) -> str:
    """Return the service in one line, as "postconf -M service/type=..." takes it."""
    program_, *arguments = _words(service.command) or [""]
    options = (render_option(name, value) for name, value in service.options.items())
    columns = (service.private, service.unprivileged, service.chroot, service.wakeup, service.process_limit)
    return " ".join([service.name, service.type, *columns, program_, *options, *arguments])


def render_option(name: str, value: str) -> str:
    """Return one -o option; braces hold a value with blanks together."""
    return f"-o {{{name} = {value}}}" if re.search(r"\s", value) or value.startswith("{") else f"-o {name}={value}"


def program(service: Service) -> str:
    """Return the name of the service's program."""
    return next(iter(service.command.split()), "")


def port_name(service: Service) -> str | None:
    """Return the port of an inet service when it is a name and not a number; "[::1]:smtp" listens at "smtp"."""
    port = service.name.rpartition(":")[2]
    return None if service.type != "inet" or re.fullmatch(r"[0-9]+", port) else port


def known_ports(known_tcp_ports: str) -> dict[str, str]:
    """Read the ports that Postfix knows without /etc/services: "lmtp=24, smtps=submissions=465" by name."""
    items = (item.split("=") for item in known_tcp_ports.replace(",", " ").split())
    return {name: number for *names, number in items for name in names}


def listen_host(service: Service) -> str | None:
    """Return the address or host name that an inet service listens at, without brackets; None for inet_interfaces."""
    host = service.name.rpartition(":")[0].removeprefix("[").removesuffix("]")
    return host if host and service.type == "inet" else None


def same_column(column: str, one: str, other: str) -> bool:
    """Whether two texts of a column mean the same."""
    default = _DEFAULTS.get(column, "-")
    return (default if one == "-" else one) == (default if other == "-" else other)


def same_command(one: str, other: str) -> bool:
    """Whether two commands have the same words; braces that only hold a word together make no difference."""
    return [_bare(word) for word in _words(one)] == [_bare(word) for word in _words(other)]


def service_problems(service: Service, missing: Missing) -> tuple[str, ...]:
    """Tell what is wrong with one service."""
    return (
        *_column_problems(service),
        *_inet_problems(service, missing),
        *_program_problems(service, missing),
    )


def _column_problems(service: Service) -> t.Iterator[str]:
    if service.type not in TYPES:
        yield f'the type "{service.type}" is none of {", ".join(TYPES)}'
    for column, (pattern, accepted) in COLUMNS.items():
        value = getattr(service, column)
        if not re.fullmatch(pattern, value):
            yield f'{column} "{value}" is not accepted: it is {accepted}'


def _inet_problems(service: Service, missing: Missing) -> t.Iterator[str]:
    """Whatever is wrong here makes master(8) exit, while "postfix check" and "postfix reload" report success."""
    if service.type != "inet":
        return
    if service.private != "n":
        yield f'private "{service.private}" is not accepted: an inet service needs "n"; master(8) would exit'
    port = service.name.rpartition(":")[2]
    if port in missing.ports:
        yield f'the port name "{port}" is not in /etc/services; master(8) would exit'
    elif re.fullmatch(r"[0-9]+", port) and not 0 < int(port) < 65536:
        yield f"the port {port} does not lie between 1 and 65535; Postfix would listen somewhere else"
    if listen_host(service) in missing.hosts:
        yield f"{listen_host(service)} is no address of this host; master(8) would exit"


def _program_problems(service: Service, missing: Missing) -> t.Iterator[str]:
    first, *arguments = _words(service.command) or [""]
    plain = next((n for n, argument in enumerate(arguments) if not argument.startswith("-")), len(arguments))
    if first in missing.programs:
        yield f'the program "{first}" is not in daemon_directory'
    column, needed = _NEEDS.get(first, ("", ()))
    if column and getattr(service, column) not in needed:
        accepted = " or ".join(f'"{text}"' for text in needed)
        yield f'{column} "{getattr(service, column)}" is not accepted: {first} needs {accepted} and would not start'
    if "-o" in arguments[:plain]:
        yield "an -o option is not of the form name=value"
    elif first not in _TAKE_ARGUMENTS and arguments[plain:]:
        yield f'{first} takes no argument "{" ".join(arguments[plain:])}" and would not start'
