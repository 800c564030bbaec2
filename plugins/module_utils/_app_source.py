# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the options by which an app's source is named, and its faults for people."""

from __future__ import annotations

from typing import Any

_TARGET = ("name", "repo", "version", "subdirectory", "token", "ssh_key")
SOURCE_ARGS = ("name", "repo", "version", "subdirectory", "token", "ssh_key", "rules", "requirements")


def source_spec() -> dict[str, Any]:
    """Options of the modules that look into an app's repository."""
    return {
        "name": {"type": "str", "required": True},
        "repo": {"type": "str"},
        "version": {"type": "str", "default": ""},
        "subdirectory": {"type": "str", "default": ""},
        "token": {"type": "str", "no_log": True},
        "ssh_key": {"type": "str", "no_log": True},
        "rules": {"type": "dict", "default": {}},
        "requirements": {"type": "dict", "default": {}},
    }


def targets_spec() -> dict[str, Any]:
    """The option ``apps`` of the modules that take several apps to other commits."""
    app = {key: option for key, option in source_spec().items() if key in _TARGET}
    return {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {**app, "repo": {"type": "str", "required": True}},
    }


def target_secrets(apps: list[dict[str, Any]]) -> list[str]:
    """The credentials among ``apps``, to be masked."""
    return [app[key] for app in apps for key in ("token", "ssh_key") if app[key]]


def grouped(faults: list[dict[str, str]], most: int = 8) -> list[str]:
    """Faults as lines, those of one cause together: 14 hooks that miss the same package are one thing to repair.

    >>> grouped([{"kind": "import", "where": "a.py", "seen": "x cannot be imported, there is no x/", "effect": "e"}])
    ['import: there is no x/: x of a.py (e)']
    """
    causes: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for fault in faults:
        what, _comma, why = fault["seen"].partition(" cannot be imported, ")
        where = f"{what} of {fault['where']}" if why else fault["where"]
        causes.setdefault((fault["kind"], why or fault["seen"]), []).append((where, fault["effect"]))
    lines = []
    for (kind, why), places in causes.items():
        told = "; ".join(dict.fromkeys(f"{where} ({effect})" for where, effect in places[:most]))
        more = f"; and {len(places) - most} more" if len(places) > most else ""
        lines.append(f"{kind}: {why}: {told}{more}")
    return lines
