# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: values of DocType fields -- when two are the same, and what a field can hold.

A *meta* is ``{fieldname: {"fieldtype", "options", "reqd"}}``.
"""

from __future__ import annotations

import difflib
import json
import math
from typing import Any

from .._errors import ErpopsError

TABLE_TYPES = ("Table", "Table MultiSelect")
NO_VALUE_TYPES = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Image", "Fold", "Heading")
_CHECK = {**dict.fromkeys(("1", "1.0", "true", "yes", "on"), 1), **dict.fromkeys(("0", "0.0", "false", "no", "off"), 0)}

Meta = dict[str, dict[str, Any]]


def normal(fieldtype: str, value: Any) -> Any:
    """A value in the one form in which two of its field type are compared."""
    if fieldtype == "Check":
        return _CHECK[str(value or 0).strip().lower()]
    if fieldtype in ("Int", "Long Int", "Duration"):
        return int(float(value or 0))
    if fieldtype in ("Float", "Currency", "Percent", "Rating"):
        return float(value or 0)
    if fieldtype == "JSON":
        return json.loads(value) if isinstance(value, str) and value.strip() else (value or None)
    if value is None:
        return ""
    text = str(value)
    if fieldtype in ("Datetime", "Time"):
        text = text.partition(".")[0]
    if fieldtype == "Time" and text:  # read back as a time span, whose hours have no leading zero
        hours, *rest = text.split(":")
        text = ":".join([str(int(hours)), *[*rest, "00", "00"][:2]])
    return text


def same(fieldtype: str, left: Any, right: Any) -> bool:
    """Whether two values of a field are the same to Frappe."""
    try:
        a, b = normal(fieldtype, left), normal(fieldtype, right)
    except (KeyError, TypeError, ValueError):
        return False
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return bool(a == b)


def stored(what: str, name: str, kind: str, value: Any) -> Any:
    """A value as it is handed to Frappe, which would take the text "yes" of a Check for 0.

    :raises ErpopsError: (400) the field cannot hold it.
    """
    try:
        found = normal(kind, value)
    except (KeyError, TypeError, ValueError) as exc:
        raise ErpopsError(f"field {name!r} cannot hold this value", object=what, needed=kind, status=400) from exc
    return found if kind == "Check" else value


def near(word: str, known: list[str]) -> str:
    """Names close to a misspelt one, for an error message."""
    lowered = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), list(lowered), n=3, cutoff=0.5)
    return ", ".join(lowered[name] for name in found) or "no name like it"


def check_fields(what: str, names: list[str], meta: Meta) -> None:
    """:raises ErpopsError: (404) a field is not of this DocType (lists near names); (400) it holds no value."""
    for name in names:
        if name not in meta:
            raise ErpopsError(
                f"has no field {name!r}", object=what, seen=name, needed=near(name, list(meta)), status=404
            )
        if meta[name]["fieldtype"] in NO_VALUE_TYPES:
            raise ErpopsError(
                f"field {name!r} is a {meta[name]['fieldtype']} and holds no value", object=what, status=400
            )
