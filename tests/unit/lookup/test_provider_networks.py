# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup as Ansible runs it, against a name server and a web server on loopback that publish, stop and change."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import threading
import typing as t

import dns.message
import dns.rcode
import dns.rrset
import dns.zone
import pytest
from ansible_collections.mailops.mta.plugins.plugin_utils import _ask
from ansible_collections.mailops.mta.plugins.plugin_utils._networks import RefusedError, UnavailableError

ROOT = pathlib.Path(__file__).resolve().parents[3]
ZONE = """
example.com.                 TXT  "something else"
example.com.                 TXT  "v=spf1 mx a:gone.example.com include:_long.exam" "ple.com -all"
example.com.                 MX   10 mx.example.com.
mx.example.com.              A    203.0.113.25
mx.example.com.              AAAA 2001:db8:25::25
_long.example.com.           TXT  "v=spf1 ip4:198.51.100.0/24 exists:%{i}.example.com ~all"
null.example.com.            MX   0 .
spf.protection.outlook.com.  TXT  "v=spf1 ip4:192.0.2.0/24 -all"
"""
SHRUNKEN_ZONE = ZONE.replace("198.51.100.0/24", "198.51.100.0/28")
ENDPOINTS = [
    {"id": 1, "serviceArea": "Exchange", "ips": ["198.51.99.0/24"], "tcpPorts": "80,443"},
    {"id": 10, "serviceArea": "Exchange", "ips": ["192.0.2.128/25", "2001:db8:f400::/48"], "tcpPorts": "25"},
]


class NameServer(socketserver.ThreadingUDPServer):
    """Answers from a zone; with a zone of None it fails."""

    allow_reuse_address = True
    zone: dns.zone.Zone | None


class Reply(socketserver.BaseRequestHandler):
    """One answer of the name server."""

    server: NameServer

    def handle(self) -> None:
        wire, socket = self.request
        query = dns.message.from_wire(wire)
        response = dns.message.make_response(query)
        question = query.question[0]
        if self.server.zone is None:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif (node := self.server.zone.get_node(question.name)) is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif (found := node.get_rdataset(question.rdclass, question.rdtype)) is not None:
            response.answer.append(dns.rrset.from_rdata_list(question.name, 60, found))
        socket.sendto(response.to_wire(), self.client_address)


class WebServer(http.server.ThreadingHTTPServer):
    """Answers every GET with the same status and body, and notes the paths."""

    status: int
    body: bytes
    paths: list[str]


class Page(http.server.BaseHTTPRequestHandler):
    """One answer of the web server."""

    server: WebServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_words: t.Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def running(server: socketserver.BaseServer) -> t.Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    with server:
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def name_server(zone: str | None, port: int = 0) -> t.Iterator[int]:
    """Run a name server and yield its port."""
    server = NameServer(("127.0.0.1", port), Reply)
    server.zone = zone and dns.zone.from_text(f"$TTL 60\n{zone}", origin=".", relativize=False, check_origin=False)
    with running(server):
        yield server.server_address[1]


@contextlib.contextmanager
def web_server(status: int, body: bytes, port: int = 0) -> t.Iterator[WebServer]:
    server = WebServer(("127.0.0.1", port), Page)
    server.status, server.body, server.paths = status, body, []
    with running(server):
        yield server


@dataclasses.dataclass(frozen=True)
class Controller:
    """Runs Ansible with a home of its own, and asks these servers."""

    home: pathlib.Path
    dns_port: int
    http_port: int

    def query(self, *providers: str, **options: t.Any) -> tuple[t.Any, str]:
        """Return what the lookup returns, None when it fails, and all that Ansible says beside it."""
        options = {
            "nameservers": [f"127.0.0.1:{self.dns_port}"],
            "endpoints_url": f"http://127.0.0.1:{self.http_port}/endpoints/worldwide",
            "timeout": 1,
            "max_age": 0,
            **options,
        }
        call = f"{{{{ query('mailops.mta.provider_networks', {str(providers)[1:-1].rstrip(',')}, **options) }}}}"
        arguments = ["localhost", "-m", "ansible.builtin.debug", "-a", json.dumps({"msg": call})]
        result = subprocess.run(
            [sys.executable, "-m", "ansible", "adhoc", *arguments, "-e", json.dumps({"options": options})],
            env={
                **os.environ,
                "ANSIBLE_HOME": str(self.home),
                "ANSIBLE_COLLECTIONS_PATH": str(self.home),
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
                "ANSIBLE_NOCOLOR": "true",
                "COLUMNS": "1000",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        marker = "localhost | SUCCESS => "
        found = json.loads(result.stdout.partition(marker)[2])["msg"] if marker in result.stdout else None
        assert (found is None) is (result.returncode != 0)
        return found, result.stdout.partition(marker)[0] + result.stderr


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the servers on loopback directly, whatever proxy the machine has."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "ansible_collections/mailops").mkdir(parents=True)
    (tmp_path / "ansible_collections/mailops/mta").symlink_to(ROOT)
    return tmp_path


DOMAIN = ["198.51.100.0/24", "203.0.113.25/32", "2001:db8:25::25/128"]
OFFICE = ["192.0.2.0/24", "2001:db8:f400::/48"]


def test_published_stopped_changed_accepted(home: pathlib.Path) -> None:
    with name_server(ZONE) as dns_port, web_server(200, json.dumps(ENDPOINTS).encode()) as web:
        controller = Controller(home, dns_port, web.server_address[1])
        found, said = controller.query("office365", "example.com", with_source=True)
        spf = dict.fromkeys(DOMAIN, "spf:example.com")
        endpoints = f"endpoints:http://127.0.0.1:{controller.http_port}/endpoints/worldwide"
        assert {entry["network"]: entry["source"] for entry in found} == {
            **spf,
            "192.0.2.0/24": f"{endpoints}, spf:spf.protection.outlook.com",
            "2001:db8:f400::/48": endpoints,
        }
        assert "[WARNING]: provider_networks: example.com, spf:example.com: _long.example.com: exists cannot be" in said
        assert [path.partition("=")[0] for path in web.paths] == ["/endpoints/worldwide?clientrequestid"]
    everything = [*OFFICE[:1], *DOMAIN[:2], *DOMAIN[2:], *OFFICE[1:]]
    cached, said = controller.query("office365", "example.com", max_age=3600)
    assert (cached, said) == (everything, "")
    last_good, said = controller.query("office365", "example.com")
    assert last_good == everything
    assert said.count("; using the networks of 20") == 3
    assert len(list((home / "mailops.mta/provider_networks").iterdir())) == 3

    shrunken = json.dumps([{**ENDPOINTS[1], "ips": ["192.0.2.128/27", "2001:db8:f400::/48"]}])
    with name_server(SHRUNKEN_ZONE, dns_port), web_server(200, shrunken.encode(), controller.http_port):
        found, said = controller.query("example.com")
        assert found is None
        assert "example.com, spf:example.com: IPv4 lost 198.51.100.16/28, 198.51.100.32/27" in said
        assert "93 % of what was known and more than 50 % (option max_change; accept_change takes it once)" in said
        found, said = controller.query("office365")
        assert found is None
        assert f"office365, {endpoints}: IPv4 lost 192.0.2.160/27, 192.0.2.192/26, 75 % of what" in said
        accepted, _said = controller.query("example.com", accept_change=True)
        assert accepted == ["198.51.100.0/28", *DOMAIN[1:]]
        assert controller.query("example.com")[0] == accepted


def test_first_run_without_servers(home: pathlib.Path) -> None:
    with name_server(None) as dns_port, web_server(503, b"") as web:
        found, said = Controller(home, dns_port, web.server_address[1]).query("office365")
    assert found is None
    assert "503" in said
    assert "provider_networks: office365, endpoints:http://127.0.0.1" in said
    assert not (home / "mailops.mta").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"max_change": -5}, 'limits: max_change: "-5" is not accepted; write a number from 0 to 1000'),
        ({"widest_ipv4": 0}, 'limits: widest_ipv4: "0" is not accepted; write a number from 1 to 32'),
        ({"timeout": 0}, 'limits: timeout: "0.0" is not accepted; write a number from 0.1 to 300'),
        (
            {"nameservers": ["ns.example.com"]},
            'limits: nameservers: "ns.example.com" is not accepted; write an address',
        ),
    ],
)
def test_options_out_of_their_bounds(home: pathlib.Path, options: dict[str, t.Any], told: str) -> None:
    found, said = Controller(home, 9, 9).query("example.com", options_variable="limits", **options)
    assert found is None
    assert told in said


@pytest.mark.parametrize(
    ("name", "question", "answers"),
    [
        ("example.com", "TXT", ["something else", "v=spf1 mx a:gone.example.com include:_long.example.com -all"]),
        ("example.com", "MX", ["mx.example.com"]),
        ("example.com", "A", []),  # the name exists
        ("gone.example.com", "A", []),  # it does not
        ("null.example.com", "MX", []),
        ("mx.example.com", "A", ["203.0.113.25"]),
        ("mx.example.com", "AAAA", ["2001:db8:25::25"]),
    ],
)
def test_answers_of_the_dns(name: str, question: t.Any, answers: list[str]) -> None:
    with name_server(ZONE) as port:
        assert sorted(_ask.resolver([f"127.0.0.1:{port}"], timeout=5)(name, question)) == answers


def test_failure_of_the_dns_is_no_answer() -> None:
    with name_server(None) as port, pytest.raises(UnavailableError, match=r"DNS TXT example\.com: .*SERVFAIL"):
        _ask.resolver([f"127.0.0.1:{port}"], timeout=5)("example.com", "TXT")


@pytest.mark.parametrize("server", ["dns.example.com", "127.0.0.1:port", "127.0.0.1:99999", "[::1", "", "300.1.1.1"])
def test_refused_name_server(server: str) -> None:
    with pytest.raises(RefusedError, match="nameservers: "):
        _ask.resolver([server], timeout=1)


@pytest.mark.parametrize("server", ["192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353"])
def test_accepted_name_server(server: str) -> None:
    assert callable(_ask.resolver([server], timeout=1))


def test_client_id_is_added_once_and_always_the_same() -> None:
    plain = _ask.with_client_id("https://list.example/a")
    assert plain.startswith("https://list.example/a?clientrequestid=")
    assert _ask.with_client_id("https://list.example/a?b=c") == plain.replace("?", "?b=c&")


@pytest.mark.parametrize("body", [b"", "[\u00fc]".encode()])
def test_body_of_a_page(body: bytes) -> None:
    with web_server(200, body) as web:
        assert _ask.get(f"http://127.0.0.1:{web.server_address[1]}/", timeout=5) == body.decode()


@pytest.mark.parametrize(("status", "body"), [(404, b""), (429, b""), (500, b"[]"), (200, b"\xff")])
def test_page_that_is_no_answer(status: int, body: bytes) -> None:
    with web_server(status, body) as web, pytest.raises(UnavailableError, match=r"http://127\.0\.0\.1"):
        _ask.get(f"http://127.0.0.1:{web.server_address[1]}/", timeout=5)
