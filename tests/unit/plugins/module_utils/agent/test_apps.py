# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app comes to a commit, or the bench is as it was; pip alone is played."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _app_install, _apps, _environment
from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_install import Place
from ansible_collections.erpops.frappe.plugins.module_utils.agent._apps import OPERATIONS
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._git import Git
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools, git


class Origin:
    """A repository with the app ``shop`` at its root or below ``inner``."""

    def __init__(self, folder: Path, inner: str = "") -> None:
        self.folder, self.app = folder, folder / inner
        (self.app / "shop" / "shop_core").mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch", "main")
        (self.app / "pyproject.toml").write_text('[project]\nname = "shop"\n')
        (self.app / "shop" / "hooks.py").write_text("")
        (self.app / "shop" / "modules.txt").write_text("shop_core\n")
        (self.app / "shop" / "shop_core" / "__init__.py").write_text("")
        self.first = self.commit("shop/__init__.py", '__version__ = "1.0.0"\n')

    def commit(self, path: str, text: str) -> str:
        (self.app / path).write_text(text)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "-m", path)
        return git(self.folder, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "origin")


@pytest.fixture
def bench(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """A bench into whose environment packages are linked instead of installed."""

    def install(_bench: Bench, where: Place) -> None:
        link = framework.packages / where.name
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.realpath(os.path.join(where.folder, where.name)))
        sys.modules.pop(where.name, None)

    real = _app_install.remove_app

    def remove(on: Bench, where: Place) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(subprocess, "run", lambda *_args, **_options: None)
            real(on, where)
        (framework.packages / where.name).unlink(missing_ok=True)

    monkeypatch.setattr(_apps, "pip_install", install)
    monkeypatch.setattr(_apps, "remove_app", remove)
    return framework


def apply(bench: Tools, origin: Origin, check: bool = False, **args: Any) -> dict[str, Any]:
    given = {"name": "shop", "repo": str(origin.folder), "version": "main", **args}
    return dict(OPERATIONS["app.apply"](bench.at("", check=check), given))


def look(bench: Tools, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["app.read"](bench.at(""), {"name": "shop", **args}))


def apps_txt(bench: Tools) -> str:
    return (bench.sites / "apps.txt").read_text()


def test_an_app_is_brought_once(bench: Tools, origin: Origin) -> None:
    first = apply(bench, origin)
    assert first["actions"] == ["cloned", "installed into the environment", "listed in apps.txt"]
    assert (first["commit_before"], first["commit_after"], first["version"]) == ("", origin.first, "1.0.0")
    assert first["path"] == str(bench.path / "apps" / "shop")
    assert first["remote"] == str(origin.folder)
    assert first["diff"]["before"] == {"commit": "", "installed": False, "listed": False}
    assert first["diff"]["after"] == {"commit": origin.first, "installed": True, "listed": True}
    assert apps_txt(bench) == "frappe\nshop\n"
    again = apply(bench, origin)
    assert (again["changed"], again["actions"], again["commit_before"]) == (False, [], origin.first)


def test_check_mode_tells_the_same_and_does_nothing(bench: Tools, origin: Origin) -> None:
    planned = apply(bench, origin, check=True)
    assert look(bench)["present"] is False
    assert apps_txt(bench) == "frappe\n"
    assert not (bench.path / ".erpops").exists()
    done = apply(bench, origin)
    assert planned["actions"] == done["actions"]
    assert planned["diff"] == done["diff"]
    assert planned.keys() == done.keys()


def test_an_app_moves_to_another_commit_and_back(bench: Tools, origin: Origin) -> None:
    apply(bench, origin)
    second = origin.commit("shop/__init__.py", '__version__ = "2.0.0"\n')
    moved = apply(bench, origin)
    assert moved["actions"] == ["moved to another commit", "installed into the environment"]
    assert (moved["commit_before"], moved["commit_after"], moved["version"]) == (origin.first, second, "2.0.0")
    back = apply(bench, origin, version=origin.first)
    assert (back["commit_after"], back["version"]) == (origin.first, "1.0.0")
    assert apps_txt(bench) == "frappe\nshop\n"


def test_an_app_in_a_subdirectory(bench: Tools, tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", "apps/shop")
    done = apply(bench, origin, subdirectory="apps/shop")
    link = bench.path / "apps" / "shop"
    assert link.is_symlink()
    assert not os.path.isabs(os.readlink(link)), "so that the bench can be moved"
    assert link.resolve() == bench.path / ".erpops/repos/shop/apps/shop"
    assert done["commit_after"] == origin.first
    assert look(bench, subdirectory="apps/shop")["installed"] is True
    assert apply(bench, origin, subdirectory="apps/shop")["changed"] is False


def test_a_subdirectory_that_is_not_there_leaves_nothing(bench: Tools, origin: Origin) -> None:
    with pytest.raises(ErpopsError, match="no such subdirectory") as caught:
        apply(bench, origin, subdirectory="apps/other")
    assert caught.value.status == 404
    assert not (bench.path / ".erpops/repos/shop").exists()
    assert apps_txt(bench) == "frappe\n"


def test_a_ref_that_does_not_exist_leaves_nothing(bench: Tools, origin: Origin) -> None:
    with pytest.raises(ErpopsError) as caught:
        apply(bench, origin, version="v9")
    assert (caught.value.status, caught.value.seen) == (404, "main")
    assert look(bench)["present"] is False


class Index:
    """A package index of our own: what the app asks for comes with it, and pip's later calls are carried out."""

    def __init__(self, bench: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.asked = bench.packages, list[list[str]]()
        linked = vars(_apps)["pip_install"]  # as the fixture bench left it

        def install(on: Bench, where: Place) -> None:
            linked(on, where)
            for path in sorted(Path(where.folder).glob("*.needs")):
                self.put(*path.read_text().split())

        def add(_bench: Bench, packages: list[str], _what: str, *, exact: bool = False) -> None:
            self.asked.append([*packages, *(["exactly"] if exact else [])])
            for pin in packages:
                if "==" in pin:
                    self.put(*pin.split("=="))

        def remove(_bench: Bench, packages: list[str]) -> None:
            for name in packages:
                self.drop(name)

        monkeypatch.setattr(_apps, "pip_install", install)
        monkeypatch.setattr(_environment, "pip_add", add)
        monkeypatch.setattr(_environment, "pip_remove", remove)

    def drop(self, name: str) -> None:
        for place in self.folder.glob(f"{name}-*.dist-info"):
            shutil.rmtree(place)

    def put(self, name: str, version: str, *needs: str) -> None:
        self.drop(name)
        place = self.folder / f"{name}-{version}.dist-info"
        place.mkdir()
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {need}" for need in needs)]
        (place / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines]) + "\n")

    @property
    def versions(self) -> set[str]:
        return {place.name.removesuffix(".dist-info") for place in self.folder.glob("*.dist-info")}


@pytest.fixture
def index(bench: Tools, monkeypatch: pytest.MonkeyPatch) -> Index:
    made = Index(bench, monkeypatch)
    made.put("Frame_Work", "15", "sealer~=46.0.3", "tokens~=2.8.0", "absent>=1; extra == 'more'")
    made.put("wrapper", "1", "sealer<47,>=45")
    made.put("sealer", "46.0.7")
    made.put("tokens", "2.8.0")
    return made


def test_an_app_that_takes_from_others_what_they_need_is_refused(bench: Tools, origin: Origin, index: Index) -> None:
    """Seen with jarz_pos f3aaa38: cryptography 50 came with it, and no site could be made any more."""
    before = index.versions
    (origin.app / "a.needs").write_text("sealer 50.0.2")
    (origin.app / "b.needs").write_text("newcomer 3 sealer>=50 tokens>=9")
    origin.commit("c.needs", "tokens 2.15.1")
    with pytest.raises(ErpopsError, match="would take from other packages") as caught:
        apply(bench, origin)
    assert caught.value.status == 409
    assert caught.value.seen == (
        "frame-work needs sealer~=46.0.3, and would get 50.0.2; frame-work needs tokens~=2.8.0, and would get 2.15.1; "
        "wrapper needs sealer<47,>=45, and would get 50.0.2"
    )
    assert 'bench_requirement_overrides: ["sealer<47,>=45,~=46.0.3", "tokens~=2.8.0"]' in caught.value.hint
    assert index.versions == before
    assert index.asked == [["--no-deps", "sealer==46.0.7", "tokens==2.8.0", "exactly"]]
    assert apps_txt(bench) == "frappe\n"


def test_an_update_that_cannot_be_imported_takes_its_packages_with_it(
    bench: Tools, origin: Origin, index: Index
) -> None:
    origin.commit("a.needs", "tokens 2.8.1")
    assert apply(bench, origin)["changed"] is True
    before = index.versions
    (origin.app / "a.needs").write_text("tokens 2.8.9")
    (origin.app / "b.needs").write_text("newcomer 3")
    broken = origin.commit("shop/hooks.py", "1 / 0")
    with pytest.raises(ErpopsError, match="cannot be imported"):
        apply(bench, origin, version=broken)
    assert index.versions == before


def test_what_was_wrong_before_and_what_the_app_itself_lacks_is_no_fault_of_its(
    bench: Tools, origin: Origin, index: Index
) -> None:
    index.put("sealer", "50.0.2")
    origin.commit("a.needs", "shop 1 tokens>=9 nowhere")
    assert apply(bench, origin)["changed"] is True
    assert index.asked == []


BREAKS = [
    ("pyproject.toml", '[project]\nname = "other"\n', "is not the app"),
    ("shop/hooks.py", "import not_there_at_all", "cannot be imported"),
    ("shop/shop_core/__init__.py", "1 / 0", "cannot be imported"),
]


@pytest.mark.parametrize(("path", "text", "message"), BREAKS)
def test_a_broken_app_never_reaches_apps_txt(bench: Tools, origin: Origin, path: str, text: str, message: str) -> None:
    origin.commit(path, text)
    with pytest.raises(ErpopsError, match=message):
        apply(bench, origin)
    assert apps_txt(bench) == "frappe\n"
    assert look(bench) == {
        **dict.fromkeys(("present", "installed", "listed"), False),
        **dict.fromkeys(("commit", "branch", "remote", "version"), ""),
        "dirty": [],
    }


@pytest.mark.parametrize(("path", "text", "message"), BREAKS)
def test_a_broken_update_is_taken_back(bench: Tools, origin: Origin, path: str, text: str, message: str) -> None:
    apply(bench, origin)
    before = look(bench)
    origin.commit(path, text)
    with pytest.raises(ErpopsError, match=message):
        apply(bench, origin)
    assert look(bench) == before
    assert apps_txt(bench) == "frappe\nshop\n"


def test_an_update_that_cannot_be_taken_back_tells_both_causes(
    bench: Tools, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(bench, origin)
    origin.commit("shop/hooks.py", "1 / 0")

    def first_cause(*_args: Any) -> None:
        raise ErpopsError("first cause")

    def second_cause(*_args: Any) -> None:
        raise ErpopsError("the index does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(_apps, "check_metadata", first_cause)
        patched.setattr(_apps, "pip_install", second_cause)
        with pytest.raises(ErpopsError, match="could not be put back") as caught:
            apply(bench, origin)
    assert "first cause" in caught.value.seen
    assert "the index does not answer" in caught.value.seen


@pytest.mark.parametrize("due", [False, True])
def test_a_restart_is_due_after_a_change_and_not_after_one_that_was_taken_back(
    bench: Tools, origin: Origin, due: bool
) -> None:
    """An agent that is ended between the new code and the restart leaves the note for the next run."""
    note = bench.path / ".erpops/restart.json"
    if due:
        bench.write(note, {"schema": 1, "app": "another"})
    second = origin.commit("shop/hooks.py", "1 / 0")
    with pytest.raises(ErpopsError, match="cannot be imported"):
        apply(bench, origin)
    assert note.exists() is due
    origin.commit("shop/hooks.py", "")
    done = apply(bench, origin)
    assert bench.read(note) == {"schema": 1, "app": "shop", "commit": done["commit_after"]}
    assert done["commit_after"] != second
    note.unlink()
    apply(bench, origin)
    apply(bench, origin, check=True, version=origin.first)
    assert not note.exists()


def test_a_clone_that_is_interrupted_leaves_no_half_app(
    bench: Tools, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise ErpopsError("git fetch failed", status=502)

    with monkeypatch.context() as patched:
        patched.setattr(Git, "fetch", broken)
        with pytest.raises(ErpopsError, match="git fetch failed"):
            apply(bench, origin)
    assert os.listdir(bench.path / "apps") == [".keep"]
    assert os.listdir(bench.path / ".erpops/repos") == []
    assert apply(bench, origin)["changed"] is True


@pytest.mark.parametrize("code", ["", "raise ImportError", "raise ValueError"])
def test_a_package_of_another_place_is_not_the_app(bench: Tools, origin: Origin, code: str) -> None:
    """A copy in the environment, or an older path of the app, is not what the bench would run."""
    apply(bench, origin)
    (bench.packages / "shop").unlink()
    bench.write(bench.packages / "shop" / "__init__.py", code)
    sys.modules.pop("shop", None)
    assert look(bench)["installed"] is False
    assert apply(bench, origin, check=True)["actions"] == ["installed into the environment"]


def test_a_checkout_that_cannot_be_put_into_place(
    bench: Tools, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", full)
        with pytest.raises(ErpopsError, match="No space left"):
            apply(bench, origin)
    assert apply(bench, origin)["changed"] is True


def test_local_changes_are_never_lost(bench: Tools, origin: Origin) -> None:
    apply(bench, origin)
    origin.commit("shop/__init__.py", '__version__ = "2.0.0"\n')
    changed = bench.write("apps/shop/shop/__init__.py", "mine = True\n")
    for state in ("present", "absent"):
        with pytest.raises(ErpopsError, match="has local changes") as caught:
            apply(bench, origin, state=state)
        assert (caught.value.status, caught.value.seen) == (409, "shop/__init__.py")
    assert changed.read_text() == "mine = True\n"


def test_something_else_at_the_place_of_the_app_stays(bench: Tools, origin: Origin) -> None:
    kept = bench.write("apps/shop/notes.txt", "mine")
    with pytest.raises(ErpopsError, match="no git checkout of ours") as caught:
        apply(bench, origin)
    assert caught.value.status == 409
    assert kept.read_text() == "mine"


def test_a_missing_line_in_apps_txt_is_put_back(bench: Tools, origin: Origin) -> None:
    apply(bench, origin)
    bench.write("sites/apps.txt", "frappe")
    assert apply(bench, origin)["actions"] == ["listed in apps.txt"]
    assert apps_txt(bench) == "frappe\nshop\n"


def test_an_app_that_no_site_has_is_removed(bench: Tools, origin: Origin) -> None:
    apply(bench, origin)
    assert apply(bench, origin, state="absent", check=True)["actions"] == ["removed"]
    assert look(bench)["present"] is True
    gone = apply(bench, origin, state="absent")
    assert (gone["actions"], gone["commit_before"], gone["commit_after"]) == (["removed"], origin.first, "")
    assert look(bench)["present"] is False
    assert apps_txt(bench) == "frappe\n"
    assert apply(bench, origin, state="absent")["changed"] is False


@pytest.mark.parametrize("fault", ["has it", "cannot be asked"])
def test_an_app_that_a_site_has_is_not_removed(bench: Tools, origin: Origin, fault: str) -> None:
    apply(bench, origin)
    bench.site()
    if fault == "has it":
        bench.change_database(installed=["frappe", "shop"])
    else:
        (bench.path / "databases/_a_localhost.json").unlink()
    with pytest.raises(ErpopsError, match="is installed on sites") as caught:
        apply(bench, origin, state="absent")
    assert caught.value.seen.startswith(SITE)
    assert look(bench)["present"] is True


def test_assets_are_built_after_a_change_only(bench: Tools, origin: Origin) -> None:
    apply(bench, origin, build=True)
    apply(bench, origin, build=True)
    assert [call["words"] for call in bench.commands()] == [["build", "--app", "shop"]]
