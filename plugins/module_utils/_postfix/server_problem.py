# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what is wrong with a mail server, in sentences with a severity."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .certificate import Certificate, covers
from .queue_listing import Total
from .server_part import UPDATES, Facts, Part, Unit, amavis_filters
from .signature import Signatures, newest

Severity = t.Literal["critical", "warning", "notice"]
SEVERITIES: t.Final = t.get_args(Severity)
_DAY: t.Final = 86400
_HOUR: t.Final = 3600
# pickup(8) looks every 60 s, and at once when sendmail(1) tells it.
_MAILDROP_SECONDS: t.Final = 300
# smtpd(8) refuses mail below 1.5 times message_size_limit: postconf(5), queue_minfree.
_FREE_FACTOR: t.Final = 1.5


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. part: postfix, listener, certificate, queue, signatures, or one of the parts beside Postfix."""

    severity: Severity
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """When something becomes a problem."""

    certificate_days: int = 21
    signature_days: int = 3
    deferred_hours: int = 24


@dataclass(frozen=True, slots=True)
class Seen:
    """All that judging takes. listeners: what is wrong with each. free: bytes that the queue's file system has left."""

    now: float
    postfix: Part
    parts: t.Mapping[str, Part]
    facts: Facts
    hostname: str = ""
    qmgr: bool = True
    pending: bool = False
    listeners: t.Mapping[str, str] = field(default_factory=dict)
    certificates: t.Sequence[Certificate] = ()
    signatures: t.Sequence[Signatures] = ()
    queues: t.Mapping[str, Total] = field(default_factory=dict)
    free: int = 0
    message_size_limit: int = 0
    unused: t.Sequence[str] = ()


def problems(seen: Seen, limits: Limits) -> tuple[Problem, ...]:
    """Return what is wrong, the worst first."""
    found = [
        *_postfix(seen),
        *_parts(seen),
        *_filters(seen),
        *(problem for each in seen.certificates for problem in _certificate(each, seen, limits)),
        *_signatures(seen, limits),
        *_queues(seen, limits),
    ]
    return tuple(sorted(found, key=lambda problem: SEVERITIES.index(problem.severity)))


def _postfix(seen: Seen) -> t.Iterator[Problem]:
    if not seen.postfix.running:
        yield Problem("critical", "postfix", "Postfix does not run: no mail is taken and none is delivered")
    elif not seen.qmgr:
        yield Problem("critical", "postfix", "the queue manager, qmgr(8), does not run: no mail is delivered")
    if not seen.postfix.enabled:
        yield Problem("warning", "postfix", "Postfix will not start when the server boots")
    for listener, problem in seen.listeners.items():
        if problem and seen.postfix.running:
            yield Problem("critical", "listener", f"{listener} {problem}")
    if seen.pending:
        yield Problem("warning", "postfix", "the configuration has changes that the running Postfix has not taken up")
    if seen.unused:
        yield Problem("notice", "postfix", f"main.cf sets parameters that nothing reads: {', '.join(seen.unused)}")


def _parts(seen: Seen) -> t.Iterator[Problem]:
    for name, part in seen.parts.items():
        if not part.declared:
            continue
        if not part.installed:
            yield Problem("critical", name, f"{_NAMES[name]} is configured, and not installed")
        elif not part.running:
            yield Problem("critical", name, f"{_NAMES[name]} is configured, and does not run")
        elif part.answering is False:
            yield Problem("critical", name, f"{_NAMES[name]} runs, and does not answer: {part.problem}")
        elif not part.enabled:
            yield Problem("warning", name, f"{_NAMES[name]} will not start when the server boots")


_NAMES: t.Final[t.Mapping[str, str]] = {
    "antispam": "the spam filter",
    "antivirus": "the virus filter",
    "authentication": "the SASL server",
    "dkim": "DKIM",
}


def _filters(seen: Seen) -> t.Iterator[Problem]:
    """What concerns no part alone: filters that are not Amavis, milters, and an Amavis that filters nothing."""
    facts, amavis = seen.facts, amavis_filters(seen.facts)
    for address, answer in {**facts.filters, **facts.milters}.items():
        if answer.problem and (address not in amavis or not any(part.declared for part in seen.parts.values())):
            yield Problem("critical", "postfix", f"the filter at {address} does not answer: {answer.problem}")
    if not amavis:
        return
    if facts.amavis.problem:
        yield Problem("critical", "antispam", f"Amavis cannot read its configuration: {facts.amavis.problem}")
    elif not facts.amavis.checks_spam and not facts.amavis.checks_viruses:
        text = "mail passes Amavis, which looks neither for spam nor for viruses, as Debian ships it"
        yield Problem("warning", "antispam", text)


def _certificate(certificate: Certificate, seen: Seen, limits: Limits) -> t.Iterator[Problem]:
    path, days = certificate.path, certificate.days_left(seen.now)
    if certificate.problem:
        yield Problem("critical", "certificate", f"{path}: {certificate.problem}")
    elif certificate.not_before > seen.now:
        yield Problem("critical", "certificate", f"{path} is not valid yet")
    elif certificate.not_after <= seen.now:
        yield Problem("critical", "certificate", f"{path} expired {_ago(seen.now - certificate.not_after)}")
    elif days < limits.certificate_days:
        yield Problem("warning", "certificate", f"{path} expires in {_days(days)}")
    if certificate.names and not any(covers(name, seen.hostname) for name in certificate.names):
        yield Problem("notice", "certificate", f"{path} is not for {seen.hostname}")


def _signatures(seen: Seen, limits: Limits) -> t.Iterator[Problem]:
    if not seen.parts["antivirus"].declared:
        return
    built = newest(seen.signatures)
    if not seen.signatures:
        yield Problem("warning", "signatures", "there are no virus signatures")
    elif not built:
        yield Problem(
            "notice", "signatures", "the virus signatures are other ones than those of ClamAV, daily and main"
        )
    elif seen.now - built > limits.signature_days * _DAY:
        yield Problem("warning", "signatures", f"the newest virus signatures were built {_ago(seen.now - built)}")
    if built and not any(seen.facts.units.get(name, Unit()).running for name in UPDATES):
        yield Problem("warning", "signatures", "nothing fetches new virus signatures: freshclam does not run")


def _queues(seen: Seen, limits: Limits) -> t.Iterator[Problem]:
    if 0 < seen.free < _FREE_FACTOR * max(seen.message_size_limit, 1):
        text = f"{seen.free >> 20} MiB are free for the queue, too little to take mail (1.5 times message_size_limit)"
        yield Problem("critical", "queue", text)
    corrupt, maildrop, deferred = (seen.queues.get(name, Total()) for name in ("corrupt", "maildrop", "deferred"))
    if corrupt.messages:
        yield Problem("warning", "queue", f"{_messages(corrupt.messages)} in the corrupt queue")
    if seen.postfix.running and _age(maildrop, seen.now) > _MAILDROP_SECONDS:
        yield Problem("warning", "queue", "mail lies in maildrop, and pickup(8) does not take it")
    if _age(deferred, seen.now) > limits.deferred_hours * _HOUR:
        hours = int(_age(deferred, seen.now) // _HOUR)
        text = f"{_messages(deferred.messages)} deferred, the oldest for {hours} hour{'' if hours == 1 else 's'}"
        yield Problem("warning", "queue", text)


def _age(total: Total, now: float) -> float:
    return 0.0 if total.oldest is None else now - total.oldest


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _ago(seconds: float) -> str:
    return f"{_days(int(seconds // _DAY))} ago" if seconds >= _DAY else "less than a day ago"
