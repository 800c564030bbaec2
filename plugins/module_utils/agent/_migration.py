# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what a migration of a site to the given commits would do. Reads only."""

from __future__ import annotations

from typing import Any

from ._context import Context, connect
from ._migration_history import history
from ._migration_plan import app_changes, estimate, is_empty, last_definitions, no_return, plan_lines
from ._migration_source import app_at
from ._sizes import database_size, space, tree_size


def plan_migration(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Pending patches, changed DocTypes, sizes, and whether there is anything to do at all.

    :param args: ``apps``: those that go to another commit, as ``_migration_source.app_at`` takes them.
    :raises ErpopsError: (404) no such site, app or commit; (422) the site cannot be opened, an app's files cannot be read.
    """
    site = context.need_site()
    frappe = connect(context.bench, site)
    declared = {str(app["name"]): app for app in args.get("apps") or []}
    installed = list(frappe.get_installed_apps())
    executed = set(frappe.get_all("Patch Log", filters={"skipped": 0}, pluck="patch", limit=0))
    stored = {
        row["name"]: row
        for row in frappe.get_all("DocType", fields=["name", "module", "custom", "migration_hash"], limit=0)
    }
    commits, files = {}, {}
    for name in installed:
        *commits[name], files[name] = app_at(context.bench, declared.get(name) or {"name": name})
    defined = {doctype for one in files.values() for doctype in one.doctypes}
    apps = [
        {
            "name": name,
            "from": commits[name][0],
            "to": commits[name][1],
            **app_changes(own, executed, stored, defined),
        }
        for name, own in last_definitions(files).items()
    ]
    past = history(context)
    migrated = (past[-1].get("commits") if past else None) or {}
    moved = [app["name"] for app in apps if app["to"] != migrated.get(app["name"], app["to"])]
    reasons = [f"{app['name']} has patches or DocTypes to bring" for app in apps if not is_empty(app)]
    reasons += [f"{name} goes to another commit than that of the last migration" for name in moved]
    size = {"database": database_size(frappe), "files": tree_size(context.bench, site)}
    return {
        "site": site,
        "needed": bool(reasons),
        "reasons": reasons,
        "apps": apps,
        "size": size,
        # A dump is written beside the site; packed it is smaller, by how much nobody knows before.
        "space": {"needed": size["database"] + size["files"], **space(context.bench.site_path(site))},
        "seconds": estimate(past),
        "no_return": no_return(apps),
        "diff": {"before": "", "after": "".join(f"{line}\n" for line in plan_lines(apps))},
    }


OPERATIONS = {"migration.plan": plan_migration}
