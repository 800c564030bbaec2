# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the imitated vendors share: a loopback server whose answers one function makes, faults, and a command line.

Besides its vendor's paths every server has ``GET /_fake`` (what was asked, what it holds) and ``POST /_fake``
(``{"faults": ["429=1:2"]}``), so that a playbook test can look into a server of another process and break it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.fake.faults import Fault

CONTROL = "/_fake"


@dataclass(frozen=True)
class Asked:
    """One request; header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; an empty mapping if it is none."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            return {}

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def line(self) -> str:
        """``METHOD /path?query``, as faults are matched against."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' if query else ''}{query}"


@dataclass(frozen=True)
class Reply:
    """An answer; a body that is neither text nor bytes is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def data(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class FakeServer(ThreadingHTTPServer):
    """A vendor on loopback; a subclass answers in ``reply`` and says in ``state`` what it holds.

    :param faults: see ``tests.fake.faults``; ``fault()`` adds one, ``faults.clear()`` ends all.
    :param certificate: a PEM file with key and certificate, to serve HTTPS.
    """

    daemon_threads = True
    # Headers that browsers call unauthorized answers by, and their like: of every answer.
    common: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        port: int = 0,
        faults: Iterable[str] = (),
        certificate: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.faults = [Fault.parse(word) for word in faults]
        self.sleep, self.clock = sleep, clock
        self.lock = threading.RLock()
        self.asked: list[Asked] = []
        self._thread: threading.Thread | None = None

    def reply(self, asked: Asked) -> Reply:
        """The vendor's answer; called with the lock held."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """What the vendor holds, for ``GET /_fake``."""
        return {}

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    @property
    def lines(self) -> list[str]:
        """Every request as ``METHOD /path?query``."""
        return [asked.line for asked in self.asked]

    @property
    def changes(self) -> list[str]:
        """The requests that may have changed something."""
        return [asked.line for asked in self.asked if asked.method not in ("GET", "HEAD")]

    def fault(self, word: str) -> None:
        with self.lock:
            self.faults.append(Fault.parse(word))

    def strike(self, asked: Asked) -> Fault | None:
        """The fault that hits this request."""
        with self.lock:
            return next((fault for fault in self.faults if fault.strikes(asked.line)), None)

    def control(self, asked: Asked) -> Reply:
        """``/_fake``: look, or set the faults."""
        with self.lock:
            if asked.method == "POST":
                try:
                    self.faults = [Fault.parse(str(word)) for word in asked.json().get("faults", [])]
                except ValueError as error:
                    return Reply(400, {"error": str(error)})
            return Reply(200, {"asked": self.lines, "faults": [vars(one) for one in self.faults], **self.state()})

    def start(self) -> FakeServer:
        """Serve from a thread; use as a context manager, or call ``stop``."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        if self._thread is not None:
            self._thread.join(5)

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of ours; anything else is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(self.command, parts.path, query, headers, body)
        if parts.path == CONTROL:
            self._send(self.server.control(asked))
            return
        with self.server.lock:
            self.server.asked.append(asked)
        fault = self.server.strike(asked)
        if fault is not None and self._broken(fault):
            return
        with self.server.lock:
            reply = self.server.reply(asked)
        self._send(reply, fault.kind if fault else "")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def _broken(self, fault: Fault) -> bool:
        """Whether the fault took the vendor's answer's place."""
        if fault.kind == "drop":
            self.close_connection = True
        elif fault.kind.isdigit():
            headers = {"Retry-After": fault.value} if fault.value else {}
            self._send(Reply(int(fault.kind), {"error": "injected"}, headers))
        elif fault.kind == "html":
            self._send(Reply(200, "<html><body>Checking your browser ...</body></html>", {"Content-Type": "text/html"}))
        elif fault.kind == "slow":
            self.server.sleep(float(fault.value or 1))
            return False
        else:
            return False
        return True

    def _send(self, reply: Reply, fault: str = "") -> None:
        data = reply.data()
        if fault == "notice":
            data = b"<br />\n<b>Notice</b>: Undefined index in /srv/shop/x.php on line 7<br />\n" + data
        elif fault == "cut":
            data = data[: len(data) // 2]
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **self.server.common, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if fault == "truncate":
            data, self.close_connection = data[: len(data) // 2], True
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


def options(about: str | None) -> argparse.ArgumentParser:
    """The options that every program of these has; secrets come from files, as they do in real life."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], help="KIND[=VALUE][:COUNT][@TEXT], see faults.py")
    parser.add_argument("--certificate", default="", help="PEM file with key and certificate, to serve HTTPS")
    parser.add_argument("--config", help="JSON file with further arguments of the server, secrets among them")
    parser.add_argument("--pidfile", help="written once the port is bound: two lines, pid and URL")
    return parser


def run(make: Callable[..., FakeServer], about: str | None, argv: list[str] | None = None) -> None:
    """Serve until SIGTERM; the URL is the first line on stdout."""
    args = options(about).parse_args(argv)
    more: Mapping[str, Any] = json.loads(Path(args.config).read_text()) if args.config else {}
    server = make(port=args.port, faults=args.fault, certificate=args.certificate, **more)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: ended.set())
    server.start()
    if args.pidfile:
        temporary = Path(f"{args.pidfile}.new")
        temporary.write_text(f"{os.getpid()}\n{server.url}\n")
        temporary.replace(args.pidfile)
    print(server.url, flush=True)
    ended.wait()
    server.stop()
    if args.pidfile:
        Path(args.pidfile).unlink(missing_ok=True)
