# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against an imitated shop: what it makes of the shop is looked at in the shop."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.modules import woocommerce_webhook
from tests.fake.woocommerce import KEY, SECRET, WooCommerce
from tests.unit.plugins.modules.vendors import VendorModule

URL = "https://a.example.com/api/method/shop.order"
WEBHOOK_SECRET = "the-secret-of-the-webhook"
ORDER = {"topic": "order.created", "delivery_url": URL, "secret": WEBHOOK_SECRET}
UPDATED = {**ORDER, "topic": "order.updated"}


@pytest.fixture
def shop() -> Iterator[WooCommerce]:
    with WooCommerce() as server:
        server.start()
        yield server


@pytest.fixture
def module(shop: WooCommerce, capsys: pytest.CaptureFixture[str]) -> VendorModule:
    key = {"consumer_key": KEY, "consumer_secret": SECRET}
    return VendorModule(woocommerce_webhook, capsys, base_url=shop.url, webhooks=[ORDER, UPDATED], **key)


def held(shop: WooCommerce) -> list[tuple[str, str, str]]:
    return [(one["topic"], one["delivery_url"], one["status"]) for one in shop.webhooks.values()]


def test_made_and_then_left_alone(module: VendorModule, shop: WooCommerce) -> None:
    checked = module.ok(check=True)
    assert (checked["changed"], shop.changes, checked["webhooks"][0]["id"]) == (True, [], None)
    done = module.ok()
    assert held(shop) == [("order.created", URL, "active"), ("order.updated", URL, "active")]
    assert list(shop.secrets.values()) == [WEBHOOK_SECRET] * 2
    assert [(one["id"], one["action"]) for one in done["webhooks"]] == [(1, "create"), (2, "create")]
    assert (checked["actions"], checked["diff"]["before"]) == (done["actions"], done["diff"]["before"])
    shop.asked.clear()
    again = module.ok()
    assert (again["changed"], again["actions"], again["diff"]) == (False, [], {"before": {}, "after": {}})
    assert shop.changes == []


def test_no_secret_is_in_any_output(module: VendorModule, shop: WooCommerce) -> None:
    secrets = [WEBHOOK_SECRET, KEY, SECRET, base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()]
    shop.add_webhook("order.updated", URL, status="disabled")
    runs = [
        module.run(webhooks=[{**ORDER, "delivery_url": f"{URL}?token=of-the-front-door"}, UPDATED]),
        module.run(secret_update="always"),
        module.run(consumer_secret="cs_another_one"),
    ]
    for secret in [*secrets, "of-the-front-door", "cs_another_one"]:
        assert all(secret not in run.output for run in runs), secret
    assert not any("consumer" in line for line in shop.lines), "never in the query"


def test_a_new_webhook_that_shall_be_paused_is_paused(module: VendorModule, shop: WooCommerce) -> None:
    """The shop makes every webhook active; the module sees to it."""
    done = module.ok(webhooks=[{**ORDER, "status": "paused"}])
    assert held(shop) == [("order.created", URL, "paused")]
    assert done["webhooks"][0]["status"] == "paused"
    assert module.ok(webhooks=[{**ORDER, "status": "paused"}])["changed"] is False


def test_paused_resumed_and_deleted(module: VendorModule, shop: WooCommerce) -> None:
    shop.add_webhook("order.created", "https://other.example.com/", name="somebody else's")
    module.ok()
    paused = [{**one, "status": "paused"} for one in (ORDER, UPDATED)]
    done = module.ok(webhooks=paused)
    assert [one["action"] for one in done["webhooks"]] == ["update", "update"]
    assert [status for _topic, _url, status in held(shop)] == ["active", "paused", "paused"]
    module.ok()
    assert [status for _topic, _url, status in held(shop)] == ["active"] * 3
    gone = [{**one, "state": "absent"} for one in (ORDER, UPDATED)]
    assert [one["status"] for one in module.ok(webhooks=gone)["webhooks"]] == ["absent", "absent"]
    assert held(shop) == [("order.created", "https://other.example.com/", "active")]
    assert module.ok(webhooks=gone)["changed"] is False


def test_one_that_the_shop_disabled_is_active_again(module: VendorModule, shop: WooCommerce) -> None:
    shop.add_webhook("order.created", URL, status="disabled", secret="kept-as-it-is")
    diff = module.ok(webhooks=[ORDER])["diff"]
    (label,) = diff["before"]
    assert (diff["before"][label]["status"], diff["after"][label]["status"]) == ("disabled", "active")
    assert shop.secrets[1] == "kept-as-it-is", "a secret is not touched on the way"


def test_secrets_are_rotated_on_demand_only(module: VendorModule, shop: WooCommerce) -> None:
    shop.add_webhook("order.created", URL, secret="the-old-secret")
    assert module.ok(webhooks=[ORDER])["changed"] is False
    assert module.ok(check=True, webhooks=[ORDER], secret_update="always")["changed"] is True
    assert shop.secrets[1] == "the-old-secret"
    done = module.ok(webhooks=[ORDER], secret_update="always")
    assert (done["changed"], shop.secrets[1]) == (True, WEBHOOK_SECRET)


def test_matched_by_name_the_url_moves(module: VendorModule, shop: WooCommerce) -> None:
    shop.add_webhook("order.created", "https://old.example.com/", name="ours")
    module.ok(webhooks=[{**ORDER, "name": "ours"}], match_by="name")
    assert held(shop) == [("order.created", URL, "active")]


def test_duplicates_are_told_and_removed_on_demand(
    module: VendorModule, shop: WooCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(woocommerce_webhook.AnsibleModule, "warn", lambda _self, text: warned.append(text))
    for status in ("disabled", "active", "paused"):
        shop.add_webhook("order.created", URL, status=status)
    done = module.ok(webhooks=[ORDER])
    assert (done["changed"], [one["id"] for one in done["duplicates"]]) == (False, [1, 3])
    assert [text.partition(" is ")[0] for text in warned] == ["webhook 1", "webhook 3"]
    cleared = module.ok(webhooks=[ORDER], remove_duplicates=True)
    assert (cleared["changed"], cleared["duplicates"], list(shop.webhooks)) == (True, [], [2])
    assert cleared["webhooks"][0]["action"] == "", "the one that stays is not touched"


@pytest.mark.parametrize("headers", [True, False])
def test_every_page_is_read(module: VendorModule, shop: WooCommerce, headers: bool) -> None:
    shop.paging_headers = headers
    shop.add_webhook("order.created", URL)
    for number in range(205):
        shop.add_webhook("product.updated", f"https://other.example.com/{number}")
    assert module.ok(webhooks=[ORDER])["changed"] is False
    assert [line.partition("&page=")[2][0] for line in shop.lines] == ["1", "2", "3"]


FAULTS = [
    ({"consumer_key": "ck_wrong_key"}, {}, "the key is refused", "Advanced > REST API"),
    ({"consumer_secret": "cs_wrong_secret"}, {}, "the key is refused", "store it in the vault"),
    ({}, {"write": False}, "the key may only read", "Read/Write"),
    ({}, {"manager": False}, "may not manage webhooks", "Shop manager"),
    ({}, {"permalinks": False}, "REST API is not found", "Settings > Permalinks"),
    ({}, {"faults": ["401"]}, "did not see the key", "Authorization"),
    ({}, {"faults": ["403"]}, "in front of the shop refuses", "firewall"),
    ({}, {"faults": ["429=120"]}, "too many requests", "asks to wait 120 s"),
    ({}, {"faults": ["500"]}, "the shop failed", "WooCommerce > Status > Logs"),
    ({}, {"faults": ["503"]}, "the server or the way to it is down", "run this again"),
    ({}, {"faults": ["truncate"]}, "the server or the way to it is down", "received"),
    ({}, {"faults": ["cut"]}, "is not JSON", "breaks off"),
    ({}, {"faults": ["html"]}, "is not JSON", "firewall"),
    ({}, {"faults": ["notice"]}, "is not JSON", "WP_DEBUG_DISPLAY"),
    ({}, {"faults": ["drop"]}, "is down", "disconnected"),
    ({"timeout": 0.2}, {"faults": ["slow=1"]}, "no answer came in time", "timeout"),
    ({"webhooks": [{**ORDER, "topic": "dragon.slain"}]}, {}, "refuses the webhook", "topic"),
]


@pytest.mark.parametrize(("arguments", "how", "what", "remedy"), FAULTS)
def test_each_fault_says_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], how: dict[str, Any], what: str, remedy: str
) -> None:
    with WooCommerce(**how) as shop:
        shop.start()
        shop.add_webhook("order.created", "https://other.example.com/")
        given = {"base_url": shop.url, "consumer_key": KEY, "consumer_secret": SECRET, "webhooks": [ORDER], **arguments}
        message = VendorModule(woocommerce_webhook, capsys).fails(**given)
    assert what in message
    assert remedy in message
    assert message.startswith("WooCommerce at http://127.0.0.1:")


def test_a_passing_fault_is_waited_for(module: VendorModule, shop: WooCommerce) -> None:
    shop.fault("429=0:2@GET")
    shop.fault("429=0:1@POST")
    assert module.ok(attempts=4, webhooks=[ORDER])["changed"] is True
    assert len(shop.webhooks) == 1


def test_a_change_that_may_have_been_made_is_not_sent_twice(module: VendorModule, shop: WooCommerce) -> None:
    shop.fault("truncate@POST")
    message = module.fails(attempts=4, webhooks=[ORDER])
    assert (len(shop.changes), len(shop.webhooks)) == (1, 1)
    assert "it looks first whether the change was made after all" in message
    shop.faults.clear()
    assert module.ok(webhooks=[ORDER])["changed"] is False


def test_what_was_done_before_a_failure_is_told(module: VendorModule, shop: WooCommerce) -> None:
    shop.fault("500@PUT")
    shop.add_webhook("order.updated", URL, status="paused")
    done = module.run()
    assert done.code == 1
    assert done.answer["error"]["data"]["done"] == [f"create order.created -> {URL}"]


def test_a_change_that_the_shop_forgets_is_an_error(
    module: VendorModule, shop: WooCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add_webhook("order.created", URL, status="paused")
    monkeypatch.setattr(shop, "_update", lambda webhook, given: woocommerce_reply(webhook))
    assert "did not keep what it was told" in module.fails(webhooks=[ORDER])


def woocommerce_reply(webhook: dict[str, Any]) -> Any:
    from tests.fake.server import Reply

    return Reply(200, json.loads(json.dumps(webhook)))


def test_all_wrong_arguments_at_once(module: VendorModule, shop: WooCommerce) -> None:
    wrong = [
        {"topic": "orders", "delivery_url": "ftp://a.example.com/", "secret": "short"},
        ORDER,
        ORDER,
    ]
    message = module.fails(webhooks=wrong)
    for part in ("not of the form order.created", "no http(s) address", "has 5 characters", "named twice"):
        assert part in message
    assert shop.lines == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"base_url": "http://shop.example.com"}, "without TLS its credentials could be read"),
        ({"base_url": "https://shop.example.com/?x=1"}, "it holds a query"),
        ({"base_url": "shop"}, "no http(s) address"),
        ({"timeout": 0}, "timeout is out of range"),
        ({"attempts": 0}, "attempts is out of range"),
        ({"webhooks": [{"topic": "order.created", "delivery_url": URL}]}, "made without a secret"),
        ({"webhooks": [ORDER], "match_by": "name"}, "match_by=name needs a name"),
    ],
)
def test_bad_arguments(module: VendorModule, arguments: dict[str, Any], words: str) -> None:
    assert words in module.fails(**arguments)
