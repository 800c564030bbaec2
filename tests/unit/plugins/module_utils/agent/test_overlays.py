# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay as a commit of ours: pinned, whole or not there, and gone without a trace; pip alone is played."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _overlay_packages, _overlays
from ansible_collections.erpops.frappe.plugins.module_utils.agent._overlays import OPERATIONS
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.tools import Tools, git

RULES = {"controllers": True, "packages": True, "links": {"shop/shop_core": "core"}}


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository whose app ``shop``, in ``inner``, lies under another name than its module's."""
    folder = tmp_path / "origin"
    app = folder / "inner" / "shop"
    (app / "core" / "doctype" / "bag").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "inner" / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (app / "__init__.py").write_text("")
    (app / "hooks.py").write_text("")
    (app / "modules.txt").write_text("Shop Core\n")
    (app / "core" / "doctype" / "bag" / "bag.json").write_text(
        json.dumps({"doctype": "DocType", "name": "Bag", "fields": []})
    )
    return commit(folder)


def commit(folder: Path) -> Path:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "one")
    return folder


def args(origin: Path, **more: Any) -> dict[str, Any]:
    return {"name": "shop", "repo": str(origin), "version": "main", "subdirectory": "inner", "rules": RULES, **more}


def inspect(bench: Tools, origin: Path, **more: Any) -> dict[str, Any]:
    return dict(OPERATIONS["overlay.inspect"](bench.at("", check=True), args(origin, **more)))


def reviewed(bench: Tools, origin: Path, **more: Any) -> dict[str, str]:
    found = inspect(bench, origin, **more)
    return {found["tree"]: found["overlay"]["tree"]}


def apply(bench: Tools, origin: Path, check: bool = False, **more: Any) -> dict[str, Any]:
    given = args(origin, **more)
    if "reviewed" not in given:
        given["reviewed"] = reviewed(bench, origin, **more)
    return dict(OPERATIONS["overlay.apply"](bench.at("", check=check), given))


def home(bench: Tools) -> Path:
    return Path(bench.path) / ".erpops" / "overlays" / "shop"


def test_inspecting_tells_faults_and_patch_and_writes_nothing(framework: Tools, origin: Path) -> None:
    found = inspect(framework, origin)
    assert found.keys() == SET_ANSWERS["overlay.inspect"].keys()
    assert [fault["kind"] for fault in found["faults"]] == ["module", "controller"]
    assert found["overlay"]["faults"] == []
    assert "+class Bag(Document):" in found["overlay"]["patch"]
    assert found["commit"] == git(origin, "rev-parse", "HEAD")
    assert not (Path(framework.path) / ".erpops" / "overlays").exists()


def test_preview_run_and_second_run(framework: Tools, origin: Path) -> None:
    preview = apply(framework, origin, check=True)
    assert preview["changed"]
    assert "+class Bag(Document):" in preview["patch"]
    assert not home(framework).exists()
    first = apply(framework, origin)
    assert first.keys() == SET_ANSWERS["overlay.apply"].keys()
    assert (first["actions"], first["result"]) == (preview["actions"], preview["result"])
    assert git(Path(first["repo"]), "rev-parse", "overlay^") == git(origin, "rev-parse", "HEAD")
    stub = git(Path(first["repo"]), "show", f"{first['result']}:inner/shop/core/doctype/bag/bag.py")
    assert "class Bag(Document)" in stub
    second = apply(framework, origin)
    assert (second["changed"], second["actions"], second["result"]) == (False, [], first["result"])
    assert git(origin, "status", "--porcelain") == ""


def test_the_manifest_has_every_file_with_its_sums(framework: Tools, origin: Path) -> None:
    done = apply(framework, origin)
    manifest = json.loads((home(framework) / "manifest.json").read_text())
    assert manifest["files"].keys() == done["files"].keys()
    link = manifest["files"]["shop/shop_core"]
    assert link == {"action": "added", "before": "", "after": hashlib.sha256(b"core").hexdigest()}
    assert len(manifest["repaired"]) == 2


def test_the_same_overlay_is_the_same_commit_on_every_bench(framework: Tools, origin: Path) -> None:
    first = apply(framework, origin)
    done = OPERATIONS["overlay.apply"](framework.at(""), {"name": "shop", "state": "absent"})
    assert done["changed"]
    assert apply(framework, origin)["result"] == first["result"]


@pytest.mark.parametrize("check", [True, False])
def test_an_unknown_commit_is_refused_and_named(framework: Tools, origin: Path, check: bool) -> None:
    known = reviewed(framework, origin)
    (origin / "inner" / "shop" / "new.py").write_text("")
    commit(origin)
    with pytest.raises(ErpopsError) as caught:
        apply(framework, origin, check=check, reviewed=known)
    assert "not the files that the overlay was reviewed for" in str(caught.value)
    assert git(origin, "rev-parse", "HEAD:inner") in str(caught.value)
    assert not (home(framework) / "repo.git").exists()


def test_a_commit_with_the_same_files_is_known(framework: Tools, origin: Path) -> None:
    known = reviewed(framework, origin)
    (origin / "README.md").write_text("beside the app")
    commit(origin)
    assert apply(framework, origin, reviewed=known)["commit"] == git(origin, "rev-parse", "HEAD")


def test_other_rules_need_another_review(framework: Tools, origin: Path) -> None:
    known = reviewed(framework, origin)
    with pytest.raises(ErpopsError, match="something else of these files than what was reviewed"):
        apply(framework, origin, reviewed=known, rules={**RULES, "replace": []} | {"packages": False})


def test_a_fault_that_is_left_is_refused(framework: Tools, origin: Path) -> None:
    with pytest.raises(ErpopsError) as caught:
        apply(framework, origin, rules={"controllers": True})
    assert "leaves faults" in str(caught.value)
    assert "there is no shop/shop_core/" in str(caught.value)


def test_a_doctype_of_another_app_is_a_fault(framework: Tools, origin: Path) -> None:
    bag = Path(framework.apps if hasattr(framework, "apps") else f"{framework.path}/apps") / "other" / "other"
    (bag / "core" / "doctype" / "bag").mkdir(parents=True)
    (bag / "modules.txt").write_text("core\n")
    (bag / "core" / "doctype" / "bag" / "bag.json").write_text(json.dumps({"doctype": "DocType", "name": "Bag"}))
    framework.write("sites/apps.txt", "frappe\nother\n")
    assert "collision" in [fault["kind"] for fault in inspect(framework, origin)["faults"]]


def test_requirements_come_and_go_with_it(framework: Tools, origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (origin / "inner" / "shop" / "codes.py").write_text("import qrthing")
    commit(origin)
    found = inspect(framework, origin)
    assert [fault["kind"] for fault in found["overlay"]["faults"]] == ["requirement"]
    calls: list[Any] = []

    def add(_bench: Any, packages: list[str], what: str) -> None:
        calls.append(packages)
        for folder in ("qrthing", "qrthing-1.0.dist-info", "helper-2.0.dist-info", "needed-3.0.dist-info"):
            (framework.packages / folder).mkdir()
        (framework.packages / "qrthing" / "__init__.py").write_text("")
        for name in ("qrthing-1.0", "helper-2.0", "needed-3.0"):
            dist, version = name.split("-")
            text = f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n"
            (framework.packages / f"{name}.dist-info" / "METADATA").write_text(text)

    removed: list[list[str]] = []
    monkeypatch.setattr(_overlay_packages, "pip_add", add)
    monkeypatch.setattr(_overlays, "pip_remove", lambda _bench, packages: removed.append(packages))
    wanted: dict[str, Any] = {"requirements": {"qrthing": "qrthing>=1"}}
    assert apply(framework, origin, check=True, **wanted)["actions"][-1] == "installed qrthing>=1 into the environment"
    assert calls == []
    apply(framework, origin, **wanted)
    assert calls == [["qrthing>=1"]]
    assert not apply(framework, origin, **wanted)["changed"]
    # Another package has come to need one of them in the meantime: that one stays.
    (framework.packages / "other-1.0.dist-info").mkdir()
    (framework.packages / "other-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: other\nVersion: 1.0\nRequires-Dist: needed (>=1)\n"
    )
    done = OPERATIONS["overlay.apply"](framework.at(""), {"name": "shop", "state": "absent"})
    assert removed == [["helper", "qrthing"]]
    assert done["actions"][0] == "removed the overlay"
    assert not os.path.lexists(home(framework))


def test_it_stays_while_the_bench_runs_it(framework: Tools, origin: Path) -> None:
    apply(framework, origin)
    framework.write("sites/apps.txt", "frappe\nshop\n")
    with pytest.raises(ErpopsError, match="is still on the bench"):
        OPERATIONS["overlay.apply"](framework.at(""), {"name": "shop", "state": "absent"})


def test_absent_twice(framework: Tools) -> None:
    assert not OPERATIONS["overlay.apply"](framework.at(""), {"name": "shop", "state": "absent"})["changed"]
