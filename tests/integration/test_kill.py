# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of the controller, of the site agent, or of all, in the middle: a plain rerun converges.

No test waits for a time: each watches what the run leaves on disk and kills when the moment has come, or holds
something that the run needs.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import ROOT, Fleet
from tests.integration.looks import Process, Site, family, processes_of, wait_until
from tests.standin.shop_server import ShopServer


class Run:
    """A playbook in the background, and the ways to end it."""

    def __init__(self, fleet: Fleet, playbook: str, inventory: Path, *options: str) -> None:
        self.fleet = fleet
        fleet.runs += 1
        self.log = fleet.root / "runs" / f"{fleet.runs:03d}.log"
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), f"playbooks/{playbook}"]
        command += ["--vault-password-file", str(fleet.demo / "vault_password"), *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **fleet.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, what: str, ready: Callable[[], object], seconds: float = 60.0) -> None:
        """Until ``ready`` says so; what cannot be read yet has not come yet."""

        def come() -> bool:
            assert self.process.poll() is None, f"{what}: the run ended before\n{self.output[-3000:]}"
            try:
                return bool(ready())
            except (OSError, ValueError, KeyError, sqlite3.Error):
                return False

        wait_until(what, come, seconds)

    def kill(self, who: str) -> None:
        """``agent``, ``agent and its child``, ``controller`` (with its forks), or ``everything`` of the run."""
        members = family(self.process.pid)
        agents = [p for p in members if "erpops_frappe.agent" in p.command]
        if who == "agent":
            chosen = agents
        elif who == "agent and its child":
            chosen = [p for agent in agents for p in family(agent.pid)]
        elif who == "controller":
            chosen = [p for p in members if "bin/ansible-playbook" in p.command]
        else:
            chosen = members
        assert chosen, f"nothing to kill\n{self.output[-3000:]}"
        for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped first: none may start another while they die
            for process in chosen:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)
        self.process.wait(60)


def agents(fleet: Fleet) -> list[Process]:
    """Site agents and their children that still run on the fleet's bench."""
    return [p for p in processes_of(fleet.bench) if f"{fleet.bench}/env/bin/python -c" in p.command]


@contextlib.contextmanager
def gone_afterwards(fleet: Fleet, name: str) -> Iterator[Site]:
    """A tenant of this test alone; removed by the module that made it."""
    try:
        yield fleet.site(name)
    finally:
        wait_until("agents end", lambda: not agents(fleet), 60)
        fleet.drop(name)


def assert_converges(fleet: Fleet, playbook: str, inventory: Path) -> None:
    """A plain rerun ends well, and the one after it changes nothing."""
    rerun = fleet.play(playbook, inventory=inventory)
    assert rerun.ok, rerun.stdout[-5000:]
    third = fleet.play(playbook, inventory=inventory)
    assert (third.ok, third.changed) == (True, {})


def shop_documents(url: str) -> list[dict[str, Any]]:
    """The demo's documents of the shop, with another address and many records behind the custom field."""
    custom_field = {"dt": "Warehouse", "fieldname": "custom_shop_code", "label": "Shop Code", "fieldtype": "Data"}
    settings = {"base_url": url, "enabled": 0, "page_size": 20}
    notes = [{"doctype": "Note", "match": {"title": f"{n:03d}"}, "values": {"public": 1}} for n in range(150)]
    return [
        {"doctype": "Custom Field", "values": {**custom_field, "insert_after": "warehouse_name"}},
        *notes,
        {"doctype": "Shop Settings", "values": settings, "secrets": {"api_secret": "Shop0api0secret0of0the0test"}},
    ]


def assert_whole(fleet: Fleet, site: Site) -> None:
    """What the tenant is to be after all, asked of the site itself."""
    assert site.apps == ["frappe", "erpnext", "shopsync"]
    assert site.config["mute_emails"] is True
    assert site.count("Note") == 150
    assert site.single("Shop Settings", "base_url") == "http://127.0.0.1:9"
    assert site.single("System Settings", "enable_scheduler") == "1"
    who = site.get("/api/method/frappe.auth.get_logged_user", fleet.key(site.name))
    assert who.message == f"sync@{site.name}"


def in_new_site(site: Site) -> bool:
    """Directory and database are there, the framework is not yet."""
    database = site.bench / ".standin-db" / f"{site.record['db_name']}.sqlite3"
    return site.record["state"] == "creating" and bool(site.config) and database.exists()


def in_install_app(site: Site) -> bool:
    """Tables of the app are there, and it is not installed."""
    return site.record["apps"] == {"erpnext": "installing"} and site.count("DocType") > 0 and site.count("UOM") >= 0


def in_documents(site: Site) -> bool:
    """The custom field was committed with its column; the records behind it were not."""
    return bool(site.rows("select custom_shop_code from tabWarehouse") or True)


MOMENTS = {"new-site": in_new_site, "install-app": in_install_app, "documents": in_documents}


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("new-site", "agent"),
        ("new-site", "controller"),
        ("new-site", "everything"),
        ("install-app", "agent and its child"),
        ("install-app", "controller"),
        ("documents", "agent"),
        ("documents", "everything"),
    ],
)
def test_provisioning_that_was_killed_converges(fleet: Fleet, moment: str, who: str) -> None:
    with gone_afterwards(fleet, "killed.localhost") as site:
        inventory = fleet.tenant_inventory(
            site.name,
            ["erpnext", "shopsync"],
            demo_documents_shop=shop_documents("http://127.0.0.1:9"),
        )
        run = Run(fleet, "provision.yml", inventory)
        run.wait_for(moment, lambda: MOMENTS[moment](site))
        run.kill(who)
        assert run.process.returncode != 0
        if moment == "new-site":
            assert site.record["state"] == "creating"
        elif moment == "install-app":
            assert site.record["apps"]
        else:
            assert site.count("Note") == 0
        if who.startswith("agent"):
            assert "ended by signal 9" in run.output
            assert "what was begun is recognised and finished" in run.output
        assert_converges(fleet, "provision.yml", inventory)
        assert_whole(fleet, site)


def test_a_key_that_was_issued_and_not_stored_is_stored_by_the_rerun(fleet: Fleet) -> None:
    with gone_afterwards(fleet, "killedkey.localhost") as site:
        inventory = fleet.tenant_inventory(
            site.name, [], demo_documents_company=[], demo_documents_shop=[], site_jobs=[]
        )
        user, keys = f"sync@{site.name}", fleet.demo / "secrets" / f"{site.name}.keys.yml"
        with (fleet.demo / "secrets" / f".{keys.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the controller needs it to store the key
            run = Run(fleet, "provision.yml", inventory)
            run.wait_for("key", lambda: site.value("select api_key from tabUser where name=?", user))
            run.kill("controller")
        issued = site.value("select api_key from tabUser where name=?", user)
        assert not keys.exists()
        assert_converges(fleet, "provision.yml", inventory)
        # Not rotated: somebody may use it already.
        assert fleet.key(site.name)[0] == issued
        assert site.get("/api/method/frappe.auth.get_logged_user", fleet.key(site.name)).message == user


class SlowShop(ShopServer):
    """A shop whose second answer waits until the test lets it go."""

    def __init__(self, token: str) -> None:
        self.gate = threading.Event()
        super().__init__(orders=57, token=token, delays={2: 60.0}, sleep=lambda seconds: void(self.gate.wait(seconds)))

    def handle_error(self, *_request: object) -> None:
        """Who asked may be gone when the answer comes: that is the test."""


def void(_answer: object) -> None:
    """Where a function without a result is wanted."""


@pytest.fixture
def shop(fleet: Fleet) -> Iterator[SlowShop]:
    shop = SlowShop((fleet.demo / "shop_token").read_text())
    with shop:
        yield shop
        shop.gate.set()


def pages(shop: ShopServer) -> list[int]:
    """The pages of orders that the shop was asked for so far."""
    return [int(path.partition("page=")[2].partition("&")[0]) for path in shop.requests if path.startswith("/orders")]


def test_jobs_that_were_killed_go_on_with_the_next_page(fleet: Fleet, shop: SlowShop) -> None:
    orders = {
        "name": "orders",
        "method": "shopsync.sync.pull_orders",
        "kwargs": {"page_size": 20},
        "paging": {"param": "page", "until": "has_more == false"},
        "counts": {"fetched": "fetched", "created": "created", "errors": "errors"},
    }
    ledger = {
        "name": "ledger",
        "method": "ledgerlift.migration.run",
        "kwargs": {"limit": 5},
        "paging": {"param": "start", "start": 0, "next": "next_start", "until": "done == true"},
        "counts": {"processed": "processed", "created": "created", "errors": "errors"},
        "once": True,
    }
    with gone_afterwards(fleet, "killedjob.localhost") as site:
        inventory = fleet.tenant_inventory(
            site.name,
            ["erpnext", "shopsync", "ledgerlift"],
            demo_documents_shop=shop_documents(shop.url),
            site_scheduler="disabled",  # its own pull of orders would mix with ours
            site_jobs=[orders, ledger],
        )
        made = fleet.play("provision.yml", inventory=inventory)
        assert made.ok, made.stdout[-5000:]

        # The agent, while it waits for the second page: the first one is kept, and is not asked for again.
        run = Run(fleet, "sync.yml", inventory, "--extra-vars", '{"sync_jobs": ["orders"]}')
        run.wait_for("second page", lambda: len(pages(shop)) == 2)
        assert site.cursor("orders")["pages"] == 1
        run.kill("agent")
        assert site.count("Shop Order") == 20
        shop.gate.set()

        # The next run gets through the orders, and is killed whole in the middle of the ledger.
        run = Run(fleet, "sync.yml", inventory)
        run.wait_for("some pages of the ledger", lambda: site.cursor("ledger")["pages"] >= 3)
        run.kill("everything")
        assert pages(shop) == [1, 2, 2, 3]
        done = site.cursor("orders")
        assert (done["state"], done["pages"], done["totals"]["fetched"], done["totals"]["created"]) == (
            "done",
            3,
            57,
            57,
        )
        begun = site.cursor("ledger")
        assert begun["state"] == "running"
        assert 3 <= begun["pages"] < 46

        # The third one finishes it: every entry once, and counted once.
        rerun = fleet.play("sync.yml", inventory=inventory)
        assert rerun.ok, rerun.stdout[-5000:]
        (job,) = [result["site_task"] for result in rerun.results("Run the jobs") if result["item"]["name"] == "ledger"]
        assert (job["resumed"], job["pages"], job["counts"]["processed"], job["counts"]["errors"]) == (True, 46, 230, 0)
        assert site.rows("select count(*), count(distinct entry_id) from `tabLedger Entry`") == [(230, 230)]
        assert site.rows("select count(*), count(distinct order_id) from `tabShop Order`") == [(57, 57)]
        again = fleet.play("sync.yml", inventory=inventory)
        assert (again.ok, again.changed) == (True, {})
        assert site.rows("select count(*), count(distinct order_id) from `tabShop Order`") == [(57, 57)]


def test_a_job_whose_controller_was_killed_is_waited_for(fleet: Fleet, shop: SlowShop) -> None:
    """The agent goes on alone; the rerun does not run beside it."""
    with gone_afterwards(fleet, "orphan.localhost") as site:
        inventory = fleet.tenant_inventory(
            site.name, ["erpnext", "shopsync"], demo_documents_shop=shop_documents(shop.url), site_scheduler="disabled"
        )
        made = fleet.play("provision.yml", inventory=inventory)
        assert made.ok, made.stdout[-5000:]
        run = Run(fleet, "sync.yml", inventory)
        run.wait_for("second page", lambda: len(pages(shop)) == 2)
        run.kill("controller")
        assert agents(fleet), "the agent is to live on"
        rerun = Run(fleet, "sync.yml", inventory)
        rerun.wait_for("second agent", lambda: len(agents(fleet)) == 2)
        assert pages(shop) == [1, 2]
        shop.gate.set()
        assert rerun.process.wait(60) == 0, rerun.output[-3000:]
        assert pages(shop) == [1, 2, 3, 1, 2, 3]
        assert site.rows("select count(*), count(distinct order_id) from `tabShop Order`") == [(57, 57)]


def test_bench_whose_init_was_killed_is_made_anew(fleet: Fleet) -> None:
    """The orphaned init is not in the way either: its directory is taken from under it."""
    second = fleet.demo / "bench2"
    given = {"bench_path": str(second), "bench_cli_venv": str(fleet.demo / "bench-cli")}
    run = Run(fleet, "setup.yml", fleet.inventory, "--extra-vars", json.dumps(given))
    run.wait_for("an environment without apps.txt", (second / "env" / "bin" / "python").exists)
    run.kill("controller")
    assert not (second / "sites" / "apps.txt").exists()
    try:
        rerun = fleet.play("setup.yml", extravars=given)
        assert rerun.ok, rerun.stdout[-5000:]
        third = fleet.play("setup.yml", extravars=given)
        assert (third.ok, third.changed) == (True, {})
        assert (second / "sites" / "apps.txt").read_text().split() == ["frappe"]
        command = [str(second / "env/bin/python"), "-m", "frappe.utils.bench_helper", "frappe", "--help"]
        assert b"new-site" in subprocess.run(command, cwd=second / "sites", capture_output=True, check=True).stdout
    finally:
        wait_until("the orphan ends", lambda: not processes_of(second), 60)
        shutil.rmtree(second)
