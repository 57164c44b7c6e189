# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""instance_info on hosts that are well, and on hosts that are broken: it tells what is wrong, all of it and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab

NOW = dt.datetime.now(dt.UTC)
CHAIN = "/etc/postfix/chain.pem"
# Nobody can make a database as ClamAV's own are, so a host in the lab has none.
ALWAYS = {"notice signatures: the virus signatures are other ones than those of ClamAV"}
# The reply to MAIL FROM.
SENT = """python3 -c 'import smtplib; s = smtplib.SMTP("127.0.0.1"); s.ehlo(); print(s.mail("ann@example.com"))'"""
OWN_CHAIN = f"postconf -e smtpd_tls_chain_files={CHAIN} && postfix reload"


@dataclass(frozen=True, slots=True)
class State:
    """What is done to a host, how that is undone, and the problems that are seen: "SEVERITY PART: how it begins"."""

    broken: str
    mended: str
    problems: set[str]
    options: Mapping[str, int] = field(default_factory=dict)
    certificate: tuple[float, float] | None = None


STATES: dict[str, State] = {
    "well": State("true", "true", ALWAYS),
    "services stopped": State(
        # smtpd(8) dies when it finds nobody to ask for passwords.
        "systemctl stop clamav-daemon.socket clamav-daemon dovecot; postfix reload",
        "systemctl start clamav-daemon dovecot; systemctl restart postfix",
        {
            "critical listener: 127.0.0.1:25 closes the connection",
            *ALWAYS,
            "critical antivirus: the virus filter is configured, and does not run",
            "critical authentication: the SASL server is configured, and does not run",
        },
    ),
    "Amavis stopped, certificate expired": State(
        f"systemctl stop amavis; {OWN_CHAIN}",
        # It says that it has started before it listens.
        "systemctl start amavis; timeout 60 sh -c 'until ss -ltn | grep 127.0.0.1:10024; do sleep 0.2; done'",
        {
            *ALWAYS,
            "critical antispam: the spam filter is configured, and does not run",
            "critical antivirus: the virus filter is configured, and does not run",
            "critical dkim: DKIM is configured, and does not run",
            f"critical certificate: {CHAIN} expired 2 days ago",
            f"notice certificate: {CHAIN} is not for mx1",
        },
        certificate=(-30, -2.5),
    ),
    "Amavis frozen, certificate soon": State(
        "systemctl kill --signal=STOP amavis",
        "systemctl kill --signal=CONT amavis",
        {
            *ALWAYS,
            "critical antispam: the spam filter runs, and does not answer: says nothing",
            "critical antivirus: the virus filter runs, and does not answer: says nothing",
            "critical dkim: DKIM runs, and does not answer: says nothing",
            f"warning certificate: {CHAIN} expires in 9 days",
            f"notice certificate: {CHAIN} is not for mx1",
        },
        certificate=(-30, 9.5),
    ),
    "certificate gone, clamd frozen, milter gone": State(
        f"rm {CHAIN}; postconf -e smtpd_milters=inet:127.0.0.1:8891; postconf -e milter_default_action=accept;"
        " postfix reload; systemctl kill --signal=STOP clamav-daemon",
        "postconf -X smtpd_milters milter_default_action smtpd_tls_chain_files; postfix reload;"
        " systemctl kill --signal=CONT clamav-daemon",
        {
            *ALWAYS,
            "critical antivirus: the virus filter runs, and does not answer: says nothing",
            f"critical certificate: {CHAIN}: does not exist",
            "critical listener: 127.0.0.1:25 offers STARTTLS, which fails",
            "critical listener: 127.0.0.1:10025 offers STARTTLS, which fails",
            "critical postfix: the filter at 127.0.0.1:8891 does not answer: cannot be reached: Connection refused",
        },
    ),
    "not at boot, signatures old": State(
        "systemctl -q disable amavis clamav-daemon dovecot postfix; systemctl stop clamav-freshclam;"
        # Debian 13 fetches signatures by a timer as well.
        " systemctl -q stop clamav-freshclam-once.timer;"
        " printf 'ClamAV-VDB:01 Nov 2026 07-21 +0000:27800:2077045:90:m:s:b:1' >/var/lib/clamav/daily.cvd",
        "systemctl -q enable amavis clamav-daemon dovecot postfix; rm /var/lib/clamav/daily.cvd",
        {
            "warning postfix: Postfix will not start when the server boots",
            "warning antispam: the spam filter will not start when the server boots",
            "warning antivirus: the virus filter will not start when the server boots",
            "warning authentication: the SASL server will not start when the server boots",
            "warning dkim: DKIM will not start when the server boots",
            "warning signatures: the newest virus signatures were built ",
            "warning signatures: nothing fetches new virus signatures",
        },
    ),
    "Amavis as Debian ships it": State(
        "mv /etc/amavis/conf.d/60-lab /root/",
        "mv /root/60-lab /etc/amavis/conf.d/",
        {"warning antispam: mail passes Amavis, which looks neither for spam nor for viruses"},
    ),
    "Amavis with an error": State(
        "echo 'use strict; $surely_misspelt = 1;' >/etc/amavis/conf.d/70-error",
        "rm /etc/amavis/conf.d/70-error",
        {'critical antispam: Amavis cannot read its configuration: Error in config file "/etc/amavis/conf.d/70-error"'},
    ),
    "queue": State(
        "echo x >/var/spool/postfix/corrupt/0123456789; postconf -e no_such_parameter=1;"
        " echo | sendmail -f ann@example.com bob@hostile.example;"
        """ for try in $(seq 300); do postqueue -j | grep -q '"deferred"' && break; sleep 0.2; done""",
        "postsuper -d ALL; rm /var/spool/postfix/corrupt/0123456789; postconf -X no_such_parameter",
        {
            *ALWAYS,
            "warning queue: 1 message in the corrupt queue",
            "warning queue: 1 message deferred, the oldest for 0 hours",
            "notice postfix: main.cf sets parameters that nothing reads: no_such_parameter",
        },
        {"deferred_hours": 0},
    ),
    "disk full": State(
        "postconf -e message_size_limit=100000000000000 mailbox_size_limit=0 virtual_mailbox_limit=0; postfix reload;"
        f" {SENT}",
        "true",
        {*ALWAYS, "critical queue: "},
    ),
    "Postfix stopped": State(
        # On Debian 12 the unit that runs Postfix ends after the one that is stopped.
        "postconf -X message_size_limit mailbox_size_limit virtual_mailbox_limit; systemctl stop postfix;"
        " timeout 30 sh -c 'while postfix status; do sleep 0.1; done'",
        "systemctl start postfix",
        {*ALWAYS, "critical postfix: Postfix does not run"},
    ),
    "well again": State("true", "true", ALWAYS),
    "not installed": State(
        "mv /usr/bin/openssl /root/; DEBIAN_FRONTEND=noninteractive apt-get -q -y purge amavisd-new clamav-daemon"
        " clamav-freshclam dovecot-core; postfix reload",
        "mv /root/openssl /usr/bin/",
        {
            *ALWAYS,
            "critical listener: 127.0.0.1:25 closes the connection",
            "critical antispam: the spam filter is configured, and not installed",
            "critical antivirus: the virus filter is configured, and not installed",
            "critical authentication: the SASL server is configured, and not installed",
            "critical certificate: /etc/ssl/certs/ssl-cert-snakeoil.pem: cannot be read without the package openssl",
        },
    ),
}


def pem(days: tuple[float, float]) -> str:
    """Return a key and a certificate for another host, valid between so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "other.example.test")])
    first, last = (NOW + dt.timedelta(days=number) for number in days)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), first, last)
    names = x509.SubjectAlternativeName([x509.DNSName("other.example.test")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (secret + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def tasks(state: State) -> list[Task]:
    """Break a host, look at it, mend it."""
    given: list[Task] = []
    if state.certificate:
        given = [{"ansible.builtin.copy": {"content": pem(state.certificate), "dest": CHAIN, "mode": "0600"}}]
    return [
        *given,
        shell(state.broken),
        {"mailops.mta.instance_info": dict(state.options)},
        shell(state.mended),
    ]


INFO: Task = {"mailops.mta.instance_info": {}}
INSTANCE: Task = {"mailops.mta.instance": {}}
CHANGES: dict[str, Task] = {
    "first": INFO,
    "same": INFO,
    "clock": shell("date -u +%Y-%m-%dT%H:%M:%SZ; sleep 1; postfix reload"),
    "reloaded": INFO,
    "change": {"mailops.mta.postconf": {"parameters": {"maximal_queue_lifetime": "4d"}}},
    "changed": INFO,
    "take up": INSTANCE,
    "taken up": INFO,
    "back": {"mailops.mta.postconf": {"parameters": {"maximal_queue_lifetime": None}}},
    "end": INSTANCE,
}


@pytest.fixture(scope="session")
def changed(lab: Lab) -> dict[str, dict[str, Answer]]:
    """The answers to CHANGES by host and name."""
    given = run_tasks(lab, list(CHANGES.values()))
    return {host: dict(zip(CHANGES, all_, strict=True)) for host, all_ in given.items()}


@pytest.fixture(scope="session")
def answers(lab: Lab, changed: dict[str, dict[str, Answer]]) -> dict[str, dict[str, list[Answer]]]:
    """What was answered to the last three tasks of each state, by host and state; the last one takes much away."""
    assert changed
    asked = [tasks(state) for state in STATES.values()]
    found = {}
    for host, given in run_tasks(lab, [task for each in asked for task in each]).items():
        left = iter(given)
        found[host] = {name: [next(left) for _task in each][-3:] for name, each in zip(STATES, asked, strict=True)}
    return found


@pytest.mark.parametrize("name", STATES)
def test_problems(answers: dict[str, dict[str, list[Answer]]], mta: str, name: str) -> None:
    """All that is wrong is told, and nothing else, the worst first."""
    info = answers[mta][name][1]
    assert not info["failed"], info
    told = [f"{each['severity']} {each['part']}: {each['text']}" for each in info["problems"]]
    expected = STATES[name].problems
    assert [text for text in told if not text.startswith(tuple(expected))] == []
    assert [start for start in expected if not any(text.startswith(start) for text in told)] == []
    assert told == sorted(told, key=lambda text: ["critical", "warning", "notice"].index(text.split()[0]))


def test_well(answers: dict[str, dict[str, list[Answer]]], mta: str) -> None:
    """A host that is well: all five parts are as they should be, the listeners say what they offer."""
    info = answers[mta]["well"][1]
    assert {
        name: [part[key] for key in ("declared", "installed", "enabled", "running", "answering")]
        for name, part in info["parts"].items()
    } == {name: [True] * 5 for name in ("postfix", "antispam", "antivirus", "authentication", "dkim")}
    assert info["parts"]["authentication"]["detail"].split() == ["PLAIN", "LOGIN"]
    assert info["parts"]["dkim"]["detail"] == "verifies, signs with 1 key"
    assert info["parts"]["antispam"]["detail"] == "Amavis at 127.0.0.1:10024"
    outer, inner = info["listeners"]
    assert [outer["address"], inner["address"]] == ["127.0.0.1:25", "127.0.0.1:10025"]
    assert "STARTTLS" in outer["extensions"]
    assert outer["banner"].startswith(f"220 {mta}.example.test ESMTP")
    assert info["certificates"][0]["days_left"] > 3000


def test_disk_full_is_meant(answers: dict[str, dict[str, list[Answer]]], mta: str) -> None:
    """Postfix refuses mail for the reason that the problem tells."""
    broken, info, _mended = answers[mta]["disk full"]
    assert "452" in broken["stdout"]
    assert "too little to take mail" in info["problems"][0]["text"]


def test_stopped(answers: dict[str, dict[str, list[Answer]]], mta: str) -> None:
    """Of a Postfix that does not run, all is told that does not take one."""
    info = answers[mta]["Postfix stopped"][1]
    assert (info["last_reload"], info["parts"]["postfix"]["running"]) == (None, False)
    assert [listener["answering"] for listener in info["listeners"]] == [None, None]
    assert info["queues"]["deferred"]["messages"] == 0
    assert info["mail_version"] == answers[mta]["well"][1]["mail_version"]


def test_last_reload(changed: dict[str, dict[str, Answer]], mta: str) -> None:
    """A reload moves the time; what only reads does not."""
    given = changed[mta]
    reloads = [given[name]["last_reload"] for name in ("first", "same", "reloaded")]
    assert reloads[0] == reloads[1] < given["clock"]["stdout"].split()[0] <= reloads[2]


def test_pending_change(changed: dict[str, dict[str, Answer]], mta: str) -> None:
    """What Postfix has not taken up is a problem until it has."""
    text = "the configuration has changes that the running Postfix has not taken up"
    told = [[each["text"] for each in changed[mta][name]["problems"]] for name in ("first", "changed", "taken up")]
    assert [text in each for each in told] == [False, True, False]
    assert not changed[mta]["take up"]["failed"]
