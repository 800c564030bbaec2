# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the webhooks of a WooCommerce shop over REST v3, and what its refusals mean.

Sources: the REST API documentation (webhooks, pagination, errors) and the plugin's controller, version 1, which v3
inherits: a new webhook is active whatever status was asked for; one without a secret gets a random one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ._errors import ErpopsError
from ._vendor_http import Explained, Failure, Reply, Vendor, VendorApi, checked_base, secrets_in

WEBHOOKS = "/wp-json/wc/v3/webhooks"
PER_PAGE = 100
MAX_PAGES = 100
_KEYS = "WooCommerce > Settings > Advanced > REST API"


def woocommerce(base_url: str, key: str, secret: str, **reach: Any) -> Vendor:
    """The shop. The key goes into a header: in the query it would stand in every access log on the way.

    :raises ErpopsError: (400) the address is not one that a key may be sent to.
    """
    token = base64.b64encode(f"{key}:{secret}".encode()).decode()
    return Vendor(
        "WooCommerce",
        checked_base(base_url, "base_url"),
        {"Authorization": f"Basic {token}"},
        explain,
        secrets_in((key, secret, token)),
        **reach,
    )


def read_webhooks(api: VendorApi) -> list[dict[str, Any]]:
    """All webhooks, the oldest first, from as many pages as there are.

    Some caches take X-WP-TotalPages away; then a page that is not full is the last.

    :raises ErpopsError: a page could not be read, or is no list of webhooks.
    """
    found: dict[int, dict[str, Any]] = {}
    for page in range(1, MAX_PAGES + 1):
        query = {"status": "all", "per_page": PER_PAGE, "page": page, "orderby": "id", "order": "asc"}
        reply = api.call("GET", WEBHOOKS, query)
        part = reply.data
        if not isinstance(part, list) or not all(isinstance(one, dict) and "id" in one for one in part):
            raise ErpopsError(
                "the answer is no list of webhooks",
                object=f"{api.vendor.name} at {api.vendor.base}",
                seen=type(part).__name__,
                hint=f"look whether a plugin changes the REST API: curl -si {api.vendor.base}{WEBHOOKS}",
            )
        found.update({int(one["id"]): one for one in part})
        total = reply.headers.get("x-wp-totalpages", "")
        if page >= int(total) if total.isdigit() else len(part) < PER_PAGE:
            return [found[number] for number in sorted(found)]
    raise ErpopsError(
        "there is no end to the webhooks",
        object=api.vendor.base,
        seen=f"more than {MAX_PAGES} pages of {PER_PAGE}",
        hint=f"remove those that nobody needs, in {_KEYS.replace('REST API', 'Webhooks')}",
    )


def create(api: VendorApi, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A new webhook. A status other than active needs a second request, since the first one does not heed it."""
    made = _one(api.call("POST", WEBHOOKS, body=dict(fields)))
    if fields.get("status", made.get("status")) != made.get("status"):
        made = update(api, int(made["id"]), {"status": fields["status"]})
    return made


def update(api: VendorApi, number: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Change these fields of a webhook."""
    return _one(api.call("PUT", f"{WEBHOOKS}/{number}", body=dict(fields)))


def delete(api: VendorApi, number: int) -> None:
    """Delete a webhook for good (they know no trash)."""
    api.call("DELETE", f"{WEBHOOKS}/{number}", {"force": "true"})


def _one(reply: Reply) -> dict[str, Any]:
    if not isinstance(reply.data, dict) or "id" not in reply.data:
        raise ErpopsError("the answer is no webhook", object="WooCommerce", seen=type(reply.data).__name__)
    return reply.data


def explain(failure: Failure) -> Explained | None:
    """The shop's refusals by status and code."""
    if failure.kind == "not_json":
        return Explained(
            "the answer is not JSON",
            "look whether a firewall answers in the shop's place, or PHP prints notices before the JSON: "
            "set WP_DEBUG_DISPLAY to false in wp-config.php",
        )
    by_status = {401: _unauthorized, 403: _forbidden, 404: _not_found}
    if failure.status in by_status:
        return by_status[failure.status](failure)
    if failure.status == 400:
        return Explained("the shop refuses the webhook", "correct topic or delivery_url as the shop's own words say")
    if failure.status is not None and 300 <= failure.status < 400:
        return Explained("the shop redirects to another address", "give that address as base_url")
    if failure.kind == "app_error":
        return Explained("the shop failed", "read its log: WooCommerce > Status > Logs, source fatal-errors")
    return None


def _unauthorized(failure: Failure) -> Explained:
    if "write permission" in failure.said:
        return Explained("the key may only read", f"give it Read/Write: {_KEYS}")
    if "invalid" in failure.said:
        return Explained("the key is refused", f"make a new one with Read/Write, and store it in the vault: {_KEYS}")
    return Explained(
        "the shop did not see the key",
        "let the web server hand on the header Authorization (Apache: CGIPassAuth On), and, behind a proxy, let it "
        "send X-Forwarded-Proto: https, since WooCommerce heeds the header over HTTPS only",
    )


def _forbidden(failure: Failure) -> Explained:
    if "woocommerce_rest" in failure.said:
        return Explained(
            "the key's user may not manage webhooks", f"make the key for a Shop manager or an Administrator: {_KEYS}"
        )
    return Explained(
        "something in front of the shop refuses the request",
        "let its firewall or security plugin allow this machine to reach /wp-json/wc/v3",
    )


def _not_found(failure: Failure) -> Explained:
    if "invalid_id" in failure.said:
        return Explained("the webhook is gone meanwhile", "run this again")
    if "rest_no_route" in failure.said:
        return Explained(
            "there is no WooCommerce REST API v3", "activate WooCommerce 3.5 or newer: Plugins > Installed"
        )
    return Explained(
        "the REST API is not found there",
        "choose any permalinks but Plain (Settings > Permalinks), and see that base_url is WordPress' own address",
    )
