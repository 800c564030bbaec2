# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: checks of plain data that collect every fault instead of stopping at the first.

Pure. ``Reader`` knows shapes (a mapping with these keys, a list of names ...), not tenants.
"""

from __future__ import annotations

import datetime
import difflib
import keyword
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._site_name import kind_of

from ._tenants_model import COMPUTED_VARIABLES, Problem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
APP = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Record(dict[str, Any]):
    """A mapping that was checked. ``at`` is the object whose line stands for it as a whole."""

    at: object = None


class Reader:
    """Reads values out of parsed YAML and remembers what was wrong with them.

    Every method returns something usable (often empty) after a fault, so that reading goes on.
    In all of them ``subject`` says what the value belongs to and ``at`` is the object whose line is named.
    """

    def __init__(self, where: Callable[[object], int | None]) -> None:
        self._where = where
        self.problems: list[Problem] = []

    def fault(self, subject: str, message: str, at: object) -> None:
        """Note one fault."""
        self.problems.append(Problem(subject, message, self._where(at.at if isinstance(at, Record) else at)))

    def record(self, subject: str, value: object, at: object, fields: Collection[str]) -> Record:
        """A mapping that may have only ``fields`` as keys; nothing at all counts as an empty one."""
        found = self.mapping(subject, value, at)
        for key in found:
            if key not in fields:
                self.fault(subject, f"unknown key {str(key)!r}{near(key, fields)}", key)
        record = Record((key, found[key]) for key in found if key in fields)
        record.at = at
        return record

    def mapping(self, subject: str, value: object, at: object, what: str = "") -> dict[Any, Any]:
        """A mapping whose keys are all text; nothing at all counts as an empty one."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fault(subject, f"{what or 'this'} is {kind_of(value)}, needed is a mapping", at)
            return {}
        good = {}
        for key, item in value.items():
            if isinstance(key, str):
                good[key] = item
            else:
                self.fault(subject, f"key {key!r} is {kind_of(key)}, needed is text; quote it", at)
        return good

    def items(self, subject: str, value: object, at: object, what: str) -> list[Any]:
        """A list; nothing at all counts as an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(subject, f"{what} is {kind_of(value)}, needed is a list", at)
            return []
        return list(value)

    def text(self, subject: str, record: Mapping[str, Any], key: str, required: bool = False) -> str:
        """The text at ``key``; '' if it is absent or wrong."""
        value = record.get(key)
        if value is None:
            if required:
                self.fault(subject, f"{key} is missing", key_object(record, key))
            return ""
        if not isinstance(value, str):
            hint = "" if isinstance(value, (dict, list)) else "; quote it"
            self.fault(subject, f"{key} is {kind_of(value)} ({value!r}), needed is text{hint}", key_object(record, key))
            return ""
        if not value:
            self.fault(subject, f"{key} is empty", key_object(record, key))
        return value

    def choice(self, subject: str, record: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
        """One of ``choices`` at ``key``; the first of them if it is absent or wrong."""
        value = self.text(subject, record, key)
        if value and value not in choices:
            self.fault(subject, f"{key} is {str(value)!r}{near(value, choices)}", key_object(record, key))
        return value if value in choices else choices[0]

    def number(self, subject: str, record: Mapping[str, Any], key: str, maximum: int) -> int:
        """A whole number from 0 to ``maximum`` at ``key``; 0 if it is absent or wrong."""
        value = record.get(key)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
            shown = f"{key} is {value!r}, needed is a number from 0 to {maximum}"
            self.fault(subject, shown, key_object(record, key))
            return 0
        return value

    def name(self, subject: str, record: Mapping[str, Any], key: str) -> str:
        """A plain name (letters, digits, dot, hyphen, underscore) at ``key``."""
        value = self.text(subject, record, key)
        return value if not value or self.is_name(subject, value, key, value) else ""

    def is_name(self, subject: str, value: str, what: str, at: object, pattern: re.Pattern[str] = NAME) -> bool:
        """Whether ``value`` is a plain name; a fault if it is not."""
        if pattern.fullmatch(value):
            return True
        allowed = "letters, digits and underscores" if pattern is APP else "letters, digits, dots, hyphens, underscores"
        hint = f"; did you mean {value.replace('-', '_')!r}?" if pattern is APP and "-" in value else ""
        self.fault(subject, f"{what} {str(value)!r} is not a name; allowed are {allowed}{hint}", at)
        return False

    def names(
        self, subject: str, record: Mapping[str, Any], key: str, pattern: re.Pattern[str] = NAME
    ) -> tuple[str, ...]:
        """A list of plain names at ``key``; one that stands there twice is taken once."""
        found: dict[str, None] = {}
        at = key_object(record, key)
        for value in self.items(subject, record.get(key), at, key):
            if not isinstance(value, str):
                self.fault(subject, f"{key} contains {kind_of(value)} ({value!r}), needed are names", at)
            elif self.is_name(subject, value, f"{key}: ", value, pattern):
                found[value] = None
        return tuple(found)

    def variables(self, subject: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """The Ansible variables under ``vars``."""
        found = self.mapping(subject, record.get("vars"), key_object(record, "vars"), "vars")
        for key in found:
            if key in COMPUTED_VARIABLES:
                message = f"vars: {str(key)!r} is computed by the inventory and cannot be set; use the key for it"
                self.fault(subject, message, key)
            elif not key.isidentifier() or not key.isascii() or keyword.iskeyword(key):
                self.fault(subject, f"vars: {str(key)!r} is not a name for an Ansible variable", key)
        return found

    def config(self, subject: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """The site_config.json keys under ``config``: everything in them must exist in JSON."""
        found = self.mapping(subject, record.get("config"), key_object(record, "config"), "config")
        for key, value in found.items():
            for path, item in _leaves(str(key), value):
                if isinstance(item, (datetime.date, bytes, set)):
                    self.fault(subject, f"config: {path} is {kind_of(item)}, which JSON cannot hold; quote it", key)
        return found


def key_object(record: Mapping[str, Any], key: str) -> object:
    """The key as it stands in the source (it knows its line); the record itself if the key is absent."""
    return next((found for found in record if found == key), record)


def near(name: str, known: Collection[str]) -> str:
    """``" (did you mean 'wave'?); allowed are apps, bench, ..."``."""
    close = difflib.get_close_matches(str(name), [str(item) for item in known], n=1)
    guess = f" (did you mean {close[0]!r}?)" if close else ""
    return f"{guess}; allowed are {', '.join(sorted(str(item) for item in known)) or '(none)'}"


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    """All values within ``value`` that hold no others, with their dotted paths."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}.{index}", item)
    else:
        yield path, value
