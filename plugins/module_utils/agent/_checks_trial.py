# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: checks that try something and take it back -- saving a document, calling a method."""

from __future__ import annotations

import json
import traceback
from typing import Any

from .._errors import ErpopsError
from ._checks_outcome import Outcome, cut, judged, listed
from ._context import plain_text
from ._held import held_back
from ._redact import shown
from ._task_plan import dig


def raised(exc: BaseException) -> str:
    """What an exception says, and the app, file and line where it was raised."""
    text, kind = cut(plain_text(exc), 240), type(exc).__name__
    said = text if kind in text else f"{kind}: {text}".removesuffix(": ")
    frames = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(exc.__traceback__)]
    return said + (f" (in {where})" if (where := blame(frames)) else "")


def blame(frames: list[tuple[str, int]]) -> str:
    """``app/path:line`` of the innermost frame in an app other than the framework, or else in the framework."""
    inside = [(path.rpartition("/apps/")[2], line) for path, line in frames if "/apps/" in path]
    own = [(path, line) for path, line in inside if not path.startswith("frappe/")]
    path, line = (own or inside or [("", 0)])[-1]
    return f"{path}:{line}" if path else ""


def savable(look: Any, args: dict[str, Any]) -> Outcome:
    """A document of this DocType can be inserted (and submitted); it is gone afterwards in any case."""
    doctype = args["doctype"]
    look.meta(doctype)
    frappe, started = look.frappe, look.start(0)
    faults: list[str] = []
    doc: Any = None
    with held_back(frappe, network=False) as held:
        try:
            doc = frappe.get_doc({**args["values"], "doctype": doctype})
            doc.flags.ignore_permissions = True
            doc.insert(ignore_permissions=True)
            if args.get("submit"):
                doc.submit()
        except (Exception, SystemExit) as exc:  # noqa: BLE001 -- what an app raises while saving is the finding
            faults.append(raised(exc))
    name = str(getattr(doc, "name", None) or "")
    seen = f"saved as {name} and taken back" + (f"; {held}" if str(held) else "")
    if held.schema and not faults:
        faults.append(f"{held}, so that it cannot be tried without a trace")
    elif str(held) and faults:
        faults.append(str(held))
    hint = ""
    left = _leftover(look, doctype, name, started)
    if left:
        faults.append(left)
        hint = "repair the app that commits on a connection of its own while a document is saved"
    what = "saved and submitted" if args.get("submit") else "saved"
    return judged(faults, seen, f"a {doctype} is {what} without an exception", hint=hint)


def _leftover(look: Any, doctype: str, name: str, started: str) -> str:
    """Remove the scratch document if it is there in spite of the rollback; what is to be said of it."""
    frappe = look.frappe
    if not name:
        return ""
    frappe.clear_document_cache(doctype, name)
    made = frappe.db.get_value(doctype, name, "creation")
    if not made or str(made) < started:
        return ""
    frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
    frappe.db.commit()
    return f"{doctype} {name} was committed behind the framework's back; it was deleted again"


def answer_faults(answer: Any, args: dict[str, Any]) -> list[str]:
    """Where a method's answer differs from ``expect``, ``expect_min`` and ``expect_max`` (dotted keys of it).

    A list counts by its length; an answer that is no mapping has the key ``answer``.
    """
    values = answer if isinstance(answer, dict) else {"answer": answer}
    faults = []
    for what in ("expect", "expect_min", "expect_max"):
        for path, wanted in args.get(what, {}).items():
            try:
                found = dig(values, path)
            except ErpopsError as exc:
                faults.append(f"no {path} ({exc.seen})")
                continue
            if not fits(what, found, wanted):
                faults.append(f"{path} is {cut(json.dumps(shown(path.rpartition('.')[2], found), default=str), 80)}")
    return faults


def fits(what: str, found: Any, wanted: Any) -> bool:
    """Whether a value is the expected one, or a number (or length) on the right side of it."""
    if what == "expect":
        return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)
    if isinstance(found, (list, dict)):
        found = len(found)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    return bool(found >= wanted) if what == "expect_min" else bool(found <= wanted)


def method(look: Any, args: dict[str, Any]) -> Outcome:
    """A method answers as expected; what it wrote is rolled back, what it sent to other systems is not."""
    frappe, name = look.frappe, args["method"]
    needed = [f"{path} {json.dumps(value, default=str)}" for path, value in args.get("expect", {}).items()]
    needed += [f"{path} at least {number:g}" for path, number in args.get("expect_min", {}).items()]
    needed += [f"{path} at most {number:g}" for path, number in args.get("expect_max", {}).items()]
    with held_back(frappe, network=True) as held:
        try:
            if "user" in args:
                frappe.set_user(args["user"])
            answer = frappe.get_attr(name)(**args.get("kwargs", {}))
            faults = answer_faults(answer, args)
        except (Exception, SystemExit) as exc:  # noqa: BLE001 -- whatever it raises is the finding
            answer, faults = None, [raised(exc)]
    seen = "answered" + (f"; {held}" if str(held) else "")
    return judged(faults, seen, "an answer with " + listed(needed, 20) if needed else "an answer without an exception")


CHECKS = {"savable": savable, "method": method}
