# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against endpoints that do what the real apps were seen to do, with and without a front door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.modules import webhook_delivery
from tests.fake.receivers import SECRET, TOKEN, Receiver
from tests.unit.plugins.modules.vendors import VendorModule

# The matrix, its secret and the app whose endpoint it is for.
WHOLE = [
    ("woocommerce", SECRET, "jarz"),
    ("diamondcasa", SECRET, "diamondcasa"),
    ("chatwoot", SECRET, "verifying"),
    ("chatwoot_token", TOKEN, "chat_bridge"),
]


@pytest.fixture
def module(capsys: pytest.CaptureFixture[str]) -> VendorModule:
    module = VendorModule(webhook_delivery, capsys)
    module.arguments = {"timeout": 5}
    return module


@pytest.fixture
def jarz() -> Iterator[Receiver]:
    with Receiver(repaired=True) as server:
        server.start()
        yield server


def kinds(result: dict[str, Any]) -> dict[str, str]:
    """The deliveries whose answers were wrong."""
    return {one["name"]: one["kind"] for one in result["deliveries"] if one["kind"] != "ok"}


@pytest.mark.parametrize(("matrix", "secret", "app"), WHOLE)
def test_behind_a_front_door_every_verdict_is_right(module: VendorModule, matrix: str, secret: str, app: str) -> None:
    with Receiver(app=app, repaired=True) as server:
        server.start()
        result = module.ok(url=f"{server.url}/hook", matrix=matrix, secret=secret)
        queued = len(server.queued)
    assert kinds(result) == {}
    assert result["summary"]["ok"] == result["summary"]["total"] == len(result["deliveries"])
    assert queued == sum(1 for one in result["deliveries"] if one["signature"] == "valid" and one["method"] == "POST")


# App, its state -> what the matrix finds.
OPEN: list[tuple[str, str, str, dict[str, Any], dict[str, str]]] = [
    # jarz as published: the oracle answers through the body even behind the door.
    ("woocommerce", SECRET, "jarz", {}, {"oracle in the body": "leak"}),
    (
        "woocommerce",
        SECRET,
        "jarz",
        {"door": False},
        {"oracle in the body": "leak", "oracle in the query": "leak", "GET": "let_in"},
    ),
    # Fail-open: a site without a webhook secret lets everything in.
    (
        "woocommerce",
        SECRET,
        "jarz",
        {"repaired": True, "secret": ""},
        dict.fromkeys(("unsigned", "wrong", "hex", "other body", "oracle in the body"), "let_in"),
    ),
    (
        "diamondcasa",
        SECRET,
        "diamondcasa",
        {"secret": ""},
        dict.fromkeys(("unsigned", "wrong", "base64", "raw body", "other body"), "let_in"),
    ),
    ("diamondcasa", "another-secret-than-theirs", "diamondcasa", {}, {"valid": "refused"}),
    ("diamondcasa", SECRET, "diamondcasa", {"door": False}, {"GET": "wrong_answer"}),
    # chat_bridge without a door: open to everybody, and closed to a real Chatwoot.
    (
        "chatwoot_token",
        TOKEN,
        "chat_bridge",
        {"door": False},
        {
            "right token, signed by Chatwoot 4.11.2": "refused",
            "no token": "let_in",
            "wrong token": "let_in",
            "wrong token, text/plain": "let_in",
            "wrong token in the body": "let_in",
            "signature without token": "let_in",
        },
    ),
    ("chatwoot", "another-secret-than-theirs", "verifying", {}, {"valid": "refused"}),
]


@pytest.mark.parametrize(("matrix", "secret", "app", "how", "wrong"), OPEN)
def test_what_is_wrong_is_found(
    module: VendorModule, matrix: str, secret: str, app: str, how: dict[str, Any], wrong: dict[str, str]
) -> None:
    with Receiver(app=app, **how) as server:
        server.start()
        arguments: dict[str, Any] = {"url": f"{server.url}/hook", "matrix": matrix, "secret": secret}
        found = kinds(module.ok(fail=False, **arguments))
        message = module.fails(**arguments)
    assert found == wrong
    assert message.startswith(f"{len(wrong)} of ")
    assert len(message.splitlines()) == len(wrong) + 1, "one line for each"


def test_neither_secret_nor_signature_is_in_any_output(module: VendorModule) -> None:
    with Receiver(app="jarz", door=False) as server:
        server.start()
        done = module.run(url=f"{server.url}/hook", matrix="woocommerce", secret=SECRET)
        signatures = {asked.headers.get("x-wc-webhook-signature", SECRET) for asked in server.asked}
    assert "leak" in done.output
    assert not [value for value in {*signatures, SECRET} if value in done.output]
    with Receiver(app="chat_bridge", door=False) as server:
        server.start()
        done = module.run(url=f"{server.url}/hook", matrix="chatwoot_token", secret=TOKEN)
    assert TOKEN not in done.output


def test_check_mode_sends_nothing_and_says_what_it_would(module: VendorModule, jarz: Receiver) -> None:
    result = module.ok(check=True, url=f"{jarz.url}/hook", matrix="woocommerce", secret=SECRET)
    assert jarz.lines == []
    assert result["changed"] is True
    assert {one["kind"] for one in result["deliveries"]} == {"skipped"}
    wanted = "not sent in check mode: POST, signature hex, expecting 401, 403"
    assert wanted in [one["message"] for one in result["deliveries"]]


@pytest.mark.parametrize("check", [True, False])
def test_a_harmless_body_is_no_change(module: VendorModule, jarz: Receiver, check: bool) -> None:
    arguments: dict[str, Any] = {"url": f"{jarz.url}/hook", "matrix": "woocommerce", "secret": SECRET}
    assert module.ok(check, **arguments)["changed"] is True
    assert module.ok(check, harmless_body=True, **arguments)["changed"] is False
    refused = {"name": "only", "signature": "wrong"}
    only = {**arguments, "matrix": None, "scheme": "woocommerce", "body": {"id": 1}, "deliveries": [refused]}
    assert module.ok(check, **only)["changed"] is False, "what is refused changes nothing"


def test_the_matrix_can_be_changed_and_completed(module: VendorModule, jarz: Receiver) -> None:
    result = module.ok(
        url=f"{jarz.url}/hook?site=a",
        matrix="woocommerce",
        secret=SECRET,
        body={"id": 77},
        topic="customer.updated",
        deliveries=[
            {"name": "ping", "expect_json": {"message.ack": True}, "expect_status": [200]},
            {"name": "mine", "signature": "valid", "headers": {"X-Mine": "1"}, "body": '{"id":  78}'},
        ],
    )
    assert [one["name"] for one in result["deliveries"]][-1] == "mine"
    assert jarz.queued == [{"id": 77}, {"id": 78}]
    mine = jarz.asked[-1]
    assert (mine.headers["x-mine"], mine.headers["x-wc-webhook-topic"]) == ("1", "customer.updated")
    assert (mine.query, mine.body) == ({"site": "a"}, b'{"id":  78}')


def test_another_vendor_by_hmac(module: VendorModule) -> None:
    with Receiver(app="jarz") as server:
        server.start()
        result = module.ok(
            url=f"{server.url}/hook",
            scheme="hmac",
            hmac={"header": "X-WC-Webhook-Signature", "encoding": "base64"},
            matrix="hmac",
            body={"id": 5},
            secret=SECRET,
        )
    assert result["summary"] == {"total": 4, "ok": 4, "failed": 0, "entered": 1}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("drop", "upstream_down", "disconnected"),
        ("502", "upstream_down", "502"),
        ("500", "wrong_answer", "newest Error Log"),
        ("slow=1", "timeout", "timed out"),
    ],
)
def test_an_endpoint_that_is_ill(module: VendorModule, jarz: Receiver, fault: str, kind: str, words: str) -> None:
    jarz.fault(fault)
    one = {"name": "valid", "signature": "valid"}
    arguments: dict[str, Any] = {
        "url": f"{jarz.url}/hook",
        "scheme": "woocommerce",
        "secret": SECRET,
        "deliveries": [one],
    }
    result = module.run(**arguments, timeout=0.3)
    assert result.answer["deliveries"][0]["kind"] == kind
    assert words in result.msg


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"secret": ""}, "let everything in"),
        ({"secret": "xq7zk"}, "too short"),
        ({"matrix": None}, "scheme or matrix"),
        ({"matrix": None, "scheme": "hmac", "deliveries": [{"name": "a"}]}, "hmac: {header"),
        ({"matrix": None, "scheme": "woocommerce"}, "neither matrix nor deliveries"),
        ({"url": "nonsense"}, "url is not valid"),
        ({"timeout": 0}, "timeout is out of range"),
        ({"deliveries": [{"name": "a", "signature": "stale"}]}, "does not fit the scheme"),
        ({"matrix": "diamondcasa", "body": {"order": 1}}, '{"data": {...}}'),
        ({"body": "text"}, "need a body that is a mapping"),
        ({"headers": {"X-A": "a\nb"}}, "characters that no header may have"),
    ],
)
def test_bad_arguments(module: VendorModule, jarz: Receiver, arguments: dict[str, Any], words: str) -> None:
    given = {"url": f"{jarz.url}/hook", "matrix": "woocommerce", "secret": SECRET, **arguments}
    assert words in module.fails(**given)
    assert jarz.lines == []


@pytest.mark.parametrize(
    ("check", "arguments", "words"),
    [
        (False, {}, "ca_path cannot be read"),
        (False, {"secret": ""}, "let everything in"),
        (False, {"timeout": 0, "secret": ""}, "timeout is out of range"),
        (True, {"secret": ""}, "let everything in"),
    ],
)
def test_certificates_are_read_last(
    module: VendorModule, jarz: Receiver, check: bool, arguments: dict[str, Any], words: str
) -> None:
    given = {"url": f"{jarz.url}/hook", "matrix": "woocommerce", "secret": SECRET, "ca_path": "/nonexistent.pem"}
    assert words in module.fails(check, **{**given, **arguments})
    assert module.ok(check=True, **given)["summary"]["failed"] == 0, "not in check mode, which sends nothing"
