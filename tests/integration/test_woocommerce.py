# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The integrations company and woocommerce: from a bare ERPNext to live orders, and back.

On a bench of its own with the twins of the apps, a shop that is imitated, and nginx with the role's snippet as its front
door. The tests of one class build on each other, in their order: a site's life.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fake.woocommerce import KEY, SECRET, WooCommerce
from tests.integration.door import NGINX, WITHOUT_NGINX
from tests.integration.fleet import ROOT, Result, environment, run_playbook
from tests.integration.looks import wait_until
from tests.ports import free_ports
from tests.standin.quick_bench import QuickBench

pytestmark = pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX)

SITE = "shop.localhost"
WEBHOOK_SECRET = "the-webhook-secret-of-the-shop"
APP = "jarz_woocommerce_integration"
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.include_role": {
                    "name": "erpops.frappe.{{ item }}",
                    "tasks_from": "{{ entry | default('main') }}",
                },
                "loop": "{{ roles }}",
            }
        ],
    }
]


class Site:
    """The bench with its processes, the shop, and the playbook's runs."""

    def __init__(self, root: Path) -> None:
        self.root, self.runs = root, 0
        self.bench = QuickBench.create(root / "bench", "erpnext", "jarz_pos", APP)
        self.shop = WooCommerce(orders=70)
        self.shop.start()
        self.web_port = free_ports(2)
        self.door_port = self.web_port + 1
        self.processes: list[subprocess.Popen[bytes]] = []
        done = self.bench.run("new-site", SITE, "--admin-password", "admin", "--install-app", "erpnext")
        assert done.returncode == 0, done.stdout + done.stderr
        (root / "play.yml").write_text(yaml.safe_dump(PLAY))

    @property
    def variables(self) -> dict[str, Any]:
        """As an inventory and playbooks/group_vars would give them."""
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "company_site": SITE,
            "company_bench_path": str(self.bench.path),
            "company_name": "Jarz",
            "company_abbr": "J",
            "company_country": "Egypt",
            "company_currency": "EGP",
            "company_timezone": "Africa/Cairo",
            "company_documents": [
                {"doctype": "Account", "values": {"account_name": name, "company": "Jarz", "root_type": "Asset"}}
                for name in ("Cash Over Short", "Kashier")
            ],
            "woocommerce_site": SITE,
            "woocommerce_bench_path": str(self.bench.path),
            "woocommerce_company": "Jarz",
            "woocommerce_kashier_account": "Kashier - J",
            "woocommerce_base_url": self.shop.url,
            "woocommerce_consumer_key": KEY,
            "woocommerce_consumer_secret": SECRET,
            "woocommerce_webhook_secret": WEBHOOK_SECRET,
            "woocommerce_public_url": f"http://localhost:{self.door_port}",
            "woocommerce_page_size": 10,
            "woocommerce_queues": ["short"],
        }

    def play(self, *roles: str, check: bool = False, entry: str = "main", **variables: Any) -> Result:
        extra = {"roles": list(roles or ("company", "woocommerce")), "entry": entry}
        return self.run(self.root / "play.yml", {**self.variables, **variables}, extra, check=check)

    def book(self, name: str, **extra: Any) -> Result:
        """A playbook of ours, which wires what an inventory says."""
        wired = ("woocommerce_site", "woocommerce_bench_path", "woocommerce_company", "woocommerce_public_url")
        given = {key: value for key, value in self.variables.items() if key not in wired}
        company = {key: given.pop(f"company_{key}") for key in ("name", "abbr", "country", "currency", "timezone")}
        given = {key: value for key, value in given.items() if not key.startswith("company_")} | {
            "site_name": SITE,
            "bench_path": str(self.bench.path),
            "site_url": self.variables["woocommerce_public_url"],
            "site_company": company | {"documents": self.variables["company_documents"]},
            "site_integrations": ["woocommerce"],
            "woocommerce_phase": "live",
        }
        return self.run(ROOT / "playbooks" / name, given, extra)

    def run(self, playbook: Path, given: dict[str, Any], extra: dict[str, Any], *, check: bool = False) -> Result:
        self.runs += 1
        inventory = {"all": {"children": {"sites": {"hosts": {SITE: given}}}}}
        done = run_playbook(
            self.root / f"run{self.runs}",
            playbook=str(playbook),
            inventory=inventory,
            envvars=environment(self.root),
            cmdline="--check --diff" if check else "--diff",
            extravars=extra,
        )
        for secret in (SECRET, WEBHOOK_SECRET, KEY):
            assert secret not in done.stdout, "a secret was printed"
        return done

    def ok(self, *roles: str, **options: Any) -> Result:
        result = self.play(*roles, **options)
        assert result.ok, result.stdout[-6000:]
        return result

    def fails(self, *roles: str, **options: Any) -> str:
        result = self.play(*roles, **options)
        assert not result.ok, f"the run was to fail\n{result.stdout[-3000:]}"
        return "\n".join(failure.message for failure in result.failures)

    def unchanged(self, *roles: str, **options: Any) -> None:
        """A run that ends well and changes nothing."""
        result = self.ok(*roles, **options)
        done = [
            f"{event['event_data']['task']}: {event['event_data']['res'].get('diff')}"
            for event in result.events
            if event["event"] == "runner_on_ok" and event["event_data"]["res"].get("changed")
        ]
        assert (done, result.changed) == ([], {})

    def sql(self, query: str) -> list[Any]:
        """Asked past the framework, and past the product."""
        config = json.loads((self.bench.sites / SITE / "site_config.json").read_text())
        connection = sqlite3.connect(self.bench.path / f".standin-db/{config['db_name']}.sqlite3", timeout=20)
        try:
            with connection:
                return connection.execute(query).fetchall()
        finally:
            connection.close()

    def number(self, table: str, where: str = "1") -> int:
        return int(self.sql(f"select count(*) from `tab{table}` where {where}")[0][0])

    def setting(self, field: str) -> str:
        found = self.sql(f"select value from tabSingles where doctype='WooCommerce Settings' and field='{field}'")
        return str(found[0][0]) if found else ""

    def jobs(self) -> dict[str, int]:
        """Short names of the app's jobs, and whether they are stopped."""
        rows = self.sql(f"select method, stopped from `tabScheduled Job Type` where method like '{APP}%'")
        return {method.rsplit(".", 1)[1]: int(stopped) for method, stopped in rows}

    def call(self, code: str) -> None:
        """Python on the site, in a process of its own."""
        text = f"import frappe\nfrappe.init(site={SITE!r})\nfrappe.connect()\n{code}\nfrappe.db.commit()\n"
        done = self.bench.call("-c", text)
        assert done.returncode == 0, done.stderr

    def serve(self) -> None:
        """Web server, worker and scheduler of the bench, and nginx before them."""
        env = self.bench.environment()
        web = (
            "from werkzeug.serving import run_simple; import frappe.app; "
            f"run_simple('127.0.0.1', {self.web_port}, frappe.app.application, threaded=True)"
        )
        helper = ["-m", "frappe.utils.bench_helper", "frappe"]
        for words in (["-c", web], [*helper, "worker", "--queue", "short,default,long"], [*helper, "schedule"]):
            self.start([str(self.bench.python), *words], env)
        self.start([str(NGINX), "-p", str(self.root), "-c", str(self.door_configuration()), "-g", "daemon off;"], None)
        from urllib.request import Request, urlopen

        def up() -> bool:
            try:
                request = Request(f"http://127.0.0.1:{self.door_port}/api/method/ping", headers={"Host": "localhost"})
                return bool(urlopen(request, timeout=2).status == 200)
            except OSError:
                return False

        wait_until("the site answers", up, 20, 0.1)

    def start(self, words: list[str], env: dict[str, str] | None) -> None:
        log = (self.root / "processes.log").open("ab")
        self.processes.append(
            subprocess.Popen(words, cwd=self.bench.sites, env=env, stdout=log, stderr=log, start_new_session=True)
        )

    def door_configuration(self) -> Path:
        """nginx as roles/nginx makes it, as far as the snippet sees it."""
        include = self.root / "erpops/include"
        include.mkdir(parents=True)
        (include / "proxy.conf").write_text(
            f"proxy_set_header X-Frappe-Site-Name {SITE};\nproxy_set_header Host $http_host;\n"
            f"proxy_pass http://127.0.0.1:{self.web_port};\n"
        )
        shutil.copy(ROOT / "templates/nginx/woocommerce.conf.j2", self.root / "webhook.conf")
        path = self.root / "nginx.conf"
        path.write_text(
            f"pid {self.root}/nginx.pid;\nerror_log {self.root}/nginx.log;\nevents {{}}\nhttp {{\n"
            f"access_log off;\nclient_body_temp_path {self.root}/body;\nproxy_temp_path {self.root}/proxy;\n"
            f"fastcgi_temp_path {self.root}/f;\nuwsgi_temp_path {self.root}/u;\nscgi_temp_path {self.root}/s;\n"
            f"server {{\nlisten 127.0.0.1:{self.door_port};\ninclude webhook.conf;\n"
            "location / { include erpops/include/proxy.conf; }\n}\n}\n"
        )
        return path

    def close(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(20)
        self.shop.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("woocommerce"))
    try:
        yield made
    finally:
        made.close()


class TestALife:
    def test_every_fault_of_the_declaration_is_told_at_once(self, site: Site) -> None:
        said = site.fails(
            "woocommerce",
            woocommerce_base_url="http://shop.example.com/",
            woocommerce_webhook_secret="",
            woocommerce_consumer_key="short",
            woocommerce_outbound=True,
            woocommerce_settings={"enable_outbound_orders": 1},
            woocommerce_stopped_jobs=["a.b"],
        )
        for fragment in (
            "give the shop's address with https",
            "woocommerce_webhook_secret is empty: without one the app lets every unsigned delivery in",
            "woocommerce_consumer_key has 5 characters",
            "a copy must not write into the live shop",
            "woocommerce_settings has enable_outbound_orders",
            "woocommerce_stopped_jobs names a.b",
            "company Jarz",
        ):
            assert fragment in said
        assert site.number("Installed Application", f"app_name='{APP}'") == 0

    def test_a_preview_of_a_bare_site_changes_nothing(self, site: Site) -> None:
        before = (site.number("Company"), site.number("DocType"))
        assert site.play("company", check=True).changed == {SITE: 1}
        assert (site.number("Company"), site.number("DocType")) == before

    def test_the_first_phase(self, site: Site) -> None:
        site.call("frappe.db.set_single_value('System Settings', 'enable_scheduler', 1)")
        done = site.ok()
        # No job of the app may run before it has its settings.
        steps = [done.results(f"present | {step}")[0] for step in ("Hold the scheduler", "Let the scheduler go on")]
        assert [one["scheduler"]["state"] for one in steps] == ["disabled", "enabled"]
        assert site.sql("select value from tabSingles where field='enable_scheduler'") == [("1",)]
        assert site.sql("select name, abbr, custom_kashier_account from tabCompany") == [("Jarz", "J", "Kashier - J")]
        assert site.setting("base_url") == site.shop.url
        assert [site.setting(flag) for flag in ("enable_outbound_orders", "enable_outbound_customers")] == ["0", "0"]
        assert site.setting("enable_inbound_orders") == "0"
        assert SECRET not in str(site.sql("select value from tabSingles"))
        assert site.jobs() == dict.fromkeys(site.jobs(), 1)
        assert len(site.jobs()) == 9
        assert {one["status"] for one in site.shop.webhooks.values()} == {"paused"}
        assert len(site.shop.webhooks) == 2

    def test_a_second_run_changes_nothing(self, site: Site) -> None:
        before = site.shop.changes
        site.unchanged()
        site.unchanged(check=True)
        assert site.shop.changes == before

    def test_the_second_phase_is_refused_before_the_first_is_done(self, site: Site) -> None:
        said = site.fails("woocommerce", woocommerce_phase="live")
        assert "woocommerce_phase is live and the job woocommerce_history_completed is not run" in said
        assert "woocommerce_proof_processing" in said
        assert site.jobs() == dict.fromkeys(site.jobs(), 1)

    def test_an_order_that_explodes_is_found_out_by_the_database(self, site: Site) -> None:
        site.call(
            "frappe.get_doc({'doctype': 'Item', 'item_code': 'W-7', 'item_name': 'W', 'item_group': 'All Item Groups',"
            " 'stock_uom': 'Nos', 'woo_product_id': 7}).insert()"
        )
        completed = [order for order in site.shop.orders if order["status"] == "completed"]
        completed[4]["meta_data"] = [{"key": "explode"}]
        said = site.fails("woocommerce", entry="sync")
        assert "its result is a failure" in said
        assert "errors > 0 (errors=1)" in said
        assert "mapped != created" in said
        assert site.number("WooCommerce Order Map") == len(completed) - 5, "four that were counted are not there"
        completed[4]["meta_data"] = []

    def test_a_shop_that_is_down_is_gone_on_with(self, site: Site) -> None:
        site.shop.fault("500:1@page=2")
        said = site.fails("woocommerce", entry="sync")
        assert "WooCommerce answered 500" in said
        assert "it goes on with this page" in said
        asked = len(site.shop.lines)
        site.ok("woocommerce", entry="sync")
        assert "page=2" in site.shop.lines[asked], "the first page was brought before"

    def test_all_old_orders_are_there_once(self, site: Site) -> None:
        wanted = {
            order["id"]
            for order in site.shop.orders
            if order["status"] in ("completed", "cancelled", "refunded", "failed", "processing")
        }
        rows = site.sql("select woo_order_id, erpnext_sales_invoice from `tabWooCommerce Order Map`")
        assert ({row[0] for row in rows}, len(rows)) == (wanted, len(wanted))
        assert all(row[1] for row in rows)
        debit, credit = site.sql("select sum(debit), sum(credit) from `tabGL Entry`")[0]
        assert debit == credit > 0
        methods = dict(site.sql("select woo_order_id, custom_payment_method from `tabSales Invoice`"))
        assert set(methods.values()) == {"Cash", "Instapay", "Kashier Card", "Kashier Wallet"}

    def test_finished_jobs_are_not_run_again(self, site: Site) -> None:
        asked = len(site.shop.lines)
        site.unchanged("woocommerce", entry="sync")
        assert len(site.shop.lines) == asked

    def test_the_second_phase(self, site: Site) -> None:
        site.serve()
        site.ok("woocommerce", woocommerce_phase="live")
        assert site.jobs() == dict.fromkeys(site.jobs(), 0)
        assert site.setting("enable_inbound_orders") == "1"
        assert [site.setting(flag) for flag in ("enable_outbound_orders", "enable_outbound_customers")] == ["0", "0"]
        assert {one["status"] for one in site.shop.webhooks.values()} == {"active"}
        site.unchanged("woocommerce", woocommerce_phase="live")

    def test_the_playbooks_say_the_same(self, site: Site) -> None:
        """What an inventory says of a site becomes what the roles were told above."""
        configured = site.book("configure.yml")
        assert configured.ok, configured.stdout[-6000:]
        events = (event["event_data"] for event in configured.events if event["event"] == "runner_on_ok")
        changed = {data.get("role", "") for data in events if data["res"].get("changed")}
        assert changed <= {"erpops.frappe.tenant", "tenant"}, "what is of every tenant, such as its scheduler"
        assert site.book("configure.yml").changed == {}
        synced = site.book("sync.yml", sync_jobs=["woocommerce_recent"])
        assert synced.ok, synced.stdout[-6000:]
        assert [one["site_task"]["name"] for one in synced.results("Run the jobs")] == ["woocommerce_recent"]
        unknown = site.book("sync.yml", sync_jobs=["woocommerce_recent", "recent"])
        assert "has no job named recent" in unknown.failure.message

    def test_pending_orders_wait_and_new_ones_come(self, site: Site) -> None:
        site.call(f"frappe.get_attr('{APP}.services.order_sync.sync_orders_cron_phase1')()")
        assert site.number("WooCommerce Order Map", "status in ('pending', 'on-hold')") == 0
        site.shop.orders[6]["status"] = "processing"
        hook = next(number for number, one in site.shop.webhooks.items() if one["topic"] == "order.updated")
        assert site.shop.deliver(hook, site.shop.orders[6])[0] == 200
        number = site.shop.orders[6]["id"]
        where = f"woo_order_id={number}"
        wait_until("the order is there", lambda: site.number("WooCommerce Order Map", where), 20, 0.1)
        # WooCommerce delivers again what it got no answer to.
        for _again in range(2):
            assert site.shop.deliver(hook, site.shop.orders[6])[0] == 200
        processed = "operation='WebhookProcess' and woo_order_id="
        wait_until(
            "all were worked on", lambda: site.number("WooCommerce Sync Log", f"{processed}{number}") == 3, 20, 0.1
        )
        assert site.number("WooCommerce Order Map", where) == site.number("Sales Invoice", where) == 1

    def test_another_webhook_secret_is_given_to_both_ends(self, site: Site) -> None:
        hook = next(number for number, one in site.shop.webhooks.items() if one["topic"] == "order.updated")
        given: dict[str, Any] = {
            "woocommerce_phase": "live",
            "woocommerce_webhook_secret": "another-secret-of-the-shop",
        }
        site.ok("woocommerce", **given)
        assert site.shop.deliver(hook, site.shop.orders[6])[0] in (401, 403), "the shop was not told"
        site.ok("woocommerce", woocommerce_webhook_secret_update="always", **given)
        assert site.shop.deliver(hook, site.shop.orders[6])[0] == 200
        site.ok("woocommerce", woocommerce_webhook_secret_update="always", woocommerce_phase="live")
        assert site.shop.deliver(hook, site.shop.orders[6])[0] == 200

    def test_everything_is_proven(self, site: Site) -> None:
        site.call("frappe.db.set_single_value('System Settings', 'enable_scheduler', 1)")
        site.call("frappe.db.delete('Error Log')")  # of the order that exploded
        site.call(
            f"frappe.get_doc('Scheduled Job Type', {{'method': '{APP}.services.order_sync.sync_orders_cron_phase1'}})"
            ".execute()"
        )
        result = site.ok(entry="verify", woocommerce_phase="live")
        assert result.changed == {}

    @pytest.mark.parametrize(
        ("code", "fragment"),
        [
            (
                "frappe.db.set_single_value('WooCommerce Settings', 'enable_outbound_orders', 1)",
                "enable_outbound_orders",
            ),
            ("frappe.db.set_value('Company', 'Jarz', 'custom_kashier_account', None)", "custom_kashier_account"),
            (
                "frappe.db.set_value('Scheduled Job Type', 'order_sync.sync_orders_cron_phase1', 'stopped', 1)",
                "sync_orders_cron_phase1 runs",
            ),
            ("frappe.db.sql('update `tabGL Entry` set debit = debit + 1 where debit > 0')", "ledger"),
            (
                "open('woo_historical_migration_progress.json', 'w').write('{\"running\": true}')",
                "no migration is called running",
            ),
            ("frappe.db.delete('Custom Field', {'fieldname': 'woo_field_30'})", "custom fields of Sales Invoice"),
        ],
        ids=["flag", "account", "job", "ledger", "progress", "field"],
    )
    def test_what_is_broken_is_named(self, site: Site, code: str, fragment: str) -> None:
        progress = site.bench.sites / "woo_historical_migration_progress.json"
        config = json.loads((site.bench.sites / SITE / "site_config.json").read_text())
        database = site.bench.path / f".standin-db/{config['db_name']}.sqlite3"
        kept, said_before = sqlite3.connect(":memory:"), progress.read_text()
        live = sqlite3.connect(database, timeout=20)
        live.backup(kept)
        site.call(code)
        said = site.fails("woocommerce", entry="verify", woocommerce_phase="live", woocommerce_webhook_proof=False)
        assert fragment in said
        kept.backup(live)
        live.close()
        kept.close()
        progress.write_text(said_before)

    def test_a_webhook_that_the_shop_disabled_is_named(self, site: Site) -> None:
        webhook = next(iter(site.shop.webhooks.values()))
        webhook["status"] = "disabled"
        said = site.fails("woocommerce", entry="verify", woocommerce_phase="live", woocommerce_webhook_proof=False)
        assert "the shop's webhooks differ from their declaration" in said or "required_webhooks_active" in said
        assert site.ok("woocommerce", woocommerce_phase="live").changed == {SITE: 1}

    def test_without_the_front_door_the_oracle_is_named(self, site: Site) -> None:
        bare = f"127.0.0.1:{site.web_port}"
        said = site.fails(
            "woocommerce", entry="deliveries", woocommerce_phase="live", woocommerce_public_url=f"http://{SITE}:80",
            woocommerce_connect=bare,
        )  # fmt: skip
        assert "oracle" in said or "GET" in said

    def test_a_wrong_key_is_told_before_anything_runs(self, site: Site) -> None:
        said = site.fails("woocommerce", woocommerce_phase="live", woocommerce_consumer_secret="cs_wrong_wrong_wrong")
        assert "the site reaches the shop with its stored key" in said
        site.ok("woocommerce", woocommerce_phase="live")

    def test_off_at_once(self, site: Site) -> None:
        orders = site.number("WooCommerce Order Map")
        preview = site.ok("woocommerce", check=True, woocommerce_state="disabled", woocommerce_phase="live")
        assert preview.changed == {SITE: 3}
        assert site.setting("enable_inbound_orders") == "1"
        site.ok("woocommerce", woocommerce_state="disabled", woocommerce_phase="live")
        assert site.setting("enable_inbound_orders") == "0"
        assert site.jobs() == dict.fromkeys(site.jobs(), 1)
        assert {one["status"] for one in site.shop.webhooks.values()} == {"paused"}
        assert site.number("WooCommerce Order Map") == orders
        site.unchanged("woocommerce", woocommerce_state="disabled", woocommerce_phase="live")
        site.ok("woocommerce", entry="verify", woocommerce_state="disabled", woocommerce_phase="live")
        assert "every job of the app is stopped" in self.broken_while_off(site)

    @staticmethod
    def broken_while_off(site: Site) -> str:
        job = "'order_sync.reconcile_deleted_orders_cron'"
        site.call(f"frappe.db.set_value('Scheduled Job Type', {job}, 'stopped', 0)")
        said = site.fails("woocommerce", entry="verify", woocommerce_state="disabled")
        site.call(f"frappe.db.set_value('Scheduled Job Type', {job}, 'stopped', 1)")
        return said

    def test_off_while_the_shop_is_gone(self, site: Site) -> None:
        """The site's own side comes first: it is off although the run fails."""
        site.ok("woocommerce", woocommerce_phase="live")
        said = site.fails("woocommerce", woocommerce_state="disabled", woocommerce_base_url="https://127.0.0.1:1")
        assert said
        assert site.setting("enable_inbound_orders") == "0"
        assert site.jobs() == dict.fromkeys(site.jobs(), 1)
        site.ok("woocommerce", woocommerce_phase="live")

    def test_gone(self, site: Site) -> None:
        said = site.fails("woocommerce", woocommerce_state="absent")
        assert f"say -e woocommerce_confirm={SITE}" in said
        invoices = site.number("Sales Invoice")
        site.ok("woocommerce", woocommerce_state="absent", woocommerce_confirm=SITE)
        assert site.shop.webhooks == {}
        assert site.number("Sales Invoice") == invoices
        assert site.number("DocType", "name like 'WooCommerce%'") == 0
        archived = list((site.bench.path / ".erpops/archive" / SITE).rglob("*database*"))
        assert archived, "no backup was taken"
        site.ok("woocommerce", entry="verify", woocommerce_state="absent")
        again = site.ok("woocommerce", woocommerce_state="absent", woocommerce_confirm=SITE)
        assert again.changed == {}


class TestFaults:
    def test_a_site_that_was_set_up_with_another_company_is_left_alone(self, site: Site) -> None:
        said = site.fails("company", company_name="Acme", company_abbr="A")
        assert "was set up with another company and is left alone. Seen: Jarz (J)" in said
        assert site.sql("select name from tabCompany") == [("Jarz",)]
