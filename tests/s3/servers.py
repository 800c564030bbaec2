# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3 for tests: OpenStack Swift as a process of its own, and a door in front of it that can be broken."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def missing() -> str:
    """What the tests of copies need and is not there, with what brings it; empty: nothing."""
    lacking = [] if importlib.util.find_spec("swift") else ["the package swift of PyPI (make setup)"]
    lacking += [f"{tool} (apt-get install {tool})" for tool in ("rclone", "age") if not shutil.which(tool)]
    return "needs " + " and ".join(lacking) if lacking else ""


@dataclass
class S3:
    """A running server with one bucket."""

    port: int
    devices: Path
    access_key: str = "fleet:backup"
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    bucket: str = "backups"

    def offsite(self, **other: Any) -> dict[str, Any]:
        """The option ``offsite`` of the modules."""
        mine = {"endpoint": f"http://127.0.0.1:{self.port}", "region": "us-east-1", "bucket": self.bucket}
        return {**mine, "access_key": self.access_key, "secret_key": self.secret_key, **other}

    def rclone(self, *words: str, data: bytes | None = None) -> bytes:
        """Look into the bucket, or change it, past the product. ``store:`` is the server."""
        settings = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": f"http://127.0.0.1:{self.port}"}
        settings |= {"ACCESS_KEY_ID": self.access_key, "SECRET_ACCESS_KEY": self.secret_key, "REGION": "us-east-1"}
        environment = {f"RCLONE_CONFIG_STORE_{key}": value for key, value in settings.items()}
        done = subprocess.run(
            ["rclone", *words],
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            env={"PATH": os.environ["PATH"], "HOME": str(self.devices), "RCLONE_CONFIG": "/dev/null", **environment},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def objects(self) -> list[str]:
        """Names of all objects."""
        listed = self.rclone("lsf", "--recursive", "--files-only", f"store:{self.bucket}").decode()
        return sorted(listed.split())

    def read(self, name: str) -> bytes:
        return self.rclone("cat", f"store:{self.bucket}/{name}")

    def write(self, name: str, data: bytes) -> None:
        self.rclone("rcat", f"store:{self.bucket}/{name}", data=data)

    def delete(self, name: str) -> None:
        self.rclone("deletefile", f"store:{self.bucket}/{name}")


@contextlib.contextmanager
def swift(root: Path) -> Iterator[S3]:
    """Swift below ``root``, with an empty bucket; ended by its own process id."""
    store = S3(0, root / "devices")
    with (root / "swift.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(HERE / "swift_server.py"), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=root,
        )
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(f"{store.access_key}\n{store.secret_key}\n".encode())
            process.stdin.close()
            line = process.stdout.readline()
            assert line.strip().isdigit(), (root / "swift.log").read_text()[-3000:]
            store.port = int(line)
            store.rclone("mkdir", f"store:{store.bucket}")
            yield store
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()


@dataclass
class Door:
    """Forwards connections to a server, and hangs up for good once ``limit`` bytes went through to it."""

    target: int
    limit: int
    port: int = 0
    passed: int = 0

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            for block in iter(lambda: source.recv(16384), b""):
                if counted:
                    self.passed += len(block)
                    if self.passed > self.limit:
                        break
                sink.sendall(block)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def open(self) -> Iterator[Door]:
        """Listen as long as this is open."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    here, _peer = listener.accept()
                except OSError:
                    return
                if self.passed > self.limit:
                    here.close()
                    continue
                there = socket.create_connection(("127.0.0.1", self.target))
                for words in ((here, there, True), (there, here, False)):
                    threading.Thread(target=self._carry, args=words, daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(5)


@contextlib.contextmanager
def failing(status: int) -> Iterator[int]:
    """The port of a server that answers every request with a status."""

    class Refusing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Not wanted."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
