# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches that the contract is asked of, and how a test looks into one past the site agent.

What a test asserts of the site itself it asks with `query` (a process of the bench that uses the framework as
apps do) or with `cli` (what the `bench` command becomes), never with the operation that it tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.ports import free_ports

if TYPE_CHECKING:
    from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent

# Site of most cases, and the prefix of all: nothing else on a given bench is ever touched.
SITE = "contract-main.localhost"
PREFIX = "contract-"
ADMIN_PASSWORD = "admin-" + secrets.token_hex(8)

# Apps of the main site, and those that are on the bench alone. Real ERPNext takes half a minute: it comes last.
FIXTURE_APPS = ("contractkit", "lateinstall", "collide")

_QUERY = """
import json, sys
request = json.loads(sys.stdin.readline())
import frappe
frappe.init(site=request["site"])
if request["site"]:
    frappe.connect()
scope = {"frappe": frappe, "args": request["args"], "answer": None}
exec(request["code"], scope)
print("\\n--- answer ---\\n" + json.dumps(scope["answer"], default=str))
"""

_CLI = """
import json, runpy, sys
sys.argv = ["bench", "frappe", *json.loads(sys.stdin.readline())]
runpy.run_module("frappe.utils.bench_helper", run_name="__main__", alter_sys=True)
"""


# `manager` has root's connection; an account may have several hosts, of which a connection's own is the default.
DB_USERS = """
import glob, os
if os.path.isdir('../.standin-db'):
    accounts = [json.load(open(path)) for path in glob.glob(f"../.standin-db/{args['name']}.user")]
    hosts = [account['host'] for account in accounts]
else:
    hosts = [row[0] for row in connection.sql('select host from mysql.user where user=%s', (args['name'],))]
"""
_DROP = f"""
{DB_USERS}
manager.drop_database(args['name'])
for host in hosts:
    manager.delete_user(args['name'], host=host)
"""


class Secret(str):
    """Text that a failing test does not show: pytest prints arguments by their ``repr``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'(secret)'"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str

    @property
    def message(self) -> Any:
        return json.loads(self.body)["message"]


@dataclass
class ContractBench:
    """One bench of a flavour: `standin` or `real`."""

    flavour: str
    path: Path
    repos: dict[str, dict[str, str]]
    root: dict[str, Any]
    erpnext: dict[str, str]
    work: Path
    web: subprocess.Popen[bytes] | None = None
    port: int = 0

    @property
    def sites(self) -> Path:
        return self.path / "sites"

    @property
    def python(self) -> str:
        return str(self.path / "env/bin/python")

    def agent(self, **options: Any) -> SiteAgent:
        from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
        from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime

        return SiteAgent(HostRuntime(str(self.path)), **{"timeout": 900.0, **options})

    def one(self, op: str, site: str = "", args: dict[str, Any] | None = None, **options: Any) -> Any:
        """The value of one operation of the site agent."""
        return self.agent(**options).one(op, site, args or {})

    def refused(self, op: str, site: str = "", args: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """The structured error of one operation, which must fail."""
        from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

        try:
            value = self.agent(**options).one(op, site, args or {})
        except ErpopsError as error:
            return {**error.as_dict(), "text": str(error)}
        raise AssertionError(f"{op} was expected to fail, and answered {value}")

    def documents(self, *records: dict[str, Any], site: str = SITE, **options: Any) -> Any:
        """Apply documents."""
        return self.one("document.apply", site, {"documents": list(records)}, **options)

    def refused_documents(self, *records: dict[str, Any], site: str = SITE, **options: Any) -> dict[str, Any]:
        """The error of applying documents, which must fail."""
        return self.refused("document.apply", site, {"documents": list(records)}, **options)

    def query(self, code: str, /, site: str = SITE, **args: Any) -> Any:
        """Run Python with the framework connected to `site` (none: ""); what it assigns to `answer`."""
        request = json.dumps({"site": site, "code": code, "args": args})
        done = self._run(["-c", _QUERY], request)
        _noise, marker, answer = done.stdout.rpartition("\n--- answer ---\n")
        assert marker, f"exit code {done.returncode}: {done.stderr[-3000:]}"
        return json.loads(answer)

    def start_query(self, code: str, /, site: str = SITE, **args: Any) -> subprocess.Popen[str]:
        """The same in the background, talking over its pipes."""
        process = self._start(["-c", _QUERY])
        assert process.stdin
        process.stdin.write(json.dumps({"site": site, "code": code, "args": args}) + "\n")
        process.stdin.flush()
        return process

    def cli(self, *arguments: str, site: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """A plain framework command: what `bench` replaces itself with, its arguments on stdin."""
        words = [*(["--site", site] if site else []), *arguments]
        return self._run(["-c", _CLI], json.dumps(words), **environment)

    def start_cli(self, *arguments: str) -> subprocess.Popen[str]:
        """A plain framework command in the background."""
        process = self._start(["-c", _CLI], stdout=subprocess.DEVNULL)
        assert process.stdin
        process.stdin.write(json.dumps(arguments) + "\n")
        process.stdin.flush()
        return process

    def _environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FRAPPE_SITE"))}
        return {**kept, "PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8", **more}

    def _run(self, argv: list[str], line: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *argv],
            cwd=self.sites,
            env=self._environment(**environment),
            input=line + "\n",
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            start_new_session=True,  # no terminal to ask for a password on
        )

    def _start(self, argv: list[str], stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.python, *argv],
            cwd=self.sites,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def site_config(self, site: str = SITE) -> dict[str, Any]:
        return dict(json.loads((self.sites / site / "site_config.json").read_text()))

    def record(self, site: str) -> dict[str, Any]:
        """What the collection noted about a site (`{}`: nothing)."""
        path = self.path / ".erpops/sites" / f"{site}.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def write_record(self, site: str, **values: Any) -> None:
        path = self.path / ".erpops/sites" / f"{site}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**self.record(site), **values}))

    def as_root(self, code: str, /, **args: Any) -> Any:
        """Run Python with `manager`, a DbManager with root's connection."""
        head = (
            "from frappe.database import get_db\n"
            "from frappe.database.db_manager import DbManager\n"
            "root = args['root']\n"
            "frappe.flags.root_login, frappe.flags.root_password = root['user'], root['password']\n"
            "connection = get_db(host=frappe.conf.db_host, port=frappe.conf.db_port, user=root['user'],"
            " password=root['password'])\n"
            "manager = DbManager(connection)\n"
        )
        return self.query("import json\n" + head + code, site="", root=self.root, **args)

    def databases(self) -> list[str]:
        return list(self.as_root("answer = manager.get_database_list()"))

    def make_site(self, site: str) -> Any:
        return self.one("site.apply", site, {"root": self.root, "admin_password": ADMIN_PASSWORD, "db_user_host": "%"})

    def drop_site(self, site: str) -> None:
        """Remove whatever there is of a contract site, made by us or not; uses nothing that is under test."""
        assert site.startswith(PREFIX), site
        names = {self.record(site).get("db_name")}
        with contextlib.suppress(OSError, ValueError):
            names.add(self.site_config(site).get("db_name"))
        if (self.sites / site / "site_config.json").exists():
            self.cli("purge-jobs", "--site", site)  # a queue outlives its site
        for name in filter(None, names):
            self.as_root(_DROP, name=name)
        shutil.rmtree(self.sites / site, ignore_errors=True)
        for path in (".erpops/sites", ".erpops/originals"):
            with contextlib.suppress(FileNotFoundError):
                (self.path / path / f"{site}.json").unlink()
        for path in (".erpops/tasks", ".erpops/archive"):
            shutil.rmtree(self.path / path / site, ignore_errors=True)

    def add_app(self, name: str, **args: Any) -> Any:
        repo = self.erpnext if name == "erpnext" else self.repos[name]
        return self.one("app.apply", args={"name": name, "repo": repo["path"], "version": repo["commit"], **args})

    def serve(self) -> int:
        """Port of the bench's own gunicorn, started on first use as the role process_manager does."""
        if self.web is None:
            self.port = free_ports()
            log = (self.work / f"web-{self.flavour}.log").open("wb")
            self.web = subprocess.Popen(
                [
                    *(self.python, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"),
                    *("--threads", "4", "--worker-class", "gthread", "--preload", "frappe.app:application"),
                ],
                cwd=self.sites,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            log.close()
            wait_for_port(self.port, self.web)
        return self.port

    def get(self, path: str, host: str = SITE, key: str = "", secret: str = "") -> Answer:
        headers = {"Host": host, "Accept": "application/json"}
        if key:
            headers["Authorization"] = f"token {key}:{secret}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.serve()}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode())

    def close(self) -> None:
        """End the web server, drop the contract's sites and take its apps off the bench again."""
        if self.web is not None:
            self.web.terminate()
            try:
                self.web.wait(20)
            except subprocess.TimeoutExpired:
                self.web.kill()
                self.web.wait(5)
        self.clear()

    def clear(self) -> None:
        """Remove the contract's sites and apps, also those of a run that was ended."""
        names = {path.name for path in self.sites.glob(f"{PREFIX}*") if path.is_dir()}
        names |= {path.stem for path in (self.path / ".erpops/sites").glob(f"{PREFIX}*.json")}
        for site in sorted(names):
            self.drop_site(site)
        for app in reversed(FIXTURE_APPS):
            self.one("app.apply", args={"name": app, "state": "absent"})
        restart = self.path / ".erpops/restart.json"  # the note of an app.apply; nothing runs here but our own server
        if restart.exists() and json.loads(restart.read_text())["app"] in FIXTURE_APPS:
            restart.unlink()


def wait_for_port(port: int, process: subprocess.Popen[bytes], limit: float = 60.0) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        assert process.poll() is None, "the web server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the web server does not listen")
