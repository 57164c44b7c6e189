# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scanner as the scenario converged it: what it finds, in how much of a message."""

from __future__ import annotations

import pytest
from lab import mail
from lab.scanner import CLAMD, scan, wait_for
from lab.topology import Lab

MIB = 1024 * 1024
# argv: MiB of nothing before the text that the signature finds.
_LARGE = """
import socket, struct, sys
text = bytes(int(sys.argv[1])) + b"lab-file\\n"
clamd = socket.socket(socket.AF_UNIX)
clamd.connect(sys.argv[2])
clamd.sendall(b"zINSTREAM\\0")
try:
    for start in range(0, len(text), 65536):
        part = text[start:start + 65536]
        clamd.sendall(struct.pack("!L", len(part)) + part)
    clamd.sendall(struct.pack("!L", 0))
except (BrokenPipeError, ConnectionResetError):
    pass
print(clamd.recv(4096).decode().rstrip("\\0\\n"))
"""
_STATS = """
import socket, sys
clamd = socket.socket(socket.AF_UNIX)
clamd.connect(sys.argv[1])
clamd.sendall(b"zSTATS\\0")
print(clamd.makefile("rb").read().decode())
"""


def test_clamd_finds_what_the_file_describes(lab: Lab, mta: str) -> None:
    assert scan(lab, mta, "see lab-file here") == "Lab.File.UNOFFICIAL FOUND"
    assert scan(lab, mta, "nothing here") == "OK"


@pytest.mark.parametrize(
    ("mebibytes", "verdict"), [(29, "stream: Lab.File.UNOFFICIAL FOUND"), (30, "INSTREAM size limit exceeded. ERROR")]
)
def test_messages_are_scanned_to_their_end(lab: Lab, mta: str, mebibytes: int, verdict: str) -> None:
    """The scenario's message_size_limit is 30M; the package's own limit is 25M."""
    assert mail.output(lab, mta, "python3", "-c", _LARGE, str(mebibytes * MIB), CLAMD).strip() == verdict


def test_files_are_scanned_to_their_end(lab: Lab, mta: str) -> None:
    """Amavis names files to clamd, to which MaxFileSize applies."""
    script = f"(head -c {29 * MIB} /dev/zero; echo lab-file) >/tmp/large; clamdscan --fdpass --no-summary /tmp/large"
    assert "Lab.File.UNOFFICIAL FOUND" in mail.execute(lab, mta, "sh", "-c", script).out


def test_threads_of_clamd(lab: Lab, mta: str) -> None:
    assert " max 3 " in mail.output(lab, mta, "python3", "-c", _STATS, CLAMD)


def test_encrypted_archives_pass(encrypted_verdict: str) -> None:
    assert encrypted_verdict.endswith(": OK\n")


def test_clamd_that_reads_a_broken_file_goes_on(lab: Lab, mta: str) -> None:
    log = "/var/log/clamav/clamav.log"
    mail.output(
        lab,
        mta,
        "sh",
        "-c",
        f"truncate -s 0 {log}; echo broken >/var/lib/clamav/broken.ndb; systemctl reload clamav-daemon",
    )
    wait_for(lambda: "reload failed" in mail.output(lab, mta, "cat", log), "clamd did not read its definitions again")
    verdict = scan(lab, mta, "lab-file")
    mail.output(lab, mta, "sh", "-c", "rm /var/lib/clamav/broken.ndb; systemctl reload clamav-daemon")
    assert verdict == "Lab.File.UNOFFICIAL FOUND"
