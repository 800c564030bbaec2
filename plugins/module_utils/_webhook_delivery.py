# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what the answers to webhook deliveries prove, and the table of failures.

Pure but for ``send``. A delivery is sent once: sending one again could queue it twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ._http_classify import classify, exception_name
from ._http_client import Answer
from ._http_expect import lookup, matched, mismatch
from ._http_probe import Send
from ._http_remedies import remedy_for
from ._webhook_matrices import REFUSED
from ._webhook_requests import Delivery

_PLAIN_REFUSALS = (401, 403, 405)


def deliver(delivery: Delivery, send: Send, timeout: float) -> dict[str, Any]:
    """Send one and say what its answer proves."""
    answer = send(delivery.request, timeout)
    kind, message, remedy = judge(delivery, answer)
    return {
        **_row(delivery),
        "status": answer.status,
        "ok": kind == "ok",
        "kind": kind,
        "entered": entered(answer),
        "ms": answer.ms,
        "message": message,
        "remedy": remedy,
        "json": matched(delivery.expect, answer.body),
    }


def judge(delivery: Delivery, answer: Answer) -> tuple[str, str, str]:
    """Kind, what was seen, and what to do: ``ok``, ``leak``, ``let_in``, ``refused``, ``wrong_answer`` or the transport's."""
    said = "\n".join([answer.body, *answer.headers.values()])
    status = answer.status
    if any(value in said for value in delivery.secrets):
        return (
            "leak",
            f"HTTP {status}, and the answer tells the right signature or the secret",
            "take the endpoint off the network (or block the request that asks for it in front), then change the secret",
        )
    if told := [text for text in delivery.forbid_text if text in answer.body]:
        return _forbidden(delivery, status, told[0])
    if status is None:
        verdict = classify(None, error=answer.error, expect=delivery.expect)
        return verdict.kind, verdict.message, remedy_for(verdict.kind, "", delivery.shown_url)
    name = exception_name(answer.body)
    seen = f"HTTP {status}{f' ({name})' if name else ''}"
    if status not in delivery.expect.status:
        wanted = ", ".join(map(str, delivery.expect.status))
        return _wrong_status(delivery, status, f"{seen}, expected was {wanted}")
    if wrong := mismatch(delivery.expect, answer.body):
        return ("refused" if delivery.shall_enter else "wrong_answer"), f"{seen}, but {wrong}", _COMPARE
    if held := [key for key in delivery.forbid_json if _holds(answer.body, key)]:
        return "let_in", f"{seen}, but the answer has {held[0]}", _CLOSE_THE_DOOR
    plain = status < 400 or status in _PLAIN_REFUSALS
    if delivery.refusal_text and not plain and delivery.refusal_text not in answer.body:
        return "let_in", f"{seen}, but not because of the signature", _CLOSE_THE_DOOR
    return "ok", seen, ""


def entered(answer: Answer) -> bool:
    """Whether the endpoint took it as a delivery, so that it may have changed something."""
    return answer.status is not None and 200 <= answer.status < 300


def would(delivery: Delivery) -> dict[str, Any]:
    """The result in check mode, in which nothing is sent."""
    wanted = ", ".join(map(str, delivery.expect.status))
    message = f"not sent in check mode: {delivery.request.method}, signature {delivery.signature}, expecting {wanted}"
    return {
        **_row(delivery),
        "status": None,
        "ok": False,
        "kind": "skipped",
        "entered": False,
        "ms": 0.0,
        "message": message,
        "remedy": "",
        "json": {},
    }


def failure_text(results: Iterable[Mapping[str, Any]]) -> str:
    """Every failed delivery in one table, with its remedy; '' if none failed."""
    results = list(results)
    failed = [one for one in results if not one["ok"] and one["kind"] != "skipped"]
    if not failed:
        return ""
    width = max(len(one["name"]) for one in failed)
    lines = [f"  {one['name']:<{width}}  {one['kind']}: {one['message']}. {one['remedy']}" for one in failed]
    return "\n".join([f"{len(failed)} of {len(results)} deliveries to {failed[0]['url']} failed:", *lines])


_CLOSE_THE_DOOR = (
    "set the secret in the app and, where the app does not check it, ask for it in front of the app (nginx: return 403)"
)
_COMPARE = (
    "compare the secret in the app with the one given here, and see that nothing on the way changes the body or takes "
    "the signature's header away"
)


def _forbidden(delivery: Delivery, status: int | None, text: str) -> tuple[str, str, str]:
    if delivery.shall_enter:
        return "refused", f"HTTP {status}, with the text {text!r}", _COMPARE
    return (
        "leak",
        f"HTTP {status}, with the text {text!r}",
        "block such requests in front of the app, and install a version of it that does not tell the right signature",
    )


def _wrong_status(delivery: Delivery, status: int, seen: str) -> tuple[str, str, str]:
    if 200 <= status < 300:
        return "let_in", seen, _CLOSE_THE_DOOR
    if delivery.shall_enter and status in (*REFUSED, 417):
        return "refused", seen, _COMPARE
    if status in (502, 503, 504):
        return "upstream_down", seen, remedy_for("upstream_down", "", delivery.shown_url)
    return "wrong_answer", seen, "see that url is the endpoint's, and read the newest Error Log of the site"


def _holds(body: str, key: str) -> bool:
    """Whether the answer has a value (other than null and false) at this place."""
    try:
        found = lookup(json.loads(body), key)
    except ValueError:
        return False
    return isinstance(found, (str, int, float, list, dict)) and found is not False


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "name": delivery.name,
        "url": delivery.shown_url,
        "method": delivery.request.method,
        "signature": delivery.signature,
    }
