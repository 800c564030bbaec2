# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shop's webhooks over REST v3: paging, the status of new ones, and what refusals mean."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import Answer, Request
from ansible_collections.erpops.frappe.plugins.module_utils._vendor_http import Failure, VendorApi
from ansible_collections.erpops.frappe.plugins.module_utils._woocommerce_api import (
    create,
    delete,
    explain,
    read_webhooks,
    update,
    woocommerce,
)


class Shop:
    """Answers by page."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[Request] = []
        self.api = VendorApi(woocommerce("https://shop.example.com/", "ck_key", "cs_secret"), self.send)

    def send(self, request: Request, _timeout: float) -> Answer:
        self.sent.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def page(numbers: range, total: str = "") -> Answer:
    return Answer(200, {"X-WP-TotalPages": total} if total else {}, json.dumps([{"id": number} for number in numbers]))


def test_the_key_is_in_a_header_only() -> None:
    shop = Shop(page(range(1)))
    read_webhooks(shop.api)
    scheme, _space, value = shop.sent[0].headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(value)) == ("Basic", b"ck_key:cs_secret")
    assert "ck_key" not in shop.sent[0].url


@pytest.mark.parametrize(
    ("pages", "requests"),
    [
        ([page(range(3), "1")], 1),
        ([page(range(0), "0")], 1),
        ([page(range(100), "2"), page(range(100, 103), "2")], 2),
        ([page(range(100)), page(range(100, 103))], 2),
        ([page(range(100)), page(range(0))], 2),
        # One was deleted meanwhile, so that the second page begins later: nothing is there twice.
        ([page(range(100), "2"), page(range(98, 103), "2")], 2),
    ],
)
def test_all_pages(pages: list[Answer], requests: int) -> None:
    shop = Shop(*pages)
    numbers = [one["id"] for one in read_webhooks(shop.api)]
    assert numbers == sorted(set(numbers))
    assert len(shop.sent) == requests


def test_pages_without_end() -> None:
    shop = Shop(page(range(100)))
    with pytest.raises(ErpopsError, match="no end to the webhooks"):
        read_webhooks(shop.api)


@pytest.mark.parametrize("body", ['{"webhooks": []}', "[1]", '[{"name": "a"}]', ""])
def test_what_is_no_list_of_webhooks(body: str) -> None:
    with pytest.raises(ErpopsError, match="no list of webhooks"):
        read_webhooks(Shop(Answer(200, {}, body)).api)


def test_a_status_needs_a_second_request() -> None:
    made = Answer(201, {}, '{"id": 5, "status": "active"}')
    shop = Shop(made, Answer(200, {}, '{"id": 5, "status": "paused"}'))
    assert create(shop.api, {"topic": "a.b", "status": "paused"})["status"] == "paused"
    assert [(one.method, one.url.rpartition("/")[2]) for one in shop.sent] == [("POST", "webhooks"), ("PUT", "5")]
    shop = Shop(made)
    create(shop.api, {"topic": "a.b", "status": "active"})
    assert len(shop.sent) == 1


def test_changed_and_deleted() -> None:
    shop = Shop(Answer(200, {}, '{"id": 5}'))
    update(shop.api, 5, {"name": "x"})
    delete(shop.api, 5)
    assert (shop.sent[0].body, shop.sent[1].url[-24:]) == (b'{"name": "x"}', "v3/webhooks/5?force=true")
    with pytest.raises(ErpopsError, match="no webhook"):
        update(Shop(Answer(200, {}, "[]")).api, 5, {})


@pytest.mark.parametrize(
    ("status", "kind", "said", "words"),
    [
        (401, "wrong_secret", "woocommerce_rest_authentication_error: Consumer key is invalid.", "the key is refused"),
        (401, "wrong_secret", "...: The API key provided does not have write permissions.", "may only read"),
        (401, "wrong_secret", "woocommerce_rest_cannot_view: Sorry, you cannot list resources.", "did not see the key"),
        (403, "permission", "woocommerce_rest_cannot_view: Sorry", "may not manage webhooks"),
        (403, "permission", "", "in front of the shop"),
        (404, "not_found", "rest_no_route: No route was found", "no WooCommerce REST API v3"),
        (404, "not_found", "woocommerce_rest_shop_webhook_invalid_id: Invalid ID.", "gone meanwhile"),
        (404, "host_not_routed", "", "REST API is not found"),
        (400, "unexpected", "woocommerce_rest_shop_webhook_invalid_topic", "refuses the webhook"),
        (301, "unexpected", "", "redirects"),
        (500, "app_error", "", "the shop failed"),
        (200, "not_json", "", "not JSON"),
    ],
)
def test_refusals(status: int, kind: str, said: str, words: str) -> None:
    explained = explain(Failure(kind, status, {}, said, "GET", "/x"))
    assert explained is not None
    assert words in explained.message
    assert explained.hint


@pytest.mark.parametrize("kind", ["timeout", "tls", "rate_limit"])
def test_the_rest_is_common(kind: str) -> None:
    status: Any = {"rate_limit": 429}.get(kind)
    assert explain(Failure(kind, status, {}, "", "GET", "/x")) is None
