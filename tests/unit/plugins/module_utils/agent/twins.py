# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two benches of the stand-in framework, and how tests move a site from one to the other with the real agent.

The fake framework of the other tests has no database to dump and load; this one has.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from pathlib import Path
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.standin.quick_bench import QuickBench

ROOT = {"user": "root", "password": "root-password"}
USER = "Administrator"
# What the bench remembers of each site, beside a finished task.
PHASE = {"phase": "two", "since": 1795219200.5, "history": []}
JOBS = {"shop.sync.pull_all": "stopped"}
_TEMPLATE = "template.localhost"
_numbers = itertools.count(1)


class Side:
    """One bench, seen through the agent and through its files."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.bench = QuickBench.create(path, "erpnext")
        (path / ".standin-db").mkdir()
        (path / ".standin-db/root_password").write_text(ROOT["password"])

    def one(self, op: str, site: str, check: bool = False, **args: Any) -> Any:
        agent = SiteAgent(HostRuntime(str(self.bench.path)), check=check, timeout=60.0, lock_timeout=0.0)
        return agent.one(op, site, {"root": ROOT, **args})

    def refused(self, op: str, site: str, **args: Any) -> ErpopsError:
        """The error of an operation that must fail."""
        try:
            value = self.one(op, site, **args)
        except ErpopsError as error:
            return error
        raise AssertionError(f"{op} was expected to fail, and answered {value}")

    def config(self, site: str) -> dict[str, Any]:
        return dict(json.loads((self.bench.sites / site / "site_config.json").read_text()))

    def state(self, *parts: str) -> Path:
        """A path of ``.erpops``."""
        return self.bench.path.joinpath(".erpops", *parts)

    def sql(self, site: str, query: str) -> None:
        """Change the site's database past the framework."""
        connection = sqlite3.connect(self.bench.path / f".standin-db/{self.config(site)['db_name']}.sqlite3")
        with connection:
            connection.execute(query)
        connection.close()

    def whole(self, site: str) -> dict[str, Any]:
        """All that a site is: its tables, its configuration and its files."""
        connection = sqlite3.connect(self.bench.path / f".standin-db/{self.config(site)['db_name']}.sqlite3")
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type='table'")]
        rows = {table: sorted(map(repr, connection.execute(f'select * from "{table}"'))) for table in tables}
        connection.close()
        folder = self.bench.sites / site
        files = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/files/*") if path.is_file()
        }
        return {**rows, "config": self.config(site), "files": files}

    def rows(self, site: str, query: str) -> list[tuple[Any, ...]]:
        """What the site's database answers, past the framework."""
        connection = sqlite3.connect(self.bench.path / f".standin-db/{self.config(site)['db_name']}.sqlite3")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def databases(self) -> set[str]:
        return {path.stem for path in (self.bench.path / ".standin-db").glob("*.sqlite3")}


class Twins:
    """A source with a site that has all that may be lost on the way, and a target with the same apps."""

    def __init__(self, path: Path) -> None:
        self.staging = path / "staging"
        self.staging.mkdir()
        self.source, self.target = Side("one", path / "one"), Side("two", path / "two")
        self.source.one("site.apply", _TEMPLATE, admin_password="admin-password")
        self.source.one("site_app.apply", _TEMPLATE, apps=["erpnext"])
        self.source.one("config.apply", _TEMPLATE, set={"flag": 1}, secrets={"shop_token": "token-of-the-shop"})
        self.source.one("key.apply", _TEMPLATE, user=USER)
        self.source.one("scheduler.apply", _TEMPLATE, state="enabled")
        files = self.source.bench.sites / _TEMPLATE
        (files / "public/files/x.txt").write_text("public")
        (files / "private/files/y.txt").write_text("private")

    def site(self) -> str:
        """Another site, of its own data, made by us."""
        name = f"site{next(_numbers)}.localhost"
        self.source.bench.clone_site(_TEMPLATE, name)
        record = json.loads(self.source.state("sites", f"{_TEMPLATE}.json").read_text())
        record["db_name"] = self.source.config(name)["db_name"]
        self.source.state("sites", f"{name}.json").write_text(json.dumps(record))
        cursor = {"task": "shop.migrate", "state": "done", "pages": 3}
        self.source.state("tasks", name).mkdir(parents=True)
        self.source.state("tasks", name, "shop.migrate.json").write_text(json.dumps(cursor))
        self.source.state("phases", name).mkdir(parents=True)
        self.source.state("phases", name, "shop.json").write_text(json.dumps(PHASE))
        self.source.state("originals").mkdir(exist_ok=True)
        kept = {"schema": 1, "maintenance": "off", "jobs": JOBS}
        self.source.state("originals", f"{name}.json").write_text(json.dumps(kept))
        return name

    def facts(self, site: str) -> Any:
        return self.source.one("move.read", site, name="one", staging=str(self.staging))

    def plan(self, site: str, **args: Any) -> Any:
        given = {"name": "two", "peer": self.facts(site), "staging": str(self.staging), "database": True, **args}
        return self.target.one("move.plan", site, **given)

    def hold(self, site: str) -> dict[str, Any]:
        """The journal of the source once it is held."""
        return dict(self.source.one("move.hold", site, to="two", drain_timeout=5)["journal"])

    def send(self, site: str) -> str:
        """Hold, back up, seal and open; the set's directory on the target."""
        journal = self.hold(site)
        self.source.one("backup.apply", site, state="present", name=journal["set"])
        return str(self.receive(site, self.pack(site))["path"])

    def pack(self, site: str) -> dict[str, Any]:
        return dict(self.source.one("move_set.pack", site, staging=str(self.staging)))

    def receive(self, site: str, packed: dict[str, Any], **args: Any) -> Any:
        sealed = {key: packed[key] for key in ("path", "key", "sha256", "set_id")}
        journal = packed["journal"]
        given = {**sealed, "id": journal["id"], "set": journal["set"], "from": "one", **args}
        return self.target.one("move_set.receive", site, **given)

    def bring(self, site: str) -> Any:
        """All the way to a copy that is not live yet."""
        return self.target.one("restore.apply", site, path=self.send(site), scheduler="disabled")

    def move(self, site: str) -> None:
        self.bring(site)
        self.target.one("move.live", site, scheduler="enabled")
        self.source.one("move.moved", site, forward="https://two.example.com")
