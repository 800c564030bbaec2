# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one test does to the whole process is over with it."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible.module_utils.urls import open_url


class _Login(BaseHTTPRequestHandler):
    """Gives everybody a cookie, and tells which one came."""

    def do_GET(self) -> None:
        came = (self.headers["Cookie"] or "none").encode()
        self.send_response(200)
        self.send_header("Set-Cookie", "sid=somebody; Path=/")
        self.send_header("Content-Length", str(len(came)))
        self.end_headers()
        self.wfile.write(came)

    def log_message(self, *_args: object) -> None:
        """Not on the standard error."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Login) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def asked(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_cookies_are_kept_once_ansible_has_asked(url: str) -> None:
    """Else the next test would prove nothing. Both stand in this order."""
    assert open_url(url).read() == b"none"
    assert [asked(url), asked(url)] == ["sid=somebody", "sid=somebody"]


def test_the_next_test_has_none_of_them(url: str) -> None:
    assert [asked(url), asked(url)] == ["none", "none"]
