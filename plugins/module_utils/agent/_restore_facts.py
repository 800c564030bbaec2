# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what is known before a site goes back to a backup set in place, and how far that came."""

from __future__ import annotations

import os
import time
from typing import Any

from .._errors import ErpopsError
from ._backup_crypt import MANIFEST
from ._backup_keep import list_sets
from ._backup_plan import newest
from ._backup_set import archive_path, read_stored, set_path
from ._context import Context, connect, end_transaction, frappe_module
from ._files import read_json, read_json_or_empty, write_json
from ._fingerprint import fingerprint
from ._move_facts import move_under_way
from ._restore import bench_apps
from ._restore_plan import lost_rows, needs_migration, unfit
from ._sizes import database_size, space, tree_size
from ._update_journal import is_over, read_bench_journal, read_site_journal

Journal = dict[str, Any]


def _path(context: Context) -> str:
    return os.path.join(context.bench.state, "restores", f"{context.need_site()}.json")


def read_restore(context: Context) -> Journal:
    """The journal of the site's restore in place; ``{}`` without one."""
    path = _path(context)
    return read_json_or_empty(path)


def write_restore(context: Context, journal: Journal) -> None:
    """Replace it."""
    context.bench.state_path("restores", "")
    write_json(_path(context), {"schema": 1, "site": context.site, **journal, "changed": time.time()})


def find_set(context: Context, wanted: str) -> str:
    """Directory of a set: ``newest`` of the schedule, the name of one, or the path of one.

    :raises ErpopsError: (404) there is none; names those that there are.
    """
    if "/" in wanted:
        folder = os.path.abspath(wanted)
    elif wanted == "newest":
        best = newest(list_sets(context), time.time())
        folder = str(best["path"]) if best else ""
    else:
        folder = set_path(context, wanted)
    if folder and os.path.exists(os.path.join(folder, MANIFEST)):
        return folder
    there = [one["name"] for one in list_sets(context)]
    raise ErpopsError(
        "the site has no such backup set on this bench",
        object=context.site,
        seen=", ".join(there[:12]) or "no set at all",
        needed="a set of the schedule" if wanted == "newest" else wanted,
        hint="name one of these, or bring one from the bucket first with -e restore_fetched=true",
        status=404,
    )


def plan_restore(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Which set it is, how old, what would be lost, and all that is in the way; changes nothing.

    :param args: ``set``; ``safety`` (``verified`` or ``skip``).
    """
    folder = find_set(context, str(args["set"]))
    manifest = read_json(os.path.join(folder, MANIFEST))
    journal = read_restore(context)
    resumed = not is_over(journal) and journal.get("set_id") == manifest.get("id")
    faults = [] if resumed else restore_faults(context, folder, manifest, args)
    now: dict[str, int] = {}
    trouble = ""
    try:
        now = fingerprint(connect(context.bench, context.need_site()), "")["tables"]
        end_transaction()
    except Exception as exc:  # noqa: BLE001 -- a broken site is what a restore is for; it is told
        trouble = str(exc)
    then = (manifest.get("fingerprint") or {}).get("tables")
    return {
        "set": {
            "name": os.path.basename(folder),
            "path": folder,
            "id": str(manifest.get("id") or ""),
            "taken": float(manifest.get("taken") or 0),
            "age_seconds": int(time.time() - float(manifest.get("taken") or 0)),
            "frappe": str(manifest.get("frappe") or ""),
            "apps": manifest.get("apps") or [],
            "encryption": manifest.get("encryption") or {},
        },
        "faults": faults,
        "trouble": trouble,
        "resumed": resumed,
        "migrated": needs_migration(manifest.get("apps") or [], bench_apps(context.bench)),
        # Of an encrypted set the counts are encrypted too.
        "lost": lost_rows(then, now) if then is not None and not trouble else None,
        "journal": {key: value for key, value in journal.items() if key != "schema"},
    }


def restore_faults(context: Context, folder: str, manifest: dict[str, Any], args: dict[str, Any]) -> list[str]:
    """All that is in the way, one sentence each."""
    faults = []
    try:
        read_stored(folder)
    except ErpopsError as exc:
        faults.append(f"{exc.message}: {exc.seen}")
    if manifest.get("site") != context.site:
        faults.append(f"the set is one of {manifest.get('site')}; into another site it goes with restore_as")
    faults += unfit(
        manifest.get("apps") or [],
        str(manifest.get("frappe") or ""),
        bench_apps(context.bench),
        str(frappe_module().__version__),
    )
    faults += unfinished(context)
    if args.get("safety") != "skip":
        try:
            needed = database_size(connect(context.bench, context.site)) + tree_size(context.bench, context.site)
        except ErpopsError as exc:
            faults.append(f"what is there now cannot be kept ({exc.message}); with restore_safety=skip it is given up")
        else:
            free = int(space(archive_path(context))["free"])
            if free < needed:
                faults.append(f"{needed} bytes are needed at most to keep what is there now, {free} are free")
    return faults


def unfinished(context: Context) -> list[str]:
    """What of the site was begun and is not over, as sentences."""
    found = []
    for what, journal in (
        ("an update of the site", read_site_journal(context.bench, context.site)),
        ("an update of the bench", read_bench_journal(context.bench)),
        ("another restore of the site", read_restore(context)),
    ):
        if not is_over(journal):
            found.append(f"{what} is not over (at `{journal.get('state')}`)")
    if at := move_under_way(context):
        found.append(f"a move of the site is not over (at `{at}`)")
    return found
