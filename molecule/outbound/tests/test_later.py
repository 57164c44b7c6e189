# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the site again: nothing to do, one password, another relay host that is down, and none at all."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace

import pytest
from lab import files, layers, leaks, lifecycle, mail, play
from lab.letters import SERVERS, Letter, in_flight, send, waiting
from lab.topology import HOSTS, MTA_HOSTS, PEER, Lab

RunSite = Callable[..., play.Play]
ANN = "ann@example.test"
CREDENTIALS = {"/etc/postfix/sasl_passwd", "/etc/postfix/sasl_passwd.lmdb"}
JOURNAL = "/var/lib/mailops-mta"
_FINGERPRINT = "openssl x509 -in /var/lib/lab-tls/cert.pem -noout -fingerprint -sha256 | cut -d= -f2"
KEPT = Letter("wrong@example.test", f"{mail.new_token()}@example.com", copies=0)
PASSWORDS = ["correct-horse", "branch-horse", "backup-horse", "wrong-horse"]


@contextlib.contextmanager
def watched(lab: Lab) -> Iterator[SimpleNamespace]:
    """What happens on each server inside a `with`: files that change, runs of postmap, reloads and starts."""
    seen = SimpleNamespace(files={}, postmap={}, activations={})
    before = {server: files.configuration(lab, server) for server in SERVERS}
    cursors = {server: mail.journal_cursor(lab, server) for server in SERVERS}
    with contextlib.ExitStack() as stack:
        runs = {server: stack.enter_context(leaks.watched(lab, server, ["postmap"])) for server in SERVERS}
        yield seen
    for server in SERVERS:
        after = files.configuration(lab, server)
        paths = {path for path in before[server].keys() | after if before[server].get(path) != after.get(path)}
        seen.files[server] = {path for path in paths if not path.startswith(JOURNAL)}
        seen.postmap[server] = bool(runs[server])
        lines = mail.journal(lab, server, cursors[server]).splitlines()
        seen.activations[server] = [line for line in lines if "reload -- " in line or "daemon started" in line]


@pytest.fixture(scope="module")
def again(lab: Lab, run_site: RunSite) -> SimpleNamespace:
    """The same variables once more."""
    with watched(lab) as seen:
        seen.run = run_site({})
    return seen


@pytest.fixture(scope="module", params=layers.SUFFIXES)
def layer(
    request: pytest.FixtureRequest, run_site: RunSite, variables: Mapping[str, t.Any], again: SimpleNamespace
) -> play.Play:
    """All that a group or a server may add to is said by the group's variables, or by the server's."""
    assert again.run.code == 0
    return run_site(layers.moved(variables, layers.layered("mta_outbound"), request.param))


@pytest.fixture(scope="module")
def rotation(lab: Lab, run_site: RunSite, variables: Mapping[str, t.Any], again: SimpleNamespace) -> SimpleNamespace:
    """One password becomes right, its check before; a letter was waiting for it."""
    assert again.run.code == 0
    send(lab, {"kept": KEPT})
    reasons = {server: waiting(lab, server, KEPT.recipient) for server in SERVERS}
    senders = variables["mta_outbound_sender_relayhosts"]
    right = {**senders, KEPT.sender: {**senders[KEPT.sender], "password": "correct-horse"}}
    changes = {"mta_outbound_sender_relayhosts": right}
    checked = run_site(changes, "--check", "--diff", "-vvv")
    with watched(lab) as seen:
        seen.run = run_site(changes, "--diff", "-vvv")
    for server in SERVERS:
        mail.output(lab, server, "postqueue", "-f")
    arrived = mail.stored(lab, KEPT.recipient, count=len(SERVERS))
    seen.arrived = {
        (host.name, "kept"): one for host in MTA_HOSTS for one in arrived if one.client == lab.address(host.name)
    }
    seen.reasons, seen.checked = reasons, checked
    return seen


def test_the_same_again_touches_nothing(again: SimpleNamespace) -> None:
    assert (again.run.code, again.run.changed, again.run.warnings) == (0, set(), []), again.run.output
    assert again.files == {server: set() for server in SERVERS}
    assert again.postmap == dict.fromkeys(SERVERS, False)
    assert again.activations == {server: [] for server in SERVERS}


def test_a_group_and_a_server_may_say_it_as_well(layer: play.Play) -> None:
    assert (layer.code, layer.changed, layer.warnings) == (0, set(), []), layer.output


def test_one_password_is_one_pair_of_files(rotation: SimpleNamespace) -> None:
    task = "mailops.mta.mta_outbound : Set client credentials"
    assert (rotation.run.code, rotation.run.warnings) == (0, []), rotation.run.output
    assert rotation.checked.changed == rotation.run.changed == {(server, task) for server in SERVERS}
    assert rotation.files == dict.fromkeys(SERVERS, CREDENTIALS)
    assert rotation.postmap == dict.fromkeys(SERVERS, True)
    # Postfix notices a replaced table by itself.
    assert rotation.activations == {server: [] for server in SERVERS}


def test_mail_waits_for_the_right_password(lab: Lab, rotation: SimpleNamespace, mta: str) -> None:
    assert "SASL authentication failed" in rotation.reasons[mta]
    assert waiting(lab, mta, KEPT.recipient, seconds=0) == ""
    assert rotation.arrived[mta, "kept"].user == "relay"


@pytest.mark.parametrize("run", ["checked", "run"])
def test_no_output_shows_a_password(rotation: SimpleNamespace, run: str) -> None:
    output = getattr(rotation, run).output
    assert [word for word in PASSWORDS if word in output] == []


def test_passwords_are_in_the_table_alone(lab: Lab, rotation: SimpleNamespace, mta: str) -> None:
    assert rotation.run.code == 0
    assert set(leaks.files(lab, mta, PASSWORDS)) == CREDENTIALS


@pytest.fixture(scope="module")
def down(lab: Lab, run_site: RunSite) -> SimpleNamespace:
    """The relay host is down, and there is a fallback that asks for a login.

    Of the other next hops one is down, one knows another password, and one cannot encrypt. Passwords are allowed the
    other way round than by default: in clear text, and not with TLS.
    """
    fingerprint = mail.output(lab, PEER.name, "sh", "-c", _FINGERPRINT).strip()
    pinned = {"host": "pinned.mail.example.net", "tls": {"level": "fingerprint", "match": [fingerprint]}}
    changes = {
        "mta_outbound_relayhost": {"host": "relay.example.net", "port": 2599},
        "mta_outbound_smtp_fallback_relay": [
            {"host": "mail.example.net", "port": 2598},
            {"host": "relay2.example.net", "port": 587, "username": "backup", "password": "backup-horse"},
        ],
        "mta_outbound_sender_relayhosts": {},
        "mta_outbound_tls_policies": {"[relay2.example.net]:587": "none"},
        "mta_outbound_smtp_sasl_security_options": ["noanonymous"],
        "mta_outbound_smtp_sasl_tls_security_options": ["noanonymous", "noplaintext"],
        "mta_outbound_smtp_helo_name": "short",
    }
    login = {"port": 587, "username": "relay"}
    transports = {
        "pinned.test": pinned,
        "partner.test": None,
        "login.test": {**login, "host": "l.mail.example.net", "password": "wrong-horse", "tls": "none"},
        "safe.test": {**login, "host": "m.mail.example.net", "password": "correct-horse", "tls": "encrypt"},
    }
    hosts = {server: {"mta_outbound_transports_host": transports} for server in SERVERS}
    run = run_site(changes, **hosts)
    assert (run.code, run.warnings) == (0, []), run.output
    recipients = {
        "any": "any@example.com",
        "down": "any@down.test",
        "pinned": "any@pinned.test",
        "gone": "any@partner.test",
        "login": "any@login.test",
        "plain": "any@plain.test",
        "safe": "any@safe.test",
        "clear": "any@clear.test",
    }
    return SimpleNamespace(run=run, arrived=send(lab, {name: Letter(ANN, to) for name, to in recipients.items()}))


# That of a transport which one server has taken away goes to the relay host as well.
@pytest.mark.parametrize("name", ["any", "down", "gone", "login", "plain", "safe"])
def test_the_fallback_relay_takes_it(lab: Lab, down: SimpleNamespace, mta: str, name: str) -> None:
    (seen,) = down.arrived[mta, name]
    assert (seen.server, seen.port, seen.user, seen.tls) == (lab.client(126), 587, "backup", False)


def test_a_login_in_clear_text_where_it_is_allowed(lab: Lab, down: SimpleNamespace, mta: str) -> None:
    (seen,) = down.arrived[mta, "clear"]
    assert (seen.server, seen.port, seen.user, seen.tls) == (lab.address(PEER.name), 587, "relay", False)


def test_a_certificate_is_known_by_its_fingerprint(lab: Lab, down: SimpleNamespace, mta: str) -> None:
    (seen,) = down.arrived[mta, "pinned"]
    assert (seen.server, seen.port, seen.tls) == (lab.address(PEER.name), 25, True)


def test_a_short_helo_name_is_told(down: SimpleNamespace, mta: str) -> None:
    (seen,) = down.arrived[mta, "any"]
    assert seen.helo == "short"
    said = [each.message for each in down.run.outcomes if each.host == mta and "attention" in each.task]
    assert len(said) == 1
    assert 'mta_outbound_smtp_helo_name: "short" is not fully qualified' in said[0]


@pytest.fixture(scope="module")
def none_here(lab: Lab, run_site: RunSite, variables: Mapping[str, t.Any], down: SimpleNamespace) -> SimpleNamespace:
    """Every mapping of the role is empty again, and the relay host of the group is none on these servers."""
    assert down.run.code == 0
    empty = {
        name: type(value)()
        for name, value in variables.items()
        if name.startswith("mta_outbound_") and name not in ("mta_outbound_smtp_helo_name", "mta_outbound_relayhost")
    }
    hosts = {server: {"mta_outbound_relayhost": {}} for server in SERVERS}
    lifecycle.add_records(lab, ["mx-host=meanwhile.test,mail.example.net,10"])
    with in_flight(lab, Letter(ANN, "any@meanwhile.test")) as sent:
        changes = {**empty, "mta_outbound_smtp_helo_name": "$myhostname"}
        run = run_site(changes, "--diff", "-vvv", **hosts)
    assert (run.code, run.warnings) == (0, []), run.output
    letters = {"outside": "any@example.org", "inside": "bob@inside.test", "transport": "any@partner.test"}
    lifecycle.add_records(lab, [f"mx-host={domain},mail.example.net,10" for domain in ("inside.test", "partner.test")])
    arrived = send(lab, {name: Letter("nick@example.test", recipient) for name, recipient in letters.items()})
    return SimpleNamespace(run=run, arrived=arrived, sent=sent)


@pytest.mark.parametrize("name", ["outside", "inside", "transport"])
def test_without_relay_host_mail_goes_to_each_domain(lab: Lab, none_here: SimpleNamespace, mta: str, name: str) -> None:
    (seen,) = none_here.arrived[mta, name]
    assert (seen.server, seen.port, seen.user) == (lab.address(PEER.name), 25, None)
    assert (seen.sender, seen.helo) == ("nick@example.test", HOSTS[mta].fqdn)


def test_without_relay_host_nothing_is_left_of_the_credentials(lab: Lab, none_here: SimpleNamespace, mta: str) -> None:
    assert (mta, "mailops.mta.mta_outbound : Remove client credentials") in none_here.run.changed
    assert leaks.files(lab, mta, PASSWORDS) == []
    assert [word for word in PASSWORDS if word in none_here.run.output] == []


def test_no_mail_came_back_while_a_login_was_removed(lab: Lab, none_here: SimpleNamespace, mta: str) -> None:
    """A relay host refuses for good what comes without a login, so that one has to stay as long as it is used."""
    tokens = none_here.sent[mta]
    assert len(tokens) > 3
    common = next(iter(tokens)).rpartition(".")[0].rpartition(".")[0]
    arrived = mail.stored(lab, f"{common}.", count=len(tokens), seconds=60)
    assert [each for each in arrived if each.sender == ""] == []
    assert {token for token in tokens if any(token in each.message for each in arrived)} == tokens
    assert {each.user for each in arrived} == {"backup", None}
