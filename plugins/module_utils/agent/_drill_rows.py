# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: rows of a restored site compared with those of the site that was backed up.

The site went on meanwhile. What it wrote since the set was taken is told from damage by ``modified`` and ``creation``, which
the framework keeps in each row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

# Written by the framework while people look and log in, without `modified` (frappe/desk/like.py, frappe/sessions.py,
# frappe/auth.py: update_modified=False).
_UNSTAMPED = frozenset({"_assign", "_comments", "_liked_by", "_seen", "_user_tags"})
_UNSTAMPED_OF = {
    "User": frozenset(
        {
            "last_active",
            "last_ip",
            "last_known_versions",
            "last_login",
            "last_password_reset_date",
            "onboarding_status",
            "reset_password_key",
        }
    )
}


def counting(doctype: str, columns: Collection[str]) -> set[str]:
    """Columns of a DocType's table that cannot change but with ``modified``."""
    return set(columns) - _UNSTAMPED - _UNSTAMPED_OF.get(doctype, frozenset())


@dataclass(frozen=True)
class Row:
    """When a row was made and last changed, as text that sorts by time, and a digest of all of it."""

    creation: str
    modified: str
    digest: str


@dataclass
class Compared:
    """Names of rows that should be the same and are not, and counts of the others."""

    same: int = 0
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    since: int = 0
    digest: dict[str, str] = field(default_factory=dict)


def row_of(values: Mapping[str, Any], columns: Collection[str]) -> Row:
    """A row of the database, of which ``columns`` count."""
    text = json.dumps([[name, _plain(values.get(name))] for name in sorted(columns)], ensure_ascii=False)
    creation, modified = (_plain(values.get(name)) or "" for name in ("creation", "modified"))
    return Row(creation, modified, hashlib.sha256(text.encode()).hexdigest())


def _plain(value: Any) -> str | None:
    return None if value is None else str(value)


def differing(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """Columns in which two rows differ, of those that both have."""
    return sorted(name for name in left.keys() & right.keys() if _plain(left[name]) != _plain(right[name]))


def compare_rows(restored: Mapping[str, Row], live: Mapping[str, Row], limit: str) -> Compared:
    """Compare by name.

    :param limit: a time in the site's own clock, as text: rows that the site made before it must be in the set.
    :returns: ``changed``: not modified since, and yet not the same; ``missing``: made before ``limit`` and not restored;
        ``older``: the site has an earlier version than the set; ``since``: changed, made or deleted after the set;
        ``digest``: of the rows that should be the same, in any order, of both.
    """
    found = Compared()
    totals: dict[str, list[str]] = {"restored": [], "live": []}
    for name, there in restored.items():
        here = live.get(name)
        if here is None or here.modified > there.modified:
            found.since += 1
        elif here.modified < there.modified:
            found.older.append(name)
        else:
            totals["restored"].append(f"{name}\0{there.digest}")
            totals["live"].append(f"{name}\0{here.digest}")
            if here.digest == there.digest:
                found.same += 1
            else:
                found.changed.append(name)
    for name in live.keys() - restored.keys():
        if live[name].creation and live[name].creation < limit:
            found.missing.append(name)
            totals["live"].append(f"{name}\0{live[name].digest}")
        else:
            found.since += 1
    found.digest = {side: hashlib.sha256("\0".join(sorted(rows)).encode()).hexdigest() for side, rows in totals.items()}
    for names in (found.changed, found.missing, found.older):
        names.sort()
    return found


def faults_of(doctype: str, found: Compared, columns: Mapping[str, Collection[str]], most: int = 5) -> list[str]:
    """What of a DocType is not as it was, as sentences.

    :param columns: of changed rows, those that differ, by the row's name, as far as they were looked at.
    """
    faults = []
    if found.missing:
        faults.append(
            f"{doctype}: {len(found.missing)} rows of the site were not restored: {_some(found.missing, most)}"
        )
    for name in found.changed[:most]:
        where = f" in {', '.join(columns[name])}" if columns.get(name) else ""
        faults.append(f"{doctype}: the row {name} is not the site's{where}, and it was not changed since")
    if len(found.changed) > most:
        faults.append(f"{doctype}: {len(found.changed) - most} rows more are not the site's")
    if found.older:
        faults.append(
            f"{doctype}: {len(found.older)} rows of the site are older than in the set: {_some(found.older, most)}"
        )
    return faults


def _some(names: list[str], most: int) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
