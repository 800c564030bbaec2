# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the password of a site's database account.

MariaDB (10.4 and later) lets an account have two passwords, as alternative authentication methods. So both are let in
while ``site_config.json`` changes: open connections survive anyway, and every new one finds its password taken, with
the old configuration or with the new. Only an administrative user may do that; the site's own user can just replace
its password, which leaves a moment between the server and the file.
"""

from __future__ import annotations

import re
import time
from typing import Any

from .._errors import ErpopsError
from ._config import read_config, write_identity
from ._context import Context, disconnect, frappe_module
from ._move_plan import wrong
from ._rotation_plan import begin_database, finish_database, native_hash, undo_database
from ._site_state import root_database
from ._words import new_word

# Version 16 keeps site_config.json in memory for up to a minute (frappe/config.py).
SETTLE = 65.0
_NATIVE = re.compile(r"IDENTIFIED (BY PASSWORD|VIA mysql_native_password USING) '\*[0-9A-F]{40}'")
_PLUGIN = re.compile(r"(?:VIA|OR) (\w+)")


def _native_only(statement: str) -> bool:
    """Whether an account, as ``SHOW CREATE USER`` tells it, has passwords of the usual kind and nothing else."""
    return bool(_NATIVE.search(statement)) and set(_PLUGIN.findall(statement)) <= {"mysql_native_password"}


class _Side:
    """The account of a site and its configuration; see :class:`DatabaseSide`."""

    def __init__(self, context: Context, args: dict[str, Any], account: str, known: list[str]) -> None:
        self.context, self.root, self.account, self.known = context, args.get("root") or {}, account, known

    def opens(self, password: str) -> bool:
        return bool(login(self.context, password))

    def let_in(self, passwords: list[str]) -> None:
        if self.root.get("password"):
            methods = " OR ".join(f"mysql_native_password USING '{native_hash(one)}'" for one in passwords)
            user, _at, host = self.account.rpartition("@")
            with root_database(self.root) as manager:
                manager.db.sql(f"ALTER USER `{user}`@`{host}` IDENTIFIED VIA {methods}")
            return
        (wanted,) = passwords
        for password in self.known:
            if login(self.context, password, f"SET PASSWORD = '{native_hash(wanted)}'"):
                return
        raise ErpopsError(
            "the database server takes neither the old nor the new password",
            object=self.context.site,
            hint="give bench_db_root_password, with which the account can be repaired, and run again",
            status=503,
        )

    def configure(self, password: str) -> None:
        write_identity(self.context, "db_password", password)


def login(context: Context, password: str, statement: str = "") -> str:
    """The account (``user@host``) that the site's user is let in as with ``password``; ``""`` if it is refused.

    :param statement: run before.
    """
    frappe = frappe_module()
    disconnect()
    frappe.init(site=context.need_site(), sites_path=".")
    try:
        frappe.local.conf["db_password"] = password
        frappe.connect()
        account = str(frappe.db.sql("select current_user()")[0][0])
        if statement:
            frappe.db.sql(statement)
        return account
    except Exception as exc:
        if "Access denied for user" in str(exc):
            return ""
        raise
    finally:
        frappe.destroy()


def faults(context: Context, args: dict[str, Any], entry: Any) -> list[str]:
    """What is in the way of another password."""
    found: list[str] = []
    site, config, root = context.need_site(), read_config(context, "site"), args.get("root") or {}
    if str(config.get("db_type") or "mariadb") != "mariadb":
        remedy = "change it by hand"
        return [wrong(f"the database of {site} cannot be done", str(config["db_type"]), "MariaDB", remedy)]
    if not config.get("db_password"):
        remedy = "move it from the common configuration or the environment into the site's own"
        return [wrong(f"{site} has no db_password in its site_config.json", "none", "one", remedy)]
    if config.get("replica_db_password"):
        remedy = "rotate both by hand"
        found.append(wrong(f"{site} reads from a replica with a password of its own", "two", "one", remedy))
    current = str(config["db_password"])
    account = login(context, current)
    if not account and not entry.values:
        remedy = "playbooks/verify.yml; put the right db_password back into site_config.json"
        return [*found, wrong(f"the database refuses {site}", "access denied", "a site that works", remedy)]
    if not root.get("password"):
        if not args.get("gap"):
            remedy = "give bench_db_root_password, or accept the gap with -e rotate_database_gap=true"
            seen = "no bench_db_root_password"
            needed = "an administrative user, so that both passwords are let in meanwhile"
            found.append(wrong(f"the database password of {site} cannot change without a gap", seen, needed, remedy))
        return found
    try:
        with root_database(root) as manager:
            user, _at, host = (account or entry.values["account"]).rpartition("@")
            told = str(manager.db.sql(f"SHOW CREATE USER `{user}`@`{host}`")[0][0])
    except ErpopsError as exc:
        return [*found, str(exc)]
    if not _native_only(told):
        seen, needed = re.sub(r"'[^']*'", "'...'", told), "mysql_native_password"
        found.append(wrong(f"the account of {site} has no plain password", seen, needed, "change it by hand"))
    return found


def begin(context: Context, args: dict[str, Any], entry: Any) -> dict[str, Any]:
    """The site connects with a new password."""
    if not entry.values:
        old = str(read_config(context, "site")["db_password"])
        window = bool((args.get("root") or {}).get("password"))
        entry.save(state="noted", old=old, new=new_word(), account=login(context, old), window=window)
    begin_database(_side(context, args, entry), entry.values["old"], entry.values["new"], entry.values["window"])
    entry.save(state="written")
    return {"gap": not entry.values["window"]}


def finish(context: Context, args: dict[str, Any], entry: Any) -> None:
    """The old password is refused."""
    if int(str(frappe_module().__version__).partition(".")[0]) >= 16:
        time.sleep(float(args.get("settle") or SETTLE))
    finish_database(_side(context, args, entry), entry.values["old"], entry.values["new"])


def undo(context: Context, args: dict[str, Any], entry: Any) -> None:
    """The old password is the only one again."""
    undo_database(_side(context, args, entry), entry.values["old"], entry.values["new"], entry.values["window"])


def _side(context: Context, args: dict[str, Any], entry: Any) -> _Side:
    values = entry.values
    if values["window"] and not (args.get("root") or {}).get("password"):
        raise ErpopsError(
            "the rotation was begun with the database's administrative user, and needs it to go on",
            object=context.site,
            needed="bench_db_root_password",
            status=400,
        )
    return _Side(context, args, values["account"], [values["new"], values["old"]])
