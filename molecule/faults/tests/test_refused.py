# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that would stop mail, or let it pass unchecked, without a word from "postfix check" and "postfix reload".

Each is refused in a sentence that names it and says what is accepted; no file changes; mail is taken all the time.
Every third case is played in check mode as well, which has no branch of its own in any module.

Not here, because no value shows it: a milter or a policy server that is down (its address is right), a port that
another program has taken (it depends on the moment; the witness of mailops.mta.instance sees it), and a main.cf that
somebody else broke (see the scenario edges).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab
from lab.watch import Try, Watch, watched

Case = tuple[Task, tuple[str, ...]]

NETWORK = "mynetworks"
LIFETIME = "maximal_queue_lifetime"
SITES = "postscreen_dnsbl_sites"


def parameter(name: str, value: object, *words: str, **others: object) -> Case:
    """A parameter that is refused in a message with its name and these words."""
    return {"mailops.mta.postconf": {"parameters": {name: value, **others}}}, (name, *words)


def service(key: str, fields: object, *words: str) -> Case:
    """A service of master.cf that is refused."""
    return {"mailops.mta.master_services": {"services": {key: fields}}}, (key, *words)


def table(name: str, text: str, *words: str) -> Case:
    """The text of a lookup table that is refused."""
    return {"mailops.mta.lookup_tables": {"tables": {name: {"content": text}}}}, (name.split(":")[1], *words)


def daemon(**options: object) -> dict[str, object]:
    return {"command": "smtpd", "options": options}


EVERYTHING_REMOVED: Case = (
    {"mailops.mta.postconf": {"exclusive": True, "keep": [], "parameters": {"myhostname": "mx.example.test"}}},
    ("smtpd_relay_restrictions", "reject_unauth_destination"),
)

CASES: dict[str, Case] = {
    # Lines that are no parameters.
    "line without =": parameter("relayhost", "a.example.net\nfrom somewhere else", "line break"),
    "merge marker": parameter("relayhost", "a.example.net\n<<<<<<< HEAD", "line break"),
    "carriage return": parameter("relayhost", "a.example.net\rb", "line break"),
    "NUL": parameter("relayhost", "a\0b", "U+0000"),
    "name with a blank": parameter("relay host", "a.example.net", "letters, digits"),
    "name that is a comment": parameter("#relayhost", "a.example.net", "letters, digits"),
    # Names.
    "misspelt parameter": parameter("smtpd_helo_requierd", "yes", "no such parameter", "smtpd_helo_required"),
    "unknown parameter": parameter("wholly_unheard_of", "x", "no such parameter"),
    "parameter of Postfix alone": parameter("mail_version", "9", "Postfix itself"),
    # Macros.
    "unclosed macro": parameter("smtpd_banner", "${myhostname ESMTP", "${myhostname ESMTP", "no closing"),
    "lone dollar": parameter("smtpd_banner", "costs 5$", "costs 5$", "$$"),
    "undefined macro": parameter("smtpd_banner", "$myhostnam ESMTP", "no parameter myhostnam", "$myhostname"),
    "macro of itself": parameter("relayhost", "$relayhost"),
    # Numbers and sizes.
    "size with unit": parameter("message_size_limit", "10M", '"10M"', "10485760"),
    "size with byte unit": parameter("message_size_limit", "10MB", '"10MB"', "10485760"),
    "size that overflows": parameter("message_size_limit", "99999999999999999999", "64 bits"),
    "size with a blank": parameter("message_size_limit", "10 000", '"10 000"', "whole number"),
    "negative size": parameter("message_size_limit", "-5", '"-5"', "at least 0"),
    # yes and no.
    "maybe": parameter("smtpd_helo_required", "maybe", '"maybe"', "yes or no"),
    "true as a text": parameter("smtpd_helo_required", "true", '"true"', "yes or no"),
    # Times.
    "time with unknown unit": parameter("smtpd_timeout", "1x", '"1x"', "s, m, h, d, w"),
    "no time at all": parameter("smtpd_timeout", "0", '"0"', "at least 1s"),
    "negative lifetime": parameter(LIFETIME, "-1d", '"-1d"', "s, m, h, d, w"),
    "lifetime in years": parameter(LIFETIME, "1y", '"1y"', "s, m, h, d, w"),
    "broken lifetime": parameter(LIFETIME, "1.5d", '"1.5d"', "s, m, h, d, w"),
    "lifetime with a blank": parameter(LIFETIME, "5 d", '"5 d"', "s, m, h, d, w"),
    "lifetime with a capital": parameter(LIFETIME, "5D", '"5D"', "s, m, h, d, w"),
    "endless lifetime": parameter(LIFETIME, "99999999w", '"99999999w"', "too long"),
    "empty lifetime": parameter(LIFETIME, "", '""', "s, m, h, d, w"),
    # Restrictions.
    "misspelt restriction": parameter(
        "smtpd_recipient_restrictions", ["permit_mynetwork", "reject"], "permit_mynetwork", "permit_mynetworks"
    ),
    "relay for everybody": parameter("smtpd_relay_restrictions", "permit", "reject_unauth_destination"),
    "no relay protection": parameter("smtpd_relay_restrictions", "", "reject_unauth_destination"),
    "relay protection too late": parameter(
        "smtpd_relay_restrictions", ["permit", "reject_unauth_destination"], "reject_unauth_destination"
    ),
    "everything removed": EVERYTHING_REMOVED,
    "access table missing": parameter(
        "smtpd_client_restrictions", "check_client_access hash:/srv/missing", "hash:/srv/missing", "does not exist"
    ),
    # Lookup tables.
    "table missing": parameter("transport_maps", "hash:/srv/missing", "hash:/srv/missing", "does not exist"),
    "table not compiled": parameter("transport_maps", "hash:/srv/uncompiled", "/srv/uncompiled", "compiled"),
    "unknown table type": parameter("transport_maps", "foo:x", "foo", "hash"),
    "table type not installed": parameter("transport_maps", "ldap:/srv/missing", "postfix-ldap"),
    "table without type": parameter("transport_maps", "/srv/uncompiled", "/srv/uncompiled", "type:"),
    "checks missing": parameter("header_checks", "regexp:/srv/missing", "regexp:/srv/missing", "does not exist"),
    "checks with a bad pattern": parameter("header_checks", "regexp:/srv/bad_pattern", "/srv/bad_pattern", "line 1"),
    "checks with a bad action": parameter("header_checks", "regexp:/srv/bad_action", "/srv/bad_action", "REJEKT"),
    # What Postfix refuses itself, and then every new process fails.
    "unknown protocol": parameter("inet_protocols", "ipv5", "ipv5", "ipv4"),
    "bad level": parameter("compatibility_level", "new", '"new"', "version"),
    "bad host name": parameter("myhostname", "mx_1..example", "mx_1..example"),
    "host name with a blank": parameter("myhostname", "mx example.test", "mx example.test"),
    "queue directory missing": parameter("queue_directory", "/srv/missing", "/srv/missing", "does not exist"),
    "foreign address": parameter("inet_interfaces", "192.0.2.1", "192.0.2.1"),
    # TLS.
    "unknown TLS level": parameter("smtpd_tls_security_level", "foo", "foo", "encrypt"),
    "client TLS level": parameter("smtpd_tls_security_level", "verify", "verify", "encrypt"),
    "certificate missing": parameter(
        "smtpd_tls_cert_file", "/srv/missing.pem", "/srv/missing.pem", "does not exist", smtpd_tls_security_level="may"
    ),
    "misspelt TLS protocol": parameter("smtpd_tls_protocols", ">=TLSv1.22", "TLSv1.22"),
    # Filters and next hops.
    "filter transport missing": parameter("content_filter", "nosuch:x", "nosuch"),
    "milter without type": parameter("smtpd_milters", "/run/milter.sock", "/run/milter.sock", "inet:"),
    "unknown milter action": parameter("milter_default_action", "acept", "acept", "accept"),
    "next hop without bracket": parameter("relayhost", "[mx.example.net:25", "[mx.example.net:25"),
    "next hop with two ports": parameter("relayhost", "mx.example.net:25:26", "mx.example.net:25:26"),
    # postscreen(8).
    "postscreen action": parameter("postscreen_greet_action", "enfroce", "enfroce", "enforce"),
    "postscreen DNSBL action": parameter("postscreen_dnsbl_action", "reject", "reject", "drop"),
    "DNSBL reply of three octets": parameter(SITES, "zen.example.test=127.0.2", "127.0.2"),
    "DNSBL reply range upside down": parameter(SITES, "zen.example.test=127.0.0.[2..1]", "[2..1]"),
    "DNSBL reply out of range": parameter(SITES, "zen.example.test=127.0.0.300", "300"),
    "DNSBL weight": parameter(SITES, "zen.example.test*x", "*x"),
    "DNSBL with two replies": parameter(SITES, "zen.example.test=127.0.0.2=127.0.0.3", "="),
    "DNSBL with a prefix": parameter(SITES, "zen.example.test=127.0.0.0/8", "/8"),
    "DNSBL reply not closed": parameter(SITES, "zen.example.test=127.0.0.[2", "[2"),
    "DNSBL name": parameter(SITES, "zen..example.test", "zen..example.test"),
    "DNSBL threshold of nothing": parameter("postscreen_dnsbl_threshold", "0", '"0"', "at least 1"),
    "negative DNSBL threshold": parameter("postscreen_dnsbl_threshold", "-1", '"-1"', "at least 1"),
    "postscreen time": parameter("postscreen_greet_ttl", "1y", '"1y"', "s, m, h, d, w"),
    "postscreen access list": parameter("postscreen_access_list", "permit_mynetwork", "permit_mynetwork"),
    # mynetworks: an open relay without a warning anywhere,
    "everybody": parameter(NETWORK, "0.0.0.0/0", "0.0.0.0/0", "open relay", "your own clients"),
    "everybody in two halves": parameter(NETWORK, "0.0.0.0/1 128.0.0.0/1", "open relay", "your own clients"),
    "everybody but one": parameter(NETWORK, "!192.0.2.1 0.0.0.0/0", "0.0.0.0/0"),
    "everybody, then one not": parameter(NETWORK, "0.0.0.0/0 !192.0.2.1", "0.0.0.0/0"),
    "everybody with IPv6": parameter(NETWORK, "[::]/0", "::"),
    "static table": parameter(NETWORK, "static:all", "static:all"),
    "pattern of any client": parameter(NETWORK, "regexp:/srv/any_client", "regexp:/srv/any_client"),
    "table of any network": parameter(NETWORK, "cidr:/srv/any_network", "/srv/any_network"),
    # 451 for everybody,
    "host bits": parameter(NETWORK, "192.0.2.1/16", "192.0.2.1/16", "192.0.0.0/16"),
    "prefix of 33": parameter(NETWORK, "192.0.2.0/33", "192.0.2.0/33"),
    "short everybody": parameter(NETWORK, "0/0", "0/0"),
    "netmask": parameter(NETWORK, "192.0.2.0/255.255.255.0", "192.0.2.0/255.255.255.0"),
    "file missing": parameter(NETWORK, "/srv/missing", "/srv/missing", "does not exist"),
    "second table missing": parameter(NETWORK, "127.0.0.1, hash:/srv/missing", "hash:/srv/missing", "does not exist"),
    # no smtpd(8),
    "naked IPv6 address": parameter(NETWORK, "::1", "::1", "[::1]"),
    "naked IPv6 network": parameter(NETWORK, "::1/128", "::1/128", "[::1]/128"),
    # or silently without effect.
    "IPv6 host bits": parameter(NETWORK, "[2001:db8::1]/32", "2001:db8::1", "2001:db8::"),
    "octet of 300": parameter(NETWORK, "300.1.1.1", "300.1.1.1"),
    "octet prefix": parameter(NETWORK, "10.", "10."),
    "star": parameter(NETWORK, "*", "*"),
    "localhost": parameter(NETWORK, "localhost", "localhost"),
    "range": parameter(NETWORK, "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9"),
    # master.cf
    "unknown port name": service("smtpx/inet", daemon(), "smtpx", "/etc/services"),
    "port out of range": service("70000/inet", daemon(), "70000", "65535"),
    "unknown type": service("smtp/tcp", daemon(), "inet", "unix"),
    "missing program": service("2525/inet", {"command": "smtpdd"}, "smtpdd", "daemon_directory"),
    "private inet": service("2525/inet", {**daemon(), "private": True}, "private", '"n"'),
    "bad column": service("smtp/inet", {"chroot": "maybe"}, "chroot"),
    "misspelt column": service("smtp/inet", {"chrot": True}, "chrot", "chroot"),
    "negative limit": service("smtp/inet", {"process_limit": -1}, "process_limit", "number"),
    "foreign listener": service("192.0.2.1:25/inet", daemon(), "192.0.2.1", "no address of this host"),
    "option within the command": service("smtp/inet", {"command": "smtpd -o biff=a b"}, "options"),
    "misspelt option": service("smtp/inet", {"options": {"smtpd_tls_levl": "may"}}, "smtpd_tls_levl"),
    "bad value of an option": service(
        "smtp/inet", {"options": {"smtpd_tls_security_level": "foo"}}, "smtpd_tls_security_level", "foo", "encrypt"
    ),
    "relay for everybody by an option": service(
        "smtp/inet", {"options": {"mynetworks": "0.0.0.0/0"}}, "mynetworks", "0.0.0.0/0"
    ),
    "relay restriction of an option": service(
        "smtp/inet", {"options": {"smtpd_relay_restrictions": "permit"}}, "smtpd_relay_restrictions"
    ),
    "new service without command": service("2525/inet", {"options": {"biff": "no"}}, "command"),
    "broken macro of an option": service(
        "smtp/inet", {"options": {"smtpd_banner": "${x"}}, "smtpd_banner", "no closing"
    ),
    "line break in an option": service(
        "smtp/inet", {"options": {"smtpd_banner": "a\nb"}}, "smtpd_banner", "line break"
    ),
    # Rules that Postfix skips, so that mail passes unchecked.
    "regexp pattern": table("regexp:/srv/t", "/ok/ OK\n/(unclosed/ REJECT\n", "line 2"),
    "regexp flag": table("regexp:/srv/t", "/ok/Q REJECT\n", "line 1"),
    "regexp group": table("regexp:/srv/t", "/(a)(b)/ REPLACE $3\n", "line 1"),
    "regexp group of a negation": table("regexp:/srv/t", "!/(a)/ REPLACE $1\n", "line 1"),
    "regexp without result": table("regexp:/srv/t", "/a/ OK\n\n/b/\n", "line 3"),
    "regexp if without endif": table("regexp:/srv/t", "if /a/\n/b/ OK\n", "if"),
    "pcre pattern": table("pcre:/srv/t", "/ok/ OK\n/[unclosed/ REJECT\n", "line 2"),
    "pcre group": table("pcre:/srv/t", "/(a)/ REPLACE $2\n", "line 1"),
    "cidr host bits": table("cidr:/srv/t", "# ours\n192.0.2.1/24 OK\n", "line 2"),
    "cidr prefix": table("cidr:/srv/t", "192.0.2.0/33 OK\n", "line 1"),
    "cidr octet": table("cidr:/srv/t", "10.0.0.300 OK\n", "line 1"),
    "cidr of two octets": table("cidr:/srv/t", "10.1 OK\n", "line 1"),
    "cidr octal": table("cidr:/srv/t", "010.0.0.5 OK\n", "line 1"),
    "cidr without result": table("cidr:/srv/t", "192.0.2.0/24\n", "line 1"),
    "cidr if without endif": table("cidr:/srv/t", "if 192.0.2.0/24\n192.0.2.1 OK\n", "if"),
    "hash without value": table("hash:/srv/t", "a.example OK\nb.example\n", "line 2"),
    "hash with a key twice": table("hash:/srv/t", "a.example OK\nA.example REJECT\n", "line 2"),
    "hash with a quote": table("hash:/srv/t", 'a.example OK\n"b.example OK\n', "line 2"),
    "lmdb without value": table("lmdb:/srv/t", "a.example\n", "line 1"),
    "texthash without value": table("texthash:/srv/t", "a.example\n", "line 1"),
    # A file that is no table.
    "file of the system": table("hash:/etc/passwd", "a.example OK\n", "/etc/passwd", "/etc/postfix"),
    "file of the package": table("hash:/etc/postfix/dynamicmaps.cf", "a.example OK\n", "no lookup table"),
}

# Alike for both modes, files with their inodes, times, modes and texts; the lock of a module comes and goes.
STATE = """
date +%s.%N
for top in /etc/postfix /etc/passwd /srv /var/lib/mailops-mta; do
    find $top -mindepth 1 -printf '%p %y %i %m %U:%G %T@ %C@ %s\n'
    find $top -type f -exec sha256sum {} +
done | sort
"""
LOOK = shell(STATE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one case on one host: the answers, the files before and after, and the tries meanwhile."""

    answers: list[Answer]
    before: str
    after: str
    tries: list[Try]


@pytest.fixture(scope="session")
def verdicts(lab: Lab) -> dict[tuple[str, str], Verdict]:
    """All cases by host and name, run in one play."""
    tasks = [LOOK]
    for number, (task, _words) in enumerate(CASES.values()):
        tasks += [task, LOOK] if number % 3 else [task, {**task, "check_mode": True}, LOOK]
    with watched(lab, interval=0.5) as watch:
        given = run_tasks(lab, tasks)
        for host in given:
            watch.wait(host, time.time())
    return {
        (host, name): verdict
        for host, answers in given.items()
        for name, verdict in zip(CASES, _verdicts(watch, host, answers), strict=True)
    }


def _verdicts(watch: Watch, host: str, answers: list[Answer]) -> Iterator[Verdict]:
    """Cut the answers of one host into cases, at the looks."""
    looks = [number for number, answer in enumerate(answers) if "stdout" in answer]
    for start, end in itertools.pairwise(looks):
        (since, before), (until, after) = (answers[look]["stdout"].split("\n", 1) for look in (start, end))
        tries = watch.between(host, float(since), float("inf"))
        later = [number for number, each in enumerate(tries) if each.start > float(until)]
        yield Verdict(answers[start + 1 : end], before, after, tries[: later[0] + 1])


@pytest.mark.parametrize("name", CASES)
def test_refused(verdicts: dict[tuple[str, str], Verdict], mta: str, name: str) -> None:
    """The module fails, in check mode as well, and says why; nothing changes; mail is taken before and after."""
    verdict, words = verdicts[mta, name], CASES[name][1]
    for answer in verdict.answers:
        assert answer["failed"]
        assert not answer["changed"]
        assert [word for word in words if word not in answer["msg"]] == [], answer["msg"]
        assert "Traceback" not in str(answer)
    assert len({answer["msg"] for answer in verdict.answers}) == 1
    assert verdict.after == verdict.before
    assert [each for each in verdict.tries if not each.good] == []
