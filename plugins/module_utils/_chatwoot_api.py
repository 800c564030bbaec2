# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the webhooks of a Chatwoot account over its API, and what its refusals mean.

Sources: chatwoot/chatwoot, ``webhooks_controller.rb`` and its views (``payload.webhooks``, ``payload.webhook``),
``api_controller.rb`` (``GET /api`` tells the version); pull request 13573: webhooks have a secret and deliveries are
signed from 4.11.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ._errors import ErpopsError
from ._vendor_http import Explained, Failure, Vendor, VendorApi, checked_base

SIGNED_SINCE = (4, 11, 2)
_TOKEN = "Chatwoot > Profile settings > Access token"  # noqa: S105 -- where to find it


def chatwoot(base_url: str, token: str, **reach: Any) -> Vendor:
    """The server.

    :raises ErpopsError: (400) the address is not one that a token may be sent to.
    """
    base = checked_base(base_url, "base_url")
    return Vendor("Chatwoot", base, {"api_access_token": token}, explain, (token,), **reach)


def webhooks_path(account: int) -> str:
    """Where an account's webhooks are."""
    return f"/api/v1/accounts/{account}/webhooks"


def read_webhooks(api: VendorApi, account: int) -> list[dict[str, Any]]:
    """All webhooks of the account, the oldest first (the API has no pages for them).

    :raises ErpopsError: they could not be read.
    """
    data = api.call("GET", webhooks_path(account)).data
    payload = data.get("payload") if isinstance(data, dict) else None
    found = payload.get("webhooks") if isinstance(payload, dict) else payload
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        raise ErpopsError(
            "the answer is no list of webhooks",
            object=f"{api.vendor.name} at {api.vendor.base}",
            seen=type(data).__name__,
            needed="payload.webhooks",
            hint=f"look at it: curl -si {api.vendor.base}{webhooks_path(account)}",
        )
    return sorted(found, key=lambda one: int(one["id"]))


def create(api: VendorApi, account: int, fields: Mapping[str, Any]) -> None:
    """A new webhook."""
    api.call("POST", webhooks_path(account), body={"webhook": dict(fields)})


def update(api: VendorApi, account: int, number: int, fields: Mapping[str, Any]) -> None:
    """Change these fields of a webhook."""
    api.call("PATCH", f"{webhooks_path(account)}/{number}", body={"webhook": dict(fields)})


def delete(api: VendorApi, account: int, number: int) -> None:
    """Delete a webhook."""
    api.call("DELETE", f"{webhooks_path(account)}/{number}")


def read_server(api: VendorApi, webhooks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The version, if the server tells it, and whether it signs its deliveries (None: nothing tells).

    That a server keeps its version to itself is no error.
    """
    try:
        data = api.call("GET", "/api").data
    except ErpopsError:
        data = None
    version = str(data.get("version") or "") if isinstance(data, dict) else ""
    return {"version": version or None, "signs_deliveries": signs(version, webhooks)}


def signs(version: str, webhooks: Iterable[Mapping[str, Any]]) -> bool | None:
    """From the version, or else from whether webhooks have a secret; None if neither is known."""
    numbers = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version)
    if numbers:
        return tuple(int(part or 0) for part in numbers.groups()) >= SIGNED_SINCE
    with_secret = ["secret" in one for one in webhooks]
    return any(with_secret) if with_secret else None


def explain(failure: Failure) -> Explained | None:
    """Chatwoot's refusals by status and words."""
    said = failure.said.lower()
    if failure.status == 401 and "not authorized to access this account" in said:
        return Explained(
            "the token's user does not belong to the account", "correct account_id, or invite the user there"
        )
    if failure.status in (401, 403) and "not authorized" in said:
        return Explained("the token's user may not manage webhooks", f"use the token of an administrator: {_TOKEN}")
    if failure.status == 401:
        return Explained("the access token is refused", f"copy it again, and store it in the vault: {_TOKEN}")
    if failure.status == 403:
        return Explained(
            "something in front of Chatwoot refuses the request", "let it allow this machine to reach /api/v1"
        )
    if failure.status == 404:
        return Explained(
            "the account or the webhook is not there", "correct base_url and account_id (the number in /app/accounts/N)"
        )
    if failure.status == 422:
        return Explained(
            "Chatwoot refuses the webhook",
            "correct url or subscriptions as its own words say; older servers know fewer events",
        )
    if failure.status is not None and 300 <= failure.status < 400:
        return Explained("Chatwoot redirects to another address", "give that address as base_url")
    if failure.kind == "app_error":
        return Explained("Chatwoot failed", "read its log: docker compose logs --tail 100 rails")
    return None
