# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitated vendors where no module looks: paging, deliveries, idempotency, and as programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake import chatwoot, diamondcasa, woocommerce, zoho
from tests.fake.receivers import SECRET, Receiver
from tests.unit.repository import ROOT


def test_orders_come_in_pages() -> None:
    with woocommerce.WooCommerce(orders=23, customers=2) as shop:
        shop.start()
        client = httpx.Client(base_url=f"{shop.url}{woocommerce.API}", auth=(shop.key, shop.secret), trust_env=False)
        pages = [client.get("/orders", params={"per_page": 10, "page": page}) for page in (1, 2, 3, 4)]
        done = client.get("/orders", params={"status": "completed,cancelled", "per_page": 100}).json()
        wrong = client.get("/orders", params={"per_page": 101})
        customers, order = client.get("/customers").json(), client.get("/orders/1001").json()
    assert [len(page.json()) for page in pages] == [10, 10, 3, 0]
    assert (pages[0].headers["X-WP-Total"], pages[0].headers["X-WP-TotalPages"]) == ("23", "3")
    assert {one["status"] for one in done} == {"completed", "cancelled"}
    assert (wrong.status_code, wrong.json()["code"]) == (400, "rest_invalid_param")
    assert (len(customers), order["id"]) == (2, 1001)


def test_a_fault_in_the_seventh_page_passes() -> None:
    with woocommerce.WooCommerce(orders=100, faults=["503:1@&page=7"]) as shop:
        shop.start()
        client = httpx.Client(base_url=f"{shop.url}{woocommerce.API}", auth=(shop.key, shop.secret), trust_env=False)
        statuses = [client.get("/orders?per_page=10&page=" + str(page)).status_code for page in (6, 7, 7, 8)]
    assert statuses == [200, 503, 200, 200]


def test_the_shop_delivers_what_jarz_lets_in_and_pings() -> None:
    with Receiver(app="jarz") as site, woocommerce.WooCommerce(pings=True) as shop:
        site.start()
        shop.start()
        number = shop.add_webhook("order.updated", f"{site.url}/hook", secret=SECRET)["id"]
        stranger = shop.add_webhook("order.updated", f"{site.url}/hook", secret="of-somebody-else")["id"]
        assert shop.deliver(number, {"id": 9})[0] == 200
        assert shop.deliver(stranger, {"id": 9})[0] == 403
        shop._ping(number, f"{site.url}/hook")
    assert site.queued == [{"id": 9}]
    assert shop.pinged == [(number, 200)]
    assert site.asked[-1].form() == {"webhook_id": str(number)}


@pytest.mark.parametrize(("version", "status"), [("4.11.2", 200), ("4.11.1", 403)])
def test_chatwoot_signs_from_4_11_2(version: str, status: int) -> None:
    with chatwoot.Chatwoot(version=version) as server, Receiver(app="verifying") as site:
        site.start()
        number = server.add_webhook(f"{site.url}/hook", ["conversation_created"])
        server.add_webhook(f"{site.url}/other", ["contact_created"])
        site.secret = server.secrets[number]
        answers = server.send("conversation_created", {"id": 7})
    assert [answer[1] for answer in answers] == [status]
    assert site.asked[0].json() == {"id": 7, "event": "conversation_created", "account": {"id": 1, "name": "Sample"}}


def test_the_shop_of_diamondcasa_remembers_its_keys() -> None:
    with diamondcasa.DiamondCasa() as shop:
        shop.start()
        bearer = {"Authorization": f"Bearer {shop.key}:{shop.secret}"}
        client = httpx.Client(base_url=f"{shop.url}/api/diamondcasa", headers=bearer, trust_env=False)

        def post(key: str, body: Any, **headers: str) -> httpx.Response:
            return client.post("/products", json=body, headers={"Idempotency-Key": key, **headers})

        first, again = post("k1", {"sku": 1}), post("k1", {"sku": 1})
        statuses = [post("k1", {"sku": 2}).status_code, post("k2", {"sku": 2}, Authorization="Bearer x:y").status_code]
        assert client.get("/products").json()["received"] == 1
    assert first.json() == again.json() == {"status": "success", "id": "DC-00001"}
    assert (again.headers["Idempotent-Replayed"], statuses, shop.repeats) == ("true", [409, 401], 1)


def test_zoho_pages_and_expires() -> None:
    with zoho.Zoho(items=25) as server:
        server.start()
        form = {"grant_type": "refresh_token", "refresh_token": server.give_refresh_token()}
        form |= {"client_id": zoho.CLIENT_ID, "client_secret": zoho.CLIENT_SECRET}
        client = httpx.Client(base_url=server.url, trust_env=False)
        access = client.post("/oauth/v2/token", data=form).json()["access_token"]
        query: dict[str, Any] = {"organization_id": zoho.ORGANIZATION, "per_page": 10}
        headers = {"Authorization": f"Zoho-oauthtoken {access}"}

        def page(number: int) -> dict[str, Any]:
            got = client.get("/inventory/v1/items", params=query | {"page": number}, headers=headers)
            return dict(got.json())

        pages = [page(number) for number in (1, 2, 3)]
        server.expire_access_tokens()
        expired = page(1)
    assert [len(one["items"]) for one in pages] == [10, 10, 5]
    assert [one["page_context"]["has_more_page"] for one in pages] == [True, True, False]
    assert expired["code"] == 14


@pytest.mark.parametrize("name", ["woocommerce", "zoho", "chatwoot", "diamondcasa", "receivers"])
def test_as_a_program(name: str, tmp_path: Path) -> None:
    pidfile, config = tmp_path / "pid", tmp_path / "config.json"
    config.write_text(json.dumps({"app": "jarz"} if name == "receivers" else {}))
    program = [sys.executable, "-m", f"tests.fake.{name}", "--pidfile", str(pidfile), "--config", str(config)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        pid = int(pidfile.read_text().splitlines()[0])
        set_up = httpx.post(f"{url}/_fake", json={"faults": ["500:1"]}, trust_env=False).json()
        broken = httpx.get(f"{url}/x", trust_env=False).status_code
        seen = httpx.get(f"{url}/_fake", trust_env=False).json()
        running.terminate()
        assert running.wait(10) == 0
    assert pid == running.pid
    assert (set_up["faults"][0]["left"], broken, seen["asked"]) == (1, 500, ["GET /x"])
    assert not pidfile.exists()
