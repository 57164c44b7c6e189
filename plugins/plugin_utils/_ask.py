# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EFFECT: questions to the DNS and to a web server."""

from __future__ import annotations

import http.client
import ipaddress
import typing as t
import urllib.parse
import uuid

from ansible.module_utils.urls import ConnectionError as UrlsError
from ansible.module_utils.urls import open_url

from ._networks import RefusedError, UnavailableError
from ._spf import Question, Resolve

try:
    import dns.exception
    import dns.rdtypes.ANY.MX
    import dns.rdtypes.ANY.TXT
    import dns.resolver
except ImportError:
    HAS_DNSPYTHON = False
else:
    HAS_DNSPYTHON = True

# Octets; the whole list of the service has about 60,000.
_LONGEST_ANSWER: t.Final = 4 * 1024 * 1024


def resolver(nameservers: t.Sequence[str], timeout: float) -> Resolve:
    """Return who asks these name servers (address, address:port, [address]:port), or those of the controller.

    timeout: seconds for one question, all servers together.
    """
    if not HAS_DNSPYTHON:
        raise RefusedError("SPF needs the Python library dnspython on the controller: pip install dnspython")
    try:
        stub = dns.resolver.Resolver(configure=not nameservers)
        servers = [_server(text) for text in nameservers]
        if servers:
            stub.nameserver_ports = dict(servers)
            stub.nameservers = [address for address, _port in servers]
    except (dns.exception.DNSException, ValueError) as error:
        raise RefusedError(f"nameservers: {', '.join(nameservers) or 'those of the controller'}: {error}") from None
    stub.lifetime = timeout

    def resolve(name: str, question: Question) -> list[str]:
        try:
            answer = stub.resolve(f"{name}.", question, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise UnavailableError(f"DNS {question} {name}: {error}") from None
        return [text for text in map(_text, answer) if text]

    return resolve


def is_server(text: str) -> bool:
    """Whether *text* is an address of a name server, perhaps with a port."""
    try:
        ipaddress.ip_address(_server(text)[0])
    except ValueError:
        return False
    return True


def _server(text: str) -> tuple[str, int]:
    """Return address and port of a name server."""
    if text.count(":") > 1 and not text.startswith("["):
        return text, 53
    parts = urllib.parse.urlsplit(f"//{text}")
    return parts.hostname or "", parts.port or 53


def _text(record: t.Any) -> str:
    """Return the text of one record; nothing for the null MX (RFC 7505)."""
    if isinstance(record, dns.rdtypes.ANY.TXT.TXT):
        # RFC 7208 section 3.3: joined, without spaces between.
        return b"".join(record.strings).decode("latin-1")
    if isinstance(record, dns.rdtypes.ANY.MX.MX):
        return record.exchange.to_text(omit_final_dot=True).removesuffix(".")
    return str(record)


def get(url: str, timeout: float) -> str:
    """Return the body of an HTTP answer."""
    try:
        with open_url(url, timeout=timeout) as response:
            body: bytes = response.read(_LONGEST_ANSWER)
        return body.decode("utf-8")
    except (OSError, http.client.HTTPException, UrlsError, ValueError) as error:
        raise UnavailableError(f"{url}: {error}") from None


def with_client_id(url: str) -> str:
    """Return the URL with what the endpoint web service asks for: a UUID of this machine, always the same one."""
    parts = urllib.parse.urlsplit(url)
    machine = uuid.uuid5(uuid.NAMESPACE_OID, str(uuid.getnode()))
    query = "&".join(filter(None, (parts.query, f"clientrequestid={machine}")))
    return urllib.parse.urlunsplit(parts._replace(query=query))
