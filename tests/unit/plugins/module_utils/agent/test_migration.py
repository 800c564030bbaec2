# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan on the stand-in, compared with what the framework's own migration then did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from tests.standin.quick_bench import QuickBench
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.tools import git

SITE = "a.localhost"
ORDER = "shopsync/shop_sync/doctype/shop_order/shop_order.json"


@pytest.fixture
def bench(tmp_path: Path) -> QuickBench:
    made = QuickBench.create(tmp_path / "bench", "erpnext", "shopsync")
    for app in ("frappe", "erpnext", "shopsync"):
        folder = made.path / "apps" / app
        git(folder, "init", "--quiet", "--initial-branch", "main")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "one")
    assert made.run("new-site", SITE, "--admin-password", "x", "--install-app", "erpnext").returncode == 0
    assert made.run("--site", SITE, "install-app", "shopsync").returncode == 0
    return made


def plan(bench: QuickBench, **app: Any) -> dict[str, Any]:
    agent = SiteAgent(HostRuntime(str(bench.path)), check=True, timeout=60.0, lock_timeout=0.0)
    return dict(agent.one("migration.plan", SITE, {"apps": [{"name": "shopsync", **app}] if app else []}))


def newer(bench: QuickBench, folder: Path) -> str:
    """A clone with a commit that brings patches, changes a DocType and adds one."""
    git(bench.path, "clone", "--quiet", str(bench.path / "apps/shopsync"), str(folder))
    order = json.loads((folder / ORDER).read_text())
    order["fields"].append({"fieldname": "extra", "fieldtype": "Data", "label": "Extra"})
    (folder / ORDER).write_text(json.dumps(order))
    extra = folder / "shopsync/shop_sync/doctype/shop_extra"
    extra.mkdir()
    new = {**order, "name": "Shop Extra", "fields": order["fields"][-1:], "field_order": ["extra"], "autoname": "hash"}
    (extra / "shop_extra.json").write_text(json.dumps(new))
    for name in ("__init__.py", "shop_extra.py"):
        (extra / name).write_text("")
    (extra / "shop_extra.py").write_text(
        "from frappe.model.document import Document\nclass ShopExtra(Document): pass\n"
    )
    (folder / "shopsync/patches.txt").write_text(
        "[pre_model_sync]\nexecute:frappe.db.set_default('one', 1)\n[post_model_sync]\nexecute:frappe.db.set_default('two', 2)\n"
    )
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "two")
    return git(folder, "rev-parse", "HEAD")


def test_a_site_of_now_needs_nothing(bench: QuickBench) -> None:
    found = plan(bench)
    assert found.keys() == SET_ANSWERS["migration.plan"].keys()
    assert found["apps"][0].keys() == SET_ANSWERS["migration.plan"]["apps"][0].keys()
    assert (found["needed"], found["reasons"], found["no_return"]) == (False, [], "")
    assert [app["name"] for app in found["apps"]] == ["frappe", "erpnext", "shopsync"]
    assert found["diff"] == {"before": "", "after": ""}
    assert found["space"]["free"] > 0
    assert found["size"]["database"] > 100_000


def test_the_plan_is_what_the_migration_does(bench: QuickBench, tmp_path: Path) -> None:
    commit = newer(bench, tmp_path / "newer")
    found = plan(bench, repo=str(tmp_path / "newer"), version=commit)
    assert git(bench.path / "apps/shopsync", "rev-parse", "HEAD") != commit, "a plan leaves the checkout as it is"
    assert found["needed"]
    app = found["apps"][2]
    assert (app["to"], app["from"]) == (commit, git(bench.path / "apps/shopsync", "rev-parse", "HEAD"))
    assert app["doctypes"] == {"added": ["Shop Extra"], "changed": ["Shop Order"], "removed": []}
    assert found["no_return"] == "the patch execute:frappe.db.set_default('one', 1) of shopsync"

    git(bench.path / "apps/shopsync", "pull", "--quiet", str(tmp_path / "newer"), "main")
    done = bench.run("--site", SITE, "migrate")
    assert done.returncode == 0, done.stderr
    script = (
        "import frappe; frappe.init(site='a.localhost', sites_path='.'); frappe.connect(); "
        "print(frappe.get_all('Patch Log', pluck='patch'), frappe.db.exists('DocType', 'Shop Extra'))"
    )
    told = bench.call("-c", script).stdout
    for lines in app["patches"].values():
        (line,) = lines
        assert line in told.replace('"', "")
    assert "Shop Extra" in told
    assert not plan(bench)["needed"]


def test_what_was_read_of_a_commit_is_not_fetched_again(bench: QuickBench, tmp_path: Path) -> None:
    commit = newer(bench, tmp_path / "newer")
    first = plan(bench, repo=str(tmp_path / "newer"), version=commit)
    (tmp_path / "newer").rename(tmp_path / "away")
    assert plan(bench, repo=str(tmp_path / "newer"), version=commit)["apps"] == first["apps"]


def test_an_app_that_left_a_doctype_behind(bench: QuickBench) -> None:
    folder = bench.path / "apps/shopsync"
    git(folder, "rm", "--quiet", "-r", str(Path(ORDER).parent))
    git(folder, "commit", "--quiet", "-m", "without")
    assert plan(bench)["apps"][2]["doctypes"]["removed"] == ["Shop Order"]


@pytest.mark.parametrize(
    ("app", "words"),
    [
        ({"version": "0" * 40}, "no commit"),
        ({"version": "nowhere"}, "there is no commit, tag or branch 'nowhere'"),
    ],
)
def test_commits_that_are_not_there(bench: QuickBench, app: dict[str, str], words: str) -> None:
    with pytest.raises(ErpopsError, match=words):
        plan(bench, repo=str(bench.path / "apps/shopsync"), **app)


def test_patches_that_frappe_could_not_read(bench: QuickBench) -> None:
    folder = bench.path / "apps/shopsync"
    (folder / "shopsync/patches.txt").write_text("[pre_model_sync]\na.b\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "broken")
    with pytest.raises(ErpopsError, match="cannot be read") as caught:
        plan(bench)
    assert "no section post_model_sync" in caught.value.seen
