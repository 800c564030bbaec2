# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench with two sites, and beside its code the next release: how updates of it are tried, and broken.

This one is of the stand-in; ``real_bench`` says what is otherwise on real Frappe.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.contract.benches import PREFIX, ContractBench
from tests.standin.quick_bench import QuickBench
from tests.unit.plugins.module_utils.agent.tools import git

ROOT = Path(__file__).resolve().parents[2]
# With the prefix of the contract, whose benches are never touched beyond it.
SITE = f"{PREFIX}a.localhost"
OTHER = f"{PREFIX}b.localhost"
ORDER = "shopsync/shop_sync/doctype/shop_order/shop_order.json"
GOOD = "frappe.db.set_default('one', 1)"
# DDL is committed whatever follows, as with MariaDB; a row of another DocType as well.
BAD = (
    "frappe.db.sql_ddl('create table `tabLeft Behind` (name varchar(140))');"
    " frappe.db.sql(\"update `tabDefaultValue` set defvalue='x'\"); frappe.db.commit(); raise ValueError('no such field')"
)


class UpdateBench:
    """A bench with two sites and, beside its code, a release of the next."""

    # What of the bench is no code, and what each release links to.
    data: tuple[str, ...] = ("sites", ".standin-db", ".erpops")
    linked: tuple[str, ...] = ("sites", ".standin-db")

    def __init__(self, path: Path) -> None:
        self.bench: QuickBench | ContractBench = self.build(path)
        self.path = path

    @staticmethod
    def build(path: Path) -> QuickBench | ContractBench:
        """The bench with both sites; of the first there is a file and an API key."""
        bench = QuickBench.create(path, "erpnext", "shopsync")
        for app in ("frappe", "erpnext", "shopsync"):
            folder = path / "apps" / app
            git(folder, "init", "--quiet", "--initial-branch", "main")
            git(folder, "add", "--all")
            git(folder, "commit", "--quiet", "-m", "one")
        done = bench.run("new-site", SITE, "--admin-password", "x", "--install-app", "erpnext")
        assert done.returncode == 0, done.stdout + done.stderr
        assert bench.run("--site", SITE, "install-app", "shopsync").returncode == 0
        agent_of(path).one("key.apply", SITE, {"user": "Administrator"})
        bench.clone_site(SITE, OTHER)
        (bench.sites / SITE / "private/files/kept.txt").write_text("kept")
        return bench

    def agent(self, check: bool = False) -> SiteAgent:
        return agent_of(self.path, check)

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
        self.copy_environment(folder / "env")
        for pth in folder.glob("env/lib/*/site-packages/*.pth"):
            pth.write_text(pth.read_text().replace(str(self.path / "apps"), str(folder / "apps")))
        for packages in (*folder.glob("env/lib/*/site-packages"), *self.path.glob("env/lib/*/site-packages")):
            # Not sitecustomize.py, of which Debian has one that comes first.
            (packages / "faults_of_the_tests.py").write_text(_FAULTS)
            (packages / "zz-faults.pth").write_text("import faults_of_the_tests\n")
        for link in self.linked:
            os.symlink(self.path / link, folder / link)
        commit = git(shop, "rev-parse", "HEAD")
        return {
            "python": str(folder / "env/bin/python"),
            "apps": [{"name": "shopsync", "repo": str(shop), "version": commit}],
        }

    def copy_environment(self, to: Path) -> None:
        """The bench's environment, of which the files of paths (``.pth``) are the copy's own."""
        shutil.copytree(self.path / "env", to, symlinks=True)

    def begin(self, target: dict[str, Any], *sites: str, **more: Any) -> dict[str, Any]:
        commits = {app["name"]: app["version"] for app in target["apps"]}
        journal = self.one("update_bench.begin", sites=list(sites or (SITE,)), commits=commits, **more)["journal"]
        return {"run": journal["run"], "point": journal["point"], **target}

    def migrate_and_switch(self, *sites: str) -> dict[str, Any]:
        """Sites have the data of a good release, and the bench its code; they wait to be opened. What the run was begun with."""
        args = self.begin(self.release(), *sites)
        for site in sites or (SITE,):
            self.one("update.forward", site, **args)
        assert self.one("update_bench.settle", run=args["run"], allowed=0)["go"]
        return args

    def updated(self) -> dict[str, Any]:
        """The first site is fully new and served, and the run is over."""
        args = self.migrate_and_switch()
        self.open_site()
        self.one("update_bench.mark", run=args["run"], state="over", outcome="done")
        return args

    def database(self, site: str = SITE) -> Path:
        return self.path / f".standin-db/{self.config(site)['db_name']}.sqlite3"

    def state(self, site: str = SITE) -> dict[str, Any]:
        """All that a site is: its tables, its configuration and its files."""
        folder = self.bench.sites / site
        files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.glob("*/files/**/*") if p.is_file()}
        return {**self.tables(site), "config": self.config(site), "files": files}

    def config(self, site: str = SITE) -> dict[str, Any]:
        return dict(json.loads((self.bench.sites / site / "site_config.json").read_text()))

    def tables(self, site: str) -> dict[str, list[str]]:
        """Each table's rows, as text."""
        connection = sqlite3.connect(self.database(site))
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type='table'")]
        rows = {t: sorted(map(repr, connection.execute(f'select * from "{t}"'))) for t in tables}
        connection.close()
        return rows

    def is_new(self) -> bool:
        """Whether the release's field is in the site."""
        return any("'extra'" in row and "'Shop Order'" in row for row in self.state()["tabDocField"])

    def journal(self, site: str = SITE) -> dict[str, Any]:
        return dict(json.loads((self.path / f".erpops/updates/{site}.json").read_text()))

    def fault(self, kind: str, **more: Any) -> None:
        """What the bench's interpreters do from now on (``_FAULTS``)."""
        (self.path / "fault.json").write_text(json.dumps({"kind": kind, **more}))

    def take_database(self) -> str:
        """Python that takes the first site's database away from it; :meth:`give_database` brings it back."""
        account = self.database().with_suffix(".user")
        return f"import os; os.rename('{account}', '{account.with_name('gone')}')"

    def give_database(self) -> None:
        account = self.database().with_suffix(".user")
        account.with_name("gone").rename(account)

    def room_for(self, part: str) -> int:
        """KiB in which all before ``part`` of a backup (``dump``, ``tar``) has room, and it has not."""
        return {"dump": 16, "tar": 600}[part]

    @contextlib.contextmanager
    def without_queue(self) -> Iterator[None]:
        """The queue does not answer."""
        queue = self.path / ".standin-db/queue.db"
        for path in queue.parent.glob("queue.db*"):
            path.unlink()
        queue.mkdir()
        yield
        queue.rmdir()

    def kill_at(self, state: str, args: dict[str, Any], site: str = SITE) -> None:
        """Run ``update.forward`` as the agent does, in a process that kills itself once its journal is at ``state``."""
        request = {"bench": str(self.path), "site": site, "state": state, "args": args}
        done = subprocess.run(
            [str(self.bench.python), "-c", _SUICIDE, str(ROOT / ".collections")],
            input=json.dumps(request),
            cwd=self.path / "sites",
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
        return self.open_site()

    def open_site(self, site: str = SITE) -> str:
        """Open it; the sentence about it."""
        found = self.one("update_open.apply", sites=[site])
        assert found["problems"] == {}
        return str(found["sites"][site]["told"])

    def maintenance(self, site: str = SITE) -> bool:
        return bool(self.config(site).get("maintenance_mode"))

    def keep(self, folder: Path) -> None:
        """A copy of all that is no code."""
        for part in self.data:
            shutil.copytree(self.path / part, folder / part, symlinks=True)

    def put_back(self, folder: Path) -> None:
        """As it was when it was kept, without a release and without a fault."""
        shutil.rmtree(self.path / "releases", ignore_errors=True)
        (self.path / "fault.json").unlink(missing_ok=True)
        for part in self.data:
            shutil.rmtree(self.path / part, ignore_errors=True)
            shutil.copytree(folder / part, self.path / part, symlinks=True)


def agent_of(path: Path, check: bool = False) -> SiteAgent:
    return SiteAgent(HostRuntime(str(path)), check=check, timeout=120.0, lock_timeout=0.0)


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


def same(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of what differs; a maintenance mode that is off and one that was never on are the same."""
    left, right = ({**one, "config": {**one["config"], "maintenance_mode": 0}} for one in (before, after))
    return [key for key in {*left, *right} if left.get(key) != right.get(key)]


class Kept:
    """The bench's sites and its state, to be put back after each test."""

    def __init__(self, bench: UpdateBench, folder: Path) -> None:
        self.bench, self.folder = bench, folder
        bench.keep(self.folder)

    def put_back(self) -> None:
        self.bench.put_back(self.folder)
