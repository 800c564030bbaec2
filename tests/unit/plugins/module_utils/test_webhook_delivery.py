# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers -> verdicts, and the table of failures."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._http_client import Answer, Request
from ansible_collections.erpops.frappe.plugins.module_utils._http_expect import Expect
from ansible_collections.erpops.frappe.plugins.module_utils._webhook_delivery import (
    deliver,
    entered,
    failure_text,
    judge,
    would,
)
from ansible_collections.erpops.frappe.plugins.module_utils._webhook_requests import Delivery

RIGHT = "the-right-signature"
VALID = Delivery(
    "valid",
    "valid",
    Request("https://a.example.com/hook?token=x", "POST"),
    Expect((200,)),
    (),
    (),
    "",
    frozenset({RIGHT}),
)
WRONG = replace(VALID, name="wrong", signature="wrong", expect=Expect((401, 403)))
FRAPPE = replace(WRONG, expect=Expect((403, 417)), refusal_text="Invalid webhook signature")
QUEUED = replace(WRONG, expect=Expect((200, 403)), forbid_json=("message.queued",))
ORACLE = replace(WRONG, forbid_text=("expected_full",))


def page(status: int, body: Any = "", **headers: str) -> Answer:
    return Answer(status, headers, body if isinstance(body, str) else json.dumps(body))


CASES: list[tuple[Delivery, Answer, str, str]] = [
    (VALID, page(200), "ok", ""),
    (VALID, page(403), "refused", "compare the secret"),
    (VALID, page(417), "refused", "compare the secret"),
    (VALID, page(500), "wrong_answer", "Error Log"),
    (VALID, page(502), "upstream_down", "tail"),
    (VALID, page(302), "wrong_answer", "Error Log"),
    (VALID, Answer(error="ReadTimeout: timed out"), "timeout", "hang"),
    (VALID, Answer(error="certificate verify failed"), "tls", "openssl s_client"),
    (
        replace(VALID, expect=Expect((200,), {"message.status": "success"})),
        page(200, {"message": {}}),
        "refused",
        "compare",
    ),
    (replace(VALID, forbid_text=("bad signature",)), page(200, "bad signature"), "refused", "compare the secret"),
    (WRONG, page(403), "ok", ""),
    (WRONG, page(200), "let_in", "ask for it in front of the app"),
    (WRONG, page(204), "let_in", "set the secret in the app"),
    (WRONG, page(404), "wrong_answer", "see that url is the endpoint's"),
    (FRAPPE, page(417, "Invalid webhook signature"), "ok", ""),
    (FRAPPE, page(417, "'str' has no date"), "let_in", "set the secret"),
    (FRAPPE, page(403, "<center>nginx"), "ok", ""),
    (QUEUED, page(200, {"message": {"queued": True}}), "let_in", "set the secret"),
    (QUEUED, page(200, {"message": {"queued": False}}), "ok", ""),
    (QUEUED, page(200, {"message": {"ack": True}}), "ok", ""),
    (QUEUED, page(200, "no json"), "ok", ""),
    (ORACLE, page(403, "expected_full"), "leak", "block such requests"),
    # Whatever the status and wherever it stands.
    (WRONG, page(403, {"debug": RIGHT}), "leak", "change the secret"),
    (VALID, page(200, RIGHT), "leak", "change the secret"),
    (WRONG, page(403, "", Location=f"/?x={RIGHT}"), "leak", "change the secret"),
]


@pytest.mark.parametrize(("delivery", "answer", "kind", "words"), CASES)
def test_verdicts(delivery: Delivery, answer: Answer, kind: str, words: str) -> None:
    found, message, remedy = judge(delivery, answer)
    assert found == kind
    assert words in remedy
    assert bool(remedy) is (kind != "ok")
    assert RIGHT not in message + remedy


def test_the_exception_is_named() -> None:
    assert judge(VALID, page(500, {"exc_type": "TypeError"}))[1] == "HTTP 500 (TypeError), expected was 200"


def test_a_delivery_is_sent_once() -> None:
    sent: list[float] = []

    def send(_request: Request, timeout: float) -> Answer:
        sent.append(timeout)
        return Answer(error="Connection refused", ms=3.0)

    row = deliver(VALID, send, 7.0)
    assert sent == [7.0]
    assert (row["kind"], row["ok"], row["status"], row["entered"], row["ms"]) == (
        "connection_refused",
        False,
        None,
        False,
        3.0,
    )
    assert row["url"] == "https://a.example.com/hook?token=********"


@pytest.mark.parametrize(("status", "expected"), [(200, True), (204, True), (302, False), (417, False), (None, False)])
def test_what_entered(status: int | None, expected: bool) -> None:
    assert entered(Answer(status)) is expected


def test_check_mode_says_what_it_would_send() -> None:
    row = would(WRONG)
    assert (row["kind"], row["message"]) == (
        "skipped",
        "not sent in check mode: POST, signature wrong, expecting 401, 403",
    )
    assert failure_text([row]) == ""


def test_all_failures_are_one_table() -> None:
    rows = [deliver(one, lambda _request, _timeout: page(200), 1.0) for one in (VALID, WRONG, replace(WRONG, name="a"))]
    lines = failure_text(rows).splitlines()
    assert lines[0] == "2 of 3 deliveries to https://a.example.com/hook?token=******** failed:"
    assert lines[1].startswith("  wrong  let_in: HTTP 200, expected was 401, 403. set the secret")
    assert lines[2].startswith("  a      let_in")
    assert failure_text(rows[:1]) == ""
