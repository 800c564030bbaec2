# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of the tests' own: the demo's inventory in a directory of its own, on ports of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.looks import Site, processes_of, wait_until
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "inventories" / "demo"
SITES = ("alpha.localhost", "beta.localhost", "gamma.localhost")

_DONE = ("runner_on_ok", "runner_item_on_ok")
_FAILED = ("runner_on_failed", "runner_item_on_failed", "runner_on_unreachable")


@dataclass(frozen=True)
class Failure:
    """A task that failed, or a host that could not be reached."""

    host: str
    task: str
    message: str


@dataclass
class Result:
    """A playbook's run: exit code, what each host counted, every event, and all that was printed."""

    rc: int
    stats: dict[str, dict[str, int]]
    events: list[dict[str, Any]]
    stdout: str
    artifacts: Path

    @property
    def ok(self) -> bool:
        return self.rc == 0

    @property
    def changed(self) -> dict[str, int]:
        """Hosts with the number of their changed tasks, those without a change left out."""
        return {host: number for host, number in self.stats.get("changed", {}).items() if number}

    @property
    def hosts(self) -> set[str]:
        """Hosts of which anything was done."""
        return set(self.stats.get("processed", {}))

    @property
    def failures(self) -> list[Failure]:
        """What failed, a loop's items one by one."""
        found = []
        for event in self.events:
            data = event.get("event_data", {})
            if event["event"] in _FAILED and "results" not in data["res"] and not data.get("ignore_errors"):
                found.append(Failure(data["host"], data["task"], str(data["res"].get("msg"))))
        return found

    @property
    def failure(self) -> Failure:
        """The one failure of the run."""
        assert len(self.failures) == 1, f"{len(self.failures)} failures\n{self.stdout[-4000:]}"
        return self.failures[0]

    def results(self, task: str, host: str = "") -> list[dict[str, Any]]:
        """Results of the tasks whose name ends with ``task``, a loop's items one by one."""
        found = []
        for event in self.events:
            data = event.get("event_data", {})
            if event["event"] not in (*_DONE, *_FAILED) or "results" in data["res"]:
                continue
            if data["task"].endswith(task) and host in ("", data["host"]):
                found.append(data["res"])
        return found

    def diffs(self, host: str) -> list[tuple[Any, Any]]:
        """What ``--diff`` showed for a host, (before, after) of each task that changed something."""
        found = []
        for result in self.results("", host):
            shown_here = result.get("diff") or []
            for shown in shown_here if isinstance(shown_here, list) else [shown_here]:
                if result.get("changed") and (shown.get("before") or shown.get("after")):
                    found.append((shown.get("before"), shown.get("after")))
        return found


def environment(root: Path, **more: str) -> dict[str, str]:
    """What the Makefile exports, with Ansible's own files below ``root``."""
    return {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_HOME": str(root / "ansible"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **more,
    }


def run_playbook(private: Path, *, project: Path = ROOT, timeout: int = 300, **options: Any) -> Result:
    """Run a playbook through ansible-runner to its end.

    :param private: the run's own directory, which is made; its artifacts stay there.
    :param timeout: seconds.
    :param options: further arguments of ``ansible_runner.interface.run``.
    """
    private.mkdir(mode=0o700, parents=True)
    runner = ansible_runner.interface.run(
        private_data_dir=str(private), project_dir=str(project), ident="run", quiet=True, timeout=timeout, **options
    )
    with runner.stdout as printed:
        stdout = printed.read()
    assert runner.status != "timeout", stdout[-4000:]
    rc = 1 if runner.rc is None else int(runner.rc)  # ended before it began
    return Result(rc, runner.stats or {}, list(runner.events), stdout, private / "artifacts" / "run")


@dataclass
class Fleet:
    """Everything below ``root``; made and removed by the session."""

    root: Path
    port: int
    repos: dict[str, dict[str, str]] = field(default_factory=dict)
    runs: int = 0

    @classmethod
    def create(cls) -> Fleet:
        """An empty host: repositories, inventory and passwords, and nothing that a run would make."""
        # Not pytest's own directory: the supervisor's socket may have a path of 100 characters only.
        fleet = cls(Path(tempfile.mkdtemp(prefix="ef-")), free_ports(2))
        for folder in (fleet.demo, fleet.root / "runs"):
            folder.mkdir(mode=0o700)
        for name in ("vault_password", "shop_token"):
            path = fleet.demo / name
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests/standin/make_repos.py"), str(fleet.demo / "repos"), "--broken"],
            capture_output=True,
            text=True,
            check=True,
        )
        fleet.repos = json.loads(done.stdout)
        (fleet.root / "tests").symlink_to(ROOT / "tests")
        fleet.write_inventory("demo", (DEMO / "tenants.yml").read_text())
        return fleet

    @property
    def demo(self) -> Path:
        """``demo_root`` of the demo's group variables."""
        return self.root / ".demo"

    @property
    def bench(self) -> Path:
        return self.demo / "bench"

    @property
    def inventory(self) -> Path:
        return self.root / "inventories" / "demo"

    def site(self, name: str) -> Site:
        return Site(name, self.bench, self.port)

    @property
    def sites(self) -> list[Site]:
        return [self.site(name) for name in SITES]

    def write_inventory(self, name: str, tenants: str | dict[str, Any]) -> Path:
        """An inventory with the demo's group variables and tenants of its own."""
        folder = self.root / "inventories" / name
        (folder / "group_vars" / "all").mkdir(parents=True, exist_ok=True)
        for source, target in (("all.yml", "all/demo.yml"), ("benches.yml",) * 2, ("sites.yml",) * 2):
            link = folder / "group_vars" / target
            if not link.is_symlink():
                link.symlink_to(DEMO / "group_vars" / source)
        (folder / "group_vars" / "all" / "test.yml").write_text(f"demo_port: {self.port}\n")
        text = tenants if isinstance(tenants, str) else yaml.safe_dump(tenants, sort_keys=False)
        (folder / "tenants.yml").write_text(text)
        return folder

    def tenant_inventory(self, name: str, apps: list[str], **variables: Any) -> Path:
        """An inventory with one more tenant on the fleet's bench."""
        company = {"name": name.split(".")[0].title() + " Ltd", "abbr": name[:3].upper()}
        config = {"mute_emails": True}
        tenant = {"name": name, "apps": apps, "config": config, "vars": {"company": company, **variables}}
        benches = {"demo": {"path": "{{ demo_root }}/bench"}}
        return self.write_inventory(name, {"plugin": "erpops.frappe.tenants", "benches": benches, "tenants": [tenant]})

    @property
    def environment(self) -> dict[str, str]:
        """What the Makefile exports, and the report's place."""
        return environment(self.root, ERPOPS_REPORT=str(self.root / "report.json"))

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.root / "report.json").read_text()))

    def play(
        self,
        playbook: str,
        *,
        inventory: Path | None = None,
        limit: str = "",
        check: bool = False,
        diff: bool = False,
        extravars: dict[str, Any] | None = None,
        verbosity: int | None = None,
        project: Path = ROOT,
    ) -> Result:
        """Run a playbook through ansible-runner to its end; its artifacts stay until the session's end.

        ``project`` is another clone than this one, with its own roles and settings.
        """
        self.runs += 1
        options = [f"--vault-password-file {self.demo}/vault_password", *(["--check"] if check else [])]
        return run_playbook(
            self.root / "runs" / f"{self.runs:03d}",
            project=project,
            playbook=playbook if playbook.startswith("/") else f"playbooks/{playbook}",
            inventory=str(inventory or self.inventory),
            envvars=self.environment
            | {
                "ANSIBLE_CONFIG": str(project / "ansible.cfg"),
                "ANSIBLE_COLLECTIONS_PATH": str(project / ".collections"),
            },
            cmdline=" ".join([*options, *(["--diff"] if diff else [])]),
            limit=limit or None,
            extravars=extravars or {},
            verbosity=verbosity,
        )

    def module(self, name: str, /, **args: Any) -> dict[str, Any]:
        """Run one module as Ansible does on a target: a process with its arguments on stdin.

        ``prefix``, which is no argument of the module, are words in front of the command.
        """
        prefix = args.pop("prefix", ())
        wrapped = {key: value for key, value in args.items() if value is not None}
        done = subprocess.run(
            [*prefix, sys.executable, "-m", f"ansible_collections.erpops.frappe.plugins.modules.{name}"],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": {"bench_path": str(self.bench), **wrapped}}),
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / ".collections"),
                "PATH": f"{os.environ['PATH']}:{self.demo}/bench-cli/bin",
            },
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.stdout.strip(), done.stderr[-4000:]
        return dict(json.loads(done.stdout))

    @property
    def root_password(self) -> str:
        """The database server's, as the inventory generates it."""
        return str(self.vaulted("bench")["db_root_password"])

    def drop(self, name: str) -> None:
        """Remove a tenant that a test made, with its secrets, by the module that makes sites."""
        gone = {"state": "absent", "confirm": name, "backup": "skip", "db_root_password": self.root_password}
        done = self.module("site", site=name, **gone)
        assert not done.get("failed"), done["msg"]
        for path in (self.demo / "secrets").glob(f"*{name}.*"):
            path.unlink()

    @property
    def vault(self) -> VaultLib:
        password = (self.demo / "vault_password").read_text().strip().encode()
        return VaultLib([("default", VaultSecret(password))])

    def vaulted(self, name: str) -> dict[str, Any]:
        """The content of an encrypted file of secrets (``bench``, ``<site>`` or ``<site>.keys``)."""
        text = (self.demo / "secrets" / f"{name}.yml").read_bytes()
        assert text.startswith(b"$ANSIBLE_VAULT;"), f"{name}.yml is not encrypted"
        return dict(yaml.safe_load(self.vault.decrypt(text)))

    def key(self, site: str) -> tuple[str, str]:
        """The API key of a tenant's integration user, from the vault file."""
        pair = self.vaulted(f"{site}.keys")[f"sync@{site}"]
        return pair["api_key"], pair["api_secret"]

    def remove(self) -> None:
        """End what still runs, by the ids of this fleet's own processes, and remove the directory."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in processes_of(self.root):
                try:
                    os.kill(process.pid, number)
                except ProcessLookupError:
                    continue
            try:
                wait_until("processes end", lambda: not processes_of(self.root), 10, 0.05)
                break
            except AssertionError:
                continue
        shutil.rmtree(self.root, ignore_errors=True)
