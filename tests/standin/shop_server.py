#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny web shop for tests: paged orders over HTTP on loopback.

    python shop_server.py --port N --orders 57 --token T [--pidfile F]

`GET /orders?page=1&page_size=20` -> JSON list, headers `X-Total` and `X-Total-Pages`; 401 without
`Authorization: Bearer T`. `GET /health` needs no token. Faults are injected with the arguments of
`ShopServer`: each maps the number of an /orders request (1, 2, ...) to what goes wrong there.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATUSES = ("Pending", "Processing", "Completed", "Cancelled", "Refunded")
CUSTOMERS = ("Ada", "Grace", "Edsger", "Barbara", "Donald")


def make_orders(count: int) -> list[dict[str, Any]]:
    """Orders `O-00001` ... whose content depends on their number alone."""
    return [
        {
            "order_id": f"O-{i:05d}",
            "status": STATUSES[i % len(STATUSES)],
            "total": round(10 + (i * 37) % 500 + (i % 100) / 100, 2),
            "customer_name": CUSTOMERS[i % len(CUSTOMERS)],
            "source": "web" if i % 3 else "pos",
        }
        for i in range(1, count + 1)
    ]


class ShopServer(ThreadingHTTPServer):
    """`failures`: request number -> HTTP status; `delays`: request number -> seconds before the answer.

    `orders` may be changed while the server runs; `requests` is the list of paths asked for.
    """

    daemon_threads = True

    def __init__(
        self,
        port: int = 0,
        orders: int | list[dict[str, Any]] = 57,
        token: str = "",
        failures: Mapping[int, int] | None = None,
        delays: Mapping[int, float] | None = None,
        retry_after: int = 1,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(("127.0.0.1", port), ShopHandler)
        self.orders = make_orders(orders) if isinstance(orders, int) else orders
        self.token, self.retry_after, self.sleep = token, retry_after, sleep
        self.failures, self.delays = dict(failures or {}), dict(delays or {})
        self.requests: list[str] = []
        self.count = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> ShopServer:
        """Serve from a thread; use as a context manager or call `stop`."""
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def __enter__(self) -> ShopServer:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


class ShopHandler(BaseHTTPRequestHandler):
    server: ShopServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        shop, url = self.server, urlsplit(self.path)
        with shop.lock:
            shop.requests.append(self.path)
            if url.path == "/orders":
                shop.count += 1
            number = shop.count
        if url.path == "/health":
            self.answer(200, {"status": "ok", "orders": len(shop.orders)})
        elif url.path != "/orders":
            self.answer(404, {"error": "not found"})
        elif shop.token and self.headers.get("Authorization") != f"Bearer {shop.token}":
            self.answer(401, {"error": "unauthorized"})
        else:
            if delay := shop.delays.get(number):
                shop.sleep(delay)
            if status := shop.failures.get(number):
                headers = {"Retry-After": str(shop.retry_after)} if status in (429, 503) else {}
                self.answer(status, {"error": "injected"}, headers)
            else:
                self.page(parse_qs(url.query))

    def page(self, query: dict[str, list[str]]) -> None:
        try:
            page, size = int(query.get("page", ["1"])[0]), int(query.get("page_size", ["20"])[0])
        except ValueError:
            page, size = 0, 0
        if page < 1 or not 1 <= size <= 100:
            self.answer(400, {"error": "page >= 1 and 1 <= page_size <= 100"})
            return
        orders = self.server.orders
        pages = max(-(-len(orders) // size), 1)
        headers = {"X-Total": str(len(orders)), "X-Total-Pages": str(pages)}
        self.answer(200, orders[(page - 1) * size : page * size], headers)

    def answer(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--orders", type=int, default=57)
    parser.add_argument("--token", default="")
    parser.add_argument("--token-file", help="holds the token, which is then in no process list")
    parser.add_argument("--pidfile", help="written once the port is bound: two lines, pid and URL")
    args = parser.parse_args()
    token = args.token
    if args.token_file:
        with open(args.token_file, encoding="utf-8") as f:
            token = f.read().strip()
    server = ShopServer(args.port, args.orders, token)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    server.start()
    if args.pidfile:
        temporary = f"{args.pidfile}.new"
        with open(temporary, "w") as f:
            f.write(f"{os.getpid()}\n{server.url}\n")
        os.replace(temporary, args.pidfile)
    print(server.url, flush=True)
    stop.wait()
    server.stop()
    if args.pidfile and os.path.exists(args.pidfile):
        os.remove(args.pidfile)


if __name__ == "__main__":
    main()
