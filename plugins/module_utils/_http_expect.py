# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: which HTTP answer is the right one.

Pure. JSON is compared as a subset: only what was asked for is looked at, and only that is ever quoted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .agent._redact import looks_secret

_MISSING = object()


@dataclass(frozen=True)
class Expect:
    """The right answer: any of these statuses, these JSON values, this text."""

    status: tuple[int, ...] = (200,)
    json: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


def mismatch(expect: Expect, body: str) -> str:
    """Why ``body`` is not what was expected, as the end of a sentence; '' if it is."""
    if expect.text and expect.text not in body:
        return f"the text {_quoted(expect.text)} is not in it"
    if not expect.json:
        return ""
    try:
        data = json.loads(body)
    except ValueError:
        return "it is not JSON"
    for key, wanted in expect.json.items():
        seen = lookup(data, key)
        if seen is _MISSING:
            return f"it has no {key}"
        if not covers(seen, wanted):
            if looks_secret(key) or isinstance(seen, (dict, list)):
                return f"{key} differs from what was expected"
            return f"{key} is {_quoted(seen)}, expected was {_quoted(wanted)}"
    return ""


def matched(expect: Expect, body: str) -> dict[str, Any]:
    """The values at the keys that were asked for (never one whose name says that it is secret)."""
    try:
        data = json.loads(body) if expect.json else None
    except ValueError:
        return {}
    found = {key: lookup(data, key) for key in expect.json if not looks_secret(key)}
    return {key: value for key, value in found.items() if isinstance(value, (str, int, float, bool, type(None)))}


def lookup(data: Any, key: str) -> Any:
    """The value at ``key``, which may be dotted (``message.items.0.name``); ``_MISSING`` if there is none.

    A key that really contains the dots wins.
    """
    if isinstance(data, dict) and key in data:
        return data[key]
    head, dot, rest = key.partition(".")
    if isinstance(data, dict) and dot and head in data:
        return lookup(data[head], rest)
    if isinstance(data, list) and head.isdigit() and int(head) < len(data):
        return lookup(data[int(head)], rest) if dot else data[int(head)]
    return _MISSING


def covers(seen: Any, wanted: Any) -> bool:
    """Whether ``seen`` contains all of ``wanted``: mappings as subsets, all else equal (1 is not true)."""
    if isinstance(wanted, Mapping):
        return isinstance(seen, dict) and all(
            (found := lookup(seen, str(key))) is not _MISSING and covers(found, value) for key, value in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        same_size = isinstance(seen, list) and len(seen) == len(wanted)
        return same_size and all(covers(a, b) for a, b in zip(seen, wanted, strict=True))
    return bool(seen == wanted) and isinstance(seen, bool) == isinstance(wanted, bool)


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
