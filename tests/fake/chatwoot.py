# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Chatwoot account's API on loopback, which also sends its events.

Sources (chatwoot/chatwoot): ``app/views/api/v1/accounts/webhooks/*.jbuilder`` (``payload.webhooks``,
``payload.webhook``), ``app/models/webhook.rb`` (allowed events, one URL once in an account),
``app/controllers/api_controller.rb`` (``GET /api``: version), ``lib/webhooks/trigger.rb``; pull request 13573 and issue
13862: from 4.11.2 every webhook has a ``secret`` of its own and deliveries carry ``X-Chatwoot-Signature:
sha256=HMAC(secret, "timestamp.body")``, ``X-Chatwoot-Timestamp`` and ``X-Chatwoot-Delivery``; older ones carry nothing.
Attributes of an event stand at the top level of its payload.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from tests.fake.server import Asked, FakeServer, Reply, run
from tests.fake.woocommerce import post

TOKEN = "cwAgentT0kenAbCdEfGh1234"
EVENTS = (
    "conversation_status_changed",
    "conversation_updated",
    "conversation_created",
    "contact_created",
    "contact_updated",
    "message_created",
    "message_updated",
    "webwidget_triggered",
    "conversation_typing_on",
    "conversation_typing_off",
)
SIGNED_SINCE = (4, 11, 2)


def signed_headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    """What a signed delivery carries besides its body."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Timestamp": timestamp}


def make_conversations(count: int) -> list[dict[str, Any]]:
    """Conversations 1, 2 ..."""
    return [
        {
            "id": number,
            "account_id": 1,
            "inbox_id": 1,
            "status": ("open", "resolved", "pending")[number % 3],
            "timestamp": 1761100000 + number,
            "meta": {"sender": {"id": number, "name": f"Ada {number}", "email": f"ada{number}@example.com"}},
            "messages": [{"id": number * 10, "content": "Hello", "message_type": 0}],
        }
        for number in range(1, count + 1)
    ]


class Chatwoot(FakeServer):
    """One account.

    :param version: decides whether deliveries are signed and webhooks have a secret; '' publishes none (``GET /api`` is
        404) and signs.
    :param administrator: whether the token's user may manage webhooks.
    """

    def __init__(
        self,
        port: int = 0,
        faults: Iterable[str] = (),
        certificate: str = "",
        *,
        token: str = TOKEN,
        account: int = 1,
        version: str = "4.11.2",
        administrator: bool = True,
        conversations: int = 3,
        **more: Any,
    ) -> None:
        super().__init__(port, faults, certificate, **more)
        self.token, self.account, self.version, self.administrator = token, account, version, administrator
        self.conversations = make_conversations(conversations)
        self.inboxes = [{"id": 1, "name": "Website", "channel_type": "Channel::WebWidget"}]
        self.webhooks: dict[int, dict[str, Any]] = {}
        self.secrets: dict[int, str] = {}
        self._next = 0

    @property
    def signs(self) -> bool:
        return not self.version or tuple(int(part) for part in self.version.split(".")) >= SIGNED_SINCE

    def state(self) -> dict[str, Any]:
        return {"webhooks": list(self.webhooks.values()), "version": self.version, "signs": self.signs}

    def add_webhook(self, url: str, subscriptions: Iterable[str] = ("message_created",), name: str = "") -> int:
        """A webhook that somebody made before; its number."""
        with self.lock:
            self._next += 1
            self.webhooks[self._next] = {
                "id": self._next,
                "name": name or None,
                "url": url,
                "account_id": self.account,
                "subscriptions": list(subscriptions),
            }
            self.secrets[self._next] = secrets.token_urlsafe(18)
            return self._next

    def send(self, event: str, attributes: Mapping[str, Any], timeout: float = 5.0) -> list[tuple[str, int, str]]:
        """Deliver an event to all who subscribed to it: URL, status and body of each answer."""
        body = json.dumps({**attributes, "event": event, "account": {"id": self.account, "name": "Sample"}}).encode()
        answers = []
        for number, webhook in list(self.webhooks.items()):
            if event not in webhook["subscriptions"]:
                continue
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self.signs:
                headers["X-Chatwoot-Delivery"] = str(uuid.uuid4())
                headers.update(signed_headers(self.secrets[number], str(int(self.clock())), body))
            answers.append((webhook["url"], *post(webhook["url"], body, headers, timeout)))
        return answers

    def reply(self, asked: Asked) -> Reply:
        if asked.path == "/api":
            if not self.version:
                return Reply(404, {"error": "Resource could not be found"})
            about = {"timestamp": "2026-01-01 00:00:00", "queue_services": "ok", "data_services": "ok"}
            return Reply(200, {"version": self.version, **about})
        given = asked.headers.get("api_access_token")
        if not given:
            return Reply(401, {"errors": ["You need to sign in or sign up before continuing."]})
        if given != self.token:
            return Reply(401, {"error": "Invalid Access Token"})
        if asked.path == "/api/v1/profile":
            role = "administrator" if self.administrator else "agent"
            return Reply(200, {"id": 1, "name": "Ada", "role": role, "accounts": [{"id": self.account, "role": role}]})
        prefix, _slash, rest = asked.path.removeprefix("/api/v1/accounts/").partition("/")
        if not asked.path.startswith("/api/v1/accounts/"):
            return Reply(404, {"error": "Resource could not be found"})
        if prefix != str(self.account):
            return Reply(401, {"error": "You are not authorized to access this account"})
        return self._account(asked, rest)

    def _account(self, asked: Asked, rest: str) -> Reply:
        collection, _slash, number = rest.partition("/")
        if collection == "webhooks":
            if not self.administrator:
                return Reply(401, {"error": "You are not authorized to do this action"})
            return self._webhook(asked, number)
        if asked.method == "GET" and collection == "inboxes":
            return Reply(200, {"payload": self.inboxes})
        if asked.method == "GET" and collection == "conversations":
            page = int(asked.query.get("page", 1))
            part = self.conversations[(page - 1) * 25 : page * 25]
            return Reply(200, {"data": {"meta": {"all_count": len(self.conversations)}, "payload": part}})
        return Reply(404, {"error": "Resource could not be found"})

    def _shown(self, number: int) -> dict[str, Any]:
        return {**self.webhooks[number], **({"secret": self.secrets[number]} if self.signs else {})}

    def _webhook(self, asked: Asked, text: str) -> Reply:
        number = int(text) if text.isdigit() else 0
        if not text and asked.method == "GET":
            return Reply(200, {"payload": {"webhooks": [self._shown(one) for one in self.webhooks]}})
        if text and number not in self.webhooks:
            return Reply(404, {"error": "Resource could not be found"})
        if asked.method == "DELETE":
            del self.webhooks[number], self.secrets[number]
            return Reply(200, "")
        body = asked.json()
        given = body.get("webhook", body)
        if wrong := self._wrong(given, number):
            return wrong
        if asked.method == "POST":
            number = self.add_webhook(given["url"], given["subscriptions"], given.get("name", ""))
        else:
            kept = {name: given[name] for name in ("url", "subscriptions", "name") if name in given}
            self.webhooks[number].update(kept)
        return Reply(200, {"payload": {"webhook": self._shown(number)}})

    def _wrong(self, given: Mapping[str, Any], number: int) -> Reply | None:
        before = self.webhooks.get(number, {})
        url = given.get("url", before.get("url", ""))
        if not str(url).startswith(("http://", "https://")):
            return Reply(422, {"message": "Url is invalid", "attributes": ["url"]})
        if any(one["url"] == url and one["id"] != number for one in self.webhooks.values()):
            return Reply(422, {"message": "Url has already been taken", "attributes": ["url"]})
        subscriptions = given.get("subscriptions", before.get("subscriptions"))
        if not subscriptions or not set(subscriptions) <= set(EVENTS):
            return Reply(422, {"message": "Subscriptions Invalid events", "attributes": ["subscriptions"]})
        return None


if __name__ == "__main__":
    run(Chatwoot, __doc__)
