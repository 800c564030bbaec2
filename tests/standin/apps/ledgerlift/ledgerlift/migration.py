# SPDX-License-Identifier: GPL-3.0-or-later
"""Migration of ledger entries: deterministic, paged, safe to repeat."""

from __future__ import annotations

import json
import os
from typing import Any

import frappe
from frappe.utils import cint, sbool

SOURCE = os.path.join(os.path.dirname(__file__), "data", "source.json")


def _source() -> list[dict[str, Any]]:
    with open(SOURCE) as f:
        return json.load(f)


@frappe.whitelist()
def run(start: int = 0, limit: int = 50, dry_run: bool | str = False) -> dict[str, Any]:
    """Migrate records `start` .. `start + limit - 1`.

    Returns {"processed", "created", "skipped", "errors", "next_start", "total", "done", "dry_run"}. An entry
    that exists is skipped, so a page may be run again; a dry run counts and writes nothing. The site
    config's `ledgerlift_fail_on` (an entry_id) makes that one record fail, for tests of thresholds.
    """
    frappe.only_for("System Manager")
    dry_run = bool(sbool(dry_run))
    records = _source()
    start, limit = max(cint(start), 0), max(cint(limit), 1)
    page = records[start : start + limit]
    counts = {"processed": 0, "created": 0, "skipped": 0, "errors": 0}
    migration = None
    if page and not dry_run:
        migration = frappe.get_doc({"doctype": "Ledger Migration", "start": start, "record_limit": limit})
        migration.insert(ignore_permissions=True)
    for record in page:
        counts["processed"] += 1
        counts[_one(record, migration, dry_run)] += 1
    next_start = min(start + len(page), len(records))
    if migration:
        migration.update({**counts, "next_start": next_start, "finished": int(next_start >= len(records))})
        migration.save(ignore_permissions=True)
        frappe.db.commit()
    done = next_start >= len(records)
    return {**counts, "next_start": next_start, "total": len(records), "done": done, "dry_run": dry_run}


def _one(record: dict[str, Any], migration: Any, dry_run: bool) -> str:
    """Outcome of one record: created, skipped or errors."""
    if frappe.db.exists("Ledger Entry", record["entry_id"]):
        return "skipped"
    if record["entry_id"] == frappe.conf.get("ledgerlift_fail_on"):
        return "errors"
    if dry_run:
        return "created"
    frappe.db.savepoint("ledgerlift_record")
    try:
        doc = frappe.get_doc({"doctype": "Ledger Entry", "migration": migration.name, **record})
        doc.insert(ignore_permissions=True)
        return "created"
    except Exception:
        frappe.db.rollback(save_point="ledgerlift_record")
        frappe.log_error(title=f"ledgerlift: {record['entry_id']}")
        return "errors"


@frappe.whitelist()
def status() -> dict[str, Any]:
    """How far the migration is."""
    frappe.only_for("System Manager")
    total = len(_source())
    migrated = frappe.db.count("Ledger Entry")
    return {"migrated": migrated, "total": total, "done": migrated >= total}
