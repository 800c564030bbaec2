# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site asked over HTTP by its name, at an address that is not its own. A real web server: test_drill.py."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent import _drill_web

ANSWERS = {
    "/message": (200, '{"message": "pong"}', "pong"),
    "/data": (200, '{"data": [1]}', [1]),
    "/exception": (417, '{"exc_type": "ValidationError"}', "ValidationError"),
    "/html": (502, "<h1>Bad Gateway</h1> ", "<h1>Bad Gateway</h1>"),
    "/list": (200, "[]", "[]"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert self.headers["Host"] == "a.invalid"
        status, text, _message = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Set-Cookie", "sid=one; Path=/; HttpOnly")
        self.send_header("Set-Cookie", "user=two")
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("path", ANSWERS)
def test_answers(url: str, path: str) -> None:
    status, _text, message = ANSWERS[path]
    data = {"usr": "a"} if path == "/data" else None
    assert _drill_web._ask(url, "a.invalid", path, data=data) == (status, message, "sid=one; user=two")


def test_no_answer() -> None:
    status, message, cookie = _drill_web._ask("http://127.0.0.1:9", "a.invalid", "/message")
    assert (status, cookie) == (0, "")
    assert message.startswith("no answer from http://127.0.0.1:9: ")
