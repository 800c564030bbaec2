# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: apps of a site -- installed so that their pieces really exist, or uninstalled."""

from __future__ import annotations

import time
from typing import Any

from .._errors import ErpopsError
from ._app_checks import app_contents, collisions, import_problems, missing_pieces
from ._backup import backup_site
from ._context import Context, connect, disconnect


def apply_site_apps(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Make every app of ``args["apps"]`` present (in order) or absent (in reverse) on the site."""
    with context.locked("site_app.apply"):
        absent = args.get("state", "present") == "absent"
        apps = list(reversed(args["apps"])) if absent else list(args["apps"])
        before = list(connect(context.bench, context.need_site()).get_installed_apps())
        results = []
        planned = list(before)
        for app in apps:
            if absent:
                results.append(_uninstall(context, app, args))
            else:
                results.append(_install(context, app, planned, args))
                planned.append(app)
        actions = [item["action"] for item in results if item["action"]]
        if context.check:
            after = (
                [app for app in before if app not in apps]
                if absent
                else [*before, *(a for a in apps if a not in before)]
            )
        else:
            after = list(connect(context.bench, context.site).get_installed_apps())
        return {
            "changed": bool(actions),
            "actions": actions,
            "apps": results,
            "installed": after,
            "diff": {
                "before": {"apps": before, "incomplete": _incomplete(results)},
                "after": {"apps": after, "incomplete": {}},
            },
        }


def _incomplete(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["name"]: item["missing_before"] for item in results if item.get("missing_before")}


def _install(context: Context, app: str, planned: list[str], args: dict[str, Any]) -> dict[str, Any]:
    timeout = float(args.get("timeout") or 1800)
    frappe = connect(context.bench, context.site)
    installed = app in frappe.get_installed_apps()
    if app not in context.bench.listed_apps():
        raise ErpopsError(
            "this app is not on the bench",
            object=f"{context.site}: {app}",
            seen=", ".join(context.bench.listed_apps()),
            hint="deploy it first: playbooks/deploy.yml with the app in bench_apps",
            status=404,
        )
    interrupted = _app_note(context, app) == "installing"
    missing = missing_pieces(frappe, app) if installed else {}
    if installed and not missing and not interrupted:
        return {"name": app, "action": "", "missing_before": {}}
    _refuse_unfit(context, frappe, app, planned, args.get("accept_collisions") or [])
    action = f"repaired {app}" if installed else f"installed {app}"
    if not context.check:
        _note(context, app, "installing")
        # The failed attempt stopped somewhere in the hooks: they are all run again. An app that is merely
        # incomplete (a stale module map) gets its pieces from migrate, which runs no install hook twice.
        if installed and not interrupted:
            _command(context, ["migrate"], timeout)
        else:
            _command(context, ["install-app", app, *(["--force"] if installed or interrupted else [])], timeout)
        _prove(context, app, timeout)
        _note(context, app, "")
    return {"name": app, "action": action, "missing_before": missing}


def _refuse_unfit(context: Context, frappe: Any, app: str, planned: list[str], accepted: list[str]) -> None:
    """:raises ErpopsError: (409) the app cannot be imported, misses a required app, or would overwrite another's DocTypes."""
    broken = import_problems(app, context.bench.sites)
    if broken:
        raise ErpopsError(
            "this app cannot be imported",
            object=f"{context.site}: {app}",
            seen="; ".join(broken),
            hint="repair the app, or roll its code back, before it is installed anywhere",
            status=409,
        )
    contents = app_contents(frappe, app)
    absent = [name for name in contents.required_apps if name not in planned and name != "frappe"]
    if absent:
        raise ErpopsError(
            "required apps are not on the site",
            object=f"{context.site}: {app}",
            seen=f"missing: {', '.join(absent)}",
            needed=", ".join(contents.required_apps),
            hint="put them before it in the site's apps",
            status=409,
        )
    if contents.problems:
        raise ErpopsError(
            "this app's package is broken",
            object=f"{context.site}: {app}",
            seen="; ".join(contents.problems),
            status=409,
        )
    taken = collisions(frappe, app, accepted)
    if taken:
        raise ErpopsError(
            "would overwrite DocTypes of another app",
            object=f"{context.site}: {app}",
            seen="; ".join(taken),
            hint="nothing was changed; the app must rename them (accept_collisions lets one through that was reviewed)",
            status=409,
            data={"collisions": taken},
        )


def _command(context: Context, arguments: list[str], timeout: float) -> None:
    frappe = connect(context.bench, context.site)
    frappe.clear_cache()  # a module map from before apps.txt changed makes install-app install nothing
    disconnect()
    done = context.bench.cli(arguments, site=context.site, timeout=timeout)
    if done.code != 0:
        lines = [line for line in done.output.strip().splitlines() if line.strip()]
        raise ErpopsError(
            f"{' '.join(arguments)} failed (exit code {done.code})",
            object=context.site,
            seen=" / ".join(lines[-4:]),
            hint="correct the cause and run again: the app is then installed anew, not skipped",
            data={"output": lines[-40:]},
        )


def _prove(context: Context, app: str, timeout: float) -> None:
    """:raises ErpopsError: pieces of the app are still missing after one more migrate; names them."""
    for last in (False, True):
        frappe = connect(context.bench, context.site)
        frappe.clear_cache()
        missing = missing_pieces(frappe, app)
        if app in frappe.get_installed_apps() and not missing:
            return
        if not last:
            _command(context, ["migrate"], timeout)
    raise ErpopsError(
        "the command succeeded, but the app is not complete on the site",
        object=f"{context.site}: {app}",
        seen="; ".join(f"missing {kind}: {', '.join(names[:12])}" for kind, names in missing.items()) or "not listed",
        hint="read the app's Error Log rows; the next run repairs what is missing",
        data={"missing": missing},
    )


def _uninstall(context: Context, app: str, args: dict[str, Any]) -> dict[str, Any]:
    frappe = connect(context.bench, context.site)
    if app not in frappe.get_installed_apps():
        return {"name": app, "action": ""}
    if app not in (args.get("confirm") or []):
        raise ErpopsError(
            "uninstalling drops every DocType of the app with its data, and is not done without confirmation",
            object=f"{context.site}: {app}",
            needed=f"confirm: [{app}]",
            status=400,
        )
    if not context.check:
        if args.get("backup", "verified") == "verified":
            backup_site(context, context.bench.state_path("archive", context.site, time.strftime("%Y%m%d_%H%M%S"), ""))
        frappe = connect(context.bench, context.site)
        doctypes = _doctypes_of(frappe, app)
        _command(context, ["uninstall-app", app, "--yes", "--no-backup"], float(args.get("timeout") or 1800))
        frappe = connect(context.bench, context.site)
        if app in frappe.get_installed_apps():
            raise ErpopsError(
                "uninstall-app ended well but the app is still installed",
                object=f"{context.site}: {app}",
                hint="look for an app that depends on it",
            )
        _forget_secrets(frappe, doctypes)
        _note(context, app, "")
    return {"name": app, "action": f"uninstalled {app}"}


def _doctypes_of(frappe: Any, app: str) -> list[str]:
    modules = frappe.get_all("Module Def", filters={"app_name": app}, pluck="name", limit=0)
    return list(frappe.get_all("DocType", filters={"module": ["in", modules or [""]]}, pluck="name", limit=0))


def _forget_secrets(frappe: Any, doctypes: list[str]) -> None:
    """Delete the stored passwords of DocTypes that are gone.

    ``uninstall-app`` drops the tables of records and leaves their secrets in ``__Auth``
    (``frappe/installer.py: _delete_doctypes``).
    """
    gone = [name for name in doctypes if not frappe.db.exists("DocType", name)]
    if gone:
        frappe.db.delete("__Auth", {"doctype": ["in", gone]})
        frappe.db.commit()


def _app_note(context: Context, app: str) -> str:
    return str((context.bench.record(context.site).get("apps") or {}).get(app) or "")


def _note(context: Context, app: str, state: str) -> None:
    """Remember that an install was begun; a site we did not make gets no ownership by this."""
    record = context.bench.record(context.site)
    if not record:
        return
    apps = {name: value for name, value in (record.get("apps") or {}).items() if name != app}
    context.bench.write_record(context.site, {**record, "apps": {**apps, **({app: state} if state else {})}})


def read_site_apps(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Installed apps and what of each is missing."""
    frappe = connect(context.bench, context.need_site())
    listed = context.bench.listed_apps()
    installed = list(frappe.get_installed_apps())
    wanted = args.get("apps") or installed
    return {
        "installed": installed,
        "missing": {
            app: pieces
            for app in wanted
            if app in installed and app in listed and (pieces := missing_pieces(frappe, app))
        },
        "interrupted": [app for app in wanted if _app_note(context, app)],
    }


OPERATIONS = {"site_app.apply": apply_site_apps, "site_app.read": read_site_apps}
