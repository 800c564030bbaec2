# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zoho's side: ``/oauth/v2/token``, ``/inventory/v1/items``; ``POST /control`` sets how it behaves.

State: ``items`` (total), ``bad`` (items with a negative stock, which the application cannot store), ``refresh``
(the refresh token that is right), ``secret`` (the client secret), ``delay`` (seconds for each page).
"""

from __future__ import annotations

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATE: dict[str, Any] = {"items": 450, "bad": 0, "delay": 0, "tokens": []}
STATE.update(refresh=os.environ["VENDOR_REFRESH"], secret=os.environ["VENDOR_SECRET"])


class Vendor(BaseHTTPRequestHandler):
    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/control":
            STATE.update(json.loads(body))
            return self._answer(200, {"ok": True})
        given = {name: values[0] for name, values in parse_qs(body).items()}
        # Zoho answers 200 with an error in the body.
        if given.get("client_secret") != STATE["secret"]:
            return self._answer(200, {"error": "invalid_client"})
        if given.get("refresh_token") != STATE["refresh"]:
            return self._answer(200, {"error": "invalid_code"})
        token = f"1000.access{len(STATE['tokens'])}.{time.time_ns()}"
        STATE["tokens"].append(token)
        return self._answer(200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.headers.get("Authorization", "").removeprefix("Zoho-oauthtoken ") not in STATE["tokens"]:
            return self._answer(401, {"code": 57, "message": "You are not authorized to perform this operation"})
        time.sleep(STATE["delay"])
        page, size = int(asked.get("page", 1)), int(asked.get("per_page", 200))
        numbers = range((page - 1) * size, min(page * size, STATE["items"]))
        items = [
            {
                "item_id": f"9{number:06d}",
                "name": f"Item {number}",
                "sku": f"SKU-{number}",
                "rate": 1.5,
                "stock_on_hand": -1 if number < STATE["bad"] else 5,
                "status": "active",
            }
            for number in numbers
        ]
        context = {"page": page, "per_page": size, "has_more_page": page * size < STATE["items"]}
        return self._answer(200, {"code": 0, "message": "success", "items": items, "page_context": context})

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: requests carry secrets."""


ThreadingHTTPServer(("0.0.0.0", 8080), Vendor).serve_forever()
