# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against an imitated Chatwoot: what it makes of the account is looked at in the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.modules import chatwoot_webhook
from tests.fake.chatwoot import TOKEN, Chatwoot
from tests.fake.server import Reply
from tests.unit.plugins.modules.vendors import VendorModule

URL = "https://a.example.com/api/method/chat_bridge.webhook.handle"
DOOR = "the-front-door-token"
EVENTS = ["conversation_created", "conversation_updated"]
OURS = {"url": URL, "token": DOOR, "subscriptions": EVENTS}


@pytest.fixture
def server() -> Iterator[Chatwoot]:
    with Chatwoot() as running:
        running.start()
        yield running


@pytest.fixture
def module(server: Chatwoot, capsys: pytest.CaptureFixture[str]) -> VendorModule:
    return VendorModule(chatwoot_webhook, capsys, base_url=server.url, api_access_token=TOKEN, webhooks=[OURS])


def held(server: Chatwoot) -> list[tuple[str, list[str]]]:
    return [(one["url"], one["subscriptions"]) for one in server.webhooks.values()]


def test_made_and_then_left_alone(module: VendorModule, server: Chatwoot) -> None:
    checked = module.ok(check=True)
    assert (checked["changed"], server.changes, checked["webhooks"][0]["id"]) == (True, [], None)
    done = module.ok()
    assert held(server) == [(f"{URL}?token={DOOR}", EVENTS)]
    assert done["webhooks"] == [
        {
            "id": 1,
            "name": "",
            "url": f"{URL}?token=********",
            "subscriptions": EVENTS,
            "state": "present",
            "action": "create",
        }
    ]
    assert done["server"] == {"version": "4.11.2", "signs_deliveries": True}
    assert checked["diff"].keys() == done["diff"].keys()
    again = module.ok(webhooks=[{**OURS, "subscriptions": EVENTS[::-1]}])
    assert (again["changed"], again["diff"]) == (False, {"before": {}, "after": {}})
    assert len(server.changes) == 1, "the order of the events is none"


def test_neither_token_nor_secret_is_in_any_output(module: VendorModule, server: Chatwoot) -> None:
    server.add_webhook(f"{URL}?token=the-old-token-of-ours", EVENTS)
    server.add_webhook("https://other.example.com/?token=somebody-elses-token", EVENTS)
    runs = [module.run(check=True), module.run(), module.run(), module.run(api_access_token="another-token")]
    secrets = [TOKEN, DOOR, "the-old-token-of-ours", "somebody-elses-token", "another-token", *server.secrets.values()]
    assert not [secret for secret in secrets if any(secret in run.output for run in runs)]
    assert runs[1].answer["changed"] is True
    label = f"{URL} (1)"
    before, after = runs[1].answer["diff"]["before"][label], runs[1].answer["diff"]["after"][label]
    assert before["token"] != after["token"], "that it differs can be seen"


def test_the_webhooks_of_others_are_never_touched(module: VendorModule, server: Chatwoot) -> None:
    others = [
        "https://a.example.com/api/method/other.webhook",
        f"{URL}/",
        f"{URL}?site=b",
        f"{URL}2?token={DOOR}",
        "http://a.example.com/api/method/chat_bridge.webhook.handle",
    ]
    for url in others:
        server.add_webhook(url)
    module.ok()
    module.ok(webhooks=[{"url": URL, "state": "absent"}])
    assert [url for url, _events in held(server)] == others
    assert module.ok(webhooks=[{"url": URL, "state": "absent"}])["changed"] is False


def test_token_and_events_change_in_place(module: VendorModule, server: Chatwoot) -> None:
    server.add_webhook(URL, ["message_created"], "ours")
    done = module.ok(webhooks=[{**OURS, "url": URL}])
    assert (done["webhooks"][0]["id"], done["webhooks"][0]["action"]) == (1, "update")
    assert held(server) == [(f"{URL}?token={DOOR}", EVENTS)]
    assert server.webhooks[1]["name"] == "ours"
    module.ok(webhooks=[{**OURS, "name": "Conversations"}])
    assert server.webhooks[1]["name"] == "Conversations"


def test_duplicates_are_told_and_removed_on_demand(module: VendorModule, server: Chatwoot) -> None:
    for token in ("an-older-token", DOOR, "the-oldest-token"):
        server.add_webhook(f"{URL}?token={token}", EVENTS)
    done = module.ok()
    assert (done["changed"], [one["id"] for one in done["duplicates"]]) == (False, [1, 3])
    assert module.ok(check=True, remove_duplicates=True)["changed"] is True
    assert list(module.ok(remove_duplicates=True)["duplicates"]) == []
    assert list(server.webhooks) == [2]


@pytest.mark.parametrize(
    ("version", "there", "told"),
    [("4.11.1", True, False), ("3.2.0", False, False), ("4.12.0", False, True), ("", True, True), ("", False, None)],
)
def test_the_server_is_described(
    capsys: pytest.CaptureFixture[str], version: str, there: bool, told: bool | None
) -> None:
    with Chatwoot(version=version) as server:
        server.start()
        if there:
            server.add_webhook(f"{URL}?token={DOOR}", EVENTS)
        module = VendorModule(chatwoot_webhook, capsys, base_url=server.url, api_access_token=TOKEN, webhooks=[OURS])
        found = module.ok(check=True)["server"]
    assert found == {"version": version or None, "signs_deliveries": told}


FAULTS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"api_access_token": "no-token-of-theirs"}, {}, "the access token is refused", "Access token"),
    ({}, {"administrator": False}, "may not manage webhooks", "administrator"),
    ({"account_id": 7}, {}, "does not belong to the account", "correct account_id"),
    ({"webhooks": [{**OURS, "subscriptions": ["dragon_slain"]}]}, {}, "refuses the webhook", "subscriptions"),
    ({}, {"faults": ["404"]}, "is not there", "/app/accounts/N"),
    ({}, {"faults": ["403"]}, "in front of Chatwoot", "/api/v1"),
    ({}, {"faults": ["429=300"]}, "too many requests", "asks to wait 300 s"),
    ({}, {"faults": ["500"]}, "Chatwoot failed", "logs"),
    ({}, {"faults": ["502"]}, "is down", "run this again"),
    ({}, {"faults": ["truncate"]}, "is down", "received"),
    ({}, {"faults": ["cut"]}, "is not JSON", "breaks off"),
    ({}, {"faults": ["html"]}, "is not JSON", "a page of HTML"),
    ({"timeout": 0.2}, {"faults": ["slow=1"]}, "no answer came in time", "timeout"),
]


@pytest.mark.parametrize(("arguments", "how", "what", "remedy"), FAULTS)
def test_each_fault_says_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], how: dict[str, Any], what: str, remedy: str
) -> None:
    with Chatwoot(**how) as server:
        server.start()
        server.add_webhook("https://other.example.com/")
        given = {"base_url": server.url, "api_access_token": TOKEN, "webhooks": [OURS], **arguments}
        message = VendorModule(chatwoot_webhook, capsys).fails(**given)
    assert what in message
    assert remedy in message


def test_an_answer_of_another_form(module: VendorModule, server: Chatwoot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "reply", lambda _asked: Reply(200, {"payload": 5}))
    assert "no list of webhooks" in module.fails()


def test_a_change_that_is_forgotten_is_an_error(
    module: VendorModule, server: Chatwoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "add_webhook", lambda *_args: 1)
    monkeypatch.setattr(server, "_shown", lambda _number: {"id": 1})
    assert "did not keep what it was told" in module.fails()


def test_what_was_done_before_a_failure_is_told(module: VendorModule, server: Chatwoot) -> None:
    server.fault("500@PATCH")
    server.add_webhook(f"{URL}2", ["message_created"])
    done = module.run(webhooks=[OURS, {**OURS, "url": f"{URL}2"}])
    assert done.answer["error"]["data"]["done"] == [f"create {URL}"]


def test_all_wrong_arguments_at_once(module: VendorModule, server: Chatwoot) -> None:
    wrong = [
        {"url": "ftp://a.example.com/", "subscriptions": EVENTS},
        {"url": f"{URL}?token=the-token-in-the-url", "subscriptions": EVENTS},
        {"url": URL, "token": "xq7zk"},
        {"url": URL, "state": "absent"},
    ]
    message = module.fails(webhooks=wrong)
    for part in ("no http(s) address", "belongs into the option token", "no subscriptions", "too short", "named twice"):
        assert part in message
    assert "the-token-in-the-url" not in message
    assert server.lines == []


def test_a_token_never_goes_over_the_open_net(module: VendorModule) -> None:
    assert "without TLS" in module.fails(base_url="http://chat.example.com")
