# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the shape of a declared DocType record, and the diff of many."""

from __future__ import annotations

from typing import Any


def document_spec() -> dict[str, Any]:
    """Suboptions of one record (documented in ``modules/document.py``)."""
    return {
        "doctype": {"type": "str", "required": True},
        "name": {"type": "str"},
        "match": {"type": "dict"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "values": {"type": "dict", "default": {}},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "child_mode": {"type": "str", "choices": ["exact", "merge"], "default": "exact"},
        "child_keys": {"type": "dict", "default": {}, "no_log": False},
    }


def document_diff(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Changed records by name, each side with the changed fields only (already redacted by the agent)."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for position, record in enumerate(records):
        if record["action"] == "unchanged":
            continue
        label = f"{record['doctype']} {record['name'] or record.get('label') or '#' + str(position + 1)}".strip()
        if record["action"] != "created":
            before[label] = record["before"]
        if record["action"] != "deleted":
            after[label] = record["after"]
    return {"before": before, "after": after}
