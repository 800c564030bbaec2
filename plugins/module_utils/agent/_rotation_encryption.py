# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the ``encryption_key`` of a site, with all that is encrypted with it.

While rows and key change the site is in maintenance and without jobs: whoever saved a password meanwhile would encrypt
it with a key that is going. The rows change in one transaction; until the configuration follows, the journal has both
keys, and the next run goes on.
"""

from __future__ import annotations

import os
from typing import Any

from .._errors import ErpopsError
from ._backup_set import read_set, set_path
from ._config import read_config, write_identity
from ._context import Context, connect, disconnect
from ._drain import drain, refuse_left
from ._files import read_json
from ._move_plan import wrong
from ._rotation_encryption_plan import encrypts_itself, recrypted
from ._state import apply_maintenance, apply_scheduler, scheduler_facts

# Where the framework itself encrypts: table, its key columns, the column, and which rows. All Password fields are in
# __Auth (frappe/utils/password.py); the secrets of two-factor logins are defaults (frappe/twofactor.py).
STORES = (
    ("__Auth", ("doctype", "name", "fieldname"), "password", "encrypted=1"),
    ("tabDefaultValue", ("name",), "defvalue", "parent='__2fa' and defkey like '%_otpsecret'"),
)
# Of the framework's own code, what is known to keep nothing elsewhere.
_KNOWN = ("frappe/utils/password.py", "frappe/twofactor.py", "frappe/patches/")
_SHOWN = 12


def _rows(frappe: Any, store: tuple[str, tuple[str, ...], str, str]) -> dict[tuple[str, ...], str]:
    table, keys, column, which = store
    columns = ", ".join(f"`{name}`" for name in (*keys, column))
    query = f"select {columns} from `{table}` where {which} and `{column}` <> ''"  # noqa: S608 -- constants
    return {tuple(map(str, row[:-1])): str(row[-1]) for row in frappe.db.sql(query)}


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _unreadable(frappe: Any, keys: list[str]) -> list[str]:
    """Rows that none of the keys decrypts, by name."""
    found = []
    for store in STORES:
        _changed, lost = recrypted(_rows(frappe, store), keys, keys[0])
        found += [".".join(name) for name in lost]
    return found


def faults(context: Context, args: dict[str, Any], entry: Any) -> list[str]:
    """What is in the way of another key."""
    site, found = context.need_site(), []
    config = read_config(context, "site")
    if args.get("confirm") != site:
        seen = str(args.get("confirm") or "no confirmation")
        remedy = f"-e rotate_confirm={site} with --limit {site}, once docs/rotate.md is read"
        found.append(wrong(f"the encryption_key of {site} is not rotated by the way", seen, site, remedy))
    current = str(config.get("encryption_key") or "")
    if not current:
        remedy = f"playbooks/provision.yml --limit {site}"
        return [*found, wrong(f"{site} has no encryption_key in its site_config.json", "none", "a key", remedy)]
    frappe = connect(context.bench, site)
    keys = [current, *(entry.values[key] for key in ("new", "old") if key in entry.values)]
    lost = _unreadable(frappe, keys)
    if lost:
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        remedy = "save those fields anew, or delete them, since nobody can read them"
        needed = "rows that the present key decrypts"
        seen = ", ".join(lost[:_SHOWN]) + more
        found.append(wrong(f"{site} holds secrets that its encryption_key does not open", seen, needed, remedy))
    elsewhere = _encrypting_code(context, frappe)
    if elsewhere and not args.get("elsewhere"):
        remedy = "see what they encrypt; if nothing is kept, -e rotate_encrypted_elsewhere=accepted"
        needed = "apps that leave encryption to Password fields"
        seen = ", ".join(elsewhere[:_SHOWN])
        found.append(wrong(f"apps of {site} encrypt by themselves, out of our sight", seen, needed, remedy))
    if config.get("maintenance_mode") and not entry.values:
        remedy = "end what it is for, then erpops.frappe.maintenance with state: restored or off"
        found.append(wrong(f"{site} is in somebody else's maintenance", "on", "off", remedy))
    return found


def _encrypting_code(context: Context, frappe: Any) -> list[str]:
    """Python files of the site's apps that call the framework's ``encrypt``, as ``app/path``."""
    found = []
    for app in frappe.get_installed_apps():
        base = os.path.join(context.bench.apps, app)
        for folder, folders, names in os.walk(os.path.join(base, app)):
            folders[:] = sorted(name for name in folders if name not in ("node_modules", "public", "tests", "locale"))
            for name in sorted(names):
                path = os.path.join(folder, name)
                shown = os.path.relpath(path, base)
                if not name.endswith(".py") or name.startswith("test_") or shown.startswith(_KNOWN):
                    continue
                with open(path, encoding="utf-8", errors="replace") as handle:
                    if encrypts_itself(handle.read()):
                        found.append(f"{app}: {shown}")
    return found


def _hold(context: Context, args: dict[str, Any]) -> None:
    """No request and no job writes. :raises ErpopsError: (409) jobs are left when the time is over."""
    apply_scheduler(context, {"state": "disabled"})
    apply_maintenance(context, {"state": "on"})
    left = drain(context, args)
    refuse_left(context, left, args, "or raise rotate_drain_timeout", restored=False)


def _release(context: Context, entry: Any) -> None:
    originals = entry.values["originals"]
    apply_scheduler(context, {"state": originals["scheduler"]})
    apply_maintenance(context, {"state": originals["maintenance"]})


def _recrypt(context: Context, keys: list[str], wanted: str) -> dict[str, int]:
    """Every row is encrypted with ``wanted``, all of them in one transaction; how many there are, by table."""
    frappe, counts = connect(context.bench, context.site), {}
    for store in STORES:
        table, names, column, _which = store
        rows = _rows(frappe, store)
        changed, lost = recrypted(rows, keys, wanted)
        if lost:
            raise ErpopsError(
                "some rows open with no known key", object=table, seen=", ".join(map(".".join, lost[:_SHOWN]))
            )
        where = " and ".join(f"`{name}`=%s" for name in names)
        for key, text in changed.items():
            query = f"update `{table}` set `{column}`=%s where {where} and `{column}`=%s"  # noqa: S608 -- constants
            frappe.db.sql(query, (text, *key, rows[key]))
        counts[table] = len(rows)
    frappe.db.commit()
    frappe.clear_cache()
    disconnect()
    return counts


def _prove(context: Context, wanted: str, counts: dict[str, int]) -> None:
    """As many rows as before, each opened by the key. :raises ErpopsError: (502) not so."""
    frappe = connect(context.bench, context.site)
    for store in STORES:
        rows = _rows(frappe, store)
        changed, lost = recrypted(rows, [wanted], wanted)
        if changed or lost or len(rows) != counts[store[0]]:
            raise ErpopsError(
                "the rows are not what was written",
                object=store[0],
                seen=f"{len(rows)} rows, {len(lost)} that the new key does not open",
                needed=f"{counts[store[0]]} rows",
                status=502,
            )
    disconnect()


def _backup_of(context: Context, name: str, key: str) -> None:
    """:raises ErpopsError: (409) the set is not whole, or it is one with another key."""
    folder = set_path(context, name)
    manifest = read_set(folder)
    held = [read_json(os.path.join(folder, file)) for file in manifest["files"] if "site_config" in file]
    if not any(config.get("encryption_key") == key for config in held):
        raise ErpopsError(
            "the backup set does not hold the key that is to be replaced",
            object=folder,
            hint=f"rename or remove that set, and run again, which takes another one called {name}",
            status=409,
        )


def begin(context: Context, args: dict[str, Any], entry: Any) -> dict[str, Any]:
    """Rows and configuration have the new key, and the site is out of maintenance."""
    if not entry.values:
        old = str(read_config(context, "site")["encryption_key"])
        _backup_of(context, str(args.get("backup") or ""), old)
        scheduler = scheduler_facts(context, connect(context.bench, context.site))["state"]
        originals = {"scheduler": scheduler, "maintenance": "off"}
        entry.save(state="noted", old=old, new=_new_key(), originals=originals)
    old, new = entry.values["old"], entry.values["new"]
    if entry.values["state"] != "written":
        _hold(context, args)
        entry.save(state="held")
        counts = _recrypt(context, [new, old], new)
        entry.save(state="encrypted", counts=counts)
        write_identity(context, "encryption_key", new)
        _prove(context, new, counts)
    _release(context, entry)
    entry.save(state="written")
    return {"rows": entry.values["counts"]}


def finish(context: Context, args: dict[str, Any], entry: Any) -> None:
    """Nothing is left of the old key, not even by a request that was under way when maintenance began."""
    _prove(
        context, entry.values["new"], _recrypt(context, [entry.values["new"], entry.values["old"]], entry.values["new"])
    )


def undo(context: Context, args: dict[str, Any], entry: Any) -> None:
    """Rows and configuration have the old key again, what was saved since included."""
    old, new = entry.values["old"], entry.values["new"]
    if entry.values["state"] in ("held", "encrypted", "written"):
        _hold(context, args)
        counts = _recrypt(context, [old, new], old)
        write_identity(context, "encryption_key", old)
        _prove(context, old, counts)
    _release(context, entry)
