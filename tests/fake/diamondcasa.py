# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DiamondCasa shop's API on loopback: ``POST /api/diamondcasa/{endpoint}``.

Source: the caller, ``utils/sync.py`` of the app diamondcasa_jewellery (BANSAL5858/diamond-casa-ecommerce at 01a6a58):
``Authorization: Bearer key:secret``, a JSON body, and ``Idempotency-Key``, which the shop remembers: the same key again
gets the first answer and changes nothing; the same key with another body is a conflict. The shop itself is not public.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.fake.server import Asked, FakeServer, Reply, run
from tests.fake.woocommerce import post

KEY = "dc_key_0123456789"
SECRET = "dc_secret_abcdef0123456789"
PREFIX = "/api/diamondcasa/"


def signature(secret: str, data: Any) -> str:
    """X-DiamondCasa-Signature: hex HMAC-SHA256 over the data as Python writes it with sorted keys."""
    return hmac.new(secret.encode(), json.dumps(data, sort_keys=True).encode(), hashlib.sha256).hexdigest()


class DiamondCasa(FakeServer):
    """The shop. ``received`` is endpoint -> the bodies that were worked on, ``repeats`` counts those that were not."""

    def __init__(
        self,
        port: int = 0,
        faults: Iterable[str] = (),
        certificate: str = "",
        *,
        key: str = KEY,
        secret: str = SECRET,
        webhook_secret: str = "dc_webhook_secret_42",
        **more: Any,
    ) -> None:
        super().__init__(port, faults, certificate, **more)
        self.key, self.secret, self.webhook_secret = key, secret, webhook_secret
        self.received: dict[str, list[Any]] = {}
        self.repeats = 0
        self._remembered: dict[str, tuple[bytes, Reply]] = {}

    def state(self) -> dict[str, Any]:
        return {"received": self.received, "repeats": self.repeats}

    def deliver(self, url: str, data: Mapping[str, Any], timeout: float = 5.0) -> tuple[int, str]:
        """Send a signed webhook as the shop does; the receiver's status and body."""
        headers = {
            "Content-Type": "application/json",
            "X-DiamondCasa-Signature": signature(self.webhook_secret, dict(data)),
        }
        return post(url, json.dumps({"data": data}).encode(), headers, timeout)

    def reply(self, asked: Asked) -> Reply:
        if not asked.path.startswith(PREFIX):
            return Reply(404, {"status": "error", "message": "not found"})
        if asked.headers.get("authorization") != f"Bearer {self.key}:{self.secret}":
            return Reply(401, {"status": "error", "message": "invalid API key"})
        if asked.method == "GET":
            return Reply(200, {"status": "success", "received": len(self.received.get(asked.path[len(PREFIX) :], []))})
        if asked.method != "POST":
            return Reply(405, {"status": "error", "message": "POST only"}, {"Allow": "GET, POST"})
        name = asked.headers.get("idempotency-key", "")
        if name in self._remembered:
            body, reply = self._remembered[name]
            if body != asked.body:
                return Reply(409, {"status": "error", "message": "this Idempotency-Key was used for another body"})
            self.repeats += 1
            return Reply(reply.status, reply.body, {"Idempotent-Replayed": "true"})
        try:
            content = json.loads(asked.body)
        except ValueError:
            return Reply(400, {"status": "error", "message": "the body is not JSON"})
        bodies = self.received.setdefault(asked.path.removeprefix(PREFIX), [])
        bodies.append(content)
        reply = Reply(200, {"status": "success", "id": f"DC-{len(bodies):05d}"})
        if name:
            self._remembered[name] = (asked.body, reply)
        return reply


if __name__ == "__main__":
    run(DiamondCasa, __doc__)
