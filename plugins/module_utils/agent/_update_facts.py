# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what is looked at before an update. Reads only."""

from __future__ import annotations

import glob
import os
import time
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect, end_transaction, plain_text
from ._fingerprint import stored_secrets
from ._migration import plan_migration
from ._migration_history import failed_before
from ._move_facts import move_under_way
from ._restore_facts import read_restore
from ._state import maintenance_state
from ._update_journal import is_over, read_site_journal


def site_facts(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """What ``_update_plan.site_faults`` judges.

    :param args: ``apps``: the targets, as ``migration.plan`` takes them.
    """
    facts: dict[str, Any] = {"site": context.need_site(), "trouble": "", "plan": {}}
    try:
        plan = plan_migration(context, {"apps": args.get("apps") or []})
    except Exception as exc:  # noqa: BLE001 -- one fault among those of all sites
        return {**facts, "trouble": str(exc) if isinstance(exc, ErpopsError) else plain_text(exc)}
    frappe = connect(context.bench, context.site)
    facts |= {
        "plan": plan,
        "moving": move_under_way(context),
        "restoring": "" if is_over(restore := read_restore(context)) else str(restore.get("state")),
        "redis": _redis(),
        "secrets": {key: found for key, found in stored_secrets(frappe, "").items() if key != "digest"},
        "encrypted_backup": bool(int(frappe.db.get_single_value("System Settings", "encrypt_backup") or 0)),
        "packet": int(_variable(frappe, "max_allowed_packet") or 0),
        "charset": _variable(frappe, "character_set_database"),
        "failed_before": failed_before(context, plan["apps"]),
        "maintenance": maintenance_state(context),
        "journal": {
            key: value for key, value in read_site_journal(context.bench, context.site).items() if key != "schema"
        },
        "last_backup_hours": _last_backup(context),
    }
    end_transaction()
    return facts


def _redis() -> str:
    """Why the queue cannot be asked; ``""`` if it can."""
    from frappe.utils.background_jobs import get_workers

    try:
        get_workers()
    except Exception as exc:  # noqa: BLE001 -- whatever the driver raises is what is reported
        return f"{type(exc).__name__}: {exc}"
    return ""


def _variable(frappe: Any, name: str) -> str:
    """A variable of the database server; empty for a server that has no such."""
    found = frappe.db.sql("show variables like %s", (name,))
    return str(found[0][1]) if found else ""


def _last_backup(context: Context) -> float | None:
    """Hours since the newest verified set of the site; ``None`` without one."""
    pattern = os.path.join(context.bench.state, "archive", context.site, "*", "manifest.json")
    newest = max((os.path.getmtime(path) for path in glob.glob(pattern)), default=None)
    return None if newest is None else round((time.time() - newest) / 3600, 1)
