# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the site again: nothing to do, something else in the inventory, and back. Check mode says it all before."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from lab import files, layers, mail, play
from lab.engine import REPOSITORY
from lab.topology import MTA_HOSTS, Lab

SERVERS = [host.name for host in MTA_HOSTS]
# The client that mx12 alone trusts after the change.
CLIENT = 5

CLIENTS = "lmdb:clients"
CLIENTS_TABLE = "lmdb:/etc/postfix/maps.d/clients"
REFUSED, WELCOME = "192.0.2.1", "192.0.2.2"


def changed_inventory(lab: Lab) -> dict[str, dict[str, object]]:
    """Values of the group and of each server: something added, something overridden, something removed again."""
    return {
        "group": {
            "mta_base_aliases": {"sales": "sales@example.test", "support": "support@example.test"},
            "mta_base_lookup_tables": {CLIENTS: {"entries": {REFUSED: "REJECT not you", WELCOME: "OK"}}},
            "mta_base_parameters": {
                "smtp_quit_timeout": "4h",
                "smtpd_etrn_restrictions": [f"check_client_access {CLIENTS_TABLE}"],
            },
            "mta_base_services": {"submission/inet": {"command": "smtpd", "private": "n", "chroot": "y"}},
        },
        "mx12": {
            "mta_base_mynetworks_host": [f"{lab.client(CLIENT)}/32"],
            "mta_base_parameters_host": {"smtp_quit_timeout": "2h"},
        },
        "mx13": {
            "mta_base_aliases_host": {"sales": None},
            "mta_base_parameters_host": {"smtp_quit_timeout": None},
            "mta_inbound_relay_domains_host": {"example.test": None, "example.com": {}},
        },
    }


# What takes the change back where the example inventory itself says nothing: a key that nobody mentions stays.
CHANGED_BACK = {
    "mta_base_lookup_tables": {CLIENTS: {"state": "absent"}},
    "mta_base_parameters": {"smtp_quit_timeout": None, "smtpd_etrn_restrictions": None},
    "mta_base_services": {"submission/inet": None},
}
# One key less in the table, one alias less.
REDUCED = {
    "mta_base_aliases": {"support": "support@example.test"},
    "mta_base_lookup_tables": {CLIENTS: {"entries": {WELCOME: "OK"}}},
}


def values(lab: Lab, reduced: bool = False) -> dict[str, object]:
    """The arguments of play.run for the changed inventory."""
    said = changed_inventory(lab)
    group = said.pop("group") | (REDUCED if reduced else {})
    return {"group": group, "hosts": said}


def everything(lab: Lab, server: str) -> dict[str, Any]:
    """All variables that the changed inventory has for a server."""
    group, host = (play.EXAMPLE / path for path in ("group_vars/mta/main.yml", f"host_vars/{server}.yml"))
    said = changed_inventory(lab)
    return {**yaml.safe_load(group.read_text()), **said["group"], **yaml.safe_load(host.read_text()), **said[server]}


@contextlib.contextmanager
def watched(lab: Lab) -> Iterator[SimpleNamespace]:
    """What happens on both servers inside a `with`: writes of main.cf, and reloads and starts of Postfix."""
    seen = SimpleNamespace(writes={}, activations={})
    cursors = {server: mail.journal_cursor(lab, server) for server in SERVERS}
    with contextlib.ExitStack() as stack:
        counts = {
            server: stack.enter_context(files.writes_counted(lab, server, "/etc/postfix/main.cf")) for server in SERVERS
        }
        yield seen
    for server in SERVERS:
        seen.writes[server] = counts[server][0]
        lines = mail.journal(lab, server, cursors[server]).splitlines()
        words = ("postfix/master", "postfix/postfix-script")
        told = [line for line in lines if any(word in line for word in words)]
        seen.activations[server] = [line for line in told if "reload -- " in line or "daemon started" in line]


def configurations(lab: Lab) -> dict[str, dict[str, str]]:
    return {server: files.configuration(lab, server) for server in SERVERS}


def contents(lab: Lab) -> dict[str, list[str]]:
    """The configuration without inodes and times, and without the bytes of compiled tables, which differ each time."""
    return {
        server: [
            path if path.endswith(".lmdb") else f"{path} {' '.join(state.split()[:2])} {state.split()[-2]}"
            for path, state in found.items()
        ]
        for server, found in configurations(lab).items()
    }


def value(lab: Lab, server: str, parameter: str) -> str:
    """The explicit value of a parameter, empty when main.cf does not hold it."""
    return mail.output(lab, server, "sh", "-c", "postconf -n -h -- $1 2>/dev/null || true", "value", parameter).strip()


def lookup(lab: Lab, server: str, key: str, table: str) -> str:
    """What the compiled table says of a key; empty when it does not know it."""
    return mail.execute(lab, server, "postmap", "-q", key, table).out.strip()


def relayed(lab: Lab, server: str, recipient: str, client: int) -> int:
    commands = ["EHLO client.example.org", "MAIL FROM:<a@example.org>", f"RCPT TO:<{recipient}>"]
    return mail.dialogue(lab, server, commands, client=lab.client(client))[-1].code


def test_converging_warned_of_nothing() -> None:
    log = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "ansible.log"
    assert [line for line in log.read_text().splitlines() if "WARNING" in line] == []


def test_example_sets_one_value_for_each_server_alone(lab: Lab) -> None:
    networks = [value(lab, server, "mynetworks") for server in SERVERS]
    assert ["192.168.88.0/24" in text and "!192.168.88.66" in text for text in networks] == [True, False]
    assert [value(lab, server, "smtpd_tls_loglevel") for server in SERVERS] == ["2", "1"]
    assert [value(lab, server, "message_size_limit") for server in SERVERS] == ["20971520", "10485760"]
    assert [value(lab, server, "relayhost") for server in SERVERS] == ["[relay.example.net]:587", ""]


@pytest.fixture(scope="module")
def again(lab: Lab) -> SimpleNamespace:
    """Run the site once more, with the same inventory."""
    seen = SimpleNamespace(before=configurations(lab))
    with watched(lab) as seen.events:
        seen.run = play.run(lab)
    seen.after = configurations(lab)
    return seen


def test_second_run_does_nothing(again: SimpleNamespace) -> None:
    assert (again.run.code, again.run.warnings, again.run.changed) == (0, [], set()), again.run.output
    # Inodes and times tell of writes that changed nothing, of main.cf and of every source and compiled table.
    assert again.after == again.before
    assert again.events.writes == {"mx12": 0, "mx13": 0}
    assert again.events.activations == {"mx12": [], "mx13": []}


def test_oldest_ansible_core_does_nothing_either(lab: Lab, again: SimpleNamespace) -> None:
    """Templates give texts there where the newest one gives numbers and lists."""
    run = play.run(lab, program=REPOSITORY / ".cache/venv-2.18/bin/ansible-playbook")
    assert (run.code, run.warnings, run.changed) == (0, [], set()), run.output
    assert configurations(lab) == again.after


# One call for each file that a role writes, one for a thing of several files, and one that asks the name servers.
CALLS = {"mta_base": 3, "mta_inbound": 3, "mta_outbound": 4, "antivirus_antispam": 2}


@pytest.mark.parametrize("server", SERVERS)
def test_each_role_calls_a_module_once(again: SimpleNamespace, server: str) -> None:
    calls = again.run.calls(server)
    assert [call for call, times in calls.items() if times > 1] == []
    roles = Counter(role for role, _rest in calls)
    assert roles.keys() == CALLS.keys()
    assert all(roles[role] <= most for role, most in CALLS.items()), calls


@pytest.fixture(scope="module")
def change(lab: Lab) -> Iterator[SimpleNamespace]:
    """Apply the changed inventory, its check before; take it back afterwards."""
    original = configurations(lab)
    seen = SimpleNamespace(contents=contents(lab), original=original)
    seen.check = play.run(lab, "--check", "--diff", **values(lab))
    seen.after_check = configurations(lab)
    with watched(lab) as seen.events:
        seen.run = play.run(lab, "--diff", **values(lab))
    yield seen
    back = play.run(lab, group=CHANGED_BACK)
    assert back.code == 0, back.output


def test_check_predicts_the_run(change: SimpleNamespace) -> None:
    assert (change.check.code, change.check.warnings) == (0, []), change.check.output
    assert (change.run.code, change.run.warnings) == (0, []), change.run.output
    assert change.check.changed == change.run.changed
    tasks = ["Set lookup tables", "Set services of master.cf", "Set parameters of main.cf", "Activate postfix"]
    expected = {(server, f"mailops.mta.mta_base : {task}") for server in SERVERS for task in tasks}
    expected.add(("mx13", "mailops.mta.mta_inbound : Set parameters of main.cf"))
    assert change.run.changed == expected


def test_check_writes_nothing(change: SimpleNamespace) -> None:
    assert change.after_check == change.original


def test_diff_shows_each_parameter(change: SimpleNamespace) -> None:
    for run in (change.check, change.run):
        assert "+smtp_quit_timeout = 2h" in run.output
        assert f"+smtpd_etrn_restrictions = check_client_access {CLIENTS_TABLE}" in run.output


def test_main_cf_is_written_once_per_role_that_changes_it(change: SimpleNamespace) -> None:
    # mx13 has another relay domain too, which is the business of mta_inbound.
    assert change.events.writes == {"mx12": 1, "mx13": 2}


def test_postfix_is_activated_once(change: SimpleNamespace) -> None:
    assert {server: len(lines) for server, lines in change.events.activations.items()} == {"mx12": 1, "mx13": 1}


def test_addition_override_and_removal_for_one_server(lab: Lab, change: SimpleNamespace) -> None:
    assert change.run.code == 0
    aliases = "lmdb:/etc/postfix/maps.d/aliases"
    assert [lookup(lab, server, "sales", aliases) for server in SERVERS] == ["sales@example.test", ""]
    assert [lookup(lab, server, "support", aliases) for server in SERVERS] == ["support@example.test"] * 2
    assert [value(lab, server, "smtp_quit_timeout") for server in SERVERS] == ["2h", ""]
    assert [relayed(lab, server, "foreign@example.net", CLIENT) for server in SERVERS] == [250, 554]
    assert [relayed(lab, server, "foreign@example.net", CLIENT + 1) for server in SERVERS] == [554, 554]
    assert [relayed(lab, server, "somebody@example.test", CLIENT + 1) for server in SERVERS] == [250, 554]
    assert [relayed(lab, server, "somebody@example.com", CLIENT + 1) for server in SERVERS] == [554, 250]


# The scenario submission says the users in all three variables.
@pytest.mark.parametrize("suffix", layers.SUFFIXES)
def test_the_same_said_of_a_group_or_a_server_changes_nothing(lab: Lab, change: SimpleNamespace, suffix: str) -> None:
    assert change.run.code == 0
    names = layers.layered("mta_base") - {"mta_base_users"}
    run = play.run(lab, hosts={server: layers.moved(everything(lab, server), names, suffix) for server in SERVERS})
    assert (run.code, run.changed, run.warnings) == (0, set(), []), run.output


@pytest.mark.parametrize("server", SERVERS)
def test_added_listener_answers(lab: Lab, server: str, change: SimpleNamespace) -> None:
    assert change.run.code == 0
    assert mail.dialogue(lab, server, ["EHLO client.example.org"], port=587)[-1].code == 250


def test_removed_entries_vanish_and_the_way_back_leads_to_the_start(lab: Lab, change: SimpleNamespace) -> None:
    tables = [(REFUSED, CLIENTS_TABLE), ("sales", "lmdb:/etc/postfix/maps.d/aliases")]
    assert lookup(lab, "mx12", *tables[0]) == "REJECT not you"
    reduced = play.run(lab, **values(lab, reduced=True))
    assert (reduced.code, reduced.warnings) == (0, []), reduced.output
    assert [lookup(lab, server, *table) for server in SERVERS for table in tables] == [""] * 4
    assert [lookup(lab, server, WELCOME, CLIENTS_TABLE) for server in SERVERS] == ["OK"] * 2
    back = play.run(lab, group=CHANGED_BACK)
    assert (back.code, back.warnings) == (0, []), back.output
    assert contents(lab) == change.contents
    assert play.run(lab).changed == set()
