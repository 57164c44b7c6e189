# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that are signed on their way out, and what is made of them when they come back."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Iterator, Mapping

import pytest
from lab import filtering, lifecycle
from lab.filtering import Letter
from lab.tasks import run_tasks
from lab.topology import MTA_HOSTS, Lab

OWN = {"sender": "ann@example.test", "recipient": "customer@example.net"}
SIGNED = {
    "own-client": Letter(via="own", **OWN),
    "user": Letter(via="login", **OWN),
    "branch": Letter(via="own", sender="any@branch.test", recipient=OWN["recipient"]),
}
DOMAINS = {"own-client": "example.test", "user": "example.test", "branch": "branch.test"}
Fates = dict[tuple[str, str], filtering.Fate]


def records(lab: Lab, scenario: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """The DNS records of each host's keys."""
    answers = run_tasks(lab, [{"mailops.mta.dkim_keys": {"keys": scenario["antivirus_antispam_dkim_keys"]}}])
    assert all(answer["changed"] is False for (answer,) in answers.values())
    return {host: answer["records"] for host, (answer,) in answers.items()}


@pytest.fixture(scope="module", autouse=True)
def published(lab: Lab, scenario: Mapping[str, object]) -> Iterator[dict[str, dict[str, str]]]:
    """Put the records into DNS; they are given by host."""
    lines = [f"mx-host={domain},mail.example.net,10" for domain in ("branch.test", "signs.test")]
    found = records(lab, scenario)
    for of_host in found.values():
        for name, text in of_host.items():
            strings = ",".join(f'"{part}"' for part in re.findall(".{1,255}", text))
            lines.append(f"txt-record={name},{strings}")
    lifecycle.add_records(lab, lines)
    yield found
    lifecycle.clear_records(lab)


@pytest.fixture(scope="module")
def signed(lab: Lab) -> Fates:
    """What left the hosts."""
    return filtering.send(lab, SIGNED)


@pytest.fixture(scope="module")
def returned(lab: Lab, signed: Fates) -> Fates:
    """Each host's signed message as it left and with another body, and an unsigned one, coming back from outside."""
    letters = {}
    for host in MTA_HOSTS:
        text = signed[host.name, "own-client"].copies[0].message.replace("\r\n", "\n").rstrip("\n") + "\n"
        start = text.index("DKIM-Signature:")
        kept = text[start:]
        letters[f"valid-{host.name}"] = Letter(sender="ann@example.test", text=kept)
        branch = signed[host.name, "branch"].copies[0].message.replace("\r\n", "\n").rstrip("\n") + "\n"
        letters[f"branch-{host.name}"] = Letter(
            sender="any@branch.test", text=branch[branch.index("DKIM-Signature:") :]
        )
        letters[f"altered-{host.name}"] = Letter(sender="ann@example.test", text=kept.replace("\n\nhello", "\n\nhallo"))
    letters["unsigned"] = Letter(sender="ann@example.test")
    letters["unsigned-branch"] = Letter(sender="any@branch.test")
    letters["unsigned-elsewhere"] = Letter(sender="any@signs.test")
    letters["stranger"] = Letter()
    return filtering.send(lab, letters)


@pytest.mark.parametrize("name", SIGNED)
def test_outgoing_mail_is_signed(signed: Fates, mta: str, name: str) -> None:
    fate = signed[mta, name]
    signature = fate.headers["DKIM-Signature"]
    # The first key of a domain signs.
    parts = (f"d={DOMAINS[name]};", f"s={mta};", "a=rsa-sha256;")
    assert [part for part in parts if part not in signature] == []
    assert f"dkim_new={mta}:{DOMAINS[name]}" in fate.log


@pytest.mark.parametrize("kind", ["valid", "branch"])
@pytest.mark.parametrize("signer", [host.name for host in MTA_HOSTS])
def test_a_valid_signature_passes(returned: Fates, mta: str, signer: str, kind: str) -> None:
    fate = returned[mta, f"{kind}-{signer}"]
    assert fate.headers["X-Spam-Flag"] == "NO"
    assert "dkim=pass" in fate.headers["Authentication-Results"]
    assert f"{mta}.example.test" in fate.headers["Authentication-Results"]


@pytest.mark.parametrize("name", ["altered-mx12", "altered-mx13", "unsigned", "unsigned-branch", "unsigned-elsewhere"])
def test_without_a_valid_signature_it_is_forged(returned: Fates, mta: str, name: str) -> None:
    fate = returned[mta, name]
    assert filtering.FORGED[mta] in fate.log
    marked = [copy for copy in fate.copies if "MTA_FORGED=8.25" in copy.message]
    assert len(marked) == len(fate.copies) == ("Passed" in filtering.FORGED[mta])


def test_others_need_no_signature(returned: Fates, mta: str) -> None:
    fate = returned[mta, "stranger"]
    assert "Passed CLEAN" in fate.log
    assert "Authentication-Results" not in fate.headers


def test_keys_are_for_amavis_alone(lab: Lab, mta: str, published: dict[str, dict[str, str]]) -> None:
    keys = (f"example.test.{mta}", f"example.test.later-{mta}", f"branch.test.{mta}")
    paths = [f"/etc/amavis/dkim/{key}.pem" for key in keys]
    assert filtering.mail.output(lab, mta, "stat", "-c", "%a %U %G", *paths) == "640 root amavis\n" * 3
    script = 'for key; do openssl pkey -in "$key" -noout -text | grep -o "[0-9]* bit"; done'
    assert filtering.mail.output(lab, mta, "sh", "-c", script, "bits", *paths) == "2048 bit\n2048 bit\n1024 bit\n"
    assert {text[:19] for text in published[mta].values()} == {"v=DKIM1; k=rsa; p=M"}


def test_the_records_are_written_down_on_the_controller(mta: str, published: dict[str, dict[str, str]]) -> None:
    lines = (pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / f"{mta}.dkim").read_text().splitlines()
    names = [line.partition(" IN TXT ( ")[0] for line in lines]
    assert names == [f"{name}." for name in published[mta]]
    assert ["".join(re.findall('"([^"]*)"', line)) for line in lines] == [*published[mta].values()]
