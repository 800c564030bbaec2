# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: one HTTP request and its answer, with httpx, on the controller.

The only file that imports httpx. Where to connect is decided by ``route`` (pure); everything that can go
wrong on the way becomes ``Answer.error``, for ``_http_classify`` to read.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ._errors import ErpopsError

HTTPX_IMPORT_ERROR: str | None = None
try:
    import httpx
except ImportError:
    HTTPX_IMPORT_ERROR = traceback.format_exc()

# More of an answer is not read: what is looked for stands at its beginning.
MAX_BODY = 1024 * 1024
USER_AGENT = "erpops.frappe"


@dataclass(frozen=True)
class Request:
    """What to ask. ``host`` replaces the Host header, ``connect`` the address that is connected to."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    host: str = ""
    connect: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back: a status with headers and (the beginning of) a body, or an error."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    error: str | None = None
    ms: float = 0.0


@dataclass(frozen=True)
class Route:
    """The URL to open, the Host header to send, and the name to ask for and check in TLS."""

    url: str
    host: str
    server_name: str


def route(url: str, host: str = "", connect: str = "") -> Route:
    """Where to connect and under which name.

    Names below ``.localhost`` mean this machine (RFC 6761), though many resolvers do not know them.

    :param connect: ``address:port``, ``address`` (the URL's port stays) or ``[v6 address]:port``.
    :raises ErpopsError: if the URL or the address is not one.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _bad("url is not valid", url, str(error), "an address such as http://alpha.localhost:8000/") from error
    if parts.scheme not in ("http", "https") or not name or not url.isprintable() or " " in url:
        raise _bad("url is not valid", url, repr(url), "an address such as http://alpha.localhost:8000/")
    if "@" in parts.netloc:
        raise _bad("url holds credentials", name, "user@host", "auth_key and auth_secret, or a header")
    if not connect and name.endswith(".localhost"):
        connect = "127.0.0.1"
    target = parts.netloc
    if connect:
        address, to_port = _address(connect)
        to_port = to_port or port
        target = f"[{address}]" if ":" in address else address
        target += f":{to_port}" if to_port else ""
    header = host or parts.netloc
    server_name = urlsplit(f"//{header}").hostname or name
    return Route(
        urlunsplit(parts._replace(netloc=target, fragment="")), header, "" if _is_ip(server_name) else server_name
    )


class HttpClient:
    """Sends requests over one pool of connections. Keeps no cookies, follows no redirects, uses no proxy
    and no ``~/.netrc``: each answer depends on its own request only. May be used by several threads.
    """

    def __init__(
        self,
        verify_tls: bool = True,
        ca_path: str = "",
        transport: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """:param transport: an ``httpx.BaseTransport`` instead of the network (tests)."""
        self._clock = clock
        self._client = httpx.Client(
            verify=tls_context(verify_tls, ca_path),
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        )

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    def send(self, request: Request, timeout: float) -> Answer:
        """The answer to ``request``, or the error met within ``timeout`` seconds; never raises for the network."""
        way = route(request.url, request.host, request.connect)
        started = self._clock()
        try:
            status, headers, body = self._exchange(request, way, timeout, started + timeout)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            return Answer(error=reason, ms=self._since(started))
        return Answer(status, headers, body, ms=self._since(started))

    def _exchange(
        self, request: Request, way: Route, timeout: float, deadline: float
    ) -> tuple[int, dict[str, str], str]:
        headers = {"User-Agent": USER_AGENT, **request.headers, "Host": way.host}
        extensions = {"sni_hostname": way.server_name} if way.server_name else {}
        prepared = self._client.build_request(
            request.method, way.url, headers=headers, content=request.body, timeout=timeout, extensions=extensions
        )
        response = self._client.send(prepared, stream=True)
        try:
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) >= MAX_BODY:
                    break
                # httpx limits each read, not their sum.
                if self._clock() > deadline:
                    raise httpx.ReadTimeout("timed out while reading the answer")
            return response.status_code, dict(response.headers), body[:MAX_BODY].decode("utf-8", "replace")
        finally:
            response.close()

    def _since(self, started: float) -> float:
        return round((self._clock() - started) * 1000, 1)


def tls_context(verify: bool = True, ca_path: str = "") -> ssl.SSLContext:
    """Trust the system's certificates, or those at ``ca_path`` (a file or a directory) instead, or any.

    :raises ErpopsError: if ``ca_path`` cannot be read.
    """
    try:
        is_directory = os.path.isdir(ca_path)
        context = ssl.create_default_context(
            cafile=ca_path if ca_path and not is_directory else None, capath=ca_path if is_directory else None
        )
    except (OSError, ssl.SSLError) as error:
        raise _bad("ca_path cannot be read", ca_path, str(error), "a file or directory of PEM certificates") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif not ca_path:
        # A Python that was built elsewhere may look for the system's certificates in the wrong place.
        context.load_verify_locations(httpx_certificates())
    return context


def httpx_certificates() -> str:
    """The certificate bundle that httpx brings along."""
    import certifi

    return certifi.where()


def _address(connect: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{connect}")
        address, port = parts.hostname, parts.port
    except ValueError:
        address, port = None, None
    if not address or "/" in connect or "@" in connect or " " in connect:
        raise _bad("connect is not valid", "connect", repr(connect), "address:port, such as 127.0.0.1:8400")
    return address, port


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _bad(message: str, what: str, seen: str, needed: str) -> ErpopsError:
    return ErpopsError(message, object=what, seen=seen, needed=needed, status=400)
