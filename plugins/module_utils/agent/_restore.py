# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a backup set becomes a site, with what ``bench restore`` forgets.

The database is loaded by ``new-site --source-sql``, in a third of the time of ``new-site`` and ``restore``. Then the
files, the configuration with its ``encryption_key``, and what the bench remembered of the site come back, and it is
compared with what the set says of the one that was backed up.
"""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import time
from typing import Any

from .._errors import ErpopsError
from ._app_install import place
from ._apps import look_app
from ._backup_set import read_set
from ._bench import Bench
from ._config import read_config
from ._context import Context, connect, disconnect, frappe_module
from ._files import read_json, write_json
from ._fingerprint import differences, fingerprint
from ._memory import remember
from ._restore_files import unpack_files
from ._restore_plan import config_after, needs_migration, scratch_config, unfit
from ._site_state import SiteState, database_name, look
from ._sites import remove_pieces
from ._state import scheduler_facts, set_scheduler


def restore_note(context: Context) -> str:
    """Id of the set that the site on this bench was restored from; ``""`` if it was not, or is not ours."""
    return str((context.bench.record(context.site).get("restore") or {}).get("id") or "")


def apply_restore(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The set in ``args["path"]`` is the site; args as the ``site_restore`` module documents them."""
    folder = os.path.abspath(str(args["path"]))
    with context.locked("restore.apply"):
        manifest = read_set(folder)
        root = args.get("root") or {}
        before = look(context, root)
        mine = bool(manifest.get("id")) and restore_note(context) == manifest["id"]
        if before.state == "present" and mine and before.recorded == "created":
            return _result(before, before, [], {})
        refuse_unfit(context, manifest, folder)
        if args.get("scratch") and manifest["site"] == context.site:
            raise ErpopsError(
                "a scratch site never has the name of the site that was backed up", object=context.site, status=400
            )
        if before.state != "absent" and not (mine and before.recorded == "restoring"):
            raise ErpopsError(
                "there is a site of this name, and it is not overwritten",
                object=context.site,
                seen="; ".join(before.problems) or f"{before.state}, {before.recorded or 'not made by us'}",
                hint="choose another name, or drop it first with playbooks/retire.yml",
                status=409,
            )
        actions = ["removed half-restored site"] if before.state != "absent" else []
        actions.append("restored site")
        if context.check:
            return _result(before, SiteState(before.name, state="present", owned=True), actions, {})
        if before.state != "absent":
            remove_pieces(context, before, root)
        told = restore_set(context, manifest, folder, args)
        return _result(before, look(context), actions, told)


def _result(before: SiteState, after: SiteState, actions: list[str], told: dict[str, Any]) -> dict[str, Any]:
    return {
        "changed": bool(actions),
        "actions": actions,
        "before": before.as_dict(),
        "after": after.as_dict(),
        "restore": told,
        "diff": {"before": {"state": before.state}, "after": {"state": after.state}},
    }


def bench_apps(bench: Bench) -> dict[str, dict[str, Any]]:
    """Version and commit of each app of the bench, by name."""
    found = {}
    for name in bench.listed_apps():
        app = look_app(bench, place(bench, name))
        found[name] = {"version": app["version"], "commit": app["commit"]}
    return found


def refuse_unfit(context: Context, manifest: dict[str, Any], folder: str) -> None:
    """:raises ErpopsError: (409) the bench lacks apps of the set, or has older ones."""
    problems = unfit(
        manifest.get("apps") or [],
        str(manifest.get("frappe") or ""),
        bench_apps(context.bench),
        str(frappe_module().__version__),
    )
    if problems:
        raise ErpopsError(
            "the set does not fit this bench",
            object=folder,
            seen="; ".join(problems),
            hint="deploy the same or newer apps first (playbooks/deploy.yml)",
            status=409,
        )


def restore_set(context: Context, manifest: dict[str, Any], folder: str, args: dict[str, Any]) -> dict[str, Any]:
    """Make the site, which is not there, of a set that was read back; args and result as those of ``apply_restore``.

    Of a scratch site the scheduler is disabled, mails are muted, and nothing is remembered that another site did.
    """
    clock = {"begun": time.monotonic()}
    _load(context, manifest, folder, args)
    clock["database"] = time.monotonic()
    _configure(context, folder, args)
    count = unpack_files(folder, context.bench.site_path(context.site))
    clock["files"] = time.monotonic()
    compare(context, manifest)
    clock["comparison"] = time.monotonic()
    migrated = migrate_restored(context, manifest, args)
    clock["migration"] = time.monotonic()
    scratch = bool(args.get("scratch"))
    wanted = "disabled" if scratch else str(args.get("scheduler") or "restored")
    state = str(manifest.get("scheduler") or "disabled") if wanted == "restored" else wanted
    frappe = connect(context.bench, context.site)
    if scheduler_facts(context, frappe)["state"] != state:
        set_scheduler(frappe, state, {})
    if not scratch:
        remember(context, manifest)
    context.bench.write_record(
        context.site, {**context.bench.record(context.site), "state": "created", "created": time.time()}
    )
    ends = list(clock.items())
    return {
        "id": str(manifest.get("id") or ""),
        "from": str(manifest["site"]),
        "files": count,
        "migrated": migrated,
        "compared": bool(manifest.get("fingerprint")),
        "seconds": {name: round(end - ends[number][1], 2) for number, (name, end) in enumerate(ends[1:])},
    }


def _load(context: Context, manifest: dict[str, Any], folder: str, args: dict[str, Any]) -> None:
    """Database, user and directory, by the framework; on failure nothing of them stays."""
    site, bench, root = context.site, context.bench, args.get("root") or {}
    db_name = database_name(context, create_identity=True)
    bench.forget(site)
    bench.write_record(
        site,
        {
            "state": "restoring",
            "db_name": db_name,
            "db_user_host": str(args.get("db_user_host") or ""),
            "started": time.time(),
            "restore": {"id": str(manifest.get("id") or ""), "from": str(manifest["site"])},
            **({"scratch": args["scratch"]} if args.get("scratch") else {}),
        },
    )
    unused = secrets.token_urlsafe(24)  # asked for, and not set: the dump has its own
    options = {
        "--db-name": db_name,
        "--db-type": manifest.get("db_type") or "mariadb",
        "--db-host": root.get("host"),
        "--db-port": root.get("port"),
        "--db-root-username": root.get("user"),
        "--db-root-password": root.get("password"),
        "--mariadb-user-host-login-scope": args.get("db_user_host"),
        "--source-sql": newest(folder, "*-database.sql.gz"),
        "--admin-password": unused,
    }
    arguments = ["new-site", site]
    for option, value in options.items():
        if value not in (None, ""):
            arguments += [option, str(value)]
    hidden = [str(root.get("password") or ""), unused]
    disconnect()
    done = bench.cli(arguments, secrets=hidden, timeout=float(args.get("timeout") or 3600))
    if done.code == 0 and os.path.exists(bench.site_path(site, "site_config.json")):
        return
    left = ""
    try:
        remove_pieces(context, look(context, root), root)
    except Exception as exc:  # noqa: BLE001 -- reported beside the failure that led here
        left = f"; its pieces could not be removed ({exc}) and are recognised by the next run"
    lines = [line for line in done.output.strip().splitlines() if line.strip()]
    raise ErpopsError(
        f"the database could not be loaded (exit code {done.code}){left}",
        object=site,
        seen=" / ".join(lines[-4:]) or "no output",
        hint="correct the cause and run again" + ("" if left else "; nothing of the site was left behind"),
        data={"output": lines[-40:]},
    )


def newest(folder: str, pattern: str) -> str:
    """The newest file of a pattern. :raises ErpopsError: (422) there is none."""
    found = sorted(glob.glob(os.path.join(folder, pattern)), key=os.path.getmtime)
    if not found:
        raise ErpopsError(f"the set has no {pattern}", object=folder, status=422)
    return found[-1]


def _configure(context: Context, folder: str, args: dict[str, Any]) -> None:
    """The configuration of the set in one atomic write; nothing else knows of this site yet."""
    disconnect()
    copy = read_json(newest(folder, "*site_config_backup*.json"))
    path = context.bench.site_path(context.site, "site_config.json")
    config = config_after(copy, read_config(context, "site"))
    write_json(path, scratch_config(config, args.get("config") or {}) if args.get("scratch") else config, mode=0o600)


def compare(context: Context, manifest: dict[str, Any]) -> None:
    """:raises ErpopsError: (409) the loaded site is not the one that was backed up; says in what."""
    frappe = connect(context.bench, context.site)
    frappe.clear_cache()
    wanted = manifest.get("fingerprint")
    if not wanted:
        return
    found = fingerprint(frappe, str(manifest["id"]))
    if not manifest.get("quiet"):
        # People worked while the dump was written: its counts are of another moment, its tables are not.
        found["tables"] = {table: wanted["tables"].get(table, rows) for table, rows in found["tables"].items()}
        if found["secrets"]["readable"] == found["secrets"]["stored"]:
            found["secrets"] = wanted["secrets"]
    problems = differences(wanted, found)
    if problems:
        raise ErpopsError(
            "the restored site is not the one that was backed up",
            object=context.site,
            seen="; ".join(problems),
            hint="nobody uses it yet; run again to load it anew, and look at the database server's error log",
            status=409,
            data={"differences": problems},
        )


def migrate_restored(context: Context, manifest: dict[str, Any], args: dict[str, Any]) -> list[str]:
    """Run ``migrate`` where the code is another than the set's; returns the apps that it was run for."""
    changed = needs_migration(manifest.get("apps") or [], bench_apps(context.bench))
    wanted = str(args.get("migrate") or "auto")
    if wanted == "never" or (wanted == "auto" and not changed):
        return []
    disconnect()
    done = context.bench.cli(["migrate"], site=context.site, timeout=float(args.get("timeout") or 3600))
    if done.code != 0:
        lines = [line for line in done.output.strip().splitlines() if line.strip()]
        raise ErpopsError(
            f"the data is there, but migrate failed (exit code {done.code})",
            object=context.site,
            seen=" / ".join(lines[-4:]),
            hint="correct the cause and run again: the site is loaded and migrated anew",
            data={"output": lines[-40:]},
        )
    return changed or ["frappe"]


def discard_set(context: Context, folder: str) -> None:
    """Remove a set of this site that nobody needs any more."""
    if os.path.dirname(os.path.abspath(folder)) == os.path.join(context.bench.state, "archive", context.need_site()):
        shutil.rmtree(folder, ignore_errors=True)


OPERATIONS = {"restore.apply": apply_restore}
