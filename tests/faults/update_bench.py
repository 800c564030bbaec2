# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench of the stand-in with two sites, and beside its code the next release: how updates of it are tried, and broken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.standin.quick_bench import QuickBench
from tests.unit.plugins.module_utils.agent.tools import git

ROOT = Path(__file__).resolve().parents[2]
SITE = "a.localhost"
OTHER = "b.localhost"
ORDER = "shopsync/shop_sync/doctype/shop_order/shop_order.json"
GOOD = "frappe.db.set_default('one', 1)"
# DDL is committed whatever follows, as with MariaDB; a row of another DocType as well.
BAD = (
    "frappe.db.sql_ddl('create table `tabLeft Behind` (name varchar(140))');"
    " frappe.db.sql(\"update `tabDefaultValue` set defvalue='x'\"); frappe.db.commit(); raise ValueError('no such field')"
)


class UpdateBench:
    """A bench with two sites and, beside its code, a release of the next."""

    def __init__(self, path: Path) -> None:
        self.bench = QuickBench.create(path, "erpnext", "shopsync")
        self.path = path
        for app in ("frappe", "erpnext", "shopsync"):
            folder = path / "apps" / app
            git(folder, "init", "--quiet", "--initial-branch", "main")
            git(folder, "add", "--all")
            git(folder, "commit", "--quiet", "-m", "one")
        done = self.bench.run("new-site", SITE, "--admin-password", "x", "--install-app", "erpnext")
        assert done.returncode == 0, done.stdout + done.stderr
        assert self.bench.run("--site", SITE, "install-app", "shopsync").returncode == 0
        agent = self.agent()
        agent.one("key.apply", SITE, {"user": "Administrator"})
        self.bench.clone_site(SITE, OTHER)
        (self.bench.sites / SITE / "private/files/kept.txt").write_text("kept")

    def agent(self, check: bool = False) -> SiteAgent:
        return SiteAgent(HostRuntime(str(self.path)), check=check, timeout=120.0, lock_timeout=0.0)

    def one(self, op: str, site: str = "", check: bool = False, **args: Any) -> Any:
        return self.agent(check).one(op, site, args)

    def refused(self, op: str, site: str = "", **args: Any) -> ErpopsError:
        with pytest.raises(ErpopsError) as caught:
            self.one(op, site, **args)
        return caught.value

    def release(self, patch: str = GOOD, name: str = "next", section: str = "post_model_sync") -> dict[str, Any]:
        """A commit of shopsync with a patch and another field, in a folder with an environment of its own."""
        folder = self.path / "releases" / name
        (folder / "apps").mkdir(parents=True)
        for app in ("frappe", "erpnext", "shopsync"):
            git(self.path, "clone", "--quiet", str(self.path / "apps" / app), str(folder / "apps" / app))
        shop = folder / "apps/shopsync"
        order = json.loads((shop / ORDER).read_text())
        order["fields"].append({"fieldname": "extra", "fieldtype": "Data", "label": "Extra"})
        (shop / ORDER).write_text(json.dumps(order))
        (shop / "shopsync/patches.txt").write_text(
            "".join(
                f"[{one}]\n" + (f"execute:{patch}\n" if one == section else "")
                for one in ("pre_model_sync", "post_model_sync")
            )
        )
        git(shop, "commit", "--quiet", "--all", "-m", "two")
        shutil.copytree(self.path / "env", folder / "env", symlinks=True)
        for pth in folder.glob("env/lib/*/site-packages/*.pth"):
            pth.write_text(pth.read_text().replace(str(self.path / "apps"), str(folder / "apps")))
        sitecustomize = next(folder.glob("env/lib/*/site-packages")) / "sitecustomize.py"
        sitecustomize.write_text(_FAULTS)
        shutil.copy(sitecustomize, next(self.path.glob("env/lib/*/site-packages")))
        for link in ("sites", ".standin-db"):
            os.symlink(self.path / link, folder / link)
        commit = git(shop, "rev-parse", "HEAD")
        return {
            "python": str(folder / "env/bin/python"),
            "apps": [{"name": "shopsync", "repo": str(shop), "version": commit}],
        }

    def begin(self, target: dict[str, Any], *sites: str, **more: Any) -> dict[str, Any]:
        commits = {app["name"]: app["version"] for app in target["apps"]}
        journal = self.one("update_bench.begin", sites=list(sites or (SITE,)), commits=commits, **more)["journal"]
        return {"run": journal["run"], "point": journal["point"], **target}

    def database(self, site: str = SITE) -> Path:
        config = json.loads((self.bench.sites / site / "site_config.json").read_text())
        return self.path / f".standin-db/{config['db_name']}.sqlite3"

    def state(self, site: str = SITE) -> dict[str, Any]:
        """All that a site is: its tables, its configuration and its files."""
        connection = sqlite3.connect(self.database(site))
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type='table'")]
        rows = {t: sorted(map(repr, connection.execute(f'select * from "{t}"'))) for t in tables}
        connection.close()
        folder = self.bench.sites / site
        files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.glob("*/files/**/*") if p.is_file()}
        return {**rows, "config": json.loads((folder / "site_config.json").read_text()), "files": files}

    def journal(self, site: str = SITE) -> dict[str, Any]:
        return dict(json.loads((self.path / f".erpops/updates/{site}.json").read_text()))

    def fault(self, kind: str, **more: Any) -> None:
        """What the bench's interpreters do from now on (``_FAULTS``)."""
        (self.path / "fault.json").write_text(json.dumps({"kind": kind, **more}))

    def kill_at(self, state: str, args: dict[str, Any], site: str = SITE) -> None:
        """Run ``update.forward`` as the agent does, in a process that kills itself once its journal is at ``state``."""
        request = {"bench": str(self.path), "site": site, "state": state, "args": args}
        done = subprocess.run(
            [str(self.bench.python), "-c", _SUICIDE, str(ROOT / ".collections")],
            input=json.dumps(request),
            cwd=self.bench.sites,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
        assert self.journal(site)["state"] == state

    def finish(self, way: str, args: dict[str, Any]) -> str:
        """Go on with the run, or take it back; the sentence about the site."""
        if way == "resume":
            self.one("update.forward", SITE, **args)
        else:
            back = self.one("update_bench.begin_back")["journal"]
            for op in ("update_back.leave", "update_back.return"):
                self.one(op, SITE, run=back["run"], point=back["point"], only_begun=True)
        return str(self.one("update.open", SITE)["told"])

    def maintenance(self, site: str = SITE) -> bool:
        return bool(self.state(site)["config"].get("maintenance_mode"))


_SUICIDE = """
import json, os, signal, sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _update
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
asked, write = json.load(sys.stdin), _update.write_site_journal
def write_and_die(context, journal):
    write(context, journal)
    if journal["state"] == asked["state"]:
        os.kill(os.getpid(), signal.SIGKILL)
_update.write_site_journal = write_and_die
_update.forward(Context(Bench(asked["bench"]), asked["site"]), asked["args"])
"""


# Run by each interpreter of the bench as it starts: does what the bench's file `fault.json` asks for, once where it kills.
_FAULTS = """
import builtins, json, os, signal, sys
def _fault():
    here = os.path.abspath(sys.prefix)
    while here != "/" and not os.path.isdir(os.path.join(here, ".erpops")):
        here = os.path.dirname(here)
    path = os.path.join(here, "fault.json")
    if not os.path.exists(path):
        return
    asked = json.load(open(path))
    if asked["kind"] == "clock":
        import time
        plain = time.time
        time.time = lambda: plain() + asked["seconds"]
        return
    def die(*_args, **_options):
        os.unlink(path)
        os.kill(os.getpid(), signal.SIGKILL)
    if asked["kind"] == "dump":
        import gzip
        class Dying(gzip.GzipFile):
            def write(self, data):
                if self.fileobj and "-database.sql.gz" in str(self.name) and self.offset > 1000:
                    die()
                return super().write(data)
        gzip.GzipFile = Dying
    if asked["kind"] == "tar":
        import tarfile
        tarfile.TarFile.add = die
_fault()
"""


# What maintenance mode leaves in the configuration when it is off.
def same(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of what differs; a mode that is off and one that was never on are the same."""
    left, right = ({**one, "config": {**one["config"], "maintenance_mode": 0}} for one in (before, after))
    return [key for key in {*left, *right} if left.get(key) != right.get(key)]


class Kept:
    """The bench's sites and its state, to be put back after each test."""

    PARTS = ("sites", ".standin-db", ".erpops")

    def __init__(self, bench: UpdateBench) -> None:
        self.bench, self.folder = bench, bench.path.parent / "kept"
        for part in self.PARTS:
            shutil.copytree(bench.path / part, self.folder / part, symlinks=True)

    def put_back(self) -> None:
        shutil.rmtree(self.bench.path / "releases", ignore_errors=True)
        (self.bench.path / "fault.json").unlink(missing_ok=True)
        for part in self.PARTS:
            shutil.rmtree(self.bench.path / part)
            shutil.copytree(self.folder / part, self.bench.path / part, symlinks=True)
