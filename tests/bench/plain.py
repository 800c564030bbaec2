# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work by plain `bench` commands, one after the other, as a careful script would do it: none is needless."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from typing import Any

from tests.bench.fleet import Fleet


class Plain:
    """`bench` commands on a fleet's bench, counted and timed."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.commands = 0
        kept = fleet.environment()
        self.environment = {key: value for key, value in kept.items() if not key.startswith("ANSIBLE_")}

    def bench(self, *words: str) -> str:
        """stdout of a command. :raises SystemExit: it failed."""
        self.commands += 1
        done = subprocess.run(
            [str(self.fleet.root / "bench-cli/bin/bench"), *words],
            cwd=self.fleet.bench,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"bench {' '.join(words)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def execute(self, site: str, method: str, **kwargs: Any) -> Any:
        answer = self.bench("--site", site, "execute", method, "--kwargs", repr(kwargs)).strip()
        return json.loads(answer) if answer else None

    def tenant(self, site: str) -> float:
        """Site, apps, configuration, records, API key, scheduler: seconds. The apps come with `new-site`."""
        begun = time.perf_counter()
        apps = [word for app in ("erpnext", "shopsync", "ledgerlift") for word in ("--install-app", app)]
        self.bench("new-site", site, "--admin-password", "plain-password", "--db-root-password", "none", *apps)
        for key, value in (("shopsync_token", "plain-token"), ("shopsync_webhook_secret", "plain-secret")):
            self.bench("--site", site, "set-config", key, value)
        for key, value in (("mute_emails", "True"), ("max_file_size", "26214400")):
            self.bench("--site", site, "set-config", "-p", key, value)
        for method, kwargs in self._records():
            self.execute(site, method, **kwargs)
        user = self.fleet.variables["site_api_user"]
        keys = self.execute(site, "frappe.core.doctype.user.user.generate_keys", user=user)
        self.bench("--site", site, "scheduler", "enable")
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.fleet.port}/api/method/frappe.auth.get_logged_user",
            headers={"Host": site, "Authorization": f"token {keys['api_key']}:{keys['api_secret']}"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.loads(response.read())["message"]
        if answer != user:
            raise SystemExit(f"plain: the key is that of {answer}")
        return time.perf_counter() - begun

    def _records(self) -> list[tuple[str, dict[str, Any]]]:
        """The records of inventories/demo/group_vars/sites.yml."""
        user = self.fleet.variables["site_api_user"]
        roles = [{"role": "System Manager"}, {"role": "Integration Operator"}]
        company = {"company_name": "Fleet Trading", "abbr": "FT", "default_currency": "USD"}
        warehouse = {"doctype": "Warehouse", "company": "Fleet Trading"}
        settings = {
            "base_url": f"http://127.0.0.1:{self.fleet.port + 1}",
            "enabled": 1,
            "page_size": 20,
            "api_secret": "plain-api-secret",
            "payment_methods": [{"method": "card", "account": "Cards"}, {"method": "cash", "account": "Till"}],
        }
        inserted: list[dict[str, Any]] = [
            {"doctype": "Role", "role_name": "Integration Operator", "desk_access": 1},
            {"doctype": "User", "email": user, "first_name": "Sync", "send_welcome_email": 0, "roles": roles},
            {"doctype": "Warehouse Type", "name": "Transit"},
            {"doctype": "Company", **company, "country": "United Arab Emirates"},
            {**warehouse, "warehouse_name": "Ready"},
            {**warehouse, "warehouse_name": "Returns"},
            {
                "doctype": "Custom Field",
                "dt": "Warehouse",
                "fieldname": "custom_shop_code",
                "label": "Shop Code",
                "fieldtype": "Data",
                "insert_after": "warehouse_name",
            },
        ]
        set_value = "frappe.client.set_value"
        return [
            (
                set_value,
                {
                    "doctype": "System Settings",
                    "name": "System Settings",
                    "fieldname": {"language": "en", "time_zone": "Asia/Dubai"},
                },
            ),
            *(("frappe.client.insert", {"doc": doc}) for doc in inserted),
            (
                set_value,
                {"doctype": "Warehouse", "name": "Ready - FT", "fieldname": "custom_shop_code", "value": "READY"},
            ),
            (set_value, {"doctype": "Shop Settings", "name": "Shop Settings", "fieldname": settings}),
        ]

    def look(self, sites: list[str]) -> float:
        """Seconds of asking each site for its apps and its scheduler: a fraction of what the no-op run compares."""
        begun = time.perf_counter()
        for site in sites:
            self.bench("--site", site, "list-apps")
            self.bench("--site", site, "scheduler", "status")
        return time.perf_counter() - begun

    def insert(self, site: str, records: list[dict[str, Any]]) -> float:
        """Seconds of one `execute frappe.client.insert` per record."""
        begun = time.perf_counter()
        for record in records:
            self.execute(site, "frappe.client.insert", doc=record)
        return time.perf_counter() - begun

    def migrate(self, sites: list[str]) -> float:
        """Backup and migrate, one site after the other: seconds."""
        begun = time.perf_counter()
        for site in sites:
            self.bench("--site", site, "backup", "--with-files")
            self.bench("--site", site, "migrate")
        return time.perf_counter() - begun
