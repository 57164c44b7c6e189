# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: converge the example site over the lab `demo`, send mail through it, tell what was seen.

The content filter is switched on as well, with rules of its own, since a lab has no definitions of viruses.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from lab import filtering, lifecycle, mail, play
from lab.engine import LabError
from lab.filtering import EICAR, PROGRAM, Fate, Letter, zipped
from lab.topology import MTA_HOSTS, Lab

NAME = "demo"
HOSTS = [host.name for host in MTA_HOSTS]
WIDTH = 38
START = time.monotonic()
FILTER = {
    "antivirus_antispam_enabled": True,
    "antivirus_antispam_official_definitions": False,
    # The MD5 sum of the file that every scanner takes for a virus so that it can be tested.
    "antivirus_antispam_signature_files": {"eicar.hdb": "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n"},
    "antivirus_antispam_spamassassin_parameters": {"skip_rbl_checks": True, "skip_uribl_checks": True},
    "antivirus_antispam_spam_rules": [{"name": "DEMO_OFFER", "body": "/best offer/", "score": 8.5}],
    "mta_inbound_block_common_extensions": True,
}
# Heading -> a message from outside, what Amavis has to say of it, and what the summary says then.
FILTERED = {
    "virus": (Letter(files={"a.txt": EICAR}), "Blocked INFECTED", "blocked"),
    # Without an archive around it, Postfix itself would refuse the name.
    "program-in-archive": (Letter(files={"a.zip": zipped("a.exe", PROGRAM)}), "Blocked BANNED", "blocked"),
    "spam": (Letter("the best offer"), "Passed SPAMMY", "delivered as"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of something that has to work: the words for the summary, and whether it worked."""

    text: str
    good: bool = True

    def __str__(self) -> str:
        return ("ok: " if self.good else "FAILED: ") + self.text


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"[{time.monotonic() - START:4.0f} s] {text}", flush=True)


def say_task(line: str) -> None:
    """Print the name of the task that ansible-playbook begins."""
    if match := re.match(r"(?:TASK|RUNNING HANDLER) \[mailops\.mta\.([^\]]+)\]", line):
        say(f"  {match[1].split(' against ')[0]}")


def converge(lab: Lab, text: str) -> play.Play:
    """Run the site; LabError with its output when it fails."""
    say(text)
    run = play.run(lab, group=FILTER, told=say_task)
    if run.code:
        raise LabError(f"ansible-playbook failed\n{run.output}")
    return run


def explicit(lab: Lab, host: str) -> dict[str, str]:
    """The parameters of main.cf."""
    lines = mail.output(lab, host, "postconf", "-n").splitlines()
    return {name.strip(): value.strip() for name, _rest, value in (line.partition("=") for line in lines)}


def configured(lab: Lab, host: str) -> list[str]:
    """What a host was configured with, as it says itself, in the order of CONFIGURED."""
    main_cf = explicit(lab, host)
    release = mail.output(lab, host, "sh", "-c", ". /etc/os-release && echo $PRETTY_NAME")
    version = mail.output(lab, host, "postconf", "-h", "mail_version")
    own = yaml.safe_load((play.EXAMPLE / "host_vars" / f"{host}.yml").read_text())
    return [
        release.strip().removesuffix(" GNU/Linux").replace("GNU/Linux ", ""),
        version.strip(),
        main_cf["relay_domains"] + " -> " + main_cf["relay_transport"].removeprefix("relay:"),
        main_cf["relayhost"] or "none: straight to the MX hosts",
        main_cf["mynetworks"].replace(",", ""),
        f"{main_cf['smtpd_tls_security_level']}, {main_cf['smtpd_tls_protocols']}",
        f"{int(main_cf['message_size_limit']) >> 20} MiB",
        ", ".join(own),
    ]


CONFIGURED = (
    "release", "Postfix", "takes mail for", "relay host", "networks", "TLS", "largest mail", "this server alone sets"
)  # fmt: skip


def mail_in(lab: Lab, host: str) -> Seen:
    """Send a mail from outside; it has to arrive at the next hop, encrypted on both ways."""
    token = mail.new_token()
    text = f"From: stranger@example.org\nTo: somebody@example.test\nSubject: {token}\n\nGood morning\n"
    taken = mail.send(lab, host, "stranger@example.org", "somebody@example.test", text, client=lab.client(0))
    if taken.code != 250:
        return Seen(f"{taken.code} {taken.text}", False)
    arrived = mail.stored(lab, token)
    if not arrived or arrived[0].client != lab.address(host):
        return Seen("accepted, but not at the next hop after 30 s", False)
    return Seen(f"250, at the next hop{' with TLS' * arrived[0].tls}")


def mail_out(lab: Lab, host: str) -> Seen:
    """Write a mail on the host; it has to arrive outside, through the relay host where there is one."""
    token = mail.new_token()
    text = f"From: root@example.test\nTo: customer@example.net\nSubject: {token}\n\nGood morning\n"
    mail.sendmail(lab, host, "root@example.test", "customer@example.net", text)
    arrived = mail.stored(lab, token)
    if not arrived or arrived[0].client != lab.address(host):
        return Seen("not delivered after 30 s", False)
    way = f"via the relay host as '{arrived[0].user}'" if arrived[0].user else "straight to the MX host"
    return Seen(f"{way}{', TLS' * arrived[0].tls}", (arrived[0].port == 587) == bool(explicit(lab, host)["relayhost"]))


def relay(lab: Lab, host: str) -> Seen:
    """Ask as a stranger for a stranger."""
    commands = ["EHLO client.example.org", "MAIL FROM:<stranger@example.org>", "RCPT TO:<customer@example.net>"]
    reply = mail.dialogue(lab, host, commands, client=lab.client(0))[-1]
    return Seen(f"refused, {reply.code} {reply.text.split()[0]}", reply.code == 554)


def judged(fate: Fate, verdict: str, text: str) -> Seen:
    """Compare what became of a message with what should have."""
    subjects = [filtering.headers(copy.message)["Subject"] for copy in fate.copies]
    if verdict not in fate.log or bool(subjects) != ("Passed" in verdict):
        return Seen(fate.log or "lost", False)
    return Seen(", ".join([" ".join([text, *subjects]), *(f"{name} was told" for name in fate.notices)]))


def changes(run: play.Play, host: str) -> int:
    """How many tasks changed something on a host."""
    return sum(1 for name, _rest in run.changed if name == host)


OBSERVED: tuple[tuple[str, Callable[[Lab, str], Seen]], ...] = (
    ("mail from outside", mail_in),
    ("mail from inside", mail_out),
    ("a stranger's mail to outside", relay),
)


def rows(lab: Lab, first: play.Play, again: play.Play) -> Iterator[tuple[str, list[object]]]:
    """The rows of the summary: a heading, and a cell for each host."""
    with ThreadPoolExecutor() as pool:
        columns = list(pool.map(lambda host: configured(lab, host), HOSTS))
        yield from ((name, [column[number] for column in columns]) for number, name in enumerate(CONFIGURED))
        yield "", ["" for _rest in HOSTS]
        for name, look in OBSERVED:
            yield name, list(pool.map(look, [lab] * len(HOSTS), HOSTS))
    fates = filtering.send(lab, {name: letter for name, (letter, _verdict, _text) in FILTERED.items()})
    for name, (_letter, verdict, text) in FILTERED.items():
        yield name.replace("-", " "), [judged(fates[host, name], verdict, text) for host in HOSTS]
    yield "first run of site.yml", [f"{changes(first, host)} changed" for host in HOSTS]
    yield "second run", [Seen(f"{count} changed", count == 0) for count in (changes(again, host) for host in HOSTS)]


def wrapped(cells: list[str], width: int) -> Iterator[list[str]]:
    """The lines of a row whose cells are longer than the columns."""
    folded = [re.findall(rf"\S.{{0,{width - 1}}}(?=\s|$)|\S{{{width}}}", cell) or [""] for cell in cells]
    for number in range(max(map(len, folded))):
        yield [lines[number] if number < len(lines) else "" for lines in folded]


def show(lab: Lab, table: list[tuple[str, list[object]]]) -> None:
    """Print the summary."""
    print(f"\n{'':30}" + "".join(f"{host + ' ' + lab.address(host):{WIDTH}}" for host in HOSTS).rstrip())
    for heading, cells in table:
        for number, line in enumerate(wrapped(list(map(str, cells)), WIDTH - 2)):
            print((f"{heading if not number else '':30}" + "".join(f"{cell:{WIDTH}}" for cell in line)).rstrip())
    config = lifecycle.ssh_config_path(lab.name)
    near = config.relative_to(Path.cwd()) if config.is_relative_to(Path.cwd()) else config
    print(f"\nLook around: ssh -F {near} mx12 (or mx13); the end: make lab-down")


def main() -> int:
    """Run the demonstration; 1 when something was not seen."""
    try:
        say(f"lab {NAME}")
        lab = lifecycle.up(NAME)
        first = converge(lab, "ansible-playbook -i inventories/example playbooks/site.yml")
        # A run that changed nothing has shown already what a second one would.
        again = converge(lab, "the same again") if first.changed else first
        say("mail in, mail out, a virus, spam")
        table = list(rows(lab, first, again))
    except LabError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    show(lab, table)
    failures = [cell for _rest, cells in table for cell in cells if isinstance(cell, Seen) and not cell.good]
    verdict = "everything was seen" if not failures else f"{len(failures)} FAILED"
    print(f"demo: {verdict}, {time.monotonic() - START:.0f} s")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
