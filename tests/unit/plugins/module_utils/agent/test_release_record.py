# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases as they stand on the disk, also where a run was ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_record import (
    app_facts,
    bench_app_facts,
    current_release,
    is_adopted,
    note_apps,
    note_switch,
    read_release,
    read_releases,
    release_names,
    switches,
    write_release,
)
from tests.unit.plugins.module_utils.agent.tools import Tools, git


@pytest.fixture
def bench(tools: Tools) -> Bench:
    for name in ("one", "two"):
        (tools.path / "releases" / name).mkdir(parents=True)
    return Bench(str(tools.path))


def point(bench: Bench, release: str) -> None:
    link = Path(bench.path) / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(f"releases/{release}")


def test_a_plain_bench(tools: Tools) -> None:
    plain = Bench(str(tools.path))
    assert (current_release(plain), release_names(plain), is_adopted(plain)) == ("", [], False)
    assert switches(plain) == {"current": "", "previous": ""}
    note_apps(plain)
    assert not (tools.path / "releases").exists()


def test_records(bench: Bench) -> None:
    write_release(bench, "one", {"state": "ready", "order": ["frappe"]})
    assert read_release(bench, "one") == {"schema": 1, "id": "one", "state": "ready", "order": ["frappe"]}
    assert read_release(bench, "two") == {}
    (Path(bench.path) / "releases/two/release.json").write_text('{"state": "rea')
    (Path(bench.path) / "releases/.gone-three").mkdir()
    found = {row["id"]: row["state"] for row in read_releases(bench)}
    assert found == {"one": "ready", "two": "building"}  # what cannot be read was never finished


@pytest.mark.parametrize(
    ("noted", "now", "previous"),
    [
        (None, "one", ""),
        (("one", ""), "one", ""),
        (("two", "one"), "two", "one"),
        (("one", "zero"), "two", "one"),  # ended after the switch, before its note
    ],
)
def test_the_previous_release(bench: Bench, noted: Any, now: str, previous: str) -> None:
    point(bench, now)
    if noted:
        note_switch(bench, *noted)
    assert switches(bench) == {"current": now, "previous": previous}


def checkout(folder: Path, remote: str) -> str:
    (folder / "apps/shop/shop").mkdir(parents=True)
    (folder / "apps/shop/shop/__init__.py").write_text("__version__ = '1.2.3'\n")
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", remote, "https://user:secret@example.com/shop")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "one")
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.parametrize("remote", ["origin", "upstream"])
def test_facts_of_an_app(tmp_path: Path, remote: str) -> None:
    commit = checkout(tmp_path / "repo", remote)
    (tmp_path / "shop").symlink_to("repo/apps/shop")
    facts = app_facts(str(tmp_path / "shop"), "shop")
    assert facts == {
        "name": "shop",
        "commit": commit,
        "subdirectory": "apps/shop",
        "repo": "https://example.com/shop",
        "version": "1.2.3",
        "dirty": [],
        "checkout": str((tmp_path / "repo").resolve()),
    }
    assert app_facts(str(tmp_path / "nothing"), "nothing")["commit"] == ""


def test_a_deployment_in_place_is_noted(bench: Bench, tools: Tools) -> None:
    point(bench, "one")
    write_release(bench, "one", {"state": "ready", "order": [], "apps": {}, "inputs": {"python": "3"}})
    commit = checkout(tools.path / "repo", "origin")
    (tools.path / "apps/shop").symlink_to("../repo/apps/shop")
    tools.write("sites/apps.txt", "frappe\nshop\n")
    note_apps(bench)
    record = read_release(bench, "one")
    assert (record["order"], record["state"], record["inputs"]) == (["frappe", "shop"], "ready", {"python": "3"})
    assert record["apps"]["shop"]["commit"] == commit
    assert [app["name"] for app in bench_app_facts(bench)] == ["frappe", "shop"]
