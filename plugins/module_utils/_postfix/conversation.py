# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READS what the sockets of a mail server say: SMTP listeners, filters, the SASL server, clamd(8)."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import time
import typing as t

from .address import Address
from .listener import Listener
from .server_part import Answer

# What a healthy postscreen(8) may take: greet_wait is 6 s.
_PATIENCE: t.Final = 10.0
_CONNECT_SECONDS: t.Final = 3.0
_LAST_LINE = re.compile(rb"^\d{3}(?: [^\r\n]*)?\r?\n\Z", re.MULTILINE)
_GREETING: t.Final = b"EHLO localhost\r\n"
# Dovecot's authentication protocol, as xsasl_dovecot_server.c speaks it: version, and the process ID of the client.
_SASL_GREETING: t.Final = f"VERSION\t1\t2\nCPID\t{os.getpid()}\n".encode()


class SilenceError(Exception):
    """The other side did not say what it should; the message says what came instead."""


def greeted(listener: Listener) -> Answer:
    """Return the banner of an SMTP listener, its reply to EHLO, and behind "STARTTLS: " what becomes of that.

    smtpd(8) offers STARTTLS and says that it is ready whether it has a certificate or not (3.7 and 3.10).
    """
    with _told() as trouble, _connected(Address(listener.host, _port(listener.port))) as connection:
        if listener.proxy:
            connection.sendall(f"PROXY TCP4 127.0.0.1 127.0.0.1 1 {_port(listener.port)}\r\n".encode())
        with _encrypted(connection) if listener.tls else contextlib.nullcontext(connection) as speaking:
            return Answer("\n".join((_reply(speaking), *_greeting(speaking))))
    return Answer(problem=trouble[0])


def filter_answer(address: Address) -> Answer:
    """Return the banner of a content filter."""
    with _told() as trouble, _connected(address) as connection:
        banner = _reply(connection)
        connection.sendall(b"QUIT\r\n")
        return Answer(banner)
    return Answer(problem=trouble[0])


def milter_answer(address: Address) -> Answer:
    """Connect to a milter, which waits for its client to speak first."""
    with _told() as trouble, _connected(address):
        return Answer("connected")
    return Answer(problem=trouble[0])


def clamd_answer(address: Address) -> Answer:
    """Return what clamd(8) says to VERSION."""
    with _told() as trouble, _connected(address) as connection:
        connection.sendall(b"zVERSION\0")
        return Answer(_until(connection, re.compile(rb"\0\Z")).decode("utf-8", "replace").rstrip("\0"))
    return Answer(problem=trouble[0])


def sasl_answer(address: Address) -> Answer:
    """Return the mechanisms that Dovecot offers to Postfix; 2.3 speaks first, 2.4 waits for its client's version."""
    with _told() as trouble, _connected(address) as connection:
        connection.sendall(_SASL_GREETING)
        lines = _until(connection, re.compile(rb"^DONE\n", re.MULTILINE)).decode("utf-8", "replace").splitlines()
        return Answer(" ".join(line.split("\t")[1] for line in lines if line.startswith("MECH\t")))
    return Answer(problem=trouble[0])


@contextlib.contextmanager
def _told() -> t.Iterator[list[str]]:
    """Turn what goes wrong with a connection into a sentence."""
    trouble: list[str] = []
    try:
        yield trouble
    except SilenceError as error:
        trouble.append(str(error))
    except TimeoutError:
        trouble.append("says nothing")
    except ssl.SSLError as error:
        trouble.append(f"does not speak TLS: {error.reason}")
    except OSError as error:
        trouble.append(f"cannot be reached: {error.strerror or error}")


@contextlib.contextmanager
def _connected(address: Address) -> t.Iterator[socket.socket]:
    if address.path:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(address.path)
            yield connection
        return
    with socket.create_connection((address.host, int(_port(address.port))), timeout=_CONNECT_SECONDS) as connection:
        yield connection


@contextlib.contextmanager
def _encrypted(connection: socket.socket) -> t.Iterator[socket.socket]:
    context = ssl.create_default_context()
    context.check_hostname = False  # the question is whether it answers, not who it is
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(connection) as encrypted:
        yield encrypted


def _greeting(connection: socket.socket) -> t.Iterator[str]:
    connection.sendall(_GREETING)
    extensions = _reply(connection)
    yield extensions
    if re.search(r"^250[- ]STARTTLS$", extensions, re.MULTILINE):
        connection.sendall(b"STARTTLS\r\n")
        reply = _until(connection, _LAST_LINE).decode("utf-8", "replace").strip()
        yield "STARTTLS: " + (_handshake(connection) if reply.startswith("220") else f"answers {reply}")
        return
    connection.sendall(b"QUIT\r\n")


def _handshake(connection: socket.socket) -> str:
    """Return what becomes of STARTTLS: "works", or why it does not."""
    try:
        with _encrypted(connection):
            return "works"
    except ssl.SSLError as error:
        return f"fails: {error.reason}"


def _reply(connection: socket.socket) -> str:
    """Return one SMTP reply, all of its lines; SilenceError unless it is a good one."""
    text = _until(connection, _LAST_LINE).decode("utf-8", "replace")
    if not text.startswith("2"):
        raise SilenceError(f"answers {text.splitlines()[-1]}")
    return text.replace("\r", "").rstrip("\n")


def _until(connection: socket.socket, end: re.Pattern[bytes]) -> bytes:
    deadline = time.monotonic() + _PATIENCE
    received = b""
    while not end.search(received):
        connection.settimeout(max(0.1, deadline - time.monotonic()))
        chunk = connection.recv(4096)
        if not chunk:
            raise SilenceError("closes the connection")
        received += chunk
    return received


def _port(port: str) -> str:
    return port if port.isdigit() else str(socket.getservbyname(port, "tcp"))
