# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the programs beside Postfix that a mail passes: what is wanted, installed, enabled, running and answering."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .address import Address

_ENABLED: t.Final = ("enabled", "enabled-runtime", "static", "generated", "alias", "indirect")
AMAVIS: t.Final = "amavis.service"
CLAMD: t.Final = "clamav-daemon.service"
FRESHCLAM: t.Final = "clamav-freshclam.service"
DOVECOT: t.Final = "dovecot.service"
OPENDKIM: t.Final = "opendkim.service"
# Any of them fetches virus signatures: the daemon, and the timers of the role antivirus_antispam and of the package.
UPDATES: t.Final = (FRESHCLAM, "mailops-mta-definitions.timer", "clamav-freshclam-once.timer")
UNITS: t.Final = (AMAVIS, CLAMD, *UPDATES, DOVECOT, OPENDKIM)
# Part -> the Debian package whose version it goes by.
PACKAGES: t.Final[t.Mapping[str, str]] = {
    "postfix": "postfix",
    "antispam": "spamassassin",
    "antivirus": "clamav-daemon",
    "authentication": "dovecot-core",
    "dkim": "amavisd-new",
}
_AMAVIS_PORTS: t.Final = ("10024", "10026")


@dataclass(frozen=True, slots=True)
class Unit:
    """One systemd unit; since: seconds since 1970 when it was last started, 0 for never."""

    installed: bool = False
    enabled: bool = False
    running: bool = False
    since: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a socket said, and what is wrong with that."""

    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Amavis:
    """What Amavis makes of its own configuration; problem: why it cannot read it."""

    checks_spam: bool = False
    checks_viruses: bool = False
    verifies: bool = False
    keys: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mail server. answering is None when nobody asked, since it does not run or is not wanted."""

    declared: bool
    installed: bool
    enabled: bool
    running: bool
    answering: bool | None
    version: str = ""
    detail: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen of a host. sasl and clamd are None when nobody asked them."""

    units: t.Mapping[str, Unit]
    versions: t.Mapping[str, str]
    logins: bool = False
    sasl: Answer | None = None
    sasl_type: str = "dovecot"
    amavis: Amavis = field(default_factory=Amavis)
    clamd: Answer | None = None
    filters: t.Mapping[Address, Answer] = field(default_factory=dict)
    milters: t.Mapping[Address, Answer] = field(default_factory=dict)


def parse_units(text: str) -> dict[str, Unit]:
    """Read the output of "systemctl show --timestamp=unix" about several units."""
    found = {}
    for block in text.split("\n\n"):
        shown = dict(line.partition("=")[::2] for line in block.splitlines())
        since = shown.get("ActiveEnterTimestamp", "").removeprefix("@")
        found[shown.get("Id", "")] = Unit(
            installed=shown.get("LoadState") in ("loaded", "masked"),
            enabled=shown.get("UnitFileState") in _ENABLED,
            running=shown.get("ActiveState") in ("active", "reloading"),
            since=int(since) if since.isdigit() else 0,
        )
    return found


def parse_versions(text: str) -> dict[str, str]:
    """Read "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n'" by package."""
    words = (line.split() for line in text.splitlines())
    return {word[0]: word[1] for word in words if len(word) == 3 and word[2] == "installed"}


def parse_amavis(text: str, error: str) -> Amavis:
    """Read what the script that asks Amavis printed: name=number, one a line."""
    said = dict(line.partition("=")[::2] for line in text.splitlines())
    if "keys" not in said:
        return Amavis(problem=error.strip().splitlines()[0] if error.strip() else "no answer")
    return Amavis(
        checks_spam=said["bypass_spam"] == "0",
        checks_viruses=said["bypass_virus"] == "0",
        verifies=said["verify"] == "1",
        keys=int(said["keys"]) if said["sign"] == "1" else 0,
    )


def amavis_filters(facts: Facts) -> dict[Address, Answer]:
    """Return the content filters that are Amavis, by the name of the transport, the usual ports or the banner."""
    return {
        address: answer
        for address, answer in facts.filters.items()
        if "amavis" in address.name.lower() or address.port in _AMAVIS_PORTS or "amavis" in answer.text.lower()
    }


def parts(facts: Facts) -> dict[str, Part]:
    """Return every part but Postfix itself by its name."""
    return {
        "antispam": _antispam(facts),
        "antivirus": _antivirus(facts),
        "authentication": _authentication(facts),
        "dkim": _dkim(facts),
    }


def _part(
    name: str, facts: Facts, units: tuple[str, ...], declared: bool, answers: t.Sequence[Answer], detail: str
) -> Part:
    """Put a part together: it is as good as the worst of its units and of its answers."""
    states = [facts.units.get(unit, Unit()) for unit in units]
    running = all(state.running for state in states)
    return Part(
        declared=declared,
        installed=all(state.installed for state in states),
        enabled=all(state.enabled for state in states),
        running=running,
        answering=not any(answer.problem for answer in answers) if answers and running else None,
        version=facts.versions.get(PACKAGES[name], ""),
        detail=detail,
        problem="; ".join(answer.problem for answer in answers if answer.problem),
    )


def _antispam(facts: Facts) -> Part:
    filters = amavis_filters(facts)
    declared = bool(filters) and facts.amavis.checks_spam
    return _part("antispam", facts, (AMAVIS,), declared, list(filters.values()), _through(filters))


def _antivirus(facts: Facts) -> Part:
    filters = amavis_filters(facts)
    declared = bool(filters) and facts.amavis.checks_viruses
    answers = [*filters.values(), *([facts.clamd] if facts.clamd else [])]
    return _part("antivirus", facts, (AMAVIS, CLAMD), declared, answers, _through(filters))


def _authentication(facts: Facts) -> Part:
    answers = [facts.sasl] if facts.sasl else []
    # Cyrus SASL is a library within smtpd(8): it has no service of its own.
    units = (DOVECOT,) if facts.sasl_type == "dovecot" else ()
    detail = facts.sasl.text if facts.sasl else ""
    return _part("authentication", facts, units, facts.logins, answers, detail)


def _dkim(facts: Facts) -> Part:
    """Signing and verification by OpenDKIM, when it runs as a milter, or else by Amavis."""
    if facts.units.get(OPENDKIM, Unit()).installed and facts.milters:
        answers = list(facts.milters.values())
        return _part("dkim", facts, (OPENDKIM,), True, answers, f"OpenDKIM at {_listed(facts.milters)}")
    filters = amavis_filters(facts)
    does = [*(["verifies"] if facts.amavis.verifies else []), *([_signs(facts.amavis)] if facts.amavis.keys else [])]
    return _part("dkim", facts, (AMAVIS,), bool(filters and does), list(filters.values()), ", ".join(does))


def _signs(amavis: Amavis) -> str:
    return f"signs with {amavis.keys} key{'s' if amavis.keys > 1 else ''}"


def _through(filters: t.Mapping[Address, Answer]) -> str:
    return f"Amavis at {_listed(filters)}" if filters else ""


def _listed(addresses: t.Iterable[Address]) -> str:
    return ", ".join(str(address) for address in addresses)
