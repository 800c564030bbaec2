# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: the small language of ``site_task`` -- conditions, counts and pages."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._errors import ErpopsError

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"^\s*([A-Za-z_][\w.]*)\s*(==|!=|>=|<=|>|<)\s*(\S+)\s*$")
_WORDS = {"true": True, "false": False, "none": None, "null": None}

# Counts whose being above zero means that the task changed something, unless the user says otherwise.
CHANGING_COUNTS = ("created", "updated", "deleted", "migrated", "cancelled")


@dataclass(frozen=True)
class Condition:
    """``<name> <operator> <name | number | true | false>``, e.g. ``errors > 0`` or ``processed < fetched``."""

    left: str
    sign: str
    right: str

    @classmethod
    def parse(cls, text: str) -> Condition:
        """:raises ErpopsError: (400) it is not of that form."""
        found = _CONDITION.match(text)
        if not found:
            raise ErpopsError(
                "cannot read this condition",
                object=text,
                needed="such as `errors > 0` or `has_more == false`",
                status=400,
            )
        return cls(*found.groups())

    def holds(self, values: dict[str, Any]) -> bool:
        """Whether it is true of ``values`` (an answer, or the counts).

        :raises ErpopsError: (422) a name in it is not among them, or the two cannot be compared.
        """
        left = dig(values, self.left)
        right: Any
        if self.right.lower() in _WORDS:
            right = _WORDS[self.right.lower()]
        else:
            try:
                right = float(self.right)
            except ValueError:
                quoted = self.right[:1] in "'\"" and self.right[-1:] == self.right[:1]
                right = self.right[1:-1] if quoted else dig(values, self.right)
        if isinstance(right, bool) and isinstance(left, int):
            left = bool(left)
        try:
            return bool(_OPERATORS[self.sign](left, right))
        except TypeError as exc:
            raise ErpopsError("cannot compare", object=str(self), seen=f"{left!r} and {right!r}", status=422) from exc

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


def dig(values: Any, path: str) -> Any:
    """``values["a"]["b"]`` for ``a.b``. :raises ErpopsError: (422) the answer has no such key; lists its keys."""
    here = values
    for part in path.split("."):
        if not isinstance(here, dict) or part not in here:
            known = ", ".join(sorted(str(key) for key in here)) if isinstance(here, dict) else type(here).__name__
            raise ErpopsError(f"the method's answer has no {path!r}", seen=known or "an empty answer", status=422)
        here = here[part]
    return here


def count_answer(answer: Any, counts: dict[str, str]) -> dict[str, int]:
    """The counts of one answer: result name -> whole number found at a dotted key of it.

    :raises ErpopsError: (422) a key is missing or is no number.
    """
    found = {}
    for name, path in counts.items():
        value = dig(answer, path)
        if isinstance(value, (list, dict)):
            value = len(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ErpopsError(f"count {name!r} is no number", object=path, seen=type(value).__name__, status=422)
        found[name] = int(value)
    return found


def add_counts(totals: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    """Totals after one more page."""
    return {name: totals.get(name, 0) + more.get(name, 0) for name in {**totals, **more}}


def is_change(totals: dict[str, int], changed_counts: list[str] | None) -> bool:
    """Whether these totals mean that something was changed."""
    names = changed_counts if changed_counts is not None else [name for name in CHANGING_COUNTS if name in totals]
    if not names and not totals:
        return True  # nothing is known of what the method did
    return any(totals.get(name, 0) > 0 for name in names)


def failures(totals: dict[str, int], conditions: list[str]) -> list[str]:
    """The ``fail_when`` conditions that hold, each with the numbers that made it so."""
    found = []
    for text in conditions:
        condition = Condition.parse(text)
        if condition.holds(totals):
            numbers = ", ".join(
                f"{name}={totals[name]}" for name in (condition.left, condition.right) if name in totals
            )
            found.append(f"{condition} ({numbers})")
    return found


def check_task(args: dict[str, Any]) -> None:
    """:raises ErpopsError: (400) a condition cannot be read, names a count that is not declared, or pages are enqueued."""
    growth = args.get("growth") or {}
    for name, records in growth.items():
        if not (isinstance(records, dict) and records.get("doctype")) or records.keys() - {"doctype", "filters"}:
            raise ErpopsError(
                "cannot read this growth",
                object=name,
                seen=str(records),
                needed="such as {doctype: Sales Invoice, filters: {docstatus: 1}}",
                status=400,
            )
    both = sorted(growth.keys() & (args.get("counts") or {}).keys())
    if both:
        raise ErpopsError("counts and growth name the same", seen=", ".join(both), needed="two names", status=400)
    declared = {*(args.get("counts") or {}), *growth}
    for text in args.get("fail_when") or []:
        condition = Condition.parse(text)
        for name in (condition.left, condition.right):
            if re.match(r"^[A-Za-z_]", name) and name.lower() not in _WORDS and name not in declared:
                raise ErpopsError(
                    f"fail_when names {name!r}, which is not among the counts",
                    object=text,
                    needed=", ".join(sorted(declared)) or "a `counts` mapping",
                    status=400,
                )
    paging = args.get("paging")
    if paging:
        Condition.parse(paging["until"])
    if paging and args.get("mode") == "enqueued":
        raise ErpopsError("a task that is enqueued is one call: it has no pages", needed="mode: inline", status=400)
