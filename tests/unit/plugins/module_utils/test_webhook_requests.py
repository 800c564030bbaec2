# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options -> deliveries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._webhook_requests import Delivery, deliveries_of

SECRET = "the-secret-12"


def params(**more: Any) -> dict[str, Any]:
    """The module's options as argument parsing delivers them."""
    return {
        "url": "https://a.example.com/hook",
        "connect": None,
        "secret": SECRET,
        "scheme": None,
        "hmac": None,
        "matrix": None,
        "body": None,
        "content_type": "application/json",
        "headers": None,
        "topic": "order.updated",
        "deliveries": None,
        **more,
    }


def one(delivery: dict[str, Any] | None = None, **more: Any) -> Delivery:
    named = {"name": "one", **(delivery or {})}
    return deliveries_of(params(scheme="woocommerce", deliveries=[named], **more), 1_761_100_000.0)[0]


def test_what_is_sent_by_default() -> None:
    made = one(connect="127.0.0.1:8443")
    request = made.request
    assert (request.method, request.url, request.connect) == ("POST", "https://a.example.com/hook", "127.0.0.1:8443")
    assert request.headers["X-WC-Webhook-Topic"] == "order.updated"
    assert (request.headers["X-WC-Webhook-Resource"], request.headers["X-WC-Webhook-Event"]) == ("order", "updated")
    assert (made.signature, made.expect.status, made.shall_enter) == ("valid", (200,), True)
    assert one({"signature": "wrong"}).expect.status == (401, 403)


@pytest.mark.parametrize(
    ("delivery", "body", "sent"),
    [
        ({}, {"id": 1, "a": "é"}, b'{"id": 1, "a": "\\u00e9"}'),
        ({"omit_id": True}, {"id": 1, "a": 2}, b'{"a": 2}'),
        ({"add": {"d": "1"}}, {"id": 1}, b'{"id": 1, "d": "1"}'),
        ({"body": {"id": 2}}, {"id": 1}, b'{"id": 2}'),
        ({"body": "raw  text"}, {"id": 1}, b"raw  text"),
        ({}, "raw  text", b"raw  text"),
        ({"method": "GET"}, {"id": 1}, None),
    ],
)
def test_bodies(delivery: dict[str, Any], body: Any, sent: bytes | None) -> None:
    assert one(delivery, body=body).request.body == sent


def test_queries_are_added_and_headers_win_in_order() -> None:
    made = one(
        {
            "query": {"d": "1"},
            "headers": {"X-B": "mine", "X-WC-Webhook-Signature": "forged"},
            "content_type": "text/plain",
        },
        url="https://a.example.com/hook?site=a%26b",
        headers={"X-A": "1", "X-B": "2"},
    )
    headers = made.request.headers
    assert made.request.url == "https://a.example.com/hook?site=a%26b&d=1"
    assert made.shown_url == "https://a.example.com/hook?site=********&d=********"
    assert (headers["X-A"], headers["X-B"], headers["Content-Type"]) == ("1", "mine", "text/plain")
    assert headers["X-WC-Webhook-Signature"] == "forged"


def test_a_get_with_the_right_token_carries_it() -> None:
    made = deliveries_of(params(matrix="chatwoot_token"), 0.0)
    assert {one.name: one for one in made}["GET"].request.url.endswith(f"?token={SECRET}")
    assert SECRET not in made[0].shown_url


def test_a_matrix_is_changed_by_name_and_completed() -> None:
    changes = [{"name": "ping", "expect_status": [403], "method": None}, {"name": "mine", "signature": "wrong"}]
    made = deliveries_of(params(matrix="woocommerce", deliveries=changes), 0.0)
    by_name = {delivery.name: delivery for delivery in made}
    assert (by_name["ping"].expect.status, by_name["ping"].forbid_json) == ((403,), ("message.queued",))
    assert made[-1].name == "mine"
    assert "id" not in json.loads(by_name["ping"].request.body or b"")


def test_what_no_answer_may_hold() -> None:
    made = one({"signature": "missing"})
    right = one().request.headers["X-WC-Webhook-Signature"]
    assert {SECRET, right} <= made.secrets


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "scheme or matrix"),
        ({"scheme": "hmac"}, "hmac: {header: ...}"),
        ({"scheme": "woocommerce"}, "neither matrix nor deliveries"),
        ({"matrix": "woocommerce", "secret": ""}, "let everything in"),
        ({"matrix": "woocommerce", "secret": "1234567"}, "too short"),
        ({"matrix": "woocommerce", "url": "x"}, "url is not valid"),
        ({"matrix": "woocommerce", "connect": "a b"}, "connect is not valid"),
        ({"matrix": "woocommerce", "body": "text"}, "need a body that is a mapping"),
        ({"matrix": "woocommerce", "headers": {"X-É": "1"}}, "characters that no header may have"),
        (
            {"scheme": "woocommerce", "deliveries": [{"name": "x", "signature": "stale"}]},
            "delivery x: signature 'stale'",
        ),
    ],
)
def test_faults(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ErpopsError) as raised:
        deliveries_of(params(**more), 0.0)
    assert words in str(raised.value)
    assert raised.value.status == 400
