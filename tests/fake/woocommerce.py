# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WooCommerce shop's REST API v3 on loopback: webhooks, orders, customers.

Sources: the REST API documentation (woocommerce/woocommerce-rest-api-docs, ``source/includes/wp-api-v3``: webhooks,
orders, customers, pagination, errors) and the plugin's controller
(``includes/rest-api/Controllers/Version1/class-wc-rest-webhooks-v1-controller.php``), which v3 inherits: a new webhook is
active whatever status was asked for, one without a secret gets a random one, deleting needs ``force``, every new one
sends an unsigned ping (``webhook_id=N`` as a form).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.fake.server import Asked, FakeServer, Reply, run

API = "/wp-json/wc/v3"
KEY = "ck_0123456789abcdef0123456789abcdef01234567"
SECRET = "cs_fedcba9876543210fedcba9876543210fedcba98"
RESOURCES = ("coupon", "customer", "order", "product")
EVENTS = ("created", "updated", "deleted", "restored")
STATUSES = ("active", "paused", "disabled")
ORDER_STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
METHODS = ("cod", "instapay", "kashier_card", "kashier_wallet")


def make_orders(count: int) -> list[dict[str, Any]]:
    """Orders 1001 ... whose content depends on their number alone."""
    return [
        {
            "id": 1000 + number,
            "number": str(1000 + number),
            "status": ORDER_STATUSES[number % len(ORDER_STATUSES)],
            "currency": "EGP",
            "total": f"{100 + number * 7 % 400}.00",
            "date_created_gmt": f"2025-10-{1 + number % 28:02d}T10:00:00",
            "date_modified_gmt": f"2025-10-{1 + number % 28:02d}T11:00:00",
            "payment_method": METHODS[number % len(METHODS)],
            "customer_id": 1 + number % 9,
            "billing": {"first_name": "Ada", "email": f"ada{number % 9}@example.com", "phone": "0100000000"},
            "line_items": [{"id": number, "product_id": 7, "variation_id": 0, "quantity": 1, "total": "100.00"}],
            "meta_data": [],
        }
        for number in range(1, count + 1)
    ]


def make_customers(count: int) -> list[dict[str, Any]]:
    """Customers 1, 2 ..."""
    return [
        {"id": number, "email": f"ada{number}@example.com", "first_name": "Ada", "last_name": f"The {number}th"}
        for number in range(1, count + 1)
    ]


def signature(secret: str, body: bytes) -> str:
    """X-WC-Webhook-Signature of a body: base64 of its HMAC-SHA256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def refusal(status: int, code: str, message: str) -> Reply:
    """An error in WordPress' form."""
    return Reply(status, {"code": code, "message": message, "data": {"status": status}})


class WooCommerce(FakeServer):
    """The shop.

    :param write: whether the key may write (a key may be read only).
    :param manager: whether the key's user may manage WooCommerce; without it everything is "cannot list resources".
    :param permalinks: False answers like a WordPress with plain permalinks: 404 on every ``/wp-json``.
    :param paging_headers: False leaves out X-WP-Total and X-WP-TotalPages, as some caches do.
    :param pings: whether new webhooks send their ping.
    """

    def __init__(
        self,
        port: int = 0,
        faults: Iterable[str] = (),
        certificate: str = "",
        *,
        key: str = KEY,
        secret: str = SECRET,
        orders: int | list[dict[str, Any]] = 0,
        customers: int | list[dict[str, Any]] = 0,
        write: bool = True,
        manager: bool = True,
        permalinks: bool = True,
        paging_headers: bool = True,
        pings: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(port, faults, certificate, **more)
        self.key, self.secret = key, secret
        self.orders = make_orders(orders) if isinstance(orders, int) else orders
        self.customers = make_customers(customers) if isinstance(customers, int) else customers
        self.write, self.manager, self.permalinks = write, manager, permalinks
        self.paging_headers, self.pings = paging_headers, pings
        self.webhooks: dict[int, dict[str, Any]] = {}
        self.secrets: dict[int, str] = {}
        self.pinged: list[tuple[int, int]] = []
        self._next = 0

    def state(self) -> dict[str, Any]:
        return {"webhooks": list(self.webhooks.values()), "orders": len(self.orders)}

    def add_webhook(self, topic: str, delivery_url: str, **more: Any) -> dict[str, Any]:
        """A webhook that somebody made before."""
        with self.lock:
            self._next += 1
            resource, _dot, event = topic.partition(".")
            webhook = {
                "id": self._next,
                "name": f"Webhook {self._next}",
                "status": "active",
                "topic": topic,
                "resource": resource,
                "event": event,
                "hooks": [f"woocommerce_{topic.replace('.', '_')}"],
                "delivery_url": delivery_url,
                "date_created": "2025-10-22T10:00:00",
                "date_modified": "2025-10-22T10:00:00",
                **{name: value for name, value in more.items() if name != "secret"},
            }
            self.webhooks[self._next] = webhook
            self.secrets[self._next] = str(more.get("secret") or secrets.token_hex(25))
            return webhook

    def deliver(self, webhook_id: int, resource: Mapping[str, Any], timeout: float = 5.0) -> tuple[int, str]:
        """Send an event as WooCommerce does; the receiver's status and body."""
        webhook = self.webhooks[webhook_id]
        body = json.dumps(resource).encode()
        headers = {
            "User-Agent": "WooCommerce/10.3.0 Hookshot (WordPress/6.8.3)",
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{self.url}/",
            "X-WC-Webhook-Topic": str(webhook["topic"]),
            "X-WC-Webhook-Resource": str(webhook["resource"]),
            "X-WC-Webhook-Event": str(webhook["event"]),
            "X-WC-Webhook-Signature": signature(self.secrets[webhook_id], body),
            "X-WC-Webhook-ID": str(webhook_id),
            "X-WC-Webhook-Delivery-ID": secrets.token_hex(16),
        }
        return post(str(webhook["delivery_url"]), body, headers, timeout)

    def reply(self, asked: Asked) -> Reply:
        if not self.permalinks or not asked.path.startswith(f"{API}/"):
            if self.permalinks and asked.path.startswith("/wp-json"):
                return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
            return Reply(404, "<!DOCTYPE html><title>Page not found</title>", {"Content-Type": "text/html"})
        if refused := self._refused(asked):
            return refused
        collection, _slash, number = asked.path.removeprefix(f"{API}/").partition("/")
        if collection == "webhooks":
            return self._webhook(asked, number)
        items = {"orders": self.orders, "customers": self.customers}.get(collection)
        if items is None or asked.method != "GET":
            return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        if number:
            found = [item for item in items if str(item["id"]) == number]
            return Reply(200, found[0]) if found else refusal(404, "woocommerce_rest_invalid_id", "Invalid ID.")
        wanted = asked.query.get("status", "any").split(",")
        if collection == "orders" and "any" not in wanted:
            items = [item for item in items if item["status"] in wanted]
        return self._page(asked, items)

    def _refused(self, asked: Asked) -> Reply | None:
        """WordPress knows keys in the Authorization header only over TLS; the tests' loopback stands for that."""
        scheme, _space, value = asked.headers.get("authorization", "").partition(" ")
        try:
            key, _colon, secret = base64.b64decode(value).decode().partition(":") if scheme == "Basic" else ("", "", "")
        except ValueError:
            key = secret = ""
        code = "woocommerce_rest_authentication_error"
        if not key:
            return refusal(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if key != self.key:
            return refusal(401, code, "Consumer key is invalid.")
        if secret != self.secret:
            return refusal(401, code, "Consumer secret is invalid.")
        if asked.method != "GET" and not self.write:
            return refusal(401, code, "The API key provided does not have write permissions.")
        if not self.manager:
            return refusal(403, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        return None

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Reply:
        try:
            page, size = int(asked.query.get("page", 1)), int(asked.query.get("per_page", 10))
        except ValueError:
            page, size = 0, 0
        if page < 1 or not 1 <= size <= 100:
            return refusal(400, "rest_invalid_param", "Invalid parameter(s): page, per_page")
        total = -(-len(items) // size)
        headers = {"X-WP-Total": str(len(items)), "X-WP-TotalPages": str(total)}
        return Reply(200, items[(page - 1) * size : page * size], headers if self.paging_headers else {})

    def _webhook(self, asked: Asked, number: str) -> Reply:
        if not number:
            if asked.method == "POST":
                return self._create(asked.json())
            status = asked.query.get("status", "all")
            found = [one for one in self.webhooks.values() if status in ("all", one["status"])]
            return self._page(asked, sorted(found, key=lambda one: -one["id"]))
        webhook = self.webhooks.get(int(number)) if number.isdigit() else None
        if webhook is None:
            return refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        if asked.method == "DELETE":
            if asked.query.get("force", asked.json().get("force")) not in ("true", "1", True):
                return refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
            return Reply(200, self.webhooks.pop(webhook["id"]))
        if asked.method in ("PUT", "POST"):
            return self._update(webhook, asked.json())
        return Reply(200, webhook)

    def _create(self, given: dict[str, Any]) -> Reply:
        if wrong := self._wrong({"topic": "", "delivery_url": "", **given}):
            return wrong
        # The status that was asked for is not looked at.
        kept = {name: given[name] for name in ("name", "secret") if given.get(name)}
        webhook = self.add_webhook(str(given["topic"]), str(given["delivery_url"]), **kept)
        if self.pings:
            threading.Thread(target=self._ping, args=(webhook["id"], webhook["delivery_url"]), daemon=True).start()
        return Reply(201, webhook)

    def _update(self, webhook: dict[str, Any], given: dict[str, Any]) -> Reply:
        if wrong := self._wrong(given):
            return wrong
        webhook.update({name: given[name] for name in ("name", "status", "topic", "delivery_url") if given.get(name)})
        webhook["resource"], _dot, webhook["event"] = webhook["topic"].partition(".")
        if given.get("secret"):
            self.secrets[webhook["id"]] = str(given["secret"])
        return Reply(200, webhook)

    def _wrong(self, given: Mapping[str, Any]) -> Reply | None:
        prefix = "woocommerce_rest_shop_webhook_invalid"
        resource, _dot, event = str(given.get("topic", "order.created")).partition(".")
        if (resource != "action" or not event) and not (resource in RESOURCES and event in EVENTS):
            return refusal(400, f"{prefix}_topic", "Webhook topic must be valid.")
        if not str(given.get("delivery_url", "http://")).startswith(("http://", "https://")):
            return refusal(400, f"{prefix}_delivery_url", "Webhook delivery URL must be a valid URL.")
        if given.get("status", "active") not in STATUSES:
            return refusal(400, "rest_invalid_param", "Invalid parameter(s): status")
        return None

    def _ping(self, number: int, url: str) -> None:
        body = urlencode({"webhook_id": number}).encode()
        status, _text = post(url, body, {"User-Agent": "WooCommerce/10.3.0 Hookshot (WordPress/6.8.3)"})
        self.pinged.append((number, status))


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float = 5.0) -> tuple[int, str]:
    """Send a delivery; (0, reason) if nobody answers."""
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return response.status, response.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except OSError as error:
        return 0, str(error)


if __name__ == "__main__":
    run(WooCommerce, __doc__)
