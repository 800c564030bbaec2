# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench whose environment takes packages, a site with ERPNext, its web server behind nginx, a worker, and the shop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.fake.diamondcasa import KEY, SECRET, DiamondCasa
from tests.integration.door import Answer, Door, ask
from tests.integration.fleet import Fleet, Result
from tests.integration.looks import wait_until
from tests.ports import free_ports
from tests.standin.quick_bench import QuickBench
from tests.unit.repository import ROOT

SITE = "a.localhost"
APP = "diamondcasa_jewellery"
WEBHOOK_SECRET = "dc_webhook_secret_42"
ADMIN = "admin-password"

CONNECTED = f"""
import json, sys, frappe
frappe.init(site={SITE!r}, sites_path='.'); frappe.connect()
given = json.loads(sys.argv[1])
"""
COMPANY = """
for values in ({'doctype': 'Warehouse Type', 'name': 'Transit'}, {'doctype': 'Company', 'company_name': 'Diamond Casa',
               'abbr': 'DC', 'default_currency': 'INR', 'country': 'India'},
               {'doctype': 'Item Group', 'item_group_name': 'All Item Groups', 'is_group': 1},
               {'doctype': 'UOM', 'uom_name': 'Nos'}):
    doc = frappe.get_doc(values)
    if not frappe.db.exists(values['doctype'], doc.get('name') or list(values.values())[1]):
        doc.insert()
"""
SERVE = """
import sys
from werkzeug.serving import run_simple
from frappe.app import application
run_simple('127.0.0.1', int(sys.argv[1]), application, processes=4)
"""
PLAY = [
    {
        "hosts": "sites",
        "gather_facts": False,
        "vars_files": [
            str(ROOT / f"playbooks/group_vars/{name}.yml")
            for name in ("all/main", "sites/main", "sites/integrations/diamondcasa")
        ],
        "tasks": [
            {
                "ansible.builtin.include_role": {
                    "name": "erpops.frappe.diamondcasa",
                    "tasks_from": "{{ entry | default('main') }}",
                }
            }
        ],
    }
]
ROOT_PASSWORD = "asked-by-nobody"  # the stand-in's server has none
METAL = {"metal_code": "AU18", "metal_name": "Gold 18K", "metal_type": "Gold", "purity": "18K", "purity_percent": 75}
STONE = {"stone_code": "DIA", "stone_name": "Diamond", "stone_type": "Diamond"}


class JewelleryBench:
    """Everything below ``root``; what it starts, ``stop`` ends."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bench = QuickBench.create(root / "bench", "erpnext")
        # The stand-in lies beside the environment; a package that requires the framework must find it in there.
        dist = self.bench.site_packages / "frappe-15.0.0.dist-info"
        dist.mkdir()
        (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: frappe\nVersion: 15.0.0\n")
        made = self.bench.run("new-site", SITE, "--admin-password", ADMIN, "--install-app", "erpnext")
        assert made.returncode == 0, made.stderr
        self.bench.run("--site", SITE, "enable-scheduler")
        self.python(COMPANY)
        self.python("from frappe.utils.password import get_encryption_key; get_encryption_key()")
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests/standin/make_repos.py"), str(root / "repos")],
            capture_output=True,
            text=True,
            check=True,
        )
        self.repos: dict[str, dict[str, str]] = json.loads(done.stdout)
        self.shop = DiamondCasa()
        self.shop.start()
        self.processes: list[Any] = []
        self.web_port = free_ports(2)
        self.start()
        (root / "door").mkdir()
        front = (ROOT / "templates/nginx/diamondcasa.conf.j2").read_text().partition("-#}")[2].lstrip()
        self.door = Door(root / "door", self.bench.sites, self.web_port, SITE, snippets={"diamondcasa": front})
        (root / "play.yml").write_text(yaml.safe_dump(PLAY, sort_keys=False))
        for folder in ("runs", ".demo"):
            (root / folder).mkdir()
        (root / ".demo/vault_password").write_text("a-vault-password")
        self.fleet = Fleet(root, 0)

    # --- processes ------------------------------------------------------------------------------------------

    def start(self) -> None:
        worker = ["-m", "frappe.utils.bench_helper", "frappe", "worker", "--queue", "default,short,long"]
        for command in (["-c", SERVE, str(self.web_port)], worker):
            self.processes.append(
                subprocess.Popen(
                    [str(self.bench.python), *command],
                    cwd=self.bench.sites,
                    env=self.bench.environment(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        wait_until("the web server answers", self._answers, 20, 0.05)

    def restart(self) -> None:
        """What playbooks/deploy.yml does after new code."""
        self.end()
        self.start()

    def end(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
        self.processes.clear()

    def stop(self) -> None:
        self.end()
        self.door.stop()
        self.shop.stop()

    def _answers(self) -> bool:
        try:
            return ask(self.web_port, SITE, "GET", "/api/method/ping").status == 200
        except OSError:
            return False

    # --- the play -------------------------------------------------------------------------------------------

    def inventory(self) -> dict[str, Any]:
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "site_name": SITE,
            "site_integrations": ["diamondcasa"],
            "bench_path": str(self.bench.path),
            "secret_scan_command": str(Path(sys.executable).with_name("kingfisher")),
            "secret_scan_state_path": str(self.root / "secret-scan"),
            "bench_db_root_password": ROOT_PASSWORD,
            "site_url": f"http://{SITE}:{self.door.port}",
            "site_connect": f"127.0.0.1:{self.door.port}",
            "diamondcasa_repo": self.repos["diamondcasa_repaired"]["path"],
            "diamondcasa_version": self.repos["diamondcasa_repaired"]["commit"],
            "diamondcasa_api_url": self.shop.url,
            "diamondcasa_api_key": KEY,
            "diamondcasa_api_secret": SECRET,
            "diamondcasa_webhook_secret": WEBHOOK_SECRET,
            "diamondcasa_company": "Diamond Casa",
            "diamondcasa_metal_specs": [METAL],
            "diamondcasa_stone_specs": [STONE],
            "diamondcasa_settings": {"enable_barcode_generation": 1},
        }

    def play(self, entry: str = "main", *, book: str = "", check: bool = False, **variables: Any) -> Result:
        """Run the role, or a playbook of ours."""
        host = {**self.inventory(), "entry": entry, **variables}
        path = self.root / "hosts.yml"
        path.write_text(yaml.safe_dump({"sites": {"hosts": {SITE: host}}}, sort_keys=False))
        return self.fleet.play(book or str(self.root / "play.yml"), inventory=path, check=check, diff=True)

    # --- what is there ---------------------------------------------------------------------------------------

    def python(self, code: str, **given: Any) -> Any:
        """What code inside the site, which finds ``given``, leaves in ``answer``."""
        text = f"{CONNECTED}\nanswer = None\n{code}\nfrappe.db.commit()\nprint('<<' + json.dumps(answer, default=str))"
        done = self.bench.call("-c", text, json.dumps(given))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.rpartition("<<")[2])

    @property
    def apps(self) -> list[str]:
        return list(self.python("answer = frappe.get_installed_apps()"))

    @property
    def config(self) -> dict[str, Any]:
        return dict(json.loads((self.bench.sites / SITE / "site_config.json").read_text()))

    def switch(self) -> Any:
        """What the app reads as whether the sync is on."""
        return self.config["diamondcasa_sync_enabled"]

    @property
    def stopped(self) -> dict[str, bool]:
        """The app's scheduled jobs, by the last part of their method."""
        rows = self.python(
            "answer = frappe.get_all('Scheduled Job Type', {'method': ['like', 'diamondcasa%']}, ['method', 'stopped'])"
        )
        return {row["method"].rpartition(".")[2]: bool(row["stopped"]) for row in rows}

    def deliver(self, path: str, method: str = "POST", **headers: str) -> Answer:
        return self.door.ask(method, path, {"data": {}} if method == "POST" else None, **headers)

    def pair(self, repo: str) -> dict[str, str]:
        """The trees that a reviewer of the overlay would declare for a twin."""
        overlay = yaml.safe_load((ROOT / "roles/diamondcasa/vars/main/overlay.yml").read_text())
        found = self.fleet.module(
            "app_source_info",
            bench_path=str(self.bench.path),
            name=APP,
            repo=self.repos[repo]["path"],
            version=self.repos[repo]["commit"],
            subdirectory=APP,
            rules=overlay["__diamondcasa_overlay_rules"],
            requirements=overlay["__diamondcasa_overlay_requirements"],
        )
        source = found["app_source"]
        return {source["tree"]: source["overlay"]["tree"]}
