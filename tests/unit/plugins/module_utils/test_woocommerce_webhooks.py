# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Current and wanted webhooks -> requests."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._woocommerce_webhooks import (
    Wanted,
    diff_of,
    plan,
    shown,
    wanted_of,
)

URL = "https://a.example.com/hook"
ORDER = Wanted("order.created", URL, secret="the-secret-12")


def there(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": "n", "topic": "order.created", "delivery_url": URL, "status": "active", **more}


def steps(wanted: list[Wanted], current: list[dict[str, Any]], **how: Any) -> list[tuple[str, int | None, list[str]]]:
    return [(step.verb, step.number, sorted(step.fields)) for step in plan(wanted, current, **how).steps]


NEW = ["delivery_url", "name", "secret", "status", "topic"]
CASES: list[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any], list[tuple[str, int | None, list[str]]]]] = [
    ({}, [], {}, [("create", None, NEW)]),
    ({}, [there()], {}, []),
    ({"name": "m"}, [there()], {}, [("update", 1, ["name"])]),
    ({"status": "paused"}, [there()], {}, [("update", 1, ["status"])]),
    ({}, [there(status="disabled")], {}, [("update", 1, ["status"])]),
    ({}, [there()], {"rotate": True}, [("update", 1, ["secret"])]),
    ({"secret": ""}, [there()], {"rotate": True}, []),
    ({}, [there(topic="order.updated")], {}, [("create", None, NEW)]),
    ({}, [there(delivery_url=f"{URL}/")], {}, [("create", None, NEW)]),
    ({"name": "n"}, [there(delivery_url="https://old/")], {"match_by": "name"}, [("update", 1, ["delivery_url"])]),
    ({"name": "n"}, [there(topic="a.b")], {"match_by": "name"}, [("update", 1, ["topic"])]),
    ({"state": "absent"}, [there(), there(2)], {}, [("delete", 1, []), ("delete", 2, [])]),
    ({"state": "absent"}, [there(topic="order.updated")], {}, []),
    ({}, [there(), there(2)], {}, []),
    ({}, [there(), there(2)], {"remove_duplicates": True}, [("delete", 2, [])]),
    ({}, [there(status="paused"), there(2)], {"remove_duplicates": True}, [("delete", 1, [])]),
]


@pytest.mark.parametrize(("wanted", "current", "how", "expected"), CASES)
def test_plan(
    wanted: dict[str, Any],
    current: list[dict[str, Any]],
    how: dict[str, Any],
    expected: list[tuple[str, int | None, list[str]]],
) -> None:
    one = Wanted(**{**vars(ORDER), **wanted})
    assert steps([one], current, **how) == expected


def test_a_secret_alone_is_nothing_that_can_be_read_back() -> None:
    assert plan([ORDER], [there()], rotate=True).visible == ()
    assert len(plan([ORDER], [there(status="paused")], rotate=True).visible) == 1


def test_without_a_secret_none_is_made() -> None:
    with pytest.raises(ErpopsError, match="without a secret") as raised:
        plan([Wanted("order.created", URL), Wanted("order.updated", URL)], [])
    assert raised.value.object.count(URL) == 2, "all at once"


def test_what_is_shown_holds_no_secret() -> None:
    token = f"{URL}?token=of-the-front-door"
    planned = plan([Wanted("a.b", token, secret="the-secret-12")], [there()])
    text = str(diff_of(planned, [there()])) + str(shown({"delivery_url": token})) + planned.steps[0].wanted.label
    assert "of-the-front-door" not in text
    assert "the-secret-12" not in text
    assert "token=********" in text


def test_the_diff_says_what_changes() -> None:
    diff = diff_of(plan([Wanted(**{**vars(ORDER), "status": "paused"})], [there()], rotate=True), [there()])
    label = f"order.created -> {URL} (1)"
    assert list(diff["before"]) == [label]
    before, after = diff["before"][label], diff["after"][label]
    assert (before["status"], after["status"], before["secret"]) == ("active", "paused", "(cannot be read)")
    gone = diff_of(plan([Wanted("order.created", URL, state="absent")], [there()]), [there()])
    assert (list(gone["before"]), gone["after"]) == ([label], {})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([{"topic": "order", "delivery_url": URL}], "not of the form"),
        ([{"topic": "Order.created", "delivery_url": URL}], "not of the form"),
        ([{"topic": "a.b", "delivery_url": "a.example.com"}], "no http(s) address"),
        ([{"topic": "a.b", "delivery_url": "http://[::1"}], "no http(s) address"),
        ([{"topic": "a.b", "delivery_url": "https://me:pw@a.example.com"}], "no http(s) address"),
        ([{"topic": "a.b", "delivery_url": "https://a.example.com/x y"}], "no http(s) address"),
        ([{"topic": "a.b", "delivery_url": URL, "secret": "1234567"}], "7 characters"),
        ([{"topic": "a.b", "delivery_url": URL}] * 2, "named twice"),
    ],
)
def test_faults(options: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(ErpopsError) as raised:
        wanted_of(options, "url")
    assert words in str(raised.value)
    assert "1234567" not in str(raised.value)


def test_names_are_needed_where_they_decide() -> None:
    assert (
        wanted_of([{"topic": "action.woocommerce_add_to_cart", "delivery_url": URL, "name": None}], "url")[0].name == ""
    )
    with pytest.raises(ErpopsError, match="match_by=name"):
        wanted_of([{"topic": "a.b", "delivery_url": URL}], "name")
