# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench of the stand-in framework in a directory of its own, its tenants, and runs of playbooks on them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent

# Imported by every interpreter of the bench's environment: notes what kind of process it is, if asked to.
COUNTER = (
    "import os; _file = os.environ.get('BENCH_PROCESSES'); _file and open(_file, 'a').write(f'{os.getpid()} '"
    " + ('agent' if b'erpops_frappe.agent' in open('/proc/self/cmdline', 'rb').read() else 'other') + '\\n')\n"
)


@dataclass
class Run:
    """One ansible-playbook run: seconds by the clock, of both processors, and what the callback bench_times wrote."""

    seconds: float
    cpu: float
    lines: list[dict[str, Any]] = field(default_factory=list)

    def task(self, name: str) -> dict[str, Any]:
        """The result of the task whose name ends with `name`."""
        return next(line for line in self.lines if str(line.get("task", "")).endswith(name))

    @property
    def changed(self) -> int:
        return sum(bool(line.get("changed")) for line in self.lines)


class Fleet:
    """Tenants `fresh1` ... are declared and not made; `fleet01` ... are made by :meth:`multiply`."""

    apps: tuple[str, ...] = ("erpnext", "shopsync", "ledgerlift")

    def __init__(self, root: Path, size: int, fresh: int) -> None:
        self.root = root
        self.bench = root / "bench"
        self.port = free_ports(2)
        self.fresh = [f"fresh{number}.localhost" for number in range(1, fresh + 1)]
        self.names = [f"fleet{number:02}.localhost" for number in range(1, size + 1)]
        for name in ("vault_password", "shop_token"):
            (root / name).touch(mode=0o600)
            (root / name).write_text(secrets.token_urlsafe(24))
        self._declare()

    def _declare(self) -> None:
        """The demo's inventory with other tenants, all alike, and without the shop, which no measurement asks."""
        inventory = self.root / "inventory"
        shutil.copytree(ROOT / "inventories/demo/group_vars", inventory / "group_vars")
        tenant = {"plan": "business", "vars": {"company": {"name": "Fleet Trading", "abbr": "FT"}}}
        tenants = {
            "plugin": "erpops.frappe.tenants",
            "benches": {"demo": {"path": "{{ demo_root }}/bench"}},
            "plans": {
                "business": {
                    "apps": list(self.apps),
                    "config": {"mute_emails": True, "max_file_size": 26214400},
                }
            },
            "tenants": [{"name": name, **tenant} for name in [*self.fresh, *self.names]],
        }
        (inventory / "tenants.yml").write_text(json.dumps(tenants, indent=1))
        self.variables: dict[str, Any] = {
            "demo_root": str(self.root),
            "demo_port": self.port,
            "bench_programs": [],
            "site_api_user": "sync@fleet.example.com",
        }
        (self.root / "vars.json").write_text(json.dumps(self.variables))

    def environment(self, **more: str) -> dict[str, str]:
        """For playbooks: this clone's configuration, temporary files below the root."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON"))}
        return {
            **kept,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.root / "ansible"),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            **more,
        }

    def play(self, playbook: Path | str, *arguments: str, count: str = "") -> Run:
        """Run a playbook and time it.

        :param count: a file in which each Python process of the bench is noted.
        :raises SystemExit: it failed; quotes the end of its output.
        """
        times = self.root / "times.jsonl"
        times.unlink(missing_ok=True)
        words = [str(BIN / "ansible-playbook"), "-i", str(self.root / "inventory"), str(ROOT / "playbooks" / playbook)]
        words += ["--vault-password-file", str(self.root / "vault_password"), "--extra-vars", f"@{self.root}/vars.json"]
        environment = self.environment(
            BENCH_TIMES=str(times),
            ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
            ANSIBLE_CALLBACKS_ENABLED="bench_times",
            **({"BENCH_PROCESSES": count} if count else {}),
        )
        begun, spent = time.perf_counter(), children_seconds()
        done = subprocess.run(
            [*words, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds, cpu = time.perf_counter() - begun, children_seconds() - spent
        if done.returncode != 0:
            raise SystemExit(f"{playbook} failed:\n{(done.stdout + done.stderr)[-4000:]}")
        return Run(seconds, cpu, [json.loads(line) for line in times.read_text().splitlines()])

    def processes(self, playbook: str, *arguments: str) -> Counter[str]:
        """How many interpreters of the bench a playbook starts, by kind (`agent`, `other`); not timed."""
        notes = self.root / "processes"
        notes.write_text("")
        pth = next((self.bench / "env/lib").glob("python3*/site-packages")) / "zz_bench_count.pth"
        pth.write_text(COUNTER)
        try:
            self.play(playbook, *arguments, count=str(notes))
        finally:
            pth.unlink()
        return Counter(line.split()[1] for line in set(notes.read_text().splitlines()))

    def build(self) -> None:
        """The bench with its apps, and its web server, workers and scheduler running."""
        subprocess.run(
            [sys.executable, str(ROOT / "tests/standin/make_repos.py"), str(self.root / "repos")],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        self.play("setup.yml")
        self.play("deploy.yml")

    def multiply(self, source: str) -> None:
        """Make all other tenants of the fleet out of a finished one: files, database, user, record, vault files."""
        config = json.loads((self.bench / "sites" / source / "site_config.json").read_text())
        record = json.loads((self.bench / ".erpops/sites" / f"{source}.json").read_text())
        server, vaults = self.bench / ".standin-db", self.root / "secrets"
        old = config["db_name"]
        for name in self.names:
            if name == source:
                continue
            new = "_" + hashlib.sha256(name.encode()).hexdigest()[:16]
            site = self.bench / "sites" / name
            shutil.copytree(self.bench / "sites" / source, site)
            (site / "site_config.json").write_text(json.dumps({**config, "db_name": new}, indent=1, sort_keys=True))
            (self.bench / ".erpops/sites" / f"{name}.json").write_text(json.dumps({**record, "db_name": new}))
            shutil.copy2(server / f"{old}.user", server / f"{new}.user")
            with (
                contextlib.closing(sqlite3.connect(server / f"{old}.sqlite3")) as here,
                contextlib.closing(sqlite3.connect(server / f"{new}.sqlite3")) as there,
            ):
                here.backup(there)
            for suffix in (".yml", ".keys.yml"):
                shutil.copy2(vaults / f"{source}{suffix}", vaults / f"{name}{suffix}")

    def forget(self, pattern: str) -> None:
        """Take the directories of sites away."""
        for folder in (self.bench / "sites").glob(pattern):
            shutil.rmtree(folder)

    def declared_apps(self) -> list[Any]:
        """`bench_apps` of the demo, as far as the tenants have them."""
        apps = yaml.safe_load((self.root / "inventory/group_vars/benches.yml").read_text())["bench_apps"]
        return [app for app in apps if isinstance(app, str) or app["name"] in self.apps]

    def commit_patch(self, name: str = "extra") -> None:
        """An app gets a commit with a patch and a field of that name, and the inventory declares it."""
        repo = self.root / "repos/shopsync"
        order = repo / "shopsync/shop_sync/doctype/shop_order/shop_order.json"
        document = json.loads(order.read_text())
        document["fields"].append({"fieldname": name, "fieldtype": "Data", "label": name})
        order.write_text(json.dumps(document))
        with (repo / "shopsync/patches.txt").open("a") as handle:
            handle.write(f"execute:frappe.db.set_default('measured', '{name}')\n")
        who = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-C", str(repo))
        subprocess.run(["git", *who, "commit", "--quiet", "--all", "-m", "A patch"], check=True)
        head = subprocess.run(["git", *who, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        apps = self.declared_apps()
        changed = [
            {**app, "version": head.stdout.strip()} if isinstance(app, dict) and app["name"] == "shopsync" else app
            for app in apps
        ]
        (self.root / "vars.json").write_text(json.dumps({**self.variables, "bench_apps": changed}))

    def maintenance_seconds(self) -> list[float]:
        """Of each site, from the beginning of its last update to its end."""
        journals = [json.loads(path.read_text()) for path in (self.bench / ".erpops/updates").glob("*.json")]
        return [journal["ended"] - journal["begun"] for journal in journals]

    def supervisor(self, *words: str) -> int:
        """A command of supervisorctl; its exit code."""
        control = [str(BIN / "supervisorctl"), "-c", str(self.bench / "config/supervisord.conf")]
        return subprocess.run([*control, *words], stdout=subprocess.DEVNULL, check=False).returncode

    def stop(self) -> None:
        """End the bench's processes."""
        pid = self.bench / "config/pids/supervisord.pid"
        if not pid.exists():
            return
        self.supervisor("shutdown")
        deadline = time.monotonic() + 60
        while pid.exists() and time.monotonic() < deadline:
            time.sleep(0.1)


@contextlib.contextmanager
def open_fleet(root: Path, size: int, fresh: int) -> Iterator[Fleet]:
    """A built fleet, of which nothing is left afterwards."""
    fleet = Fleet(root, size, fresh)
    try:
        fleet.build()
        yield fleet
    finally:
        fleet.stop()
        shutil.rmtree(root, ignore_errors=True)


def children_seconds() -> float:
    """Processor time of all children that have ended: on a busy machine it says more than the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
