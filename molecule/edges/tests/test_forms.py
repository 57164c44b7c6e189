# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of main.cf and master.cf that people, packages and accidents leave behind.

Each case works on a copy of the configuration directory: check mode, the run, and the run again. Check mode changes no
file and answers what the run answers; the run again changes nothing, not even an inode or a time stamp.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from lab.tasks import Answer, Task, run_tasks, shell
from lab.topology import Lab

COPY = "/srv/copy"
OTHER = {"maximal_queue_lifetime": "3d"}


@dataclass(frozen=True, slots=True)
class Case:
    """A form, a task, and what comes of it: what `show` prints and words of a warning, or words of the error."""

    form: str
    task: Task
    changed: bool = True
    show: str = "true"
    shown: str = ""
    words: tuple[str, ...] = ()
    warned: str = ""


def parameters(**values: object) -> Task:
    return {"mailops.mta.postconf": {"parameters": values}}


def equal(form: str, **values: object) -> Case:
    return Case(f"printf '{form}' >>main.cf", parameters(**values), changed=False)


def refused(form: str, *words: str) -> Case:
    return Case(form, parameters(**OTHER), changed=False, words=words)


CASES = {
    # Other spellings of an equal value are left alone.
    "folded lines": equal(r"relay_domains = a.example,\n  b.example\n", relay_domains=["a.example", "b.example"]),
    "comment within folded lines": equal(
        r"relay_domains = a.example\n# why\n  b.example\n", relay_domains=["a.example", "b.example"]
    ),
    "tabs": equal(r"smtpd_banner =\t$myhostname\t ESMTP\n", smtpd_banner="$myhostname ESMTP"),
    "no blanks": equal(r"relayhost=[a.example.net]\n", relayhost="[a.example.net]"),
    "case of yes": equal(r"smtpd_helo_required = Yes\n", smtpd_helo_required=True),
    "braces": equal(r"smtpd_banner = ${myhostname} ESMTP\n", smtpd_banner="$myhostname ESMTP"),
    "list separators": equal(r"relay_domains = a.example  b.example\n", relay_domains="a.example, b.example"),
    "number": equal(r"message_size_limit = 20000000\n", message_size_limit=20000000),
    "absent already": Case("true", parameters(no_such_thing=None), changed=False),
    # What changes, and what does not.
    "comments stay": Case(
        "printf '# ours\nbiff = yes\n# theirs\n' >>main.cf", parameters(biff=False), show="tail -n 3 main.cf",
        shown="# ours\nbiff = no\n# theirs",
    ),
    "null removes": Case(
        "printf 'relayhost = [a.example.net]\n' >>main.cf", parameters(relayhost=None),
        show="grep -c ^relayhost main.cf",
        shown="0",
    ),
    "empty is not absent": Case(
        "sed -i /^relayhost/d main.cf", parameters(relayhost=""), show="grep ^relayhost main.cf", shown="relayhost ="
    ),
    # A parameter of one's own that loses its last user does no harm.
    "class that is in use no more": Case(
        "printf 'smtpd_restriction_classes = friends\nfriends = reject\n' >>main.cf",
        parameters(smtpd_restriction_classes=None), show="grep friends main.cf", shown="friends = reject",
        warned="friends: nothing in main.cf or master.cf uses this parameter any more",
    ),
    "option that used a parameter": Case(
        "printf 'mua = reject\n' >>main.cf && printf '2525 inet n - n - - smtpd -o mynetworks=$mua\n' >>master.cf",
        {"mailops.mta.master_services": {"services": {"2525/inet": None}}}, show="grep -c 2525 master.cf", shown="0",
        warned="mua: nothing in main.cf or master.cf uses this parameter any more",
    ),
    "exclusive with keep": Case(
        "printf 'biff = no\nrelayhost = [a.example.net]\nmy_own = 7\nbounce_size_limit = $my_own\n' >>main.cf",
        {"mailops.mta.postconf": {
            "parameters": {"relayhost": "[a.example.net]", "smtpd_relay_restrictions": "reject_unauth_destination"},
            "exclusive": True, "keep": ["my_*", "bounce_size_limit"],
        }},
        show="sed '/#/d; s/ =.*//' main.cf | sort | xargs",
        shown="bounce_size_limit my_own relayhost smtpd_relay_restrictions",
    ),
    "several lines become one": Case(
        "printf 'relayhost = [a.example.net]\nbiff = no\nrelayhost = [b.example.net]\n' >>main.cf",
        parameters(relayhost="[b.example.net]"), show="grep ^relayhost main.cf", shown="relayhost = [b.example.net]",
    ),
    "several lines of something else": Case(
        "printf 'biff = yes\nbiff = no\n' >>main.cf", parameters(**OTHER), show="grep ^biff main.cf | xargs",
        shown="biff = yes biff = no",
    ),
    "no final newline": Case(
        "printf 'relayhost = [a.example.net]' >>main.cf", parameters(**OTHER),
        show="tail -n 2 main.cf", shown="relayhost = [a.example.net]\nmaximal_queue_lifetime = 3d",
    ),
    "CR LF": Case(
        r"sed -i 's/$/\r/' main.cf", parameters(**OTHER),
        show=r"grep -c $(printf '\r') main.cf; postconf -c . -hn myhostname",
        shown="0\nmx.example.test",
    ),
    "non-ASCII text": Case(
        "printf '# gr\\303\\274n \\377\nsmtpd_banner = $myhostname ESMTP gr\\303\\274n\n' >>main.cf",
        parameters(**OTHER),
        show="grep -ac 'gr.*n' main.cf", shown="2",
    ),
    "symbolic link": Case(
        "mv main.cf real.cf && ln -s real.cf main.cf", parameters(**OTHER),
        show="readlink main.cf; grep maximal_queue_lifetime real.cf", shown="real.cf\nmaximal_queue_lifetime = 3d",
    ),
    "link to elsewhere": Case(
        "mkdir -p /srv/shared && mv main.cf /srv/shared/ && ln -s /srv/shared/main.cf main.cf", parameters(**OTHER),
        show="readlink main.cf; postconf -c . -hn maximal_queue_lifetime; ls -A /srv/shared",
        shown="/srv/shared/main.cf\n3d\nmain.cf",
    ),
    "mode and owner": Case(
        "chown daemon:adm main.cf && chmod 0640 main.cf", parameters(**OTHER), show="stat -c '%U:%G %a' main.cf",
        shown="daemon:adm 640",
    ),
    "time stamp lies back": Case(
        "true", parameters(**OTHER),
        show="test $(($(date +%s) - $(stat -c %Y main.cf))) -ge 3 && echo quick", shown="quick",
    ),
    "leftover of a killed run": Case(
        "echo x >.main.cf.new; echo y >main.cf.tmp", parameters(**OTHER),
        show="ls -A | grep main.cf | xargs", shown="main.cf main.cf.proto",
    ),
    "comments of master.cf stay": Case(
        "printf '# ours\n#submission inet n - y - - smtpd\n' >>master.cf",
        {"mailops.mta.master_services": {"services": {"smtp/inet": {"process_limit": 7}}}},
        show="tail -n 2 master.cf; postconf -c . -M smtp/inet | xargs",
        shown="# ours\n#submission inet n - y - - smtpd\nsmtp inet n - y - 7 smtpd",
    ),
    "master.cf without final newline": Case(
        "printf 'extra unix - - y - - smtp' >>master.cf",
        {"mailops.mta.master_services": {"services": {"10025/inet": {"command": "smtpd"}}}},
        show="postconf -c . -M | grep -cE '^(extra|10025) '", shown="2",
    ),
    "equal columns": Case(
        "true", {"mailops.mta.master_services": {"services": {"smtp/inet": {"private": False, "process_limit": "-"}}}},
        changed=False,
    ),
    # Refused in one clear sentence.
    "byte order mark": refused(r"sed -i '1s/^/\xef\xbb\xbf/' main.cf", f"{COPY}/main.cf", "byte order mark"),
    "line without =": refused("echo garbage >>main.cf", f"{COPY}/main.cf", "garbage"),
    "merge marker": refused("printf '<<<<<<< HEAD\n' >>main.cf", f"{COPY}/main.cf", "<<<<<<<"),
    "broken macro": refused("printf 'smtpd_banner = ${myhostname\n' >>main.cf", "${myhostname"),
    "no main.cf": refused("rm main.cf", COPY, "no main.cf"),
    "no master.cf": refused("rm master.cf", COPY, "no master.cf"),
    "no directory": refused(f"mv {COPY} {COPY}.away", COPY, "holds no Postfix instance"),
    "directory in place of the lock": refused("mkdir main.cf.tmp", f"{COPY}/main.cf.tmp"),
    "directory for everybody": refused("chmod 0777 .", COPY, "others than root"),
}  # fmt: skip

MAKE = f"""
rm -rf {COPY} {COPY}.away /srv/shared /var/lib/mailops-mta/srv-copy
cp -a /etc/postfix {COPY} && cd {COPY} && cat >main.cf <<END
# The host of the cases
compatibility_level = 3.6
myhostname = mx.example.test
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
END
"""
# Of files the names, inodes, modes, owners, times, links and texts; the lock comes and goes.
LOOK = r"""
for top in /srv /var/lib/mailops-mta; do
    find $top -type d -printf '%p %m %U:%G\n' -o ! -name main.cf.tmp -printf '%p %y %i %m %U:%G %T@ %C@ %l\n'
    find $top -type f ! -name main.cf.tmp -exec sha256sum {} +
done | sort
echo ==
"""


@pytest.fixture(scope="session")
def answers(lab: Lab) -> dict[tuple[str, str], list[Answer]]:
    """The answers of all cases, run in one play: make, predict, look, run, look and show, run again, look."""
    tasks: list[Task] = []
    for case in CASES.values():
        module = {**case.task, "diff": True}
        show = f"cd {COPY} && {{ {case.show}; true; }}"
        tasks += [shell(MAKE + case.form + LOOK), {**module, "check_mode": True}, shell(LOOK)]
        tasks += [module, shell(LOOK + show), module, shell(LOOK)]
    defaults = {"group/mailops.mta.postfix": {"config_directory": COPY}}
    given = run_tasks(lab, tasks, module_defaults=defaults)
    return {(host, name): all_[7 * n : 7 * n + 7] for host, all_ in given.items() for n, name in enumerate(CASES)}


@pytest.mark.parametrize("name", CASES)
def test_form(answers: dict[tuple[str, str], list[Answer]], mta: str, name: str) -> None:
    case = CASES[name]
    made, predicted, unchanged, done, shown, again, still = answers[mta, name]
    assert made["stdout"] == unchanged["stdout"]
    after, _rest, lines = shown["stdout"].partition("==\n")
    assert still["stdout"] == after + "==\n"
    assert [each["failed"] for each in (predicted, done)] == [bool(case.words)] * 2, done.get("msg")
    assert [each["changed"] for each in (predicted, done, again)] == [case.changed, case.changed, False]
    assert "Traceback" not in str((predicted, done))
    if case.words:
        assert [word for word in case.words if word not in done["msg"]] == [], done["msg"]
        assert predicted["msg"] == done["msg"]
        assert made["stdout"] == after + "==\n"
    else:
        assert predicted["diff"] == done["diff"]
        assert lines.strip() == case.shown
        assert predicted.get("warnings", []) == done.get("warnings", []) == [case.warned][: bool(case.warned)]
