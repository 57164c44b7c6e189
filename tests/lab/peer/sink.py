# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes every message the mail hosts send: as next hop, as the world outside, as smart host.

Ports: 25 (SMTP, STARTTLS offered), 587 (the same, AUTH required), 2525 (plain SMTP), 2526 (SMTP, STARTTLS with the
certificate of an authority), 24 (LMTP, STARTTLS offered). A client that names CERTIFIED gets that certificate anywhere.
Each message becomes one JSON file in /var/lib/lab-mail.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from functools import partial
from pathlib import Path

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

STORE = Path("/var/lib/lab-mail")
TLS = Path("/var/lib/lab-tls")
HOSTNAME = "peer.example.net"
CERTIFIED = "certified.mail.example.net"
LOGINS = {"relay": "correct-horse"}
# Other logins, as JSON like the ones above; read at each login.
LOGINS_FILE = Path("/etc/lab/logins.json")
REFUSALS = {
    "unknown": "550 5.1.1 No such user here",
    "defer": "451 4.3.0 Try again later",
}


class Sink:
    """The aiosmtpd hooks of one port."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a recipient whose local part begins with a word of REFUSALS."""
        for word, reply in REFUSALS.items():
            if address.startswith(word):
                return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the message; the file appears complete or not at all."""
        name = f"{time.time_ns()}.json"
        part = STORE / f".{name}"
        part.write_text(json.dumps(self.record(server, session, envelope), indent=1))
        part.rename(STORE / name)
        reply = f"250 2.0.0 stored as {name}"
        return "\r\n".join([reply] * len(envelope.rcpt_tos)) if isinstance(server, LMTP) else reply

    def record(self, server: SMTP, session: Session, envelope: Envelope) -> dict[str, object]:
        """What is stored of a message."""
        return {
            "sender": envelope.mail_from.removeprefix("<>"),
            "recipients": envelope.rcpt_tos,
            "port": self.port,
            "server": server.transport.get_extra_info("sockname")[0],
            "client": session.peer[0],
            "helo": session.host_name,
            "user": session.auth_data.decode() if session.authenticated else None,
            "tls": server.transport.get_extra_info("cipher") is not None,
            "message": envelope.original_content.decode("utf-8", "surrogateescape"),
        }


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: object) -> AuthResult:
    """Let the known users in."""
    logins = json.loads(LOGINS_FILE.read_text()) if LOGINS_FILE.exists() else LOGINS
    known = isinstance(login, LoginPassword) and logins.get(login.login.decode()) == login.password.decode()
    return AuthResult(success=known, handled=known, auth_data=login.login if known else None)


def certificate(chain: str, key: str) -> ssl.SSLContext:
    """A server's TLS context with one certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / chain, TLS / key)
    return context


async def main() -> None:
    """Listen on every port until the service is stopped."""
    context, certified = certificate("cert.pem", "key.pem"), certificate("certified.pem", "certified.key")

    def choose(connection: ssl.SSLObject, name: str, _context: ssl.SSLContext) -> None:
        if name == CERTIFIED:
            connection.context = certified

    context.sni_callback = choose
    submission = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    ports = (
        (25, SMTP, {"tls_context": context}),
        (587, SMTP, {"tls_context": context, **submission}),
        (2525, SMTP, {}),
        (2526, SMTP, {"tls_context": certified}),
        (24, LMTP, {"tls_context": context}),
    )
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(partial(kind, Sink(port), hostname=HOSTNAME, **options), "0.0.0.0", port)
        for port, kind, options in ports
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
