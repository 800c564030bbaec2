# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zoho Accounts and Zoho Inventory of one region on loopback.

Sources: Zoho's OAuth pages (zoho.com/accounts/protocol/oauth: token, refresh, revoke, multi-DC; errors are HTTP 200 with
``{"error": "invalid_code"}``; too many requests are HTTP 400 "Access Denied") and the Inventory API
(zoho.com/inventory/api/v1: ``code`` 0 is success, 57 not authorized, ``page_context``).

A client is known in its own region only, so that a server of another region answers ``invalid_client``. Grant codes are
for one use and end after ``code_seconds``; access tokens after ``token_seconds`` by the server's ``clock``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from tests.fake.server import Asked, FakeServer, Reply, run

CLIENT_ID = "1000.CLIENT0123456789ABCDEFGHIJKL"
CLIENT_SECRET = "0123456789abcdef0123456789abcdef0123456789"
CODE = "1000.c0de0123456789abcdef.fedcba9876543210"
REDIRECT_URI = "https://backend.example.com/oauth/callback"
ORGANIZATION = "60001234567"
SCOPES = ("ZohoInventory.items.READ", "ZohoInventory.settings.READ")
MAX_PER_PAGE = 200


def make_items(count: int) -> list[dict[str, Any]]:
    """Items whose content depends on their number alone."""
    return [
        {
            "item_id": f"460000000{number:06d}",
            "name": f"Panel {number}",
            "sku": f"SKU-{number:05d}",
            "status": "active" if number % 7 else "inactive",
            "rate": 10 + number % 90,
            "stock_on_hand": float(number % 40),
            "description": "",
        }
        for number in range(1, count + 1)
    ]


class Zoho(FakeServer):
    """Both hosts of a region behind one address.

    :param api_domain: what the token endpoint names; the server's own address without it.
    :param offline: False gives no refresh token, as for ``access_type=online``.
    :param scopes: what the refresh tokens are for; without settings.READ organizations are refused (code 57).
    """

    def __init__(
        self,
        port: int = 0,
        faults: Iterable[str] = (),
        certificate: str = "",
        *,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        codes: Iterable[str] = (CODE,),
        redirect_uri: str = REDIRECT_URI,
        items: int | list[dict[str, Any]] = 12,
        organization: str = ORGANIZATION,
        api_domain: str = "",
        offline: bool = True,
        scopes: Iterable[str] = SCOPES,
        code_seconds: float = 600,
        token_seconds: float = 3600,
        **more: Any,
    ) -> None:
        super().__init__(port, faults, certificate, **more)
        self.client_id, self.client_secret, self.redirect_uri = client_id, client_secret, redirect_uri
        self.codes = {code: self.clock() + code_seconds for code in codes}
        self.items = make_items(items) if isinstance(items, int) else items
        self.organization, self.api_domain = organization, api_domain
        self.offline, self.scopes, self.token_seconds = offline, tuple(scopes), token_seconds
        self.refresh_tokens: set[str] = set()
        self.access_tokens: dict[str, float] = {}

    def state(self) -> dict[str, Any]:
        return {"refresh_tokens": len(self.refresh_tokens), "codes": len(self.codes), "items": len(self.items)}

    def give_refresh_token(self) -> str:
        """A refresh token as if a code had been exchanged before."""
        with self.lock:
            token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
            self.refresh_tokens.add(token)
            return token

    def expire_access_tokens(self) -> None:
        with self.lock:
            self.access_tokens = dict.fromkeys(self.access_tokens, 0.0)

    def reply(self, asked: Asked) -> Reply:
        if asked.path == "/oauth/v2/token" and asked.method == "POST":
            return self._token(asked)
        if asked.path == "/oauth/v2/token/revoke" and asked.method == "POST":
            token = {**asked.query, **asked.form()}.get("token", "")
            known = token in self.refresh_tokens
            self.refresh_tokens.discard(token)
            return Reply(200, {"status": "success"}) if known else Reply(400, {"error": "invalid_token"})
        if asked.path.startswith("/inventory/v1/") and asked.method == "GET":
            return self._inventory(asked)
        return Reply(404, {"code": 5, "message": "Invalid URL Passed"})

    def _token(self, asked: Asked) -> Reply:
        given = {**asked.query, **asked.form()}
        if given.get("client_id") != self.client_id:
            return Reply(200, {"error": "invalid_client"})
        if given.get("client_secret") != self.client_secret:
            return Reply(200, {"error": "invalid_client_secret"})
        answer: dict[str, Any] = {
            "api_domain": self.api_domain or self.url,
            "token_type": "Bearer",
            "expires_in": int(self.token_seconds),
        }
        if given.get("grant_type") == "authorization_code":
            if given.get("redirect_uri") != self.redirect_uri:
                return Reply(200, {"error": "invalid_redirect_uri"})
            if self.codes.pop(given.get("code", ""), 0.0) <= self.clock():
                return Reply(200, {"error": "invalid_code"})
            answer["scope"] = " ".join(self.scopes)
            if self.offline:
                answer["refresh_token"] = self.give_refresh_token()
        elif given.get("grant_type") == "refresh_token":
            if given.get("refresh_token") not in self.refresh_tokens:
                return Reply(200, {"error": "invalid_code"})
        else:
            return Reply(200, {"error": "unsupported_grant_type"})
        answer["access_token"] = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self.access_tokens[answer["access_token"]] = self.clock() + self.token_seconds
        return Reply(200, answer)

    def _inventory(self, asked: Asked) -> Reply:
        scheme, _space, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Zoho-oauthtoken" or self.access_tokens.get(token, 0.0) <= self.clock():
            return Reply(401, {"code": 14, "message": "Invalid value passed for authtoken."})
        what = asked.path.removeprefix("/inventory/v1/")
        needed = {"organizations": "ZohoInventory.settings.READ", "items": "ZohoInventory.items.READ"}.get(what)
        if needed is None:
            return Reply(404, {"code": 5, "message": "Invalid URL Passed"})
        if needed not in self.scopes:
            return Reply(401, {"code": 57, "message": "You are not authorized to perform this operation"})
        if what == "organizations":
            one = {"organization_id": self.organization, "name": "Sample", "is_default_org": True}
            return Reply(200, {"code": 0, "message": "success", "organizations": [one]})
        if asked.query.get("organization_id") != self.organization:
            message = "This user is not associated with the CompanyID/CompanyName"
            return Reply(400, {"code": 6041, "message": message})
        page, size = int(asked.query.get("page", 1)), min(int(asked.query.get("per_page", 200)), MAX_PER_PAGE)
        part = self.items[(page - 1) * size : page * size]
        more = page * size < len(self.items)
        context = {"page": page, "per_page": size, "has_more_page": more, "report_name": "Items"}
        return Reply(200, {"code": 0, "message": "success", "items": part, "page_context": context})


if __name__ == "__main__":
    run(Zoho, __doc__)
