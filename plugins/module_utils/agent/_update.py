# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a site's part of an update, forward. Each step may be run again; the journal says how far the
last one came (``_update_journal``), and a killed agent is gone on with, or taken back (``_update_back``), by the next.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any

from .._errors import ErpopsError, reason
from ._context import Context, connect, disconnect
from ._drain import drain, refuse_left
from ._migration import plan_migration
from ._migration_history import remember_failure, remember_migration
from ._points import take_site
from ._state import apply_maintenance
from ._update_back import TOUCHED, bring_back
from ._update_journal import Journal, is_over, read_site_journal, write_site_journal
from ._update_steps import answer, begun, close_journal, locked_update, refuse_other


def forward(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Maintenance, no jobs, the site's set in the rollback point, and the migration with the new code.

    When the migration fails, the site is brought back and opened before this raises.

    :param args: ``run``, ``point``, ``python`` (interpreter of the new code), ``apps`` (the targets), ``skip_patches``,
        ``drain_timeout``, ``pending``, ``timeout``.
    :raises ErpopsError: (409) jobs are left, another update is under way; (500) the migration failed; the site is as it was.
    """
    context.need_site()
    with locked_update(context, "update.forward"):
        journal = read_site_journal(context.bench, context.site)
        before = str(journal.get("state") or "")
        if journal.get("run") == args["run"] and (before == "migrated" or journal.get("outcome") == "done"):
            return answer(context, False, before, journal)
        refuse_other(journal, args, context.site)
        if context.check:
            return answer(context, True, before, {**journal, "state": "migrated"})
        if before in ("migrating", "undoing"):
            # Nobody knows how far it came: from the set it begins anew.
            bring_back(context, journal, whole=True)
            journal["state"] = "saved"
        if is_over(journal) or before == "quarantined":
            journal = {**begun(context, journal), "state": "holding"}
        plan = plan_migration(context, {"apps": args.get("apps") or []})  # while the site is still served
        journal.update(run=args["run"], point=args["point"])
        write_site_journal(context, journal)
        # The backup of this code and the migration of the new: the site waits for both.
        with context.bench.prepared("", str(args.get("python") or "")):
            try:
                _hold(context, journal, args)
                _save(context, journal, args)
            except Exception as exc:
                close_journal(context, journal, "untouched", str(exc))
                raise
            _migrate(context, journal, plan, args)
        return answer(context, True, before, journal)


def _hold(context: Context, journal: Journal, args: dict[str, Any]) -> None:
    if journal["state"] != "holding":
        return
    apply_maintenance(context, {"state": "on"})
    left = drain(context, args)
    remedies = "raise update_drain_timeout, or give up those jobs with update_jobs=abandoned"
    refuse_left(context, left, args, remedies, restored=True)
    journal.update(state="held", abandoned=left)
    write_site_journal(context, journal)


def _save(context: Context, journal: Journal, args: dict[str, Any]) -> None:
    if journal["state"] != "held":
        return
    with context.locked("update.save"):
        take_site(context, str(journal["point"]), float(args.get("timeout") or 3600))
    journal.update(state="saved")
    write_site_journal(context, journal)


def _migrate(context: Context, journal: Journal, plan: dict[str, Any], args: dict[str, Any]) -> None:
    started = time.monotonic()
    journal.update(state="migrating", apps=args.get("apps") or [])
    journal["apps"] = [{key: app[key] for key in ("name", "version") if key in app} for app in journal["apps"]]
    write_site_journal(context, journal)
    try:
        with context.locked("update.migrate"):
            _skip(context, args.get("skip_patches") or [], plan)
            disconnect()
            # What is there afterwards is of this migration, whatever the clock says.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(context.bench.site_path(context.site, TOUCHED))
            done = context.bench.cli(
                ["migrate", "--skip-search-index"],
                site=context.site,
                timeout=float(args.get("timeout") or 3600),
                python=str(args.get("python") or ""),
            )
        if done.code != 0:
            lines = [line for line in done.output.strip().splitlines() if line.strip()]
            raise ErpopsError(
                f"migrate failed (exit code {done.code})",
                object=context.site,
                seen=" / ".join(lines[-4:]),
                data={"output": lines[-40:]},
            )
        _prove(context, args)
    except Exception as exc:
        why = reason(exc)
        remember_failure(context, plan["apps"], why)
        journal.update(state="undoing", why=why[:400])
        write_site_journal(context, journal)
        disconnect()
        bring_back(context, journal, whole=False)
        close_journal(context, journal, "undone", why)
        raise ErpopsError(
            "the migration failed, and the site is fully old again, served as before",
            object=context.site,
            seen=why,
            hint="repair the app or pin another commit; a patch that may be left out is named in update_skip_patches",
            data=dict(getattr(exc, "data", {})),
        ) from exc
    seconds = time.monotonic() - started
    remember_migration(context, seconds, {app["name"]: app["to"] for app in plan["apps"]})
    journal.update(state="migrated", seconds=round(seconds, 2))
    write_site_journal(context, journal)


def _skip(context: Context, lines: list[str], plan: dict[str, Any]) -> None:
    """Note patches as run that are not to be, by their exact lines, where the plan has them."""
    pending = {line for app in plan["apps"] for section in app["patches"].values() for line in section}
    wanted = [line for line in lines if line in pending]
    if not wanted:
        return
    frappe = connect(context.bench, context.site)
    for line in wanted:
        frappe.get_doc({"doctype": "Patch Log", "patch": line}).insert(ignore_permissions=True)
    frappe.db.commit()


def _prove(context: Context, args: dict[str, Any]) -> None:
    """:raises ErpopsError: migrate said that all is well, and left patches or DocTypes behind."""
    plan = plan_migration(context, {"apps": args.get("apps") or []})
    left = [line for app in plan["apps"] for section in app["patches"].values() for line in section]
    left += [
        f"DocType {name}" for app in plan["apps"] for kind in ("added", "changed") for name in app["doctypes"][kind]
    ]
    if left:
        raise ErpopsError(
            "migrate ended well and left undone what the new code has",
            object=context.site,
            seen=", ".join(left[:8]),
        )


OPERATIONS = {"update.forward": forward}
