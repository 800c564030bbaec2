# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes as a table; the client against httpx.MockTransport and against loopback servers, one with TLS."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_classify import classify
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import (
    MAX_BODY,
    HttpClient,
    Request,
    Route,
    route,
    tls_context,
)

Handle = Callable[[httpx.Request], httpx.Response]


@pytest.mark.parametrize(
    ("url", "host", "connect", "expected"),
    [
        ("http://a.example.com/x", "", "", Route("http://a.example.com/x", "a.example.com", "a.example.com")),
        ("http://a.localhost/", "", "", Route("http://127.0.0.1/", "a.localhost", "a.localhost")),
        ("http://a.localhost:8400/", "", "", Route("http://127.0.0.1:8400/", "a.localhost:8400", "a.localhost")),
        ("http://localhost:8400/", "", "", Route("http://localhost:8400/", "localhost:8400", "localhost")),
        (
            "https://a.example.com/x?y=1#z",
            "",
            "127.0.0.1:8443",
            Route("https://127.0.0.1:8443/x?y=1", "a.example.com", "a.example.com"),
        ),
        (
            "http://a.example.com:81/",
            "",
            "10.0.0.5",
            Route("http://10.0.0.5:81/", "a.example.com:81", "a.example.com"),
        ),
        ("http://a.example.com/", "", "[::1]:8400", Route("http://[::1]:8400/", "a.example.com", "a.example.com")),
        ("http://127.0.0.1:8400/", "a.localhost", "", Route("http://127.0.0.1:8400/", "a.localhost", "a.localhost")),
        ("https://10.0.0.5/", "", "", Route("https://10.0.0.5/", "10.0.0.5", "")),
        ("https://10.0.0.5/", "a.example.com:8", "", Route("https://10.0.0.5/", "a.example.com:8", "a.example.com")),
    ],
)
def test_routes(url: str, host: str, connect: str, expected: Route) -> None:
    assert route(url, host, connect) == expected


@pytest.mark.parametrize(
    ("url", "connect", "words"),
    [
        ("ftp://a.example.com/", "", "url is not valid"),
        ("a.example.com/x", "", "url is not valid"),
        ("http:///x", "", "url is not valid"),
        ("http://a.example.com:x/", "", "url is not valid"),
        ("http://a.example.com/a b", "", "url is not valid"),
        ("http://a.example.com/\r\nX: y", "", "url is not valid"),
        ("http://user:hunter22@a.example.com/", "", "url holds credentials"),
        ("http://a.example.com/", "127.0.0.1:port", "connect is not valid"),
        ("http://a.example.com/", "http://127.0.0.1", "connect is not valid"),
        ("http://a.example.com/", ":8400", "connect is not valid"),
    ],
)
def test_bad_routes(url: str, connect: str, words: str) -> None:
    with pytest.raises(ErpopsError, match=words) as caught:
        route(url, connect=connect)
    assert caught.value.status == 400
    assert "hunter22" not in str(caught.value)


class Clock:
    """Moves by ``step`` seconds each time it is read."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def client(handle: Handle, step: float = 0.0) -> HttpClient:
    return HttpClient(transport=httpx.MockTransport(handle), clock=Clock(step))


def test_what_is_sent_and_what_comes_back() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, headers={"X-A": "b"}, text="böse")

    answer = client(handle, step=0.5).send(
        Request("https://a.example.com/x", "POST", {"X-Own": "1"}, b"{}", connect="127.0.0.1:8443"), 5
    )
    assert (answer.status, answer.body, answer.error) == (201, "böse", None)
    assert answer.headers["x-a"] == "b"
    assert answer.ms == 1000.0  # begin, one chunk, end
    assert str(seen[0].url) == "https://127.0.0.1:8443/x"
    assert seen[0].headers["Host"] == "a.example.com"
    assert seen[0].headers["X-Own"] == "1"
    assert seen[0].extensions["sni_hostname"] == "a.example.com"
    assert seen[0].content == b"{}"


def test_cookies_and_redirects_are_not_followed() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"Set-Cookie": "sid=abc", "Location": "/other"})

    one = client(handle)
    assert [one.send(Request("http://a.example.com/"), 5).status for _number in range(2)] == [302, 302]
    assert len(seen) == 2
    assert all("cookie" not in request.headers for request in seen)


def test_only_the_beginning_of_a_long_answer_is_read() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    answer = client(lambda _request: httpx.Response(200, content=endless())).send(Request("http://a.example.com/"), 5)
    assert len(answer.body) == MAX_BODY


def test_an_answer_that_drips_is_given_up() -> None:
    def drip() -> Iterator[bytes]:
        while True:
            yield b"x"

    slow = client(lambda _request: httpx.Response(200, content=drip()), step=1.0)
    answer = slow.send(Request("http://a.example.com/"), 3)
    assert answer.status is None
    assert classify(answer.status, error=answer.error).kind == "timeout"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "connection_refused"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "dns"),
        (httpx.ConnectTimeout("timed out"), "timeout"),
        (httpx.ReadTimeout("timed out"), "timeout"),
        (httpx.PoolTimeout(""), "timeout"),
        (httpx.ReadError(""), "upstream_down"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "upstream_down"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "tls"),
        (httpx.LocalProtocolError("Illegal header value"), "unexpected"),
        (httpx.DecodingError("bad gzip"), "unexpected"),
        (OSError("something else"), "unexpected"),
    ],
)
def test_errors_become_answers(error: Exception, kind: str) -> None:
    def handle(_request: httpx.Request) -> httpx.Response:
        raise error

    answer = client(handle).send(Request("http://a.example.com/"), 5)
    assert answer.status is None
    assert answer.error
    assert classify(None, error=answer.error).kind == kind


class Handler(BaseHTTPRequestHandler):
    """Answers with the Host header it got."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(context: ssl.SSLContext | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key with a self-signed certificate for alpha.example.com, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alpha.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("alpha.example.com"), x509.IPAddress(ipaddress.ip_address("::2"))]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_port(certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with served(context) as port:
        yield port


def test_names_below_localhost_need_no_dns() -> None:
    with served() as port:
        answer = HttpClient().send(Request(f"http://no.such.name.localhost:{port}/"), 5)
    assert (answer.status, answer.body, answer.error) == (200, f"no.such.name.localhost:{port}", None)


def test_tls_is_checked_for_the_name_in_the_url_wherever_it_connects(tls_port: int, certificate: Path) -> None:
    request = Request("https://alpha.example.com/", connect=f"127.0.0.1:{tls_port}")
    answer = HttpClient(ca_path=str(certificate)).send(request, 5)
    assert (answer.status, answer.body) == (200, "alpha.example.com")


@pytest.mark.parametrize(
    ("url", "trusted"), [("https://beta.example.com/", True), ("https://alpha.example.com/", False)]
)
def test_wrong_names_and_unknown_issuers_are_tls_errors(
    url: str, trusted: bool, tls_port: int, certificate: Path
) -> None:
    one = HttpClient(ca_path=str(certificate) if trusted else "")
    answer = one.send(Request(url, connect=f"127.0.0.1:{tls_port}"), 5)
    assert classify(answer.status, error=answer.error).kind == "tls"


def test_tls_can_be_left_unchecked(tls_port: int) -> None:
    answer = HttpClient(verify_tls=False).send(Request(f"https://127.0.0.1:{tls_port}/"), 5)
    assert answer.status == 200


def test_http_on_a_tls_port_and_tls_on_an_http_port_fail_as_answers(tls_port: int) -> None:
    assert HttpClient().send(Request(f"http://127.0.0.1:{tls_port}/"), 5).status is None
    with served() as port:
        answer = HttpClient().send(Request(f"https://127.0.0.1:{port}/"), 5)
    assert classify(answer.status, error=answer.error).kind == "tls"


def test_a_closed_port_is_refused() -> None:
    with served() as port:
        pass
    answer = HttpClient().send(Request(f"http://a.localhost:{port}/"), 5)
    assert classify(answer.status, error=answer.error).kind == "connection_refused"


def test_a_missing_ca_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError, match="ca_path cannot be read"):
        tls_context(ca_path=str(tmp_path / "missing.pem"))


def test_a_directory_of_certificates_is_accepted(tmp_path: Path) -> None:
    assert tls_context(ca_path=str(tmp_path)).verify_mode is ssl.CERT_REQUIRED
