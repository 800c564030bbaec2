# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a build; the whole is in tests/contract/test_releases.py."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _release_build
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_build import (
    build_release,
    find_release,
    inputs_of,
    present_apps,
)
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_plan import release_id
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_record import (
    drop_half_made,
    link_surroundings,
    write_release,
)
from tests.unit.plugins.module_utils.agent.tools import Tools, git

INPUTS = {"python": "3.11"}


def checkout(folder: Path, text: str = "") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hooks.py").write_text(text)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "one")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def bench(tools: Tools) -> Bench:
    tools.write("sites/apps.txt", "shop\n")
    (tools.path / "releases").mkdir()
    return Bench(str(tools.path))


def test_what_a_release_is_made_of(bench: Bench, tools: Tools) -> None:
    bare = inputs_of(bench, {"requirements": ["b", "a"]})
    assert (bare["requirements"], bare["assets"]) == (["a", "b"], False)
    tools.write("sites/assets/assets.json", {})
    assert inputs_of(bench, {})["assets"] is True
    assert inputs_of(bench, {"build": False})["assets"] is False


def test_local_changes_are_refused(bench: Bench, tools: Tools) -> None:
    (tools.path / "apps/shop").mkdir(parents=True)
    with pytest.raises(ErpopsError, match="no git checkout of ours"):
        present_apps(bench)
    commit = checkout(tools.path / "apps/shop")
    assert [app["commit"] for app in present_apps(bench)] == [commit]
    tools.write("apps/shop/hooks.py", "changed = True\n")
    with pytest.raises(ErpopsError, match="has local changes") as caught:
        present_apps(bench)
    assert (caught.value.status, caught.value.seen) == (409, "hooks.py")


def test_a_release_is_found_by_what_is_in_it(bench: Bench, tools: Tools) -> None:
    commits = {}
    for name in ("one", "two"):
        commits[name] = checkout(tools.path / "releases" / name / "apps/shop", name)
        write_release(bench, name, {"state": "ready", "inputs": INPUTS, "order": ["shop"]})

    def find(commit: str, inputs: dict[str, Any] | None = None) -> str:
        return find_release(bench, [{"name": "shop", "commit": commit, "subdirectory": ""}], inputs or INPUTS)

    assert {name: find(commit) for name, commit in commits.items()} == {"one": "one", "two": "two"}
    assert find(commits["one"], {"python": "3.12"}) == ""
    tools.write("releases/one/apps/shop/hooks.py", "changed by hand")
    assert find(commits["one"]) == ""
    write_release(bench, "two", {"state": "building", "inputs": INPUTS, "order": ["shop"]})
    assert find(commits["two"]) == ""


def test_what_an_ended_run_left_goes(bench: Bench, tools: Tools) -> None:
    for name, state in (("whole", "ready"), ("half", "building"), ("now", "building")):
        (tools.path / "releases" / name).mkdir()
        write_release(bench, name, {"state": state})
    (tools.path / "releases/bare").mkdir()
    (tools.path / "releases/.gone-x/apps").mkdir(parents=True)
    (tools.path / "current").symlink_to("releases/now")  # an adoption that is not finished
    assert drop_half_made(bench) == ["bare", "half"]
    assert sorted(os.listdir(tools.path / "releases")) == ["now", "whole"]


def test_no_room(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100 << 20))
    with pytest.raises(ErpopsError, match="no room for another release") as caught:
        _release_build._check_space(bench)
    assert (caught.value.status, caught.value.seen) == (507, "100 MiB free")


def test_a_release_looks_like_the_bench(bench: Bench, tools: Tools) -> None:
    home = tools.path / "releases/one"
    home.mkdir()
    (home / "sites").mkdir()
    link_surroundings(bench, str(home), left_out=("sites", ".erpops"))
    assert (home / "config").resolve() == (tools.path / "config").resolve()
    assert (home / "archived").resolve() == (tools.path / "archived").resolve()
    assert (home / "databases").is_symlink()
    assert not (home / "sites").is_symlink()
    assert not [name for name in ("apps", "env", "repos", "releases", "current", ".erpops") if (home / name).exists()]
    link_surroundings(bench, str(home))
    assert os.readlink(home / ".erpops") == "../../.erpops"


def test_nothing_is_built_between_plain_and_released(bench: Bench, tools: Tools) -> None:
    """The first release may be half adopted: it runs, and is not to be taken for what an ended build left."""
    (tools.path / "releases/now").mkdir()
    (tools.path / "current").symlink_to("releases/now")
    tools.write(".erpops/adoption.json", {"schema": 1, "id": "now"})
    with pytest.raises(ErpopsError, match="not made one with releases to the end") as caught:
        build_release(Context(bench), {})
    assert (caught.value.status, (tools.path / "releases/now").is_dir()) == (409, True)


def test_a_directory_that_is_there_stays(
    bench: Bench, tools: Tools, framework: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = checkout(tools.path / "apps/shop")
    name = release_id([{"name": "shop", "commit": commit}], inputs_of(bench, {}))
    monkeypatch.setattr(_release_build, "drop_half_made", lambda _bench: [])
    monkeypatch.setattr(os, "nice", lambda _more: 0)
    kept = tools.write(f"releases/{name}/kept", "x")
    with pytest.raises(ErpopsError, match="File exists"):
        build_release(Context(bench), {})
    assert kept.read_text() == "x"
