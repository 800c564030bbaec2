# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole module against a small loopback site: arguments in, JSON out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.modules import http_probe

SECRET = "s3cr3t-of-the-api-user"
ROOT = Path(__file__).resolve().parents[4]

Run = Callable[..., tuple[int, dict[str, Any], str]]


class Site(BaseHTTPRequestHandler):
    """One site, alpha.localhost, that answers like Frappe."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers["Host"].split(":")[0] != "alpha.localhost":
            return self._answer(404, f"<p>{self.headers['Host']} does not exist</p>")
        given = self.headers.get("Authorization")
        if given and given != f"token apikey-123456:{SECRET}":
            return self._answer(401, '{"exc_type": "AuthenticationError"}')
        return self._answer(200, json.dumps({"message": "Administrator" if given else "pong", "echo": given}))

    do_HEAD = do_POST = do_GET

    def _answer(self, status: int, body: str) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(self.command)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.seen = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def base(server: ThreadingHTTPServer) -> str:
    return f"http://alpha.localhost:{server.server_address[1]}"


@pytest.fixture
def module(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(**arguments: Any) -> tuple[int, dict[str, Any], str]:
        with patch_module_args({"attempts": 1, **arguments}), pytest.raises(SystemExit) as exited:
            http_probe.main()
        output = capsys.readouterr().out
        return int(exited.value.code or 0), json.loads(output), output

    return run


def test_probes_that_succeed(module: Run, base: str) -> None:
    key = {"auth_key": "apikey-123456", "auth_secret": SECRET}
    code, result, output = module(
        requests=[
            {"name": "ping", "url": f"{base}/api/method/ping", "expect_json": {"message": "pong"}},
            {"name": "key", "url": f"{base}/x", **key, "expect_json": {"message": "Administrator"}},
            {"name": "wrong", "url": f"{base}/x", "auth_key": "a" * 8, "auth_secret": "b" * 8, "expect_status": [401]},
            {"name": "head", "url": f"{base}/x", "method": "HEAD"},
            {"name": "post", "url": f"{base}/x", "method": "POST", "body_json": {"a": 1}},
        ]
    )
    assert code == 0, output
    assert result["changed"] is False
    assert [probe["kind"] for probe in result["probes"]] == ["ok"] * 5
    assert result["probes"][1]["json"] == {"message": "Administrator"}
    assert result["summary"]["total"] == result["summary"]["ok"] == 5
    assert SECRET not in output
    assert "echo" not in output


def test_a_failure_names_every_failed_probe(module: Run, base: str) -> None:
    code, result, output = module(
        requests=[
            {"name": "fine", "url": f"{base}/x"},
            {"name": "key", "url": f"{base}/x", "auth_key": "apikey-123456", "auth_secret": f"{SECRET}!"},
            {"name": "host", "url": f"{base}/x", "host": "beta.localhost"},
        ]
    )
    assert code == 1
    assert result["failed"] is True
    lines = result["msg"].splitlines()
    assert lines[0] == "2 of 3 probes failed:"
    assert "wrong_secret" in lines[1]
    assert "--limit alpha.localhost" in lines[1]
    assert "host_not_routed" in lines[2]
    assert "beta.localhost" in lines[2]
    assert result["summary"]["failed"] == 2
    assert SECRET not in output


def test_fail_false_only_reports(module: Run, base: str) -> None:
    code, result, _output = module(requests=[{"url": f"{base}/x", "expect_status": [418]}], fail=False)
    assert code == 0
    assert result["summary"]["error_rate"] == 1.0


def test_an_expected_value_that_is_a_secret_is_not_shown(module: Run, base: str) -> None:
    key = {"auth_key": "apikey-123456", "auth_secret": SECRET}
    request = {"url": f"{base}/x", **key, "expect_json": {"echo": f"token apikey-123456:{SECRET}"}}
    code, _result, output = module(requests=[request])
    assert code == 0
    assert SECRET not in output


def test_check_mode_sends_nothing_that_may_change(module: Run, base: str, server: ThreadingHTTPServer) -> None:
    requests = [{"url": f"{base}/x"}, {"url": f"{base}/x", "method": "POST"}]
    code, result, _output = module(requests=requests, _ansible_check_mode=True)
    assert code == 0
    assert [probe["kind"] for probe in result["probes"]] == ["ok", "skipped"]
    assert server.seen == ["GET"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"requests": [{"url": "nonsense"}]}, "url is not valid"),
        ({"requests": [], "timeout": 0}, "timeout is out of range"),
        ({"requests": [], "attempts": 0}, "attempts is out of range"),
        ({"requests": [], "concurrency": -1}, "concurrency is out of range"),
        ({"requests": [{"url": "http://a.localhost/", "auth_key": "abc"}]}, "belong together"),
        ({"requests": [{"url": "http://a.localhost/"}], "ca_path": "/nonexistent.pem"}, "ca_path cannot be read"),
        ({"requests": [{"url": "http://a.localhost/", "verb": "GET"}]}, "verb"),
    ],
)
def test_bad_arguments(module: Run, arguments: dict[str, Any], words: str) -> None:
    code, result, _output = module(**arguments)
    assert code == 1
    assert words in result["msg"]


def test_no_requests_are_no_failure(module: Run) -> None:
    code, result, _output = module(requests=[])
    assert code == 0
    assert result["summary"]["total"] == 0


def test_without_httpx_it_says_what_is_missing() -> None:
    program = (
        "import sys; sys.modules['httpx'] = None\n"
        "from ansible.module_utils.testing import patch_module_args\n"
        "from ansible_collections.erpops.frappe.plugins.modules import http_probe\n"
        "with patch_module_args({'requests': []}): http_probe.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "httpx" in json.loads(done.stdout)["msg"]
