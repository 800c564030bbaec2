# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role diamondcasa from outside: the twin of its app on a bench, behind a real nginx, with a shop on loopback.

One bench through the whole life of the integration, in the order of this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake.diamondcasa import KEY, SECRET
from tests.integration.door import NGINX, WITHOUT_NGINX
from tests.integration.fleet import Result
from tests.integration.jewellery_bench import ADMIN, APP, ROOT_PASSWORD, SITE, WEBHOOK_SECRET, JewelleryBench
from tests.integration.looks import tree

pytestmark = pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX)

WEBHOOK = "/api/method/diamondcasa_jewellery.diamondcasa_jewellery.api.diamondcasa.webhooks.order_cancelled"
JOBS = {
    "sync_products_to_diamondcasa",
    "sync_inventory_to_diamondcasa_scheduled",
    "sync_prices_to_diamondcasa_scheduled",
    "sync_media_to_diamondcasa_scheduled",
    "cleanup_old_integration_logs",
}
KEYS = {
    *("diamondcasa_api_url", "diamondcasa_sync_enabled", "diamondcasa_sync_interval"),
    *("diamondcasa_api_key", "diamondcasa_api_secret", "diamondcasa_webhook_secret"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JewelleryBench]:
    made = JewelleryBench(tmp_path_factory.mktemp("jewellery"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def overlay(house: JewelleryBench) -> dict[str, Any]:
    """What an operator declares after the patch was read."""
    return {"diamondcasa_overlay": True, "diamondcasa_overlay_reviewed_custom": house.pair("diamondcasa_repaired")}


@pytest.fixture(scope="module")
def installed(house: JewelleryBench, overlay: dict[str, Any]) -> dict[str, Any]:
    """The bench with the integration, its processes with the new code."""
    first = house.play(**overlay)
    assert first.ok, first.stdout[-6000:]
    house.restart()
    return overlay


def told(result: Result) -> str:
    """What failed tasks said."""
    assert not result.ok, result.stdout[-3000:]
    return "\n".join(failure.message for failure in result.failures)


def code_of(house: JewelleryBench) -> dict[str, str]:
    """All files of the bench but what runs write."""
    return tree(house.bench.path, leave_out=("logs", "sites", ".standin-db", "__pycache__", ".erpops/locks"))


# --- before: refused, whole reason, nothing changed ---------------------------------------------------------


def test_it_is_refused_as_it_is_with_the_whole_reason(house: JewelleryBench) -> None:
    before = code_of(house)
    for check in (True, False):
        message = told(house.play(check=check))
        for words in (
            "there is no diamondcasa_jewellery/diamond_casa_jewellery/",
            "diamondcasa_jewellery.utils.sync.on_item_update",
            "every on_update of Item fails",
            "DocType 'Job Card' is one of erpnext",
            "DocType 'Pricing Rule' is one of erpnext",
            "is_child_table where Frappe reads istable",
            "has no bag_item.py",
            "diamondcasa_overlay: true",
        ):
            assert words in message
    assert house.apps == ["frappe", "erpnext"]
    assert code_of(house) == before


def test_every_fault_of_the_declaration_is_told_at_once(house: JewelleryBench) -> None:
    message = told(
        house.play(
            diamondcasa_api_url="http://shop.example.com/",
            diamondcasa_webhook_secret="",
            diamondcasa_company="Nobody",
            diamondcasa_settings={"diamondcasa_api_url": "https://x"},
            diamondcasa_job_states={"sync_everything": "stopped"},
        )
    )
    for words in (
        "diamondcasa_api_url is http://shop.example.com/",
        "diamondcasa_webhook_secret are empty",
        "the company of the warehouses: seen 0",
        "diamondcasa_settings names diamondcasa_api_url",
        "diamondcasa_job_states has sync_everything",
    ):
        assert words in message


def test_an_overlay_that_nobody_reviewed_is_refused(house: JewelleryBench) -> None:
    message = told(house.play(diamondcasa_overlay=True))
    assert "these are not the files that the overlay was reviewed for" in message
    ((known, made),) = house.pair("diamondcasa_repaired").items()
    assert f"{known}: {made}" in message
    review = house.play("review")
    assert review.ok
    assert f"{known}: {made}" in review.stdout
    assert '"name": "Jewellery Job Card"' in review.stdout


def test_a_preview_shows_the_overlay_and_changes_nothing(house: JewelleryBench, overlay: dict[str, Any]) -> None:
    before = code_of(house)
    preview = house.play(check=True, **overlay)
    assert preview.ok, preview.stdout[-5000:]
    assert "+class BagItem(Document):" in preview.stdout
    assert "+diamondcasa_jewellery/utils" in preview.stdout
    assert preview.changed[SITE] >= 3
    assert code_of(house) == before
    assert not KEYS & house.config.keys()


# --- present -------------------------------------------------------------------------------------------------


def test_first_run(house: JewelleryBench, installed: dict[str, Any]) -> None:
    assert house.apps == ["frappe", "erpnext", APP]
    config = house.config
    assert config["diamondcasa_sync_enabled"] is True
    assert config["diamondcasa_sync_interval"] == 900
    assert (config["diamondcasa_api_key"], config["diamondcasa_api_secret"]) == (KEY, SECRET)
    assert (house.bench.sites / SITE / "site_config.json").stat().st_mode & 0o777 == 0o600
    assert house.stopped == dict.fromkeys(JOBS, False)
    assert house.python("answer = frappe.db.get_value('DocType', 'Job Card', 'module')") == "Manufacturing"
    assert house.python("answer = frappe.db.exists('DocType', 'Jewellery Job Card')") == "Jewellery Job Card"
    names = house.python(
        "answer = frappe.get_all('Warehouse', {'warehouse_name': ['in', given['names']]}, pluck='name')",
        names=["READY", "MTO/WIP", "TRANSIT", "RETURN"],
    )
    assert sorted(names) == ["MTO/WIP - DC", "READY - DC", "RETURN - DC", "TRANSIT - DC"]
    assert house.python("answer = frappe.db.count('Metal Spec')") == 1


def test_the_app_s_repository_is_untouched_and_the_overlay_is_one_commit(
    house: JewelleryBench, installed: dict[str, Any]
) -> None:
    manifest = json.loads((house.bench.path / f".erpops/overlays/{APP}/manifest.json").read_text())
    assert manifest["commit"] == house.repos["diamondcasa_repaired"]["commit"]
    assert {item["action"] for item in manifest["files"].values()} == {"added", "changed", "removed"}
    assert all(item["before"] or item["after"] for item in manifest["files"].values())


def test_a_second_run_changes_nothing(house: JewelleryBench, installed: dict[str, Any]) -> None:
    again = house.play(**installed)
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    preview = house.play(check=True, **installed)
    assert (preview.ok, preview.changed) == (True, {}), preview.stdout[-4000:]


def test_verification_passes_behind_the_front_door(house: JewelleryBench, installed: dict[str, Any]) -> None:
    verified = house.play("verify", **installed)
    assert verified.ok, verified.stdout[-6000:]
    assert verified.changed == {}


def test_the_door_lets_only_signed_posts_to_the_app(house: JewelleryBench, installed: dict[str, Any]) -> None:
    assert house.deliver(WEBHOOK, "GET").status == 405
    assert house.deliver(f"/?cmd={WEBHOOK.rpartition('/')[2]}", "GET").status == 403
    assert house.deliver(WEBHOOK).status == 403
    assert house.deliver(WEBHOOK, X_DiamondCasa_Signature="wrong").status == 417
    alias = WEBHOOK.replace("diamondcasa_jewellery.diamondcasa_jewellery.api", "diamondcasa_jewellery.api")
    assert house.deliver(alias, "GET").status == 405


BREAKS = [
    (
        "1 Job Card",
        "frappe.db.set_value('DocType', 'Job Card', 'module', 'Diamond Casa Jewellery')",
        "frappe.db.set_value('DocType', 'Job Card', 'module', 'Manufacturing')",
    ),
    (
        "5 warehouse READY",
        "frappe.db.set_value('Warehouse', 'READY - DC', 'disabled', 1)",
        "frappe.db.set_value('Warehouse', 'READY - DC', 'disabled', 0)",
    ),
    (
        "3 the settings are a Single",
        "frappe.db.set_value('DocType', 'DiamondCasa Jewellery Settings', 'issingle', 0)",
        "frappe.db.set_value('DocType', 'DiamondCasa Jewellery Settings', 'issingle', 1)",
    ),
]


@pytest.mark.parametrize(("title", "spoil", "mend"), BREAKS, ids=[item[0] for item in BREAKS])
def test_what_is_broken_is_named(
    house: JewelleryBench, installed: dict[str, Any], title: str, spoil: str, mend: str
) -> None:
    house.python(spoil)
    try:
        assert title in told(house.play("verify", **installed))
    finally:
        house.python(mend)


def test_an_open_door_is_named(house: JewelleryBench, installed: dict[str, Any]) -> None:
    """Past nginx the app takes GET."""
    direct: dict[str, Any] = {
        "diamondcasa_connect": f"127.0.0.1:{house.web_port}",
        "site_connect": f"127.0.0.1:{house.web_port}",
    }
    assert "8 webhook GET" in told(house.play("verify", **installed, **direct))


def test_a_failing_job_is_named(house: JewelleryBench, installed: dict[str, Any]) -> None:
    fail = (
        "frappe.get_doc({'doctype': 'Scheduled Job Log', 'scheduled_job_type': frappe.db.get_value("
        "'Scheduled Job Type', {'method': ['like', '%sync_media%']}), 'status': 'Failed', 'details': 'boom'}).insert()"
    )
    house.python(fail)
    message = told(house.play("verify", **installed))
    assert "9 the newest run of sync_media_to_diamondcasa_scheduled" in message
    mended = house.play(**installed)
    assert mended.ok, mended.stdout[-4000:]
    assert house.play("verify", **installed).ok


# --- what it does ---------------------------------------------------------------------------------------------


def test_one_product_is_synced_once(house: JewelleryBench, installed: dict[str, Any]) -> None:
    refused = told(house.play("trial", **installed))
    assert "sends a made-up product to the shop" in refused
    trial = house.play("trial", diamondcasa_trial_url=house.shop.url, **installed)
    assert trial.ok, trial.stdout[-6000:]
    assert len(house.shop.received["products"]) == 1
    assert house.python("answer = frappe.db.count('Jewellery SKU')") == 0, "the made-up product is gone"


def test_its_health_tells_failures_and_durations(house: JewelleryBench, installed: dict[str, Any]) -> None:
    house.python(
        "for n in range(3): frappe.get_doc({'doctype': 'Integration Log', 'integration_type': 'Price Sync', 'status':"
        " 'Failed', 'direction': 'ERPNext → DiamondCasa', 'error_message': 'HTTP 503', 'retry_count': n}).insert()"
    )
    told = house.play(book="health.yml", **installed)
    assert (told.ok, told.changed) == (True, {})
    (lines,) = [item["msg"] for item in told.results("Tell how they were")]
    assert lines[0].startswith("diamondcasa: degraded")
    assert any("Price Sync" in line and "HTTP 503" in line and " 3 " in line for line in lines)
    assert any(line.startswith("  took     Product Sync") for line in lines)
    assert any("after 2 attempts" in line for line in lines)


def test_old_rows_of_the_log_are_pruned(house: JewelleryBench, installed: dict[str, Any]) -> None:
    house.python("frappe.db.sql(\"update `tabIntegration Log` set creation='2020-01-01' where status='Failed'\")")
    pruned = house.play(**installed)
    assert pruned.ok
    assert house.python("answer = frappe.db.count('Integration Log', {'status': 'Failed'})") == 0


# --- off, on again, gone --------------------------------------------------------------------------------------


def test_disabled_is_off_at_once_and_on_again_as_it_was(house: JewelleryBench, installed: dict[str, Any]) -> None:
    house.python("frappe.db.sql(\"update `tabScheduled Job Type` set stopped=1 where method like '%sync_media%'\")")
    preview = house.play(check=True, integration_state="disabled", **installed)
    assert (preview.ok, house.switch()) == (True, True)
    off = house.play(integration_state="disabled", **installed)
    assert off.ok, off.stdout[-4000:]
    assert house.switch() is False
    assert house.stopped == dict.fromkeys(JOBS, True)
    again = house.play(integration_state="disabled", **installed)
    assert (again.ok, again.changed) == (True, {})
    assert house.play("verify", integration_state="disabled", **installed).ok
    on = house.play(**installed)
    assert on.ok, on.stdout[-4000:]
    assert house.switch() is True
    assert house.stopped == {name: "media" in name for name in JOBS}, "what was stopped before stays so"
    house.python("frappe.db.sql(\"update `tabScheduled Job Type` set stopped=0 where method like 'diamondcasa%'\")")


def test_another_commit_s_broken_sync_is_found_out(house: JewelleryBench, installed: dict[str, Any]) -> None:
    """The app as it is today: the product arrives, but the log refuses its row and the product is never marked."""
    shipped: dict[str, Any] = {
        "diamondcasa_repo": house.repos["diamondcasa"]["path"],
        "diamondcasa_version": house.repos["diamondcasa"]["commit"],
        "diamondcasa_overlay": True,
        "diamondcasa_overlay_reviewed_custom": house.pair("diamondcasa"),
    }
    moved = house.play(**shipped)
    assert moved.ok, moved.stdout[-4000:]
    house.restart()
    seen = len(house.shop.received["products"])
    trial: dict[str, Any] = {"diamondcasa_trial_url": house.shop.url, "diamondcasa_trial_seconds": 6}
    message = told(house.play("trial", **shipped, **trial))
    assert "7 the product is marked as synced: seen sync_status is" in message
    assert "7 one row of success in the log: seen 0, needed exactly 1" in message
    assert len(house.shop.received["products"]) + house.shop.repeats > seen
    assert house.python("answer = frappe.db.count('Jewellery SKU')") == 0, "the made-up product is gone"
    assert house.play(**installed).ok
    house.restart()


def test_it_is_not_removed_without_confirmation(house: JewelleryBench, installed: dict[str, Any]) -> None:
    message = told(house.play(integration_state="absent", **installed))
    assert f"diamondcasa_confirm={SITE}" in message
    assert house.apps[-1] == APP


def test_erpnext_s_own_tables_are_never_dropped(house: JewelleryBench, installed: dict[str, Any]) -> None:
    house.python("frappe.db.set_value('DocType', 'Job Card', 'module', 'Diamond Casa Jewellery')")
    message = told(house.play(integration_state="absent", integration_confirm=SITE, **installed))
    assert "has overwritten DocTypes of ERPNext (1 Job Card is ERPNext's own)" in message
    assert "diamondcasa_absent_by=restore" in message
    house.python("frappe.db.set_value('DocType', 'Job Card', 'module', 'Manufacturing')")


def test_absent_leaves_nothing_of_it(house: JewelleryBench, installed: dict[str, Any]) -> None:
    gone = house.play(integration_state="absent", integration_confirm=SITE, **installed)
    assert gone.ok, gone.stdout[-6000:]
    assert house.apps == ["frappe", "erpnext"]
    assert not KEYS & house.config.keys()
    assert house.stopped == {}
    assert not (house.bench.path / "apps" / APP).exists()
    assert not (house.bench.path / ".erpops/overlays" / APP).exists()
    assert not (house.bench.path / ".erpops/repos" / APP).exists()
    assert APP not in (house.bench.sites / "apps.txt").read_text()
    again = house.play(integration_state="absent", integration_confirm=SITE, **installed)
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    assert house.play("verify", integration_state="absent", **installed).ok


RESTORE = {"integration_state": "absent", "integration_confirm": SITE, "diamondcasa_absent_by": "restore"}


def test_absent_by_restore_brings_the_site_back_as_it_was(house: JewelleryBench, installed: dict[str, Any]) -> None:
    adopted = house.fleet.module(
        "site", bench_path=str(house.bench.path), site=SITE, adopt=True, admin_password=ADMIN,
        db_root_password=ROOT_PASSWORD,
    )  # fmt: skip
    assert not adopted.get("failed"), adopted
    assert house.play(integration_state="absent", integration_confirm=SITE, **installed).ok
    house.python("frappe.db.set_value('Company', 'Diamond Casa', 'country', 'Oman')")
    assert house.play(**installed).ok
    house.python("frappe.db.set_value('Company', 'Diamond Casa', 'country', 'Qatar')")
    back = house.play(**{**installed, **RESTORE})
    assert back.ok, back.stdout[-6000:]
    assert house.apps == ["frappe", "erpnext"]
    assert house.python("answer = frappe.db.get_value('Company', 'Diamond Casa', 'country')") == "Oman"
    assert not KEYS & house.config.keys()
    assert not (house.bench.path / "apps" / APP).exists()
    again = house.play(**{**installed, **RESTORE})
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]


def test_a_restore_that_was_ended_while_there_was_no_site_is_gone_on_with(
    house: JewelleryBench, installed: dict[str, Any]
) -> None:
    assert house.play(**installed).ok
    dropped = house.fleet.module(
        "site", bench_path=str(house.bench.path), site=SITE, state="absent", confirm=SITE,
        db_root_password=ROOT_PASSWORD,
    )  # fmt: skip
    assert dropped["changed"] is True, dropped
    preview = house.play(check=True, **{**installed, **RESTORE})
    assert preview.ok, preview.stdout[-5000:]
    back = house.play(**{**installed, **RESTORE})
    assert back.ok, back.stdout[-6000:]
    assert house.apps == ["frappe", "erpnext"]
    assert not (house.bench.path / "apps" / APP).exists()
    again = house.play(**{**installed, **RESTORE})
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]


def test_no_secret_was_shown(house: JewelleryBench) -> None:
    for path in sorted((house.root / "runs").glob("*/artifacts/run/stdout")):
        text = path.read_text()
        assert not [secret for secret in (KEY, SECRET, WEBHOOK_SECRET) if secret in text], path
