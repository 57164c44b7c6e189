# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What actions mean for mail: it is delivered, goes back to its sender, stays where it is or comes in again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from lab import mail, queues
from lab.engine import REPOSITORY
from lab.queues import HOSTS, Result, call, listed, whereabouts
from lab.topology import HOSTS as CONTAINERS
from lab.topology import PEER, Lab

# Waits for lines of `postqueue -j` that Python calls true, for half a minute.
WAIT = """
import json, subprocess, sys, time
deadline = time.monotonic() + 30
while True:
    lines = subprocess.run(["postqueue", "-j"], capture_output=True, text=True).stdout.splitlines()
    messages = [json.loads(line) for line in lines]
    if eval(sys.argv[1]) or time.monotonic() > deadline:
        break
    time.sleep(0.1)
print(json.dumps(messages))
"""

# Arguments: the sender and recipients, who get a message each.
SUBMIT = 'text=$(cat); for recipient do echo "$text" | sendmail -i -f "$0" -- "$recipient"; done'

# More than a filtered flush and expire hand to postqueue(1) one by one.
MANY = 21

pytestmark = pytest.mark.usefixtures("empty")


def until(lab: Lab, host: str, condition: str) -> list[Result]:
    """Wait until a condition holds for what postqueue lists, *messages*; the messages."""
    return json.loads(mail.output(lab, host, "python3", "-c", WAIT, condition))


@pytest.fixture
def peer_away(lab: Lab, request: pytest.FixtureRequest) -> Iterator[None]:
    """A next hop that refuses connections until a test starts it."""
    request.getfixturevalue("empty")
    mail.output(lab, PEER.name, "systemctl", "stop", "sink")
    yield
    mail.output(lab, PEER.name, "systemctl", "start", "sink")


def submit(lab: Lab, token: str, recipients: list[str], sender: str = "ann@example.org") -> None:
    """Submit a message to each recipient on both hosts, and wait until all are deferred."""
    for host in HOSTS:
        mail.output(lab, host, "sh", "-c", SUBMIT, sender, *recipients, stdin=f"Subject: {token}\n\nHello {host}\n")
    for host in HOSTS:
        condition = f"sum(m['queue_name'] == 'deferred' for m in messages) == {len(recipients)}"
        assert len(until(lab, host, condition)) == len(recipients)


@pytest.mark.usefixtures("peer_away")
def test_flush_delivers_when_the_peer_is_back_and_hold_stays(lab: Lab) -> None:
    token = mail.new_token()
    submit(lab, token, ["now@example.net", "held@example.net"])
    for result in call(lab, "queue", {"action": "hold", "recipient": "held@*"}).values():
        assert (result["changed"], result["done"]) == (True, 1)
    mail.output(lab, PEER.name, "systemctl", "start", "sink")
    for result in call(lab, "queue", {"action": "flush"}).values():
        assert (result["msg"], result["done"]) == ("1 message tried again; held messages stay", 1)
    delivered = mail.stored(lab, token, count=2)
    assert [each.recipients for each in delivered] == [["now@example.net"]] * 2
    for host in HOSTS:
        (message,) = until(lab, host, "len(messages) == 1")
        assert (message["queue_name"], message["recipients"][0]["address"]) == ("hold", "held@example.net")
    for result in call(lab, "queue", {"action": "release", "domain": "example.net"}).values():
        assert result["done"] == 1
    # A released message waits in the deferred queue for its turn; this is the turn.
    for result in call(lab, "queue", {"action": "flush", "domain": "example.net"}).values():
        assert result["done"] == 1
    assert len(mail.stored(lab, token, count=4)) == 4
    for result in call(lab, "queue", {"action": "flush"}).values():
        assert (result["changed"], result["done"]) == (False, 0)


@pytest.mark.usefixtures("peer_away")
def test_many_messages_are_flushed_and_others_wait(lab: Lab) -> None:
    """More than postqueue(1) is asked for one by one; the next attempt of the others stays where it is."""
    token = mail.new_token()
    submit(lab, token, [*(f"bob{number}@example.net" for number in range(MANY)), "later@example.org"])
    mail.output(lab, PEER.name, "systemctl", "start", "sink")
    for result in call(lab, "queue", {"action": "flush", "domain": "example.net"}).values():
        assert (result["changed"], result["done"], "waiting" in result) == (True, MANY, False), result
    delivered = mail.stored(lab, token, count=MANY * len(HOSTS))
    assert {each.recipients[0].partition("@")[2] for each in delivered} == {"example.net"}
    for host in HOSTS:
        (message,) = until(lab, host, "len(messages) == 1")
        assert (message["queue_name"], message["recipients"][0]["address"]) == ("deferred", "later@example.org")


def test_expire_returns_all_to_the_sender(lab: Lab) -> None:
    """Many of them as well, and one that is held; who is not meant stays."""
    token = mail.new_token()
    submit(lab, token, [*(f"defer-{number}@example.net" for number in range(MANY)), "defer@example.org"])
    call(lab, "queue", {"action": "hold", "recipient": "defer-0@*"})
    for result in call(lab, "queue", {"action": "expire", "sender": "ann@example.org", "domain": "*.net"}).values():
        assert (result["changed"], result["done"]) == (True, MANY)
    bounces = mail.stored(lab, token, count=MANY * len(HOSTS))
    assert {(each.sender, *each.recipients) for each in bounces} == {("", "ann@example.org")}
    assert all("Undelivered Mail Returned to Sender" in each.message for each in bounces)
    for host in HOSTS:
        (message,) = until(lab, host, "len(messages) == 1")
        assert message["recipients"][0]["address"] == "defer@example.org"


def test_requeue_gives_a_new_id_at_once(lab: Lab) -> None:
    token = mail.new_token()
    submit(lab, token, ["defer@example.net"])
    old = {host: listed(lab, host)[0]["queue_id"] for host in HOSTS}
    for result in call(lab, "queue", {"action": "requeue", "recipient": "defer@*"}).values():
        assert result["msg"] == "1 message requeued; each gets a new queue ID"
    for host in HOSTS:
        # pickup looks by itself once a minute, this waits for half of one.
        (message,) = until(lab, host, f"messages and messages[0]['queue_id'] != '{old[host]}'")
        assert message["queue_id"] != old[host]
        assert message["sender"] == "ann@example.org"


def test_delete_by_sender_leaves_the_others(lab: Lab) -> None:
    token = mail.new_token()
    submit(lab, token, ["defer@example.net"])
    for host in HOSTS:
        mail.sendmail(lab, host, "x@spam.example", "defer2@example.net", "Subject: spam\n\nBuy\n")
        until(lab, host, "sum(m['queue_name'] == 'deferred' for m in messages) == 2")
    options = {"action": "delete", "sender": "*@spam.example"}
    for result in call(lab, "queue", options, "--check", "--diff").values():
        assert result["msg"] == "1 message would be deleted"
        assert re.fullmatch(r"\w+ deferred x@spam.example -> defer2@example.net", result["messages"][0])
    assert [len(whereabouts(lab, host)) for host in HOSTS] == [2, 2]
    for result in call(lab, "queue", options).values():
        assert (result["done"], result["changed"]) == (1, True)
    assert [[m["sender"] for m in listed(lab, host)] for host in HOSTS] == [["ann@example.org"]] * 2


def test_origin_and_content_filter(lab: Lab) -> None:
    for host in HOSTS:
        fqdn = CONTAINERS[host].fqdn
        commands = ["EHLO mail.example.org", "MAIL FROM:<bob@example.org>", f"RCPT TO:<root@{fqdn}>"]
        commands += ["DATA", "Subject: filtered\r\n\r\nHello\r\n."]
        assert mail.dialogue(lab, host, commands, port=10026)[-1].code == 250
    for host in HOSTS:
        until(lab, host, "messages and messages[0]['queue_name'] == 'deferred'")
    found = call(lab, "queue_info", {"list": True, "origin": True, "reason": "/refused/"})
    for host in HOSTS:
        (message,) = found[host]["messages"]
        assert message["origin_host"] == PEER.fqdn
        assert message["origin_address"] == lab.address(PEER.name)
        assert message["content_filter"] == "smtp:[127.0.0.1]:9"


def test_stopped_postfix(lab: Lab) -> None:
    submit(lab, mail.new_token(), ["defer@example.net", "defer2@example.net"])
    try:
        for host in HOSTS:
            mail.output(lab, host, "systemctl", "stop", "postfix")
        for result in call(lab, "queue_info", {"list": True}).values():
            assert (result["running"], result["queues"]["deferred"]["messages"]) == (False, 2)
            assert len(result["messages"]) == 2
        for result in call(lab, "queue", {"action": "flush"}).values():
            assert result["msg"] == "flush needs Postfix's queue manager, and this instance is stopped"
        for result in call(lab, "queue", {"action": "expire", "recipient": "defer@*"}).values():
            assert result["done"] == 1
        for result in call(lab, "queue", {"action": "expire", "recipient": "defer@*"}).values():
            assert (result["changed"], result["done"]) == (False, 0)
        for result in call(lab, "queue", {"action": "delete", "recipient": "defer2@*"}).values():
            assert result["done"] == 1
    finally:
        for host in HOSTS:
            mail.output(lab, host, "systemctl", "start", "postfix")


def test_commands_of_the_readme(lab: Lab) -> None:
    """The three commands for the night, as they are printed: they work, and tell little of each host."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ansible mta -i inventory -b (-m mailops\.mta\.queue.*)$", text, re.MULTILINE)
    assert len(commands) == 3
    submit(lab, mail.new_token(), [f"defer{number}@example.net" for number in range(12)], "x@spam.example")
    expected = (("12 messages: 12 deferred", 2), ("12 messages deleted", 13), ("0 messages tried again", 8))
    for words, (answer, lines) in zip(commands, expected, strict=True):
        # The lab logs in as root.
        done = queues.shell(lab, f"ansible mta {words.replace('2h', '0s')}")
        assert done.returncode == 0, done.stdout
        assert done.stdout.count(answer) == len(HOSTS), done.stdout
        assert done.stdout.count("\n") <= lines * len(HOSTS), done.stdout
