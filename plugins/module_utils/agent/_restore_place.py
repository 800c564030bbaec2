# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a site goes back to what a backup set of it says, where it is.

``bench restore`` drops the database and its account and makes both anew, with a login scope of its own choice
(frappe/installer.py: _new_site). Here the site's own account loads the dump into the database that is there: no root
password, no other account, and the grants stay. Interrupted at any moment, it is begun again.
"""

from __future__ import annotations

import contextlib
import gzip
import inspect
import os
import tempfile
import time
from collections.abc import Collection, Iterator
from typing import Any

from .._errors import ErpopsError
from ._config import read_config
from ._context import Context, connect, disconnect, plain_text
from ._dump_tables import MixedDumpError, only, surplus
from ._files import read_json, write_json
from ._fingerprint import VOLATILE
from ._memory import remember
from ._restore import compare, newest
from ._restore_files import unpack_files
from ._restore_plan import STATE_KEYS, config_after
from ._state import scheduler_facts, set_scheduler


def restore_in_place(
    context: Context, folder: str, manifest: dict[str, Any], tables: Collection[str] | None = None
) -> dict[str, Any]:
    """Database, files, configuration, scheduler and what the bench remembered, as the set in ``folder`` has them.

    The caller holds the site's lock and has it in maintenance mode, which stays. The set was read back before. Files
    that came after the set stay: no record names them any more.

    :param tables: only these, where nothing else can have changed; all of them otherwise.
    :returns: ``{"tables": "all" | number, "dropped": [tables], "files": number, "seconds"}``.
    :raises ErpopsError: (500) the dump cannot be loaded; (409) the site is not what the set says; (422) an archive of the
        set is missing, or has what does not belong there.
    """
    started = time.monotonic()
    dump = newest(folder, "*-database.sql.gz")
    if tables is not None:
        tables = _loaded_alone(context, dump, tables)
    if tables is None:
        _load(context, dump)
    dropped = _drop_surplus(context, manifest)
    disconnect()
    copy, live = read_json(newest(folder, "*site_config_backup*.json")), read_config(context, "site")
    state = {key: live[key] for key in STATE_KEYS if key in live}
    path = context.bench.site_path(context.site, "site_config.json")
    write_json(path, {**config_after(copy, live), **state}, mode=0o600)
    files = unpack_files(folder, context.bench.site_path(context.site))
    compare(context, manifest)
    frappe = connect(context.bench, context.site)
    wanted = str(manifest.get("scheduler") or "")
    if wanted and scheduler_facts(context, frappe)["state"] != wanted:
        set_scheduler(frappe, wanted, {})
    remember(context, manifest)
    return {
        "tables": "all" if tables is None else len(tables),
        "dropped": dropped,
        "files": files,
        "seconds": round(time.monotonic() - started, 2),
    }


def _loaded_alone(context: Context, dump: str, tables: Collection[str]) -> Collection[str] | None:
    """``tables``, once they are loaded; ``None`` where the dump has more than tables, and nothing was loaded."""
    with tempfile.TemporaryDirectory(prefix=".part-", dir=os.path.dirname(dump)) as aside:
        part = os.path.join(aside, "part.sql.gz")
        try:
            # The fastest level: it is read once, in the next moment.
            with gzip.open(dump, "rb") as whole, gzip.open(part, "wb", compresslevel=1) as chosen:
                chosen.writelines(only(whole, tables))
        except MixedDumpError:
            return None
        _load(context, part)
    return tables


def _load(context: Context, dump: str) -> None:
    """The framework's own way of loading a dump, but for the password, which it would put on a command line."""
    frappe = connect(context.bench, context.site)
    from frappe.database.db_manager import DbManager

    conf = frappe.conf
    user = str(conf.get("db_user") or conf.db_name)
    arguments: list[Any] = [str(conf.db_name), dump, user, ""]
    if "verbose" in inspect.signature(DbManager.restore_database).parameters:
        arguments.insert(0, False)
    frappe.db.rollback()  # an open transaction would keep tables from being dropped
    try:
        with _client_password(str(conf.db_password)):
            DbManager.restore_database(*arguments)
    except Exception as exc:
        said = getattr(exc, "err", "") or (exc.args[-1] if exc.args else "")
        raise ErpopsError(
            "the dump could not be loaded; the site stays in maintenance, since its database is neither the old nor the new",
            object=context.site,
            seen=plain_text(str(said))[-600:] or type(exc).__name__,
            hint="correct the cause (space, the database server) and run the same again, which loads it anew",
        ) from exc
    finally:
        disconnect()


@contextlib.contextmanager
def _client_password(password: str) -> Iterator[None]:
    """What the client of MariaDB reads instead of an argument, for as long as the dump is loaded.

    Only this user can read it, and the agent ends soon after (its manual: "MYSQL_PWD").
    """
    os.environ["MYSQL_PWD"] = password
    try:
        yield
    finally:
        del os.environ["MYSQL_PWD"]


def _drop_surplus(context: Context, manifest: dict[str, Any]) -> list[str]:
    """Remove tables that came after the set: a migration would find them there and not make them."""
    wanted = (manifest.get("fingerprint") or {}).get("tables")
    if not wanted:
        return []
    frappe = connect(context.bench, context.site)
    found = surplus(frappe.db.get_tables(cached=False), {*wanted, *VOLATILE})
    for table in found:
        quoted = table.replace("`", "``")
        frappe.db.sql_ddl(f"drop table `{quoted}`")
    return found
