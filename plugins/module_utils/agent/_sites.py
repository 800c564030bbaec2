# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: sites are made, finished, adopted, dropped. Never ``--force``, never somebody else's."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from typing import Any

from .._errors import ErpopsError
from ._app_checks import missing_pieces
from ._backup import backup_site
from ._bench import CliResult
from ._context import Context, connect, disconnect
from ._site_state import SiteState, database_name, look, root_database

# How long after its beginning an ended creation is removed without being asked about: within the time of an
# operator's second try, but not when a site may have been finished by hand and be in use.
REPAIR_WINDOW = 24 * 3600.0


def apply_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """``state: present|absent``; args as the ``site`` module documents them."""
    with context.locked("site.apply"):
        if args.get("state", "present") == "absent":
            return _absent(context, args)
        return _present(context, args)


def _result(before: SiteState, after: SiteState, actions: list[str], **extra: Any) -> dict[str, Any]:
    return {
        "changed": bool(actions),
        "actions": actions,
        "before": before.as_dict(),
        "after": after.as_dict(),
        "diff": {"before": {"state": before.state}, "after": {"state": after.state}},
        **extra,
    }


def _present(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    root = args.get("root") or {}
    before = look(context, root)
    if before.state == "present" and before.recorded == "creating":
        _doubt(context, before)
    if before.state == "present":
        return _keep(context, args, before)
    actions: list[str] = []
    if before.state == "half_made":
        _may_repair(context, before, args)
        actions.append("removed half-made site")
    actions.append("created site")
    if context.check:
        return _result(before, SiteState(before.name, state="present", db_name=before.db_name, owned=True), actions)
    if before.state == "half_made":
        remove_pieces(context, before, root)
    _create(context, args, root)
    return _result(before, look(context), actions)


def _keep(context: Context, args: dict[str, Any], before: SiteState) -> dict[str, Any]:
    """A whole site stays as it is; only our record of it may have to catch up."""
    actions: list[str] = []
    finished = before.owned and before.recorded == "creating"
    if finished or (args.get("adopt") and not before.owned):
        actions.append("finished site" if finished else "adopted site")
        if not context.check:
            if finished:
                _after_creation(context)
            context.bench.write_record(
                before.name,
                {
                    **context.bench.record(before.name),
                    "state": "created" if finished else "adopted",
                    "db_name": before.db_name,
                },
            )
    after = before if context.check or not actions else look(context)
    result = _result(before, after, actions)
    result["diff"] = {
        "before": {"state": before.state, "record": before.recorded or "none"},
        "after": {"state": after.state, "record": after.recorded or "none"},
    }
    return result


def _doubt(context: Context, found: SiteState) -> None:
    """A creation that was never recorded as ended is whole only if nothing of the framework is missing.

    ``new-site`` calls the framework installed before its last steps (installer.py: install_app).
    """
    missing = missing_pieces(connect(context.bench, found.name), "frappe")
    if missing:
        found.state = "half_made"
        found.problems.append("the framework is not complete: missing " + ", ".join(missing))


def _may_repair(context: Context, found: SiteState, args: dict[str, Any]) -> None:
    """:raises ErpopsError: (409) the half-made site is not ours, was once whole, is old, or repair was not asked for."""
    seen = "; ".join(found.problems)
    if not found.owned:
        raise ErpopsError(
            "is half made, and not by us: it is neither finished nor removed",
            object=found.name,
            seen=seen,
            hint="look at it by hand; when nothing of it is needed: bench drop-site, then run again",
            status=409,
        )
    if found.recorded != "creating":
        raise ErpopsError(
            "was a whole site once and now misses a part: nothing of it is touched",
            object=found.name,
            seen=seen,
            hint=context.bench.config_hint(found.name)
            if found.config == "malformed"
            else "bring the missing part back from a backup, then run again",
            status=409,
        )
    if not args.get("repair"):
        raise ErpopsError(
            "is half made by an earlier run of ours that was ended",
            object=found.name,
            seen=seen,
            hint="run again with repair: true (tenant_repair=true), which removes the pieces and makes it anew",
            status=409,
        )
    age = time.time() - float(context.bench.record(found.name).get("started") or 0)
    if age > REPAIR_WINDOW and args.get("confirm") != found.name:
        raise ErpopsError(
            "was begun by a run of ours, but long ago: somebody may have come to use it since",
            object=found.name,
            seen=f"begun {age / 3600:.0f} hours ago; {seen}",
            needed=f"confirm: {found.name}, after a look at its database {found.db_name}",
            status=409,
        )


def _create(context: Context, args: dict[str, Any], root: dict[str, Any]) -> None:
    """Run ``new-site`` and prove that there is a site; on failure remove what this run made, and only that."""
    site, bench = context.site, context.bench
    db_name = database_name(context, create_identity=True)
    user_host = str(args.get("db_user_host") or "")
    bench.forget(site)  # what is noted of an earlier site of this name, however that one went
    bench.write_record(
        site, {"state": "creating", "db_name": db_name, "db_user_host": user_host, "started": time.time()}
    )
    options = {
        "--db-name": db_name,
        "--db-type": args.get("db_type") or "mariadb",
        "--db-host": root.get("host"),
        "--db-port": root.get("port"),
        "--db-root-username": root.get("user"),
        "--db-root-password": root.get("password"),
        "--mariadb-user-host-login-scope": user_host,
        "--admin-password": args["admin_password"],
    }
    arguments = ["new-site", site]
    for option, value in options.items():
        if value not in (None, ""):
            arguments += [option, str(value)]
    secrets = [str(args["admin_password"]), str(root.get("password") or "")]
    done = bench.cli(arguments, secrets=secrets, timeout=float(args.get("timeout") or 900))
    after = look(context)
    if done.code != 0 or after.state != "present":
        _undo_creation(context, after, root, done)
    _after_creation(context)
    bench.write_record(site, {**bench.record(site), "state": "created", "created": time.time()})


def _after_creation(context: Context) -> None:
    """Pin the encryption key now (else two hosts may each make one on first use) and close the file's mode."""
    from frappe.utils.password import get_encryption_key

    connect(context.bench, context.site)
    get_encryption_key()
    disconnect()
    os.chmod(context.bench.site_path(context.site, "site_config.json"), 0o600)


def _undo_creation(context: Context, after: SiteState, root: dict[str, Any], done: CliResult) -> None:
    """Remove the pieces of a failed creation and report why it failed."""
    left = ""
    try:
        remove_pieces(context, after, root)
    except Exception as exc:  # noqa: BLE001 -- reported beside the failure that led here, which must not be lost
        left = f"; its pieces could not be removed ({exc}) and are recognised by the next run"
    lines = [line for line in done.output.strip().splitlines() if line.strip()]
    raise ErpopsError(
        f"new-site failed (exit code {done.code}){left}",
        object=context.site,
        seen=" / ".join(lines[-4:]) or "no output",
        hint="correct the cause and run again" + ("" if left else "; nothing of the site was left behind"),
        data={"output": lines[-40:]},
    )


def remove_pieces(context: Context, found: SiteState, root: dict[str, Any]) -> None:
    """Remove database, user and directory of a site that our record says was never finished."""
    disconnect()
    if found.db_name and root.get("password"):
        with root_database(root) as manager:
            manager.drop_database(found.db_name)
            user_host = str(context.bench.record(context.site).get("db_user_host") or "%")
            for host in ("%", user_host) if user_host != "%" else ("%",):
                manager.delete_user(found.db_name, host=host)
            with contextlib.suppress(Exception):
                manager.delete_user(found.db_name)
    elif found.database == "present":
        raise ErpopsError(
            "the database cannot be removed without the database server's root password",
            object=found.name,
            hint="give db_root_password",
            status=400,
        )
    if found.directory:
        shutil.rmtree(context.bench.site_path(context.site))
    context.bench.forget(context.site)


def _absent(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    root = args.get("root") or {}
    before = look(context, root)
    gone = SiteState(before.name)
    if before.state == "absent":
        return _result(before, before, [])
    if args.get("confirm") != context.site:
        raise ErpopsError(
            "is not dropped without confirmation",
            object=context.site,
            seen=f"confirm: {args.get('confirm') or '(not given)'}",
            needed=f"confirm: {context.site}",
            status=400,
        )
    if not before.owned:
        raise ErpopsError(
            "was not made by us and is never dropped",
            object=context.site,
            hint="adopt it first (state: present, adopt: true), or drop it by hand with bench drop-site",
            status=409,
        )
    if context.check:
        return _result(before, gone, ["dropped site"])

    if before.state == "half_made" and before.recorded == "creating":
        remove_pieces(context, before, root)
        return _result(before, look(context, root), ["removed half-made site"], backup={})
    saved: dict[str, Any] = {}
    if args.get("backup", "verified") == "verified":
        archive = context.bench.state_path("archive", context.site, time.strftime("%Y%m%d_%H%M%S"), "")
        saved = backup_site(context, archive)
    _drop(context, root, float(args.get("timeout") or 900))
    after = look(context, root)
    if after.directory or after.database == "present":
        raise ErpopsError("drop-site left something behind", object=context.site, seen="; ".join(after.problems))
    context.bench.forget(context.site)
    return _result(before, after, ["dropped site"], backup=saved)


def _drop(context: Context, root: dict[str, Any], timeout: float) -> None:
    disconnect()
    dropped = context.bench.state_path("archive", context.site, "dropped", "")
    arguments = ["drop-site", context.site, "--no-backup", "--force", "--archived-sites-path", dropped]
    for option, key in (("--db-root-username", "user"), ("--db-root-password", "password")):
        if root.get(key):
            arguments += [option, str(root[key])]
    done = context.bench.cli(arguments, secrets=[str(root.get("password") or "")], timeout=timeout)
    if done.code != 0:
        raise ErpopsError(
            f"drop-site failed (exit code {done.code})",
            object=context.site,
            seen=" / ".join(done.output.strip().splitlines()[-4:]),
            hint="correct the cause (usually the database's root password) and run again",
        )


def read_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The state of a site; changes nothing."""
    return look(context, args.get("root") or {}).as_dict()


OPERATIONS = {"site.apply": apply_site, "site.read": read_site}
