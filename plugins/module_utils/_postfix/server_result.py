# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what instance_info returns: plain values, times in ISO 8601 (UTC)."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from .certificate import Certificate
from .listener import Listener
from .master_service import Service, program
from .queue_result import time_text
from .server_part import Answer
from .server_problem import Limits, Seen, problems
from .signature import Signatures

Result: t.TypeAlias = "dict[str, object]"


def server_result(seen: Seen, limits: Limits) -> Result:
    """The parts, the certificates, the signatures and the problems."""
    return {
        "checked_at": time_text(seen.now),
        "parts": {name: asdict(part) for name, part in {"postfix": seen.postfix, **seen.parts}.items()},
        "certificates": [_certificate(each, seen) for each in seen.certificates],
        "signatures": [_signatures(each, seen.now) for each in seen.signatures],
        "problems": [asdict(problem) for problem in problems(seen, limits)],
    }


def listener_results(
    services: Mapping[str, Service], listeners: Mapping[str, Listener], answers: Mapping[str, Answer]
) -> list[Result]:
    """The SMTP listeners, in the order of master.cf."""
    return [
        {
            "service": key,
            "address": str(listener),
            "program": program(services[key]),
            "tls": listener.tls,
            "answering": not answers[key].problem if key in answers else None,
            "banner": answers[key].text.partition("\n")[0] if key in answers else "",
            "extensions": _extensions(answers[key].text) if key in answers else [],
            "problem": answers[key].problem if key in answers else "",
        }
        for key, listener in listeners.items()
    ]


def _extensions(text: str) -> list[str]:
    """Return what follows the first line of the reply to EHLO, which comes after the banner."""
    return [line[4:] for line in text.split("\n") if line.startswith("250")][1:]


def _certificate(certificate: Certificate, seen: Seen) -> Result:
    known = not certificate.problem
    return {
        "path": certificate.path,
        "subject": certificate.subject,
        "names": list(certificate.names),
        "self_signed": certificate.self_signed if known else None,
        "not_before": time_text(certificate.not_before) if known else None,
        "not_after": time_text(certificate.not_after) if known else None,
        "days_left": certificate.days_left(seen.now) if known else None,
        "problem": certificate.problem,
    }


def _signatures(signatures: Signatures, now: float) -> Result:
    built = signatures.built or signatures.changed
    return {
        "name": signatures.name,
        "version": signatures.number,
        "signatures": signatures.count,
        "built": time_text(built),
        "age": max(0, int(now - built)),
    }


def starttls_problems(answers: Mapping[str, Answer], wanted: Sequence[str]) -> dict[str, str]:
    """Return what is wrong with each listener: its own trouble, or no STARTTLS where TLS is wanted."""
    return {key: answer.problem or (_starttls(answer.text) if key in wanted else "") for key, answer in answers.items()}


def _starttls(text: str) -> str:
    if "STARTTLS" not in _extensions(text):
        return "does not offer STARTTLS, though its security level wants TLS"
    reply = text.rpartition("STARTTLS: ")[2]
    return "" if reply == "works" else f"offers STARTTLS, which {reply}"
