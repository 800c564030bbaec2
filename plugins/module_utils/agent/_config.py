# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: site_config.json and common_site_config.json."""

from __future__ import annotations

import os
import stat
from typing import Any

from ._config_plan import ConfigPlan, plan_config
from ._context import Context
from ._files import MissingFileError, locked, make_private_dir, read_json, write_json


def paths(context: Context, scope: str) -> tuple[str, str]:
    """The configuration file of a scope and the lock file that Frappe itself takes for it.

    Source: ``frappe/utils/synchronization.py: filelock`` (site: ``<site>/locks``; common: ``<bench>/config``).
    """
    if scope == "common":
        return (
            os.path.join(context.bench.sites, "common_site_config.json"),
            os.path.join(context.bench.path, "config", "site_config.lock"),
        )
    site = context.need_site()
    return (
        context.bench.site_path(site, "site_config.json"),
        context.bench.site_path(site, "locks", "site_config.lock"),
    )


def read_config(context: Context, scope: str) -> dict[str, Any]:
    """The configuration of a scope; no common file yet is an empty one.

    :raises MalformedFileError: it is not valid JSON; points at the newest backup of it.
    :raises MissingFileError: there is no such site.
    """
    path, _lock = paths(context, scope)
    if os.path.exists(path):
        return read_json(path, hint=context.bench.config_hint("" if scope == "common" else context.site))
    if scope == "common":
        return {}
    raise MissingFileError(
        "there is no such site on this bench",
        object=context.site,
        seen=", ".join(context.bench.site_names()) or "no site at all",
        hint="run playbooks/provision.yml --limit <site> first",
        status=404,
    )


def apply_config(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Set and remove keys in one atomic write; args: ``scope, set, secrets, absent, mode`` (octal text)."""
    scope = str(args.get("scope") or "site")
    path, lock_path = paths(context, scope)
    mode = int(str(args.get("mode") or "0600"), 8)

    def plan() -> ConfigPlan:
        return plan_config(
            read_config(context, scope), args.get("set") or {}, args.get("secrets") or {}, args.get("absent") or []
        )

    planned = plan()
    mode_before = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else None
    mode_differs = mode_before is not None and args.get("mode") is not None and mode_before != mode
    changed = bool(planned.changed_keys) or mode_differs
    if changed and not context.check:
        with context.locked("config.apply", name="bench" if scope == "common" else ""):
            make_private_dir(os.path.dirname(lock_path))
            with locked(lock_path, timeout=context.lock_timeout, purpose="erpops.frappe config.apply"):
                planned = plan()  # again: somebody may have written between the first look and the lock
                write_json(path, planned.after, mode=mode if args.get("mode") else (mode_before or 0o600))
    before, after = dict(planned.shown_before), dict(planned.shown_after)
    if mode_differs:
        before["(mode)"], after["(mode)"] = f"{mode_before:04o}", f"{mode:04o}"
    return {
        "changed": changed,
        "path": path,
        "changed_keys": planned.changed_keys,
        "unmanaged_keys": sorted(
            planned.after.keys() - (args.get("set") or {}).keys() - (args.get("secrets") or {}).keys()
        ),
        "diff": {"before": before, "after": after},
    }


def write_identity(context: Context, key: str, value: str) -> None:
    """Replace one of ``IDENTITY_KEYS``, which :func:`apply_config` refuses to touch: for rotations only."""
    path, lock_path = paths(context, "site")
    with context.locked("config.identity"):
        make_private_dir(os.path.dirname(lock_path))
        with locked(lock_path, timeout=context.lock_timeout, purpose="erpops.frappe config.identity"):
            config = read_config(context, "site")
            if config.get(key) != value:
                write_json(path, {**config, key: value}, mode=stat.S_IMODE(os.stat(path).st_mode))


def check_types(config: dict[str, Any]) -> dict[str, str]:
    """Key -> JSON type, for showing a configuration without its values."""
    return {key: type(value).__name__ for key, value in sorted(config.items())}


def read_types(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Names and types of the keys of a scope, never their values."""
    return {"types": check_types(read_config(context, str(args.get("scope") or "site")))}


OPERATIONS = {"config.apply": apply_config, "config.read": read_types}
