# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories of a release: what is taken over, what is linked, what changes places."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_tree import (
    exchange,
    link_to,
    redirect,
    size_of,
    take_assets,
    take_over,
)
from tests.unit.plugins.module_utils.agent.tools import git


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_two_names_change_places(tmp_path: Path) -> None:
    write(tmp_path / "apps/file")
    (tmp_path / "link").symlink_to("elsewhere")
    exchange(str(tmp_path / "apps"), str(tmp_path / "link"))
    assert os.readlink(tmp_path / "apps") == "elsewhere"
    assert (tmp_path / "link/file").read_text() == "x"


def test_a_file_system_that_cannot(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError, match="cannot change places") as caught:
        exchange(str(tmp_path / "one"), str(tmp_path / "other"))
    assert "No such file" in caught.value.seen


def test_a_link_is_replaced_at_once(tmp_path: Path) -> None:
    for target in ("one", "two"):
        link_to(target, str(tmp_path / "current"))
        assert os.readlink(tmp_path / "current") == target
    (tmp_path / "current.new").symlink_to("left by an ended run")
    link_to("three", str(tmp_path / "current"))
    assert os.readlink(tmp_path / "current") == "three"
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


@pytest.mark.parametrize(
    ("target", "after"),
    [("/b/apps/shop", "/r/apps/shop"), ("/b/apps", "/r/apps"), ("/b/apps2", "/b/apps2"), ("up", "up")],
)
def test_links_into_what_moves(tmp_path: Path, target: str, after: str) -> None:
    (tmp_path / "link").symlink_to(target)
    redirect(str(tmp_path / "link"), {"/b/apps": "/r/apps"})
    assert os.readlink(tmp_path / "link") == after


def test_what_is_not_in_the_commit_is_taken_over(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        write(folder / "shop/public/js/shop.js", "tracked")
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "one")
    bundle = write(old / "shop/public/dist/js/shop.bundle.js", "built")
    module = write(old / "node_modules/left-pad/index.js", "module")
    for by_product in ("shop/__pycache__/a.pyc", "shop.egg-info/PKG-INFO", "b.pyc"):
        write(old / by_product)
    (old / "shop/public/node_modules").symlink_to(old / "node_modules")
    write(new / "notes", "newer")
    write(old / "notes", "older")
    take_over(str(old), str(new), {str(old): str(new)})
    assert (new / "shop/public/dist/js/shop.bundle.js").read_text() == "built"
    # Built files are written over in place, packages of Node are not.
    assert (new / "shop/public/dist/js/shop.bundle.js").stat().st_ino != bundle.stat().st_ino
    assert (new / "node_modules/left-pad/index.js").stat().st_ino == module.stat().st_ino
    assert os.readlink(new / "shop/public/node_modules") == str(new / "node_modules")
    assert (new / "notes").read_text() == "newer"
    left_out = ("shop/__pycache__", "shop.egg-info", "b.pyc")
    assert not [path for path in left_out if (new / path).exists()]


def test_assets_of_a_release(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    write(old / "assets.json", "{}")
    write(old / "locale/de/frappe.mo")
    (old / "shop").symlink_to("/somewhere/old")
    write(tmp_path / "shop/public/shop.js")
    (tmp_path / "bare").mkdir()
    take_assets(str(old), str(new), {"shop": str(tmp_path / "shop"), "bare": str(tmp_path / "bare")})
    assert sorted(path.name for path in new.iterdir()) == ["assets.json", "locale", "shop"]
    assert os.readlink(new / "shop") == str(tmp_path / "shop/public")
    take_assets(str(tmp_path / "nothing"), str(tmp_path / "fresh"), {})
    assert list((tmp_path / "fresh").iterdir()) == []


def test_a_size_counts_a_file_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a/file", "x" * 100_000)
    once = size_of(str(tmp_path))
    assert 100_000 <= once < 130_000
    (tmp_path / "a/same").hardlink_to(file)
    (tmp_path / "a/link").symlink_to(file)
    assert once <= size_of(str(tmp_path)) < once + 10_000
    assert size_of(str(tmp_path / "nothing")) == 0
