# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of an app at a commit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._migration_source import app_at, is_wanted
from tests.unit.plugins.module_utils.agent.tools import git


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("shop/patches.txt", True),
        ("shop/modules.txt", True),
        ("shop/orders/doctype/order/order.json", True),
        ("shop/orders/doctype/order/test_records.json", False),
        ("shop/orders/doctype/order.json", False),
        ("shop/hooks.py", False),
        ("shop/x/patches.txt", False),
        ("other/patches.txt", False),
        ("patches.txt", False),
    ],
)
def test_which_files_are_looked_at(path: str, wanted: bool) -> None:
    assert is_wanted(path, "shop") is wanted


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with an app, one in a subdirectory of its repository."""
    made = Bench(str(tmp_path / "bench"))
    for root, inner in (("apps/shop", ""), (".erpops/repos/inside", "apps/inside")):
        package = tmp_path / "bench" / root / inner / ("inside" if inner else "shop")
        package.mkdir(parents=True)
        (package / "patches.txt").write_text("one\n")
        git(tmp_path / "bench" / root, "init", "--quiet", "--initial-branch", "main")
        git(tmp_path / "bench" / root, "add", "--all")
        git(tmp_path / "bench" / root, "commit", "--quiet", "-m", "one")
    (tmp_path / "bench/apps/inside").symlink_to("../.erpops/repos/inside/apps/inside")
    (tmp_path / "bench/sites").mkdir()
    return made


@pytest.mark.parametrize("name", ["shop", "inside"])
def test_the_commit_of_now(bench: Bench, name: str) -> None:
    now, commit, files = app_at(bench, {"name": name})
    assert now == commit
    assert files.patches["pre_model_sync"] == ["one"]


def test_another_commit_is_fetched_beside_the_checkout(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", f"{bench.apps}/shop", str(other))
    (other / "shop/patches.txt").write_text("one\ntwo\n")
    git(other, "commit", "--quiet", "-a", "-m", "two")
    now, commit, files = app_at(bench, {"name": "shop", "repo": str(other), "version": "main"})
    assert (commit, files.patches["pre_model_sync"]) == (git(other, "rev-parse", "HEAD"), ["one", "two"])
    assert git(Path(bench.apps, "shop"), "rev-parse", "HEAD") == now != commit
    kept = Path(bench.state, "sources/shop", f"{commit}.json")
    assert json.loads(kept.read_text())["files"]["patches"]["pre_model_sync"] == ["one", "two"]


def test_what_was_kept_by_another_version_of_ours_is_read_anew(bench: Bench) -> None:
    now, _commit, _files = app_at(bench, {"name": "shop"})
    kept = Path(bench.state, "sources/shop", f"{now}.json")
    kept.write_text(json.dumps({"schema": 0, "files": {}}))
    assert app_at(bench, {"name": "shop"})[2].patches["pre_model_sync"] == ["one"]


def test_an_app_that_is_no_checkout(bench: Bench) -> None:
    with pytest.raises(ErpopsError, match="the bench has no such app"):
        app_at(bench, {"name": "gone"})
