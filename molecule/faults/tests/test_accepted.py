# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks unusual and is right is accepted; what a rule refuses can be forced, loudly."""

from __future__ import annotations

from typing import Any

import pytest
from lab.tasks import Answer, run_tasks
from lab.topology import Lab

ACCEPTED: dict[str, dict[str, object]] = {
    "compound lifetime": {"maximal_queue_lifetime": "1d12h"},
    "lifetime without last unit": {"maximal_queue_lifetime": "1w2"},
    "no lifetime": {"maximal_queue_lifetime": "0"},
    "yes in capitals": {"smtpd_helo_required": "YES"},
    "truth": {"smtpd_helo_required": True},
    "parameter of one's own": {"my_banner_text": "hello", "smtpd_banner": "$myhostname ESMTP $my_banner_text"},
    "parameter of a transport": {"relay_destination_concurrency_limit": 5, "lmtp_destination_recipient_limit": "7"},
    "restriction class": {
        "smtpd_restriction_classes": "careful",
        "careful": ["reject_unknown_sender_domain", "permit"],
        "smtpd_sender_restrictions": ["careful"],
    },
    "brackets around an IPv6 network": {"mynetworks": ["127.0.0.0/8", "[::1/128]"]},
    "brackets around an IPv6 address": {"mynetworks": ["[::1]/128", "127.0.0.0/8"]},
    "excluded network": {"mynetworks": ["!192.0.2.1", "192.0.2.0/24", "127.0.0.0/8"]},
    "literal dollar": {"smtpd_banner": "$myhostname ESMTP costs 5$$"},
    "conditional": {"smtpd_timeout": "${stress?{10s}:{300s}}"},
    "DNSBL with all there is": {"postscreen_dnsbl_sites": ["zen.example.test=127.0.0.[2..11;14]*3", "b.test*-2"]},
}
FORCED = {"wholly_unheard_of": "x"}


@pytest.fixture(scope="session")
def answers(lab: Lab) -> dict[str, dict[str, tuple[Answer, Answer]]]:
    """The answers to setting and to putting right, by host and name."""
    tasks: list[Any] = []
    for wanted in ACCEPTED.values():
        tasks.append({"mailops.mta.postconf": {"parameters": wanted}})
        kept = {"mynetworks": "127.0.0.0/8 [::1]/128"}
        tasks.append({"mailops.mta.postconf": {"parameters": {name: kept.get(name) for name in wanted}}})
    tasks.append({"mailops.mta.postconf": {"parameters": FORCED, "force": list(FORCED)}})
    tasks.append({"mailops.mta.postconf": {"parameters": dict.fromkeys(FORCED)}})
    given = run_tasks(lab, tasks)
    names = [*ACCEPTED, "forced"]
    return {
        host: dict(zip(names, zip(all_[::2], all_[1::2], strict=True), strict=True)) for host, all_ in given.items()
    }


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(answers: dict[str, dict[str, tuple[Answer, Answer]]], mta: str, name: str) -> None:
    for answer in answers[mta][name]:
        assert not answer["failed"], answer["msg"]
        assert answer["changed"]
        assert not answer.get("warnings")


def test_force(answers: dict[str, dict[str, tuple[Answer, Answer]]], mta: str) -> None:
    """The value is written, with a warning that names it; without force it can only be removed."""
    forced, removed = answers[mta]["forced"]
    assert forced["changed"]
    assert "wholly_unheard_of = x" in forced["diff"]["after"]
    assert [text for text in forced["warnings"] if "FORCED" in text and "wholly_unheard_of" in text]
    assert removed["changed"]
    assert not removed.get("warnings")
