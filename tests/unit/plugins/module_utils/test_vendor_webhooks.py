# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps -> requests and what was kept of them; rows of results; addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._vendor_webhooks import Plan, Step, is_address, rows, settle


@dataclass(frozen=True)
class Wanted:
    label: str
    state: str = "present"


A, B = Wanted("a"), Wanted("b")
GONE = Wanted("a", "absent")
CREATE, UPDATE, DELETE = Step("create", A, None, {"x": 1}), Step("update", A, 3, {"x": 2}), Step("delete", A, 4)
SECRET = Step("update", A, 3, {"secret": "s"})
BOTH = Step("update", A, 3, {"secret": "s", "x": 2})


def planned(*steps: Step[Wanted], found: list[tuple[Wanted, dict[str, Any] | None]] | None = None) -> Plan[Wanted]:
    return Plan(steps, tuple(found or ()), ())


@dataclass
class Vendor:
    """Writes down what it is told, and refuses the request with the number ``refuses``."""

    left: Plan[Wanted]
    refuses: int = -1
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def settle(self, plan: Plan[Wanted]) -> Plan[Wanted]:
        return settle(
            plan,
            self.read,
            create=lambda fields: self.take("create", fields),
            update=lambda number, fields: self.take("update", number, fields),
            delete=lambda number: self.take("delete", number),
            who="the vendor",
            base="https://vendor.example.com",
            hint="look who changes them",
        )

    def read(self) -> Plan[Wanted]:
        self.asked.append(("read",))
        return self.left

    def take(self, *what: Any) -> None:
        if len(self.asked) == self.refuses:
            raise ErpopsError("refused", status=422, data={"kind": "unexpected"})
        self.asked.append(what)


@pytest.mark.parametrize(
    ("step", "visible"), [(CREATE, True), (UPDATE, True), (DELETE, True), (BOTH, True), (SECRET, False)]
)
def test_a_secret_alone_cannot_be_seen_by_reading_back(step: Step[Wanted], visible: bool) -> None:
    assert planned(step).visible == ((step,) if visible else ())


def test_steps_as_results_list_them() -> None:
    assert planned(CREATE, Step("delete", B, 7)).actions == ["create a", "delete b"]


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        ((), []),
        ((CREATE,), [("create", {"x": 1}), ("read",)]),
        ((UPDATE,), [("update", 3, {"x": 2}), ("read",)]),
        ((DELETE,), [("delete", 4), ("read",)]),
        ((DELETE, UPDATE), [("delete", 4), ("update", 3, {"x": 2}), ("read",)]),
    ],
)
def test_each_step_is_one_request_in_its_order_and_then_it_is_read(
    steps: tuple[Step[Wanted], ...], asked: list[tuple[Any, ...]]
) -> None:
    vendor = Vendor(planned(found=[(A, {"id": 3})]))
    plan = planned(*steps)
    assert vendor.settle(plan) is (vendor.left if steps else plan)
    assert vendor.asked == asked


@pytest.mark.parametrize(
    ("left", "seen"),
    [
        ((), ""),
        ((SECRET,), ""),
        ((UPDATE,), "update a is still needed"),
        ((SECRET, DELETE, Step("create", B)), "delete a is still needed; create b is still needed"),
    ],
)
def test_what_was_not_kept_is_an_error(left: tuple[Step[Wanted], ...], seen: str) -> None:
    vendor = Vendor(planned(*left))
    if not seen:
        assert vendor.settle(planned(UPDATE, SECRET)).steps == left
        return
    with pytest.raises(ErpopsError) as raised:
        vendor.settle(planned(UPDATE, SECRET))
    error = raised.value
    assert error.message == "the vendor did not keep what it was told"
    assert (error.object, error.seen, error.hint) == ("https://vendor.example.com", seen, "look who changes them")
    assert error.data == {"done": ["update a", "update a"]}


@pytest.mark.parametrize(("refuses", "done"), [(0, []), (1, ["create a"]), (2, ["create a", "update a"])])
def test_a_failure_half_way_tells_what_was_done(refuses: int, done: list[str]) -> None:
    vendor = Vendor(planned(), refuses)
    with pytest.raises(ErpopsError, match="refused") as raised:
        vendor.settle(planned(CREATE, UPDATE, DELETE))
    assert raised.value.data == {"kind": "unexpected", "done": done}
    assert (len(vendor.asked), ("read",) in vendor.asked) == (refuses, False), "nothing after it"


def shown(webhook: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": webhook.get("id"), "x": webhook.get("x")}


def gone(wanted: Wanted) -> dict[str, Any]:
    return {"id": None, "gone": wanted.label}


THERE = {"id": 3, "x": 0}
ROWS: list[tuple[str, Wanted, tuple[Step[Wanted], ...], dict[str, Any] | None, bool, dict[str, Any]]] = [
    ("kept", A, (), THERE, False, {"id": 3, "x": 0, "action": ""}),
    ("made", A, (CREATE,), {"id": 9, "x": 1}, False, {"id": 9, "x": 1, "action": "create"}),
    ("as read, not as told", A, (UPDATE,), THERE, False, {"id": 3, "x": 0, "action": "update"}),
    ("a duplicate removed", A, (DELETE,), THERE, False, {"id": 3, "x": 0, "action": ""}),
    ("removed and changed", A, (DELETE, UPDATE), THERE, False, {"id": 3, "x": 0, "action": "update"}),
    ("of another", A, (Step("update", B, 3, {"x": 5}),), THERE, True, {"id": 3, "x": 0, "action": ""}),
    ("check: kept", A, (), THERE, True, {"id": 3, "x": 0, "action": ""}),
    ("check: made", A, (CREATE,), None, True, {"id": None, "x": 1, "action": "create"}),
    ("check: changed", A, (UPDATE,), THERE, True, {"id": 3, "x": 2, "action": "update"}),
    ("check: removed and changed", A, (DELETE, UPDATE), THERE, True, {"id": 3, "x": 2, "action": "update"}),
    ("absent", GONE, (), None, False, {"id": None, "gone": "a", "action": ""}),
    ("deleted", GONE, (Step("delete", GONE, 3),), None, False, {"id": None, "gone": "a", "action": "delete"}),
    ("check: deleted", GONE, (Step("delete", GONE, 3),), THERE, True, {"id": None, "gone": "a", "action": "delete"}),
]


@pytest.mark.parametrize(("_name", "wanted", "steps", "now", "check", "row"), ROWS, ids=[case[0] for case in ROWS])
def test_rows(
    _name: str,
    wanted: Wanted,
    steps: tuple[Step[Wanted], ...],
    now: dict[str, Any] | None,
    check: bool,
    row: dict[str, Any],
) -> None:
    before = planned(*steps, found=[(wanted, THERE)])
    after = planned(found=[(wanted, now)])
    assert rows(before, after, check, shown, gone) == [row]


def test_there_is_a_row_for_each_in_their_order() -> None:
    found: list[tuple[Wanted, dict[str, Any] | None]] = [(B, None), (GONE, None), (A, THERE)]
    plan = planned(Step("create", B, None, {"x": 7}), found=found)
    assert [row["action"] for row in rows(plan, plan, True, shown, gone)] == ["create", "", ""]


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://a.example.com/hook", True),
        ("http://127.0.0.1:8000", True),
        ("https://a.example.com/hook?site=b&token=c", True),
        ("https://a.example.com/@me", True),
        ("", False),
        ("a.example.com/hook", False),
        ("ftp://a.example.com/", False),
        ("https:///hook", False),
        ("http://[::1", False),
        ("https://me:pw@a.example.com/", False),
        ("https://me@a.example.com/", False),
        ("https://a.example.com/x y", False),
        ("https://a.example.com/x\ny", False),
        ("https://a.example.com/\u200b", False),
    ],
)
def test_addresses(url: str, right: bool) -> None:
    assert is_address(url) is right
