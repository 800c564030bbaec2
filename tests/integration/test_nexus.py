# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nexus: Tenant records on a master site, tenants suspended and brought back, checks from outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml

from tests.integration.fleet import Fleet, Result

MASTER, TENANTS = "gamma.localhost", ("alpha", "beta")
SECRET = "Tenant0api0secret0of0the0test"


def tenant(fleet: Fleet, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "subdomain": name,
        "company_name": f"{name.title()} Ltd",
        "owner_email": f"owner@{name}.example",
        "erpnext_site": f"{name}.localhost",
        "site_url": f"http://{name}.localhost",
        "status": "active",
        "bench_path": str(fleet.bench),
        **changes,
    }


def play(fleet: Fleet, tasks_from: str = "main", check: bool = False, **changes: Any) -> Result:
    """Run the role for the master site."""
    path = fleet.root / "nexus.yml"
    role = {"name": "erpops.frappe.nexus", "tasks_from": tasks_from}
    task = {"name": "Role", "ansible.builtin.include_role": role}
    path.write_text(yaml.safe_dump([{"hosts": MASTER, "gather_facts": False, "tasks": [task]}]))
    given = {"nexus_site": MASTER, "nexus_bench_path": str(fleet.bench)}
    given["nexus_tenants"] = [tenant(fleet, name) for name in TENANTS]  # type: ignore[assignment]
    return fleet.play(str(path), check=check, diff=True, extravars={**given, **changes})


def records(fleet: Fleet) -> dict[str, tuple[str, str, str]]:
    rows = fleet.site(MASTER).rows("select name, status, plan, site_config from tabTenant order by name")
    return {name: (status, plan, config) for name, status, plan, config in rows}


@pytest.fixture(scope="module")
def present(fleet: Fleet) -> Iterator[Fleet]:
    preview = play(fleet, check=True)
    assert preview.ok, preview.stdout[-4000:]
    assert preview.changed
    assert not fleet.site(MASTER).rows("select name from tabDocType where name='Tenant'")
    done = play(fleet)
    assert done.ok, done.stdout[-4000:]
    yield fleet
    gone = play(fleet, nexus_state="absent", nexus_confirm=MASTER)
    assert gone.ok, gone.stdout[-4000:]
    assert not fleet.site(MASTER).rows("select name from tabDocType where name='Tenant'")
    for name in TENANTS:  # absent suspends them first
        switch(fleet, name)


def switch(fleet: Fleet, name: str) -> None:
    for module, state in (("maintenance", "off"), ("scheduler", "enabled")):
        assert not fleet.module(module, site=f"{name}.localhost", state=state).get("failed")


def test_records_are_those_of_the_fleet_and_a_second_run_changes_nothing(present: Fleet) -> None:
    assert records(present) == dict.fromkeys(TENANTS, ("active", "free", "{}"))
    again = play(present)
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    assert play(present, check=True).changed == {}
    assert play(present, tasks_from="verify").ok


def test_a_secret_that_somebody_put_into_a_record_is_told_and_taken_out(present: Fleet) -> None:
    connection = present.site(MASTER).connection()
    connection.execute("update tabTenant set site_config=? where name='alpha'", (f'{{"api_secret": "{SECRET}"}}',))
    connection.close()
    told = play(present, tasks_from="verify")
    assert "Tenant alpha differs from the fleet" in told.failure.message
    assert play(present).ok
    assert records(present)["alpha"][2] == "{}"


def test_keys_of_the_records_are_encrypted(present: Fleet) -> None:
    keyed = [tenant(present, "alpha", api_key="0123456789abcde", api_secret=SECRET), tenant(present, "beta")]
    done = play(present, nexus_tenants=keyed, nexus_key_field_enabled=True)
    assert done.ok, done.stdout[-4000:]
    master = present.site(MASTER)
    assert master.value("select api_key from tabTenant where name='alpha'") == "0123456789abcde"
    assert set(master.value("select api_secret from tabTenant where name='alpha'")) == {"*"}
    assert SECRET.encode() not in master.database.read_bytes()
    assert SECRET not in done.stdout
    assert play(present, nexus_tenants=keyed, nexus_key_field_enabled=True).changed == {}


def test_disabled_suspends_the_tenants_and_present_brings_them_back(present: Fleet) -> None:
    done = play(present, nexus_state="disabled")
    assert done.ok, done.stdout[-4000:]
    for name in TENANTS:
        site = present.site(f"{name}.localhost")
        assert records(present)[name][0] == "suspended"
        assert site.config["maintenance_mode"] == 1
        assert site.single("System Settings", "enable_scheduler") == "0"
        assert site.get("/api/method/ping").status == 503
    assert play(present, nexus_state="disabled").changed == {}
    back = play(present)
    assert back.ok, back.stdout[-4000:]
    for name in TENANTS:
        site = present.site(f"{name}.localhost")
        assert site.get("/api/method/ping").message == "pong"
        assert site.single("System Settings", "enable_scheduler") == "1"
    assert play(present).changed == {}


def test_faults_are_told_at_once(present: Fleet) -> None:
    wrong = [tenant(present, "alpha", plan="gold", site_url=""), tenant(present, "alpha", status="asleep")]
    message = play(present, nexus_tenants=wrong).failure.message
    for part in ("has the plan gold", "has no site_url", "is named twice", "has the status asleep"):
        assert part in message
    assert "keeps its Tenant records" in play(present, nexus_state="absent").failure.message


class App(BaseHTTPRequestHandler):
    """A Next.js application whose door to provisioning is open, or closed."""

    closed = 401

    def do_GET(self) -> None:
        self.reply(200 if self.path in ("/", "/signup") else 404)

    def do_POST(self) -> None:
        self.reply(self.closed)

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Not on the standard error."""


@pytest.fixture
def app() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_open_door_to_provisioning_is_told(present: Fleet, app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(present, tasks_from="verify", nexus_app_url=app).ok
    monkeypatch.setattr(App, "closed", 200)
    told = play(present, tasks_from="verify", nexus_app_url=app).failure.message
    assert "without a login /api/tenants/provision" in told


def test_an_open_port_is_told(present: Fleet, app: str) -> None:
    port = int(app.rpartition(":")[2])
    told = play(present, tasks_from="verify", nexus_closed_address="127.0.0.1", nexus_closed_ports=[port])
    assert f"port {port} of 127.0.0.1 is open" in told.failure.message
    assert play(present, tasks_from="verify", nexus_closed_address="127.0.0.1", nexus_closed_ports=[9]).ok
