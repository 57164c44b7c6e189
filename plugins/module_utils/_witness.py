# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""EFFECTS: makes the running Postfix take its configuration up and witnesses that it serves mail.

The exit status of "postfix reload" proves nothing: it is 0 with a configuration that kills every smtpd(8). What counts
is a 220 banner, an answer to one recipient, and a log without fatal errors.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import time
import typing as t

from ._activation import Journal
from ._plan import Activation
from ._postfix.instance import Instance, PostfixError
from ._postfix.listener import Listener, listeners, reply_problem
from ._postfix.mail_log import fatal_errors

# A daemon that dies at its start is held back for 60 s (service_throttle_time), so a dead listener is told by the log
# long before this time is over. It is what a healthy postscreen(8) may take: greet_wait is 6 s.
_PATIENCE: t.Final = 9.0
# A bad answer to a recipient stays bad; a daemon that has just started may need a second try.
_SECOND_CHANCE: t.Final = 1.0
# A daemon that nobody talks to, such as qmgr(8), has died this many times later than the listeners answered when its
# configuration is bad: a busy host gets more time than an idle one, within these bounds.
_SETTLE_FACTOR: t.Final = 4
_SETTLE: t.Final = (0.25, 1.0)
# service_throttle_time, its default.
_THROTTLE_TIME: t.Final = 60


class Log:
    """The mail log since this object was made, or since the instance was started, if that was later."""

    def __init__(self, instance: Instance) -> None:
        self._run = instance.run
        self._config_directory = instance.config_directory
        self._since = self._cursor()

    def _cursor(self) -> str:
        _status, out, _err = self._run(["journalctl", "-q", "-n", "0", "--show-cursor"])
        return out.partition("cursor: ")[2].strip()

    def fatal(self) -> tuple[str, ...]:
        """Return the fatal errors of Postfix's daemons."""
        found = self._found()
        if found:
            # A journal that lags behind may show the end of the old daemons and not yet the start of the new ones.
            self._run(["journalctl", "--sync"])
            found = self._found()
        return found

    def _found(self) -> tuple[str, ...]:
        after = [f"--after-cursor={self._since}"] if self._since else ["-n", "100"]
        _status, out, _err = self._run(["journalctl", "-q", "SYSLOG_FACILITY=2", *after])
        return fatal_errors(out, self._config_directory)


def activate(instance: Instance, journal: Journal, activation: Activation) -> None:
    """Reload or restart, witness, and forget the way back; or go back to the last good configuration and raise."""
    log = Log(instance)
    try:
        _take_up(instance, activation)
        witness(instance, log)
    except PostfixError as error:
        raise PostfixError(_roll_back(instance, journal, str(error))) from error
    journal.close()


def _take_up(instance: Instance, activation: Activation) -> None:
    if activation == "reload" and instance.running and not _throttled(instance):
        instance.postfix_program("postfix", "reload")
    elif activation != "none" or not instance.running:
        _restart(instance)


def _throttled(instance: Instance) -> bool:
    """Whether the present master(8) holds a daemon back that died: it would do so after a reload as well.

    A daemon reads main.cf whenever it starts, so a bad one shows in the minutes between a change and its activation.
    """
    with open(os.path.join(instance.effective["queue_directory"], "pid", "master.pid"), encoding="ascii") as file:
        master = file.read().strip()
    _status, out, _err = instance.run(["journalctl", "-q", "SYSLOG_FACILITY=2", f"--since=-{_THROTTLE_TIME}s"])
    return re.search(rf"/master\[{master}\]: .* -- throttling$", out, re.MULTILINE) is not None


def _restart(instance: Instance) -> None:
    unit = instance.unit
    if unit is None:
        instance.run(["postfix", "-c", instance.config_directory, "stop"])
        instance.postfix_program("postfix", "start")
        return
    instance.run(["systemctl", "reset-failed", unit])
    status, _out, err = instance.run(["systemctl", "restart", unit])
    if status:
        raise PostfixError(f"systemctl restart {unit} failed: {err.strip()}")


def _roll_back(instance: Instance, journal: Journal, reason: str) -> str:
    """Put the last good configuration back and restart: a reload would leave a throttled daemon down for 60 s."""
    if not journal.pending:
        return f"{reason}. There is no earlier configuration to go back to: nothing was changed by this collection"
    journal.restore()
    fresh = Instance(instance.run, instance.config_directory)
    log = Log(fresh)
    try:
        _restart(fresh)
        witness(fresh, log)
        result = "serves mail again"
    except PostfixError as error:
        result = f"does not serve mail either: {error}"
    return (
        f"{reason}. The last good configuration is back in {instance.config_directory} and {result}; "
        f"the one that failed is kept in {journal.rejected}"
    )


def witness(instance: Instance, log: Log) -> None:
    """Raise PostfixError unless every SMTP listener answers and no daemon died."""
    start = time.monotonic()
    for listener in listeners(instance.services, instance.overrides, instance.effective):
        problem = _patient_probe(listener, instance.effective["myhostname"], log)
        if problem is not None:
            raise PostfixError(f"{listener} {problem}{_because(log)}")
    taken = time.monotonic() - start
    shortest, longest = _SETTLE
    time.sleep(max(0.0, min(max(shortest, _SETTLE_FACTOR * taken), longest) - taken))
    if log.fatal():
        raise PostfixError(f"a Postfix daemon died{_because(log)}")


def _because(log: Log) -> str:
    lines = log.fatal()
    return f" ({'; '.join(dict.fromkeys(lines[:3]))})" if lines else ""


def _patient_probe(listener: Listener, hostname: str, log: Log) -> str | None:
    """Probe until the listener answers well, keeps answering badly, a daemon dies, or patience ends."""
    deadline = last_try = time.monotonic() + _PATIENCE
    while True:
        problem, answered = _probe(listener, hostname, deadline, log)
        if answered:
            last_try = min(last_try, time.monotonic() + _SECOND_CHANCE)
        if problem is None or time.monotonic() > last_try or log.fatal():
            return problem
        time.sleep(0.1)


def _probe(listener: Listener, hostname: str, deadline: float, log: Log) -> tuple[str | None, bool]:
    """Return what is wrong with the listener, and whether it answered to a recipient."""
    try:
        with _connected(listener) as connection:
            banner = _reply(connection, deadline, log)
            if not banner.startswith("220"):
                return f"does not answer with a banner{': ' if banner else ''}{banner}", False
            reply = ""
            for command in ("EHLO localhost", "MAIL FROM:<>", f"RCPT TO:<postmaster@{hostname}>"):
                connection.sendall(f"{command}\r\n".encode())
                reply = _reply(connection, deadline, log)
                if reply.startswith("530"):
                    break  # It wants TLS first, and after this one error it hangs up while all its processes are busy.
            with contextlib.suppress(OSError):  # It may have hung up after what it answered.
                connection.sendall(b"QUIT\r\n")
            return reply_problem(reply), bool(reply)
    except OSError as error:
        return f"cannot be reached: {error.strerror or error}", False


@contextlib.contextmanager
def _connected(listener: Listener) -> t.Iterator[socket.socket]:
    port = int(listener.port) if listener.port.isdigit() else socket.getservbyname(listener.port, "tcp")
    with socket.create_connection((listener.host, port), timeout=2) as plain:
        if listener.proxy:
            plain.sendall(f"PROXY TCP4 127.0.0.1 127.0.0.1 1 {port}\r\n".encode())
        if not listener.tls:
            yield plain
            return
        context = ssl.create_default_context()
        context.check_hostname = False  # the witness asks whether Postfix answers, not who it is
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain) as encrypted:
            yield encrypted


def _reply(connection: socket.socket, deadline: float, log: Log) -> str:
    """Return the last line of one reply, or "" when the connection ends, time is up or a daemon died.

    A busy server hangs up after one error, and sends the 421 for that together with its reply.
    """
    connection.settimeout(0.5)
    received = b""
    while not (last := re.search(rb"^\d{3} [^\n]*\r\n", received, re.MULTILINE)):
        try:
            chunk = connection.recv(4096)
        except TimeoutError:
            if time.monotonic() > deadline or log.fatal():
                return ""
            continue
        if not chunk:
            return ""
        received += chunk
    return last[0].decode("utf-8", "replace").rstrip()
