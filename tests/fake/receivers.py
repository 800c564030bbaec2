# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The apps' webhook endpoints on loopback, with their faults, and a front door that can be put before them.

Each does what its app was seen to do on Frappe 15 (the tables of verdicts; apps at the commits named below):

* ``jarz``: poparab/Woo_ERPNext a75df5e, ``api/orders.py`` and ``api/webhooks.py`` (signature oracle of ``d=1``)
* ``diamondcasa``: BANSAL5858/diamond-casa-ecommerce 01a6a58, ``api/diamondcasa/webhooks.py``
* ``chat_bridge``: TanishqGupta1/erpnext-custom-apps a8accff, ``webhook/__init__.py``
* ``verifying``: an endpoint that checks Chatwoot's own signature, as a repaired chat_bridge would
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from tests.fake import diamondcasa, woocommerce
from tests.fake.chatwoot import signed_headers
from tests.fake.server import Asked, FakeServer, Reply, run

SECRET = "the-webhook-secret-1"
TOKEN = "the-front-door-token-1"
APPS = ("jarz", "diamondcasa", "chat_bridge", "verifying")


def message(status: int, value: Any) -> Reply:
    """A whitelisted method's answer."""
    return Reply(status, {"message": value})


def exception(status: int, name: str, text: str) -> Reply:
    return Reply(status, {"exc_type": name, "exception": f"frappe.exceptions.{name}: {text}"})


class Receiver(FakeServer):
    """One app's endpoint at every path.

    :param door: whether a proxy stands before it: POST only, no ``d`` in the query, and for chat_bridge the right
        ``?token=`` and no X-Chatwoot-Signature handed on.
    :param repaired: the app no longer answers ``d`` with the signature it expects.
    :param secret: '' is an app without a configured secret, which lets everything in.
    """

    def __init__(
        self,
        port: int = 0,
        faults: Iterable[str] = (),
        certificate: str = "",
        *,
        app: str = "jarz",
        secret: str = SECRET,
        token: str = TOKEN,
        door: bool = True,
        repaired: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(port, faults, certificate, **more)
        self.app, self.secret, self.token, self.door, self.repaired = app, secret, token, door, repaired
        self.queued: list[Any] = []

    def state(self) -> dict[str, Any]:
        return {"queued": self.queued}

    def reply(self, asked: Asked) -> Reply:
        if self.door:
            if asked.method != "POST" or "d" in asked.query:
                return Reply(403, "<html><center>nginx</center></html>", {"Content-Type": "text/html"})
            if self.app == "chat_bridge":
                if asked.query.get("token") != self.token:
                    return Reply(403, "<html><center>nginx</center></html>", {"Content-Type": "text/html"})
                asked.headers.pop("x-chatwoot-signature", None)
        answer: Reply = getattr(self, f"_{self.app}")(asked)
        return answer

    def _accepted(self, asked: Asked, value: Any) -> Reply:
        self.queued.append(asked.json())
        return message(200, value)

    def _jarz(self, asked: Asked) -> Reply:
        data = asked.json()
        if asked.method == "GET" or not data.get("id"):
            return message(200, {"success": True, "ack": True, "unsigned": True})
        expected = woocommerce.signature(self.secret, asked.body)
        given = asked.headers.get("x-wc-webhook-signature", "")
        if self.secret and not hmac.compare_digest(given, expected):
            answer: dict[str, Any] = {"success": False, "error": "invalid_signature"}
            as_json = asked.headers.get("content-type", "").startswith("application/json")
            if not self.repaired and (data.get("d") or (not as_json and asked.query.get("d"))):
                answer["debug"] = {"expected_full": expected, "given": given}
            return message(403, answer)
        return self._accepted(asked, {"success": True, "queued": True, "job_name": f"woo_order_{data['id']}"})

    def _diamondcasa(self, asked: Asked) -> Reply:
        data = asked.json().get("data")
        if data is None:
            return exception(500, "TypeError", "order_created() missing 1 required positional argument: 'data'")
        given = asked.headers.get("x-diamondcasa-signature", "")
        if self.secret and not hmac.compare_digest(given, diamondcasa.signature(self.secret, data)):
            return exception(417, "ValidationError", "Failed to process webhook: Invalid webhook signature")
        self.queued.append(data)
        return exception(417, "ValidationError", "Failed to process webhook: 'str' object has no attribute 'date'")

    def _chat_bridge(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return exception(403, "PermissionError", "Not permitted")
        as_json = asked.headers.get("content-type", "").startswith("application/json")
        # Frappe drops the query of a request with a JSON body.
        token = asked.json().get("token") if as_json else asked.query.get("token")
        given = asked.headers.get("x-chatwoot-signature", "")
        if self.secret and token and token != self.token:
            return message(200, {"status": "error", "message": "Invalid webhook token"})
        digest = hmac.new(self.secret.encode(), asked.body, hashlib.sha256).hexdigest()
        if self.secret and given and given != digest:
            return message(200, {"status": "error", "message": "Invalid webhook signature"})
        return self._accepted(asked, {"status": "success", "message": "Webhook queued"})

    def _verifying(self, asked: Asked) -> Reply:
        stamp = asked.headers.get("x-chatwoot-timestamp", "")
        wanted = signed_headers(self.secret, stamp, asked.body)["X-Chatwoot-Signature"]
        fresh = stamp.isdigit() and abs(self.clock() - int(stamp)) <= 300
        if not fresh or not hmac.compare_digest(asked.headers.get("x-chatwoot-signature", ""), wanted):
            return exception(403, "PermissionError", "Invalid webhook signature")
        return self._accepted(asked, {"status": "success", "message": "Webhook queued"})


if __name__ == "__main__":
    run(Receiver, __doc__)
