# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: facts about a bench and a site; reads only."""

from __future__ import annotations

import datetime
import glob
import os
import platform
from typing import Any

from ._app_checks import missing_pieces
from ._app_install import place
from ._apps import look_app
from ._config import check_types, read_config
from ._context import Context, connect, frappe_module
from ._files import read_json
from ._site_state import look
from ._state import maintenance_state, scheduler_facts


def sites_with_app(context: Context, app: str) -> list[str]:
    """Sites of the bench that have ``app`` installed; one that cannot be asked counts as having it."""
    users = []
    for site in context.bench.site_names():
        try:
            if app in connect(context.bench, site).get_installed_apps():
                users.append(site)
        except Exception as exc:  # noqa: BLE001 -- a broken app or database of another site is no reason to stop
            users.append(f"{site} (cannot be asked: {type(exc).__name__})")
    return users


def bench_info(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Versions, apps with their commits, and site names of the bench."""
    bench = context.bench
    apps = []
    for name in bench.listed_apps():
        where = place(bench, name)
        apps.append({"name": name, **look_app(bench, where)})
    return {
        "path": bench.path,
        "id": bench.identity(create=False),
        "python": platform.python_version(),
        "frappe": str(frappe_module().__version__),
        "apps": apps,
        "sites": bench.site_names(),
        "common_config": check_types(read_config(context, "common")),
    }


def site_info(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """State, apps, configuration types, scheduler, queue, errors and tasks of a site.

    :param args: ``since`` (seconds): the window in which Error Log rows are counted.
    """
    found = look(context, args.get("root") or {})
    info: dict[str, Any] = {**found.as_dict(), "config": {}, "tasks": site_tasks(context)}
    if found.state != "present":
        return info
    frappe = connect(context.bench, context.need_site())
    from frappe.utils import now_datetime  # in the site's own time zone, as `creation` is

    info["config"] = check_types(read_config(context, "site"))
    info["missing"] = {
        app: pieces
        for app in found.installed_apps
        if app in context.bench.listed_apps() and (pieces := missing_pieces(frappe, app))
    }
    info["scheduler"] = scheduler_facts(context, frappe)
    since = now_datetime() - datetime.timedelta(seconds=float(args.get("since") or 86_400))
    info["errors"] = frappe.db.count("Error Log", {"creation": [">", since.strftime("%Y-%m-%d %H:%M:%S")]})
    info["maintenance"] = maintenance_state(context)
    return info


def site_tasks(context: Context) -> dict[str, Any]:
    """Cursors of the site's tasks: name -> ``{"state", "pages", "totals", "updated"}``."""
    found = {}
    for path in sorted(glob.glob(os.path.join(context.bench.state, "tasks", context.site, "*.json"))):
        cursor = read_json(path)
        found[cursor["task"]] = {key: cursor.get(key) for key in ("state", "pages", "totals", "updated")}
    return found


OPERATIONS = {"info.bench": bench_info, "info.site": site_info}
