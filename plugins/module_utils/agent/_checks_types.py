# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: the types that the arguments of checks have, and reading values as them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def _texts(value: Any) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(item, str) and item for item in values):
        raise ValueError("a list of texts")
    return list(values)


def _number(value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise ValueError("a number") from None


def _count(value: Any) -> int:
    number = _number(value)
    if number != int(number) or number < 0:
        raise ValueError("a whole number, 0 or more")
    return int(number)


def _flag(value: Any) -> bool:
    # What Ansible hands on from a command line is text.
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "1": True, "0": False}
    word = str(value).lower()
    if word not in words:
        raise ValueError("true or false")
    return words[word]


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError("a mapping")
    return {str(key): item for key, item in value.items()}


def _kwargs(value: Any) -> dict[str, Any]:
    return {} if value == {} else _mapping(value)


def _counts(value: Any) -> dict[str, int]:
    return {key: _count(item) for key, item in _mapping(value).items()}


def _numbers(value: Any) -> dict[str, float]:
    return {key: _number(item) for key, item in _mapping(value).items()}


def _labels(value: Any) -> dict[str, str]:
    return {key: _text(item) for key, item in _mapping(value).items()}


def _filters(value: Any) -> Any:
    if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, list) for item in value)):
        return value
    raise ValueError("Frappe filters: a mapping, or a list of lists")


TYPES: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "texts": _texts,
    "number": _number,
    "count": _count,
    "flag": _flag,
    "mapping": _mapping,
    "kwargs": _kwargs,
    "counts": _counts,
    "numbers": _numbers,
    "labels": _labels,
    "filters": _filters,
    "any": lambda value: value,
}


def convert(how: str, value: Any) -> Any:
    """``value`` as the type ``how`` (a name of :data:`TYPES`, or ``a|b`` for a choice).

    :raises ValueError: it cannot be read as that; says what it must be.
    """
    if how in TYPES:
        return TYPES[how](value)
    if str(value) not in how.split("|"):
        raise ValueError(f"one of {', '.join(how.split('|'))}" if "|" in how else how)
    return str(value)
