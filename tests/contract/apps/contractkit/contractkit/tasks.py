# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods for `site_task`: falsy answers, exceptions, writes and pages."""

from __future__ import annotations

from typing import Any

import frappe

FALSY: dict[str, Any] = {"none": None, "zero": 0, "false": False, "text": "", "list": [], "dict": {}}


def falsy(kind: str) -> Any:
    return FALSY[kind]


def write(code: str) -> dict[str, int]:
    """Make a widget and leave the commit to the caller."""
    frappe.get_doc({"doctype": "Kit Widget", "code": code, "title": "Made by a task"}).insert()
    return {"created": 1, "errors": 0}


def write_and_raise(code: str) -> None:
    """Make a widget, then refuse the way apps do."""
    write(code)
    frappe.throw("The task <b>refuses</b> on purpose")


def page(start: int, fail_at: int = -1, size: int = 3, total: int = 8) -> dict[str, Any]:
    """One page of a migration; the page that starts at `fail_at` raises after its first record."""
    here = range(start, min(start + size, total))
    for number in here:
        if start == fail_at and number > start:
            raise RuntimeError("the page fails on purpose")
        write(f"page-{number}")
    return {"processed": len(here), "created": len(here), "next_start": start + len(here), "done": here.stop >= total}


def tick() -> None:
    """Hourly: nothing."""


def quarter() -> None:
    """Every quarter of an hour: nothing."""


def report(status: str = "ok") -> dict[str, Any]:
    """An answer to look into; what it writes is nobody's business."""
    write("report")
    frappe.db.commit()
    frappe.enqueue("contractkit.tasks.tick", queue="short")
    return {
        "status": status,
        "counts": {"errors": 0, "done": 7},
        "items": [1, 2],
        "api_secret": "a-secret-of-the-report",
    }


def who() -> str:
    return str(frappe.session.user)
