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
import functools
import gzip
import inspect
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from .._errors import ErpopsError
from ._config import read_config
from ._context import Context, connect, disconnect, plain_text
from ._dump_tables import MixedDumpError, only, surplus, without
from ._files import read_json, write_json
from ._fingerprint import VOLATILE
from ._memory import remember
from ._restore import compare, newest
from ._restore_files import unpack_files
from ._restore_plan import STATE_KEYS, config_after
from ._state import scheduler_facts, set_scheduler

# Bytes of a packed dump. To leave empty tables out of a larger one takes longer than to make them.
_PART_BELOW = 64 << 20


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
    if tables is not None and not _load_part(context, dump, functools.partial(only, tables=tables)):
        tables = None
    if tables is None:
        empty = _empty_tables(context, manifest) if os.path.getsize(dump) < _PART_BELOW else {}
        if not (empty and _load_part(context, dump, functools.partial(without, empty=empty))):
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


def _empty_tables(context: Context, manifest: dict[str, Any]) -> dict[str, str]:
    """Tables that were empty in the set and are now, with their definitions."""
    frappe = connect(context.bench, context.site)
    there = set(frappe.db.get_tables(cached=False))
    found = {}
    for table, rows in ((manifest.get("fingerprint") or {}).get("tables") or {}).items():
        quoted = table.replace("`", "``")
        if rows == 0 and table in there and not frappe.db.sql(f"select 1 from `{quoted}` limit 1"):  # noqa: S608
            found[table] = str(frappe.db.sql(f"show create table `{quoted}`")[0][1])
    return found


def _load_part(context: Context, dump: str, chosen: Callable[[Iterable[bytes]], Iterable[bytes]]) -> bool:
    """Load the lines of the dump that are chosen; False where it has more than tables, and nothing was loaded."""
    with tempfile.TemporaryDirectory(prefix=".part-", dir=os.path.dirname(dump)) as aside:
        part = os.path.join(aside, "part.sql.gz")
        try:
            # The fastest level: it is read once, in the next moment.
            with gzip.open(dump, "rb") as whole, gzip.open(part, "wb", compresslevel=1) as kept:
                kept.writelines(chosen(whole))
        except MixedDumpError:
            return False
        _load(context, part)
    return True


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
