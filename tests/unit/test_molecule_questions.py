# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios ask test hosts with: every port, and a web server by a name that nothing resolves."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.molecule.shared import ask, port_scan


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.path}".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is pytest's."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_the_scan_finds_what_listens_and_nothing_else(port: int) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # taken, but nobody listens
        assert port_scan.scan("127.0.0.1", [port, bound.getsockname()[1]]) == [port]


def test_a_server_is_asked_by_name(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connected:
        answer = ask._request(connected, "acme.example.test", "/api/method/ping")
    assert (answer["status"], answer["body"]) == (200, "acme.example.test /api/method/ping")


def test_a_refused_connection_is_an_answer_too() -> None:

    assert "refused" in ask.ask("http", "127.0.0.255", "acme.example.test", "/")
