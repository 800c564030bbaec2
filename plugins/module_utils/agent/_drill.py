# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a drill -- a backup set of a site becomes a scratch site, is compared, asked, and removed.

All of it is one operation, which holds the scratch site's lock: what an ended one left is told by its record and by its
lock, and is removed by the next. The last result is kept in ``.erpops/drills/<site>.json``.
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._errors import ErpopsError
from ._backup_crypt import MANIFEST
from ._backup_set import read_set
from ._context import Context, connect, disconnect, end_transaction, plain_text
from ._drill_rows import Row, compare_rows, counting, differing, faults_of, row_of
from ._drill_web import ask_site
from ._files import read_json, read_json_or_empty, write_json
from ._restore import refuse_unfit, restore_set
from ._restore_facts import find_set
from ._scratch import remove_scratch, scratch_name, scratch_sites, sweep_scratch

# A clock that was put forward meanwhile (summer time) must not make rows expected that came after the set.
_SLACK = 3600.0


def read_drill(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The last drill's result (``{}``), the set that the next one would try, and scratch sites on the bench; reads only."""
    found: dict[str, Any] = {}
    trouble = ""
    try:
        folder = find_set(context, str(args.get("set") or "newest"))
        manifest = read_json(os.path.join(folder, MANIFEST))
        found = _about(folder, manifest)
    except ErpopsError as exc:
        trouble = str(exc)
    return {
        "site": context.need_site(),
        "last": _last(context),
        "set": found,
        "trouble": trouble,
        "scratch": scratch_name(context.site),
        "scratches": scratch_sites(context.bench),
    }


def _path(context: Context) -> str:
    return os.path.join(context.bench.state, "drills", f"{context.need_site()}.json")


def _last(context: Context) -> dict[str, Any]:
    return read_json_or_empty(_path(context))


def _about(folder: str, manifest: dict[str, Any]) -> dict[str, Any]:
    taken = float(manifest.get("taken") or 0)
    return {
        "name": os.path.basename(folder),
        "path": folder,
        "id": str(manifest.get("id") or ""),
        "taken": taken,
        "age_seconds": int(time.time() - taken),
        "encryption": manifest.get("encryption") or {},
    }


def run_drill(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Try a set; whatever is wrong with it is a finding of the result, and no error of this operation.

    :param args: ``set`` (plain), ``doctypes`` (names), ``rows`` (of each at most, the newest), ``url``, ``user``, ``config``
        (keys for the scratch site), ``root``, ``db_user_host``, ``timeout``.
    :raises ErpopsError: the set's directory is not there; (423) another drill of the site runs.
    """
    folder = find_set(context, str(args["set"]))
    root = args.get("root") or {}
    here = Context(
        context.bench, scratch_name(context.need_site()), context.check, context.lock_timeout, context.secrets
    )
    stale = sweep_scratch(context, root)
    told: dict[str, Any] = {
        "schema": 1,
        "site": context.site,
        "scratch": here.site,
        "begun": time.time(),
        "set": _about(folder, read_json(os.path.join(folder, MANIFEST))),
        "findings": [],
        "doctypes": {},
        "seconds": {},
    }
    if context.check:
        return {"changed": bool(stale), "drill": told, "actions": [f"removed stale {name}" for name in stale]}
    with here.locked("drill.run"):
        try:
            _try(context, here, folder, told, args)
        finally:
            disconnect()
            with _finding(told, "removal"):
                remove_scratch(here, root)
    told["ok"] = not told["findings"]
    told["ended"] = time.time()
    told["rpo_seconds"] = told["set"]["age_seconds"]
    steps = ("verification", "database", "files", "comparison", "migration", "web")
    whole = all(step in told["seconds"] for step in steps)
    told["rto_seconds"] = round(sum(told["seconds"][step] for step in steps), 2) if whole else None
    context.bench.state_path("drills", "")
    write_json(_path(context), told)
    return {"changed": bool(stale), "drill": told, "actions": [f"removed stale {name}" for name in stale]}


def _try(context: Context, here: Context, folder: str, told: dict[str, Any], args: dict[str, Any]) -> None:
    manifest: dict[str, Any] = {}
    with _finding(told, "verification"):
        manifest = read_set(folder)
        if manifest["site"] != context.site:
            raise ErpopsError("the set is one of another site", object=folder, seen=str(manifest["site"]))
        refuse_unfit(context, manifest, folder)
    if told["findings"]:
        return
    with _finding(told, "restore"):
        options = {key: args.get(key) for key in ("root", "db_user_host", "timeout", "config")}
        restored = restore_set(here, manifest, folder, {**options, "scratch": "drill"})
        told["seconds"].update(restored["seconds"])
        told["migrated"] = restored["migrated"]
        if not restored["compared"]:
            raise ErpopsError("the set has no counts of its tables", object=folder, hint="take one with site_backup")
    if told["findings"]:
        return
    # Before anybody logs in, which is noted in the site.
    with _finding(told, "contents"):
        _compare(context, here, manifest, told, args)
    with _finding(told, "web"):
        doctypes = args.get("doctypes") or ["User"]
        for fault in ask_site(here, str(args["url"]), str(doctypes[0]), str(args.get("user") or "")):
            told["findings"].append({"step": "web", "message": fault})


@contextmanager
def _finding(told: dict[str, Any], step: str) -> Iterator[None]:
    """Whatever goes wrong within is noted; how long it took, too."""
    started = time.monotonic()
    try:
        yield
    except Exception as exc:  # noqa: BLE001 -- what a set makes of a site may fail in any way, and is the result
        message = str(exc) if isinstance(exc, ErpopsError) else f"{type(exc).__name__}: {plain_text(exc)}"
        told["findings"].append({"step": step, "message": message})
        disconnect()
    told["seconds"][step] = round(time.monotonic() - started, 2)


def _compare(
    context: Context, here: Context, manifest: dict[str, Any], told: dict[str, Any], args: dict[str, Any]
) -> None:
    """Rows of the named DocTypes, of the scratch site and of the site itself."""
    doctypes, most = [str(name) for name in args.get("doctypes") or []], int(args.get("rows") or 20000)
    then = (manifest.get("fingerprint") or {}).get("tables") or {}
    frappe = connect(here.bench, here.site)
    tables = set(frappe.db.get_tables(cached=False))
    restored = {name: _read(frappe, name, most) for name in doctypes if f"tab{name}" in tables}
    frappe = connect(context.bench, context.site)
    from frappe.utils import now_datetime

    age = time.time() - float(manifest["taken"]) + _SLACK
    limit = str(now_datetime() - datetime.timedelta(seconds=age))
    tables = set(frappe.db.get_tables(cached=False))
    live = {}
    for name in doctypes:
        if f"tab{name}" in tables:
            columns, since = restored[name][1:3] if name in restored else (set(), "")
            live[name] = _read(frappe, name, most, columns, since)
    singles = {str(row[0]) for row in frappe.db.sql("select distinct doctype from `tabSingles`")}
    end_transaction()
    for name in doctypes:
        if name not in restored or name not in live:
            why = f"there is no such table {'on the site' if name not in live else 'in what was restored'}"
            if name in singles:  # not the set's fault, but nobody would know that it was not compared
                why = "has no rows to compare, since it is a Single; leave it out of site_drill_doctypes"
            told["findings"].append({"step": "contents", "message": f"{name}: {why}"})
            continue
        # Digests of both must be of the same columns; a migration may have brought some to one of them only.
        if restored[name][1] != live[name][1]:
            restored[name] = _read(connect(here.bench, here.site), name, most, live[name][1], restored[name][2])
        found = compare_rows(restored[name][0], live[name][0], limit)
        columns_of = _differing(context, here, name, found.changed[:5])
        for fault in faults_of(name, found, columns_of):
            told["findings"].append({"step": "contents", "message": fault})
        told["doctypes"][name] = {
            "rows": {"set": then.get(f"tab{name}"), "restored": restored[name][3], "site": live[name][3]},
            "same": found.same,
            "since": found.since,
            "compared": len(restored[name][0]),
            "sha256": found.digest,
        }


_Rows = tuple[dict[str, Row], set[str], str, int]


def _read(frappe: Any, doctype: str, most: int, columns: set[str] | None = None, since: str = "") -> _Rows:
    """Rows by name, the columns that were digested, the creation of the oldest that counts, and the number of all.

    :param columns: only these, as far as the table has them.
    """
    table = f"tab{doctype}".replace("`", "``")
    total = int(frappe.db.sql(f"select count(*) from `{table}`")[0][0])  # noqa: S608
    if not since and total > most:
        query = f"select creation from `{table}` order by creation desc limit 1 offset {most - 1:d}"  # noqa: S608
        since = str(frappe.db.sql(query)[0][0] or "")
    query = f"select * from `{table}`" + (" where creation >= %s" if since else "")  # noqa: S608
    found = frappe.db.sql(query, (since,) if since else (), as_dict=True)
    has = counting(doctype, found[0]) if found else set()
    counted = has & columns if columns and has else has
    return {str(row["name"]): row_of(row, counted) for row in found}, counted, since, total


def _differing(context: Context, here: Context, doctype: str, names: list[str]) -> dict[str, list[str]]:
    """Of changed rows, the columns in which they differ."""
    if not names:
        return {}
    query = f"select * from `tab{doctype.replace('`', '``')}` where name=%s"  # noqa: S608
    sides = []
    for side in (here, context):
        frappe = connect(side.bench, side.site)
        sides.append({name: dict(frappe.db.sql(query, (name,), as_dict=True)[0]) for name in names})
    end_transaction()
    return {name: sorted(counting(doctype, differing(sides[0][name], sides[1][name]))) for name in names}


def sweep_drill(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Scratch sites that ended drills left on the bench are gone; nothing else is ever removed."""
    gone = sweep_scratch(context, args.get("root") or {})
    return {"changed": bool(gone), "drill": {}, "actions": [f"removed stale {name}" for name in gone]}


OPERATIONS = {"drill.read": read_drill, "drill.run": run_drill, "drill.sweep": sweep_drill}
