# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenario's variables do to mail from outside, from own clients and from those who logged in."""

from __future__ import annotations

import re

import pytest
from lab import filtering, mail
from lab.filtering import ADMINISTRATOR, EICAR, GTUBE, PROGRAM, Fate, Letter, tarred, zipped
from lab.topology import Lab

AWAY = "customer@example.net"
VIRUSES = {
    "eicar": Letter(files={"a.txt": EICAR}),
    "eicar-in-zip": Letter(files={"a.zip": zipped("a.txt", EICAR)}),
    "eicar-in-zip-in-zip": Letter(files={"a.zip": zipped("b.zip", zipped("a.txt", EICAR))}),
    "word-in-the-body": Letter("a virusofthelab here"),
    "virus-of-a-user": Letter(files={"a.txt": EICAR}, via="login", sender="ann@example.test", recipient=AWAY),
}
BANNED = {
    "program": {"prog.exe": PROGRAM},
    "text-with-the-name": {"prog.exe": b"text"},
    "capitals": {"PROG.EXE": b"text"},
    "two-extensions": {"invoice.pdf.exe": b"text"},
    "script": {"a.vbs": b"text"},
    "final-dot": {"a.exe.": b"text"},
    "program-with-another-name": {"picture.jpg": PROGRAM},
    "in-zip": {"a.zip": zipped("prog.exe", PROGRAM)},
    "in-zip-in-zip": {"a.zip": zipped("b.zip", zipped("prog.exe", PROGRAM))},
    "in-tar": {"a.tar.gz": tarred("prog.exe", PROGRAM)},
    "in-encrypted-zip": {"a.zip": zipped("prog.exe", PROGRAM, encrypted=True)},
    "own-extension": {"a.foobar": b"text"},
    "name-in-other-letters": {"p\u00fcrog.exe": b"text"},
}
CLEAN = {
    "plain": Letter(),
    "pdf": Letter(files={"a.pdf": b"%PDF-1.4\n"}),
    "extension-inside-a-name": Letter(files={"a.exe.txt": b"text"}),
    "own-client-gtube": Letter(GTUBE, via="own", sender="ann@example.test", recipient=AWAY),
    "own-client-eicar": Letter(files={"a.txt": EICAR}, via="own", sender="ann@example.test", recipient=AWAY),
    "own-client-program": Letter(files={"a.exe": PROGRAM}, via="own", sender="ann@example.test", recipient=AWAY),
    "user": Letter(via="login", sender="ann@example.test", recipient=AWAY),
    "user-to-a-local-domain": Letter(via="login", sender="ann@example.test", recipient="any@eu.mail.example.net"),
    "own-client-within": Letter(via="own", sender="ann@example.test"),
    "trusted-server": Letter(via="trusted"),
    "few-points": Letter("scoreoffew"),
}
SPAM = {
    "much": Letter("scoreofmuch"),
    "gtube": Letter(GTUBE),
    "denied-sender": Letter(sender="enemy@example.org"),
    "gtube-of-a-user": Letter(GTUBE, via="login", sender="ann@example.test", recipient=AWAY),
}
TAGGED = {"some": Letter("scoreofsome"), "other-score": Letter("scoreraised")}
FORGED = {"forged": Letter(sender="ann@example.test")}
BANNED_OF_A_USER = {"program-of-a-user": Letter(files={"a.zip": zipped("prog.exe", PROGRAM)}, via="login",
                                                sender="ann@example.test", recipient=AWAY)}  # fmt: skip
LETTERS = (
    VIRUSES
    | {name: Letter(files=files) for name, files in BANNED.items()}
    | BANNED_OF_A_USER
    | CLEAN
    | SPAM
    | TAGGED
    | FORGED
)
Fates = dict[tuple[str, str], Fate]
ASK_SIZES = """
import smtplib
with smtplib.SMTP("127.0.0.1", 10025, local_hostname="localhost") as server:
    server.ehlo()
    print(server.esmtp_features["size"])
    for size in (15_000_000, 25_000_000):
        print(server.docmd(f"MAIL FROM:<> SIZE={size}")[0])
        server.rset()
"""
LEARNT = {
    "spam": "cheap pills casino lottery winner urgent million transfer herbal bargain mortgage replica watches",
    "ham": "minutes meeting agenda budget review quarterly schedule greenhouse orchard tulips",
}
# SpamAssassin asks what it learnt from 200 messages of each kind on. Their headers are like those of the letters.
LEARN = r"""cd /tmp; export HOME=/var/lib/amavis; for number in $(seq 250); do
    printf 'From x@example.org Thu Jan  1 00:00:00 2026\nFrom: stranger@example.org\nTo: bob@example.test\n'
    printf 'Subject: about %s\n' "$number"
    printf 'Message-ID: <%s.%s@learn>\nMIME-Version: 1.0\n\n%s %s\n\n' "$1" "$number" "$2" "$number"
done | sa-learn "--$1" --mbox -"""


@pytest.fixture(scope="module")
def fates(lab: Lab) -> Fates:
    """What became of all letters."""
    return filtering.send(lab, LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_the_sender_is_told_nothing(fates: Fates, mta: str, name: str) -> None:
    assert fates[mta, name].reply.code == 250
    assert fates[mta, name].log


@pytest.mark.parametrize("name", VIRUSES)
def test_clamd_finds_viruses(fates: Fates, mta: str, name: str) -> None:
    fate = fates[mta, name]
    assert "Blocked INFECTED (Lab." in fate.log
    assert fate.copies == []
    assert [*fate.notices] == [ADMINISTRATOR]
    notice = filtering.headers(fate.notices[ADMINISTRATOR].message)
    assert notice["Subject"].startswith("VIRUS (Lab.")
    assert notice["From"] == '"Content filter" <postmaster@example.test>'


@pytest.mark.usefixtures("fates")
def test_no_other_scanner_than_clamd(lab: Lab, mta: str) -> None:
    log = filtering.log_since_start(lab, mta)
    assert "ClamAV-clamd" in log
    assert [line for line in log.splitlines() if "FAILED" in line or "clamscan" in line] == []


@pytest.mark.parametrize("name", BANNED)
def test_blocked_extensions(fates: Fates, mta: str, name: str) -> None:
    fate = fates[mta, name]
    assert re.search("Blocked BANNED .*Quarantined", fate.log)
    assert fate.copies == []
    assert {*fate.notices} == {ADMINISTRATOR, "bob@example.test"}
    assert "in mail TO YOU" in filtering.headers(fate.notices["bob@example.test"].message)["Subject"]


def test_blocked_extensions_of_a_user(fates: Fates, mta: str) -> None:
    fate = fates[mta, "program-of-a-user"]
    assert "Blocked BANNED" in fate.log
    # Recipients elsewhere are not told.
    assert (fate.copies, [*fate.notices]) == ([], [ADMINISTRATOR])


@pytest.mark.parametrize("name", CLEAN)
def test_clean_mail_passes(fates: Fates, mta: str, name: str) -> None:
    fate = fates[mta, name]
    assert "Passed CLEAN" in fate.log
    assert (len(fate.copies), fate.notices) == (1, {})
    # Amavis says so where it has looked at anything.
    assert ("X-Virus-Scanned" in fate.headers) == (LETTERS[name].via != "own")


def test_headers_of_clean_mail(fates: Fates, mta: str) -> None:
    headers = fates[mta, "plain"].headers
    assert headers["X-Spam-Flag"] == "NO"
    assert headers["Subject"] == f"about {mta}.plain"


def test_spam_is_looked_for_over_the_network(fates: Fates, mta: str) -> None:
    assert "SPF_PASS" in fates[mta, "plain"].headers["X-Spam-Status"]


def test_mail_to_local_domains_gets_the_headers(fates: Fates, mta: str) -> None:
    found = {name: "X-Spam-Flag" in fates[mta, name].headers for name in ("user", "user-to-a-local-domain")}
    assert found == {"user": False, "user-to-a-local-domain": True}


@pytest.mark.parametrize("name", SPAM)
def test_much_spam_is_discarded(fates: Fates, mta: str, name: str) -> None:
    fate = fates[mta, name]
    assert "Blocked SPAM" in fate.log
    assert (fate.copies, fate.notices) == ([], {})


@pytest.mark.parametrize("name", TAGGED)
def test_some_spam_is_marked(fates: Fates, mta: str, name: str) -> None:
    fate = fates[mta, name]
    assert "Passed SPAMMY" in fate.log
    assert fate.headers["X-Spam-Flag"] == "YES"
    assert fate.headers["Subject"] == f"[SPAM] about {mta}.{name}"
    assert "required=6.6" in fate.headers["X-Spam-Status"]


def test_mail_of_an_own_domain_without_its_signature_is_forged(fates: Fates, mta: str) -> None:
    assert filtering.FORGED[mta] in fates[mta, "forged"].log
    assert len(fates[mta, "forged"].copies) == ("Passed" in filtering.FORGED[mta])


def test_mail_of_trusted_servers_is_told_apart(fates: Fates, mta: str) -> None:
    trusted = {name: "ALL_TRUSTED" in fates[mta, name].headers["X-Spam-Status"] for name in ("trusted-server", "plain")}
    assert trusted == {"trusted-server": True, "plain": False}


def test_kinds_of_clients_are_told_apart(fates: Fates, mta: str) -> None:
    assert "MYNETS" in fates[mta, "own-client-gtube"].log
    assert "ORIGINATING" in fates[mta, "user"].log
    assert "Inbound" in fates[mta, "plain"].log


@pytest.mark.usefixtures("fates")
def test_discarded_mail_lies_in_quarantine_for_a_while(lab: Lab, mta: str) -> None:
    kept = mail.output(lab, mta, "sh", "-c", "ls /var/lib/amavis/virusmails").split()
    assert len([name for name in kept if name.startswith("banned-")]) >= len(BANNED)
    assert [name for name in kept if not name.startswith("banned-")] == []
    # A copy is as old as its text; the scenario keeps copies for 30 days.
    place = "cd /var/lib/amavis/virusmails; "
    age = f"{place} touch -d '31 days ago' *; touch -d '29 days ago' {kept[0]}; "
    mail.output(lab, mta, "sh", "-c", age + "systemd-tmpfiles --clean /etc/tmpfiles.d/mailops-mta-quarantine.conf")
    assert mail.output(lab, mta, "sh", "-c", f"{place} ls; rm -f *").split() == kept[:1]


def test_what_comes_back_may_be_larger(lab: Lab, mta: str) -> None:
    """The limit before the filter is 10 MiB."""
    replies = mail.output(lab, mta, "python3", "-c", ASK_SIZES).split()
    assert replies == [str(20 * 1024**2), "250", "552"]


def test_what_was_learnt_counts(lab: Lab, mta: str) -> None:
    # What it learnt of the letters before would count as well.
    mail.output(lab, mta, "runuser", "-u", "amavis", "--", "env", "HOME=/var/lib/amavis", "sa-learn", "--clear")
    for kind in LEARNT:
        mail.output(lab, mta, "runuser", "-u", "amavis", "--", "sh", "-c", LEARN, "learn", kind, LEARNT[kind])
    fates = filtering.send(lab, {kind: Letter(words) for kind, words in LEARNT.items()}, hosts=[mta])
    found = {kind: re.findall("BAYES_[0-9]+", fates[mta, kind].headers["X-Spam-Status"]) for kind in LEARNT}
    assert found == {"spam": ["BAYES_99", "BAYES_999"], "ham": ["BAYES_00"]}


def test_it_learns_from_what_leaves_no_doubt(lab: Lab, mta: str) -> None:
    before = filtering.learnt(lab, mta)
    filtering.send(lab, {"trusted": Letter(via="trusted")}, hosts=[mta])
    assert filtering.learnt(lab, mta) == {**before, "ham": before["ham"] + 1}
