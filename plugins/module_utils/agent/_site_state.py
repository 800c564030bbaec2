# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what state a site is in -- whole, half made, or not there -- and its database."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import asdict, dataclass, field
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect, disconnect, frappe_module, plain_text
from ._files import MalformedFileError, MissingFileError, read_json


@dataclass
class SiteState:
    """What was found of a site.

    ``state`` is ``absent`` (nothing of it), ``present`` (directory, database and framework are there) or
    ``half_made`` (anything between); ``database`` is ``present``, ``absent`` or ``unknown`` (not looked at,
    for want of the database's root password).
    """

    name: str
    state: str = "absent"
    directory: bool = False
    config: str = "absent"  # absent | ok | malformed
    database: str = "unknown"
    framework: bool = False
    installed_apps: list[str] = field(default_factory=list)
    db_name: str = ""
    owned: bool = False
    recorded: str = ""  # creating | created | adopted: how far our own record says the making came
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As result keys."""
        return asdict(self)


def database_name(context: Context, *, create_identity: bool) -> str:
    """The name of the site's database: always given to ``new-site``, never left to its default.

    Frappe's own default is a hash of the site directory's path (random in version 16), the same for the
    same site name in every container, so that two stacks on one server would share a database.
    """
    recorded = context.bench.record(context.site).get("db_name")
    if recorded:
        return str(recorded)
    identity = context.bench.identity(create=create_identity)
    return "_" + hashlib.sha256(f"{identity}:{context.site}".encode()).hexdigest()[:16] if identity else ""


@contextlib.contextmanager
def root_database(root: dict[str, Any]) -> Any:
    """A ``DbManager`` with the database server's root connection (MariaDB; ``frappe/database/db_manager.py``).

    :param root: ``user, password, host, port`` (the last two default to the common configuration).
    :raises ErpopsError: (403) the server refuses this login.
    """
    frappe = frappe_module()
    disconnect()
    frappe.init(site="", sites_path=".")
    try:
        from frappe.database import get_db
        from frappe.database.db_manager import DbManager

        frappe.flags.root_login = root.get("user") or "root"
        frappe.flags.root_password = root.get("password")
        connection = get_db(
            host=root.get("host") or frappe.conf.get("db_host"),
            port=root.get("port") or frappe.conf.get("db_port"),
            user=root.get("user") or "root",
            password=root.get("password"),
        )
        yield DbManager(connection)
        connection.close()
    except Exception as exc:
        if "Access denied" in str(exc):
            raise ErpopsError(
                "the database server refuses its administrative user",
                object=root.get("user") or "root",
                seen=plain_text(exc),
                hint="check db_root_user and db_root_password (inventory: bench_db_root_user, bench_db_root_password)",
                status=403,
            ) from exc
        raise
    finally:
        frappe.destroy()


def look(context: Context, root: dict[str, Any] | None = None) -> SiteState:
    """Find out the state of ``context.site`` without changing anything.

    :param root: the database server's root credentials; without them an orphan database is not seen.
    """
    site = context.need_site()
    bench = context.bench
    record = bench.record(site)
    found = SiteState(site, owned=bool(record), recorded=str(record.get("state") or ""))
    found.directory = os.path.isdir(bench.site_path(site))
    config: dict[str, Any] = {}
    try:
        config = read_json(bench.site_path(site, "site_config.json"))
        found.config = "ok"
    except MissingFileError:
        pass
    except MalformedFileError as exc:
        found.config = "malformed"
        found.problems.append(str(exc))
    found.db_name = str(config.get("db_name") or database_name(context, create_identity=False))
    if found.config == "ok":
        _look_inside(context, found)
    if found.database != "present" and found.db_name and root and root.get("password"):
        with root_database(root) as manager:
            found.database = "present" if found.db_name in manager.get_database_list() else "absent"
    _judge(found)
    return found


def _look_inside(context: Context, found: SiteState) -> None:
    """Connect as the site does, and see whether the framework is installed in it."""
    try:
        frappe = connect(context.bench, found.name)
    except Exception as exc:  # noqa: BLE001 -- whatever the driver raises is what is reported
        found.problems.append(f"its database does not let the site in: {getattr(exc, 'seen', '') or exc}")
        return
    found.database = "present"
    try:
        found.installed_apps = list(frappe.get_installed_apps())
        found.framework = "frappe" in found.installed_apps and bool(frappe.db.exists("User", "Administrator"))
    except Exception as exc:  # noqa: BLE001 -- whatever the driver raises is what is reported
        found.problems.append(f"its tables cannot be read: {type(exc).__name__}")
    if not found.framework:
        found.problems.append("the framework is not installed in its database")


def _judge(found: SiteState) -> None:
    """Name the state from the pieces that were found."""
    if found.config == "ok" and found.database == "present" and found.framework:
        found.state = "present"
        return
    if not found.directory and found.database != "present":
        found.state = "absent"
        return
    found.state = "half_made"
    if not found.directory:
        found.problems.append(f"there is a database {found.db_name} but no site directory")
    elif found.config == "absent":
        found.problems.append("there is a directory but no site_config.json in it")
    if found.directory and found.database == "absent":
        found.problems.append(f"there is a directory but no database {found.db_name}")
