#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers on the ports of a bench: the request's headers as JSON, private files by X-Accel-Redirect, websockets."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("X-Seen", json.dumps(self.seen()))
            self.end_headers()
            self.close_connection = True
            return
        if self.path.startswith("/private/"):
            self.send_response(200)
            self.send_header("X-Accel-Redirect", "/protected" + self.path)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = json.dumps(self.seen()).encode()
        self.send_response(404 if self.path == "/nowhere" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Frame-Options", "DENY")  # as an app may do by itself
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def seen(self) -> dict[str, object]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return {"port": self.connection.getsockname()[1], "path": self.path, "headers": headers}

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    servers = [ThreadingHTTPServer(("127.0.0.1", int(port)), Handler) for port in sys.argv[1:]]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
