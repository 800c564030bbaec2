# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""chat_bridge behind a real nginx: who gets through, by every way that leads to its webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake.chatwoot import signed_headers
from tests.integration.chat_bench import SECRET, SITE, ChatBench
from tests.integration.door import NGINX, WITHOUT_NGINX, Door, snippet
from tests.integration.looks import wait_until
from tests.unit.repository import ROOT

pytestmark = pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX)

HANDLE = "/api/method/chat_bridge.webhook.handle"
TYPING = {"event": "conversation_typing_on", "id": 1}
BY_BODY = {**TYPING, "cmd": "chat_bridge.webhook.handle"}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatBench]:
    made = ChatBench(tmp_path_factory.mktemp("door"))
    yield made
    made.door.stop()
    made.stop_web()


@pytest.mark.parametrize(
    ("headers", "query"), [({}, ""), ({}, "?token=wrong"), ({"X_Chatwoot_Event": "conversation_created"}, "")]
)
def test_the_app_alone_lets_everybody_in(behind: ChatBench, headers: dict[str, str], query: str) -> None:
    """Otherwise what follows would prove nothing."""
    assert behind.direct("POST", HANDLE + query, TYPING, **headers).verdict == (200, "success")


@pytest.mark.parametrize("path", ["/", "/api/method/ping", "/login", HANDLE + "/"])
def test_the_app_alone_lets_in_whoever_names_the_method_in_the_body(behind: ChatBench, path: str) -> None:
    assert behind.direct("POST", path, BY_BODY).verdict == (200, "success")


def genuine(body: bytes) -> dict[str, str]:
    """What Chatwoot 4.11.2 and later sends: signed with a secret of its own."""
    return {name.replace("-", "_"): value for name, value in signed_headers("a-secret", "1761100000", body).items()}


def test_the_app_alone_refuses_chatwoot(behind: ChatBench) -> None:
    body = b'{"event": "conversation_typing_on"}'
    answer = behind.direct("POST", f"{HANDLE}?token={SECRET}", body, Content_Type="application/json", **genuine(body))
    assert answer.verdict == (200, "error")
    assert answer.message["message"] == "Invalid webhook signature"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_deliveries_are_posted(behind: ChatBench, method: str) -> None:
    assert behind.door.ask(method, f"{HANDLE}?token={SECRET}").status == 405


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?token=",
        "?token=wrong",
        f"?token={SECRET}x",
        f"?token={SECRET[:-1]}",
        f"?token={SECRET.lower()}",
        f"?token=%{ord(SECRET[0]):x}{SECRET[1:]}",
        f"?token=x&token={SECRET}",
        f"?t%6Fken={SECRET}",
        f"?x=1#token={SECRET}",
    ],
)
def test_without_the_token_nothing_gets_in(behind: ChatBench, query: str) -> None:
    assert behind.door.ask("POST", HANDLE + query, TYPING).verdict == (403, "")


@pytest.mark.parametrize(
    "path",
    [
        HANDLE + "/",
        "/api/v1/method/chat_bridge.webhook.handle",
        "/api/v2/method/chat_bridge.webhook.handle",
        "/api/v2/method/chat_bridge.webhook.handle/",
        "//api//method/chat_bridge.webhook.handle",
        "/api/method/%63hat_bridge.webhook.handle",
        "/api/method/ping/../chat_bridge.webhook.handle",
        "/api/./method/chat_bridge%2Ewebhook%2Ehandle",
    ],
)
@pytest.mark.parametrize("query", ["", "?token=wrong"])
def test_other_spellings_of_the_address_lead_to_the_same_door(behind: ChatBench, path: str, query: str) -> None:
    assert behind.door.ask("POST", path + query, TYPING).verdict == (403, "")


def test_a_signature_is_no_ticket(behind: ChatBench) -> None:
    body = b'{"event": "conversation_typing_on"}'
    old = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    for headers in (genuine(body), {"X_Chatwoot_Signature": old}):
        answer = behind.door.ask("POST", HANDLE, body, Content_Type="application/json", **headers)
        assert answer.verdict == (403, "")


@pytest.mark.parametrize("given", ["genuine", "wrong", "none"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_with_the_token_a_delivery_gets_in_whatever_it_is_signed_with(behind: ChatBench, given: str, kind: str) -> None:
    body = b'{"event": "conversation_typing_on"}'
    headers = {"genuine": genuine(body), "wrong": {"X_Chatwoot_Signature": "0" * 64}, "none": {}}[given]
    answer = behind.door.ask("POST", f"{HANDLE}?token={SECRET}", body, Content_Type=kind, **headers)
    assert answer.verdict == (200, "success"), answer.text


@pytest.mark.parametrize("path", ["/", "/login", "/api/method/ping", "/api/resource/User", "/assets/x", "/app"])
@pytest.mark.parametrize("kind", ["json", "form", "query"])
def test_the_method_by_another_way_is_refused_by_the_app(behind: ChatBench, path: str, kind: str) -> None:
    method = "chat_bridge.webhook.handle"
    if kind == "json":
        answer = behind.door.ask("POST", path, BY_BODY)
    elif kind == "form":
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        answer = behind.door.ask("POST", path, f"cmd={method}", **form)
    else:
        query = "?cmd=chat%5Fbridge.webhook.handle"
        answer = behind.door.ask("POST", path + query, '{"event": "conversation_created"}', Content_Type="text/plain")
    assert answer.verdict == (200, "error")
    assert answer.message["message"] == "Invalid webhook signature"


def test_the_method_by_another_verb_does_not_run(behind: ChatBench) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert behind.door.ask(method, "/", BY_BODY).verdict[1] != "success"
        assert behind.door.ask(method, "/?cmd=chat_bridge.webhook.handle").verdict[1] != "success"


def test_the_rest_of_the_site_is_as_it_was(behind: ChatBench) -> None:
    for method, path, body in (
        ("GET", "/api/method/ping", None),
        ("POST", "/api/method/ping", {}),
        ("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}),
        ("POST", "/api/method/login", {"usr": "Administrator", "pwd": "wrong"}),
        ("POST", "/api/resource/User", {"email": "x@example.com"}),
        ("POST", "/nothing/here", {}),
        ("PUT", "/api/resource/User/x", {}),
    ):
        through, past = behind.door.ask(method, path, body), behind.direct(method, path, body)
        assert (through.status, through.text[:40]) == (past.status, past.text[:40]), (method, path)


def test_switched_off_the_app_says_so(behind: ChatBench) -> None:
    behind.settings(enable_sync=0)
    try:
        assert behind.door.ask("POST", f"{HANDLE}?token={SECRET}", TYPING).verdict == (200, "disabled")
        assert behind.door.ask("POST", HANDLE, TYPING).verdict == (403, "")
    finally:
        behind.settings(enable_sync=1)


def test_no_log_has_the_token_even_when_the_bench_is_gone(behind: ChatBench) -> None:
    behind.stop_web()
    try:
        assert behind.door.ask("POST", f"{HANDLE}?token={SECRET}", TYPING).status == 502
        elsewhere = behind.door.ask("POST", "/api/method/ping", {})
        assert (elsewhere.status, "<!doctype html>" in elsewhere.text.lower()) == (502, True)
    finally:
        behind.start_web()
    wait_until("the log is written", lambda: " 502 " in behind.door.log.read_text(), 5)
    log = behind.door.log.read_text()
    assert f'"POST {HANDLE} HTTP/1.1" 200' in log
    assert f'"POST {HANDLE} HTTP/1.1" 403' in log
    for path in (behind.door.log, behind.door.root / "error.log"):
        assert SECRET not in path.read_text()
    assert "connect() failed" in (behind.door.root / "error.log").read_text(), "what else failed is still told"


def matrix(behind: ChatBench, let_in: dict[str, str], port: int) -> dict[str, dict[str, Any]]:
    """The deliveries of webhook_delivery, as the role sends them, by their names."""
    valid = [
        {"name": name, "expect_json": let_in} for name in ("right token", "right token, signed by Chatwoot 4.11.2")
    ]
    arguments = {
        "url": f"http://{SITE}:{behind.door.port}{HANDLE}",
        "connect": f"127.0.0.1:{port}",
        "secret": SECRET,
        "matrix": "chatwoot_token",
        "body": {"event": "message_updated"},
        "deliveries": valid,
        "fail": False,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.erpops.frappe.plugins.modules.webhook_delivery"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert SECRET not in done.stdout
    return {row["name"]: row for row in json.loads(done.stdout)["deliveries"]}


def test_the_whole_matrix_through_the_door(behind: ChatBench) -> None:
    found = matrix(behind, {"message.status": "success"}, behind.door.port)
    assert {name: row["message"] for name, row in found.items() if not row["ok"]} == {}
    assert len(found) >= 8
    assert {name for name, row in found.items() if row["entered"]} == {
        "right token",
        "right token, signed by Chatwoot 4.11.2",
    }


@pytest.mark.parametrize("let_in", [{}, {"message.status": "disabled"}])
def test_the_whole_matrix_while_the_app_is_off(behind: ChatBench, let_in: dict[str, str]) -> None:
    behind.settings(enable_sync=0)
    try:
        found = matrix(behind, let_in, behind.door.port)
    finally:
        behind.settings(enable_sync=1)
    assert {name: row["message"] for name, row in found.items() if not row["ok"]} == {}


def test_without_the_door_the_matrix_is_not_met(behind: ChatBench) -> None:
    found = matrix(behind, {}, behind.web_port)
    assert {name for name, row in found.items() if row["kind"] == "let_in"} >= {"no token", "wrong token"}


def test_a_new_token_comes_before_the_old_one_goes(behind: ChatBench, tmp_path: Path) -> None:
    """As docs/rotate.md says: both are let in for a while, and nothing else."""
    new = SECRET[::-1]
    entered: list[dict[str, tuple[int, str]]] = []
    for step, text in enumerate((snippet(new, SECRET), snippet(new))):
        (tmp_path / str(step)).mkdir()
        door = Door(tmp_path / str(step), behind.bench.sites, behind.web_port, SITE, snippets={"chatwoot": text})
        try:
            tokens = {"new": new, "old": SECRET, "wrong": f"{SECRET}x", "none": "", "both": f"{SECRET}{new}"}
            entered.append({
                name: door.ask("POST", f"{HANDLE}?token={token}", TYPING).verdict for name, token in tokens.items()
            })  # fmt: skip
        finally:
            door.stop()
    refused = dict.fromkeys(("wrong", "none", "both"), (403, ""))
    assert entered == [
        {"new": (200, "success"), "old": (200, "success"), **refused},
        {"new": (200, "success"), "old": (403, ""), **refused},
    ]


@pytest.mark.parametrize("secret", ["", "short", 'x"; return 200; #' + "a" * 20, "$arg_token" + "a" * 20, "ä" * 30])
def test_a_secret_that_nginx_would_read_otherwise_is_refused(secret: str) -> None:
    with pytest.raises(Exception, match="24 to 128 characters"):
        snippet(secret)
    if secret:
        with pytest.raises(Exception, match="24 to 128 characters"):
            snippet(SECRET, secret)
