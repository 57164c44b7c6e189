# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS policies that domains publish: DANE where a name server validates, MTA-STS where none does, never both."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from lab import lifecycle, mail, play
from lab.letters import SERVERS, Letter, send, waiting
from lab.topology import PEER, Lab

RunSite = Callable[..., play.Play]
ANN = "ann@example.test"
WANTED = {
    "mta_outbound_relayhost": {},
    "mta_outbound_mta_sts": True,
    "mta_outbound_smtp_tls_policy_maps": ["inline:{lenient.test=may}"],
}
_DIGEST = """openssl x509 -in /var/lib/lab-tls/cert.pem -noout -pubkey |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1"""
# Of all domains: mail goes to MX hosts with valid certificates alone. mail.example.net has none.
_MX = "mx: mail.example.net\\r\\nmx: certified.mail.example.net"
_POLICY = f"version: STSv1\\r\\nmode: enforce\\r\\n{_MX}\\r\\nmax_age: 86400\\r\\n"
_SERVE = f"""mkdir -p /srv/sts/.well-known && printf '{_POLICY}' >/srv/sts/.well-known/mta-sts.txt
    systemctl is-active -q sts || systemd-run -q --unit=sts --working-directory=/srv/sts python3 /opt/lab/https.py
    systemctl is-active -q validator || systemd-run -q --unit=validator python3 /opt/lab/validator.py $1"""


def remarks(run: play.Play, server: str) -> str:
    """What the run said to a server's administrator."""
    return " ".join(each.message for each in run.outcomes if each.host == server and "attention" in each.task)


def ask(lab: Lab, address: str) -> None:
    """Let both servers ask another name server, also inside of Postfix's chroot."""
    for server in SERVERS:
        script = "echo nameserver $1 >/etc/resolv.conf; cp /etc/resolv.conf /var/spool/postfix/etc/resolv.conf"
        mail.output(lab, server, "sh", "-c", script, "ask", address)


def states(lab: Lab) -> dict[str, list[str]]:
    """Whether the resolver for MTA-STS runs, and whether it starts at boot."""
    script = "systemctl is-active postfix-mta-sts-resolver; systemctl is-enabled postfix-mta-sts-resolver"
    return {server: mail.execute(lab, server, "sh", "-c", script).out.split() for server in SERVERS}


@pytest.fixture(scope="module", autouse=True)
def published(lab: Lab) -> None:
    """Domains with the right and with a wrong TLSA record, and three with a policy for MTA-STS."""
    mail.output(lab, PEER.name, "sh", "-ec", _SERVE, "serve", lab.client(125))
    digest = mail.output(lab, PEER.name, "sh", "-c", _DIGEST).strip()
    # A domain with two records of MTA-STS has none.
    lifecycle.clear_records(lab)
    lifecycle.add_records(lab, [
        "mx-host=right.test,mx.right.test,10", f"address=/mx.right.test/{lab.address(PEER.name)}",
        f"dns-rr=_25._tcp.mx.right.test,52,030101{digest}",
        "mx-host=wrong.test,mx.wrong.test,10", f"address=/mx.wrong.test/{lab.address(PEER.name)}",
        f"dns-rr=_25._tcp.mx.wrong.test,52,030101{'00' * 32}", "mx-host=other.test,mx.wrong.test,10",
        "mx-host=sts.test,mail.example.net,10", 'txt-record=_mta-sts.sts.test,"v=STSv1; id=1;"',
        f"address=/mta-sts.sts.test/{lab.address(PEER.name)}",
        "mx-host=proper.test,certified.mail.example.net,10", 'txt-record=_mta-sts.proper.test,"v=STSv1; id=1;"',
        f"address=/mta-sts.proper.test/{lab.address(PEER.name)}",
        "mx-host=lenient.test,mail.example.net,10", 'txt-record=_mta-sts.lenient.test,"v=STSv1; id=1;"',
        f"address=/mta-sts.lenient.test/{lab.address(PEER.name)}",
    ])  # fmt: skip


@pytest.fixture(scope="module")
def dane(lab: Lab, run_site: RunSite) -> Iterator[SimpleNamespace]:
    """The name server validates."""
    cursors = {server: mail.journal_cursor(lab, server) for server in SERVERS}
    ask(lab, lab.client(125))
    try:
        run = run_site(WANTED)
        assert (run.code, run.warnings) == (0, []), run.output
        letters = {"right": Letter(ANN, "any@right.test"), "wrong": Letter(ANN, "kept@wrong.test", copies=0)}
        letters["sts"] = Letter(ANN, "any@sts.test")
        arrived = send(lab, letters)
        reasons = {server: waiting(lab, server, "kept@wrong.test") for server in SERVERS}
        logs = {server: mail.journal(lab, server, cursors[server]) for server in SERVERS}
        yield SimpleNamespace(run=run, arrived=arrived, reasons=reasons, logs=logs)
    finally:
        ask(lab, lab.address(PEER.name))


@pytest.fixture(scope="module")
def chosen(lab: Lab, run_site: RunSite, dane: t.Any) -> SimpleNamespace:
    """The name server validates, but one destination alone is asked for its records."""
    assert dane.run.code == 0
    run = run_site({
        "mta_outbound_relayhost": {},
        "mta_outbound_smtp_tls_security_level": "may",
        "mta_outbound_tls_policies": {"wrong.test": "dane"},
    })  # fmt: skip
    assert (run.code, run.warnings) == (0, []), run.output
    letters = {"chosen": Letter(ANN, "chosen@wrong.test", copies=0), "other": Letter(ANN, "any@other.test")}
    arrived = send(lab, letters)
    return SimpleNamespace(
        arrived=arrived, reasons={server: waiting(lab, server, "chosen@wrong.test") for server in SERVERS}
    )


@pytest.fixture(scope="module")
def mta_sts(lab: Lab, run_site: RunSite, dane: t.Any) -> SimpleNamespace:
    """The name server does not validate any longer."""
    assert dane.run.code == 0
    ask(lab, lab.address(PEER.name))
    run = run_site(WANTED)
    assert (run.code, run.warnings) == (0, []), run.output
    letters = {"wrong": Letter(ANN, "any@wrong.test"), "sts": Letter(ANN, "strict@sts.test", copies=0)}
    letters |= {"proper": Letter(ANN, "any@proper.test"), "lenient": Letter(ANN, "any@lenient.test")}
    cursors = {server: mail.journal_cursor(lab, server) for server in SERVERS}
    arrived = send(lab, letters)
    reasons = {server: waiting(lab, server, "strict@sts.test") for server in SERVERS}
    logs = {server: mail.journal(lab, server, cursors[server]) for server in SERVERS}
    return SimpleNamespace(run=run, arrived=arrived, reasons=reasons, logs=logs)


def test_the_certificate_of_a_tlsa_record_is_verified(dane: SimpleNamespace, mta: str) -> None:
    (seen,) = dane.arrived[mta, "right"]
    assert seen.tls
    assert "Verified TLS connection established to mx.right.test" in dane.logs[mta]


def test_mail_waits_where_the_certificate_is_another(dane: SimpleNamespace, mta: str) -> None:
    assert "Server certificate not" in dane.reasons[mta]
    assert dane.arrived[mta, "wrong"] == []


def test_mta_sts_does_not_override_dane(dane: SimpleNamespace, mta: str) -> None:
    assert len(dane.arrived[mta, "sts"]) == 1
    assert "mta_outbound_mta_sts: nobody is asked" in remarks(dane.run, mta)
    assert "no more than may" not in remarks(dane.run, mta)


def test_dane_for_one_destination_alone(chosen: SimpleNamespace, mta: str) -> None:
    assert "Server certificate not" in chosen.reasons[mta]
    assert chosen.arrived[mta, "chosen"] == []
    (seen,) = chosen.arrived[mta, "other"]
    assert seen.tls


def test_without_validation_the_run_says_so(lab: Lab, mta_sts: SimpleNamespace, mta: str) -> None:
    said = f"dane is no more than may here, because no validating name server: {lab.address(PEER.name)}"
    assert said in remarks(mta_sts.run, mta)


def test_without_validation_a_tlsa_record_counts_for_nothing(mta_sts: SimpleNamespace, mta: str) -> None:
    (seen,) = mta_sts.arrived[mta, "wrong"]
    assert seen.tls


def test_a_policy_of_mta_sts_is_followed(mta_sts: SimpleNamespace, mta: str) -> None:
    assert "Server certificate not" in mta_sts.reasons[mta]
    assert mta_sts.arrived[mta, "sts"] == []


def test_mail_goes_where_the_certificate_is_as_the_policy_wants(mta_sts: SimpleNamespace, mta: str) -> None:
    (seen,) = mta_sts.arrived[mta, "proper"]
    assert (seen.port, seen.tls) == (25, True)
    assert "Verified TLS connection established to certified.mail.example.net" in mta_sts.logs[mta]


def test_a_policy_of_ones_own_wins_over_mta_sts(mta_sts: SimpleNamespace, mta: str) -> None:
    (seen,) = mta_sts.arrived[mta, "lenient"]
    assert (seen.port, seen.tls) == (25, True)


@pytest.fixture(scope="module")
def without(lab: Lab, run_site: RunSite, mta_sts: SimpleNamespace) -> SimpleNamespace:
    """MTA-STS is not wanted any longer."""
    assert mta_sts.run.code == 0
    assert states(lab) == {server: ["active", "enabled"] for server in SERVERS}
    run = run_site({**WANTED, "mta_outbound_mta_sts": False})
    assert (run.code, run.warnings) == (0, []), run.output
    return SimpleNamespace(states=states(lab), arrived=send(lab, {"sts": Letter(ANN, "later@sts.test")}))


def test_without_mta_sts_nobody_is_asked(without: SimpleNamespace, mta: str) -> None:
    assert without.states[mta] == ["inactive", "disabled"]
    assert len(without.arrived[mta, "sts"]) == 1
