# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app's place, version, metadata, package and line in apps.txt."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_install import (
    Place,
    app_version,
    bench_versions,
    build_assets,
    check_metadata,
    list_app,
    pip_install,
    place,
    remove_app,
)
from tests.unit.plugins.module_utils.agent.tools import Tools


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What is run instead of pip, uv and yarn; one that is named ``broken`` fails."""
    found: list[list[str]] = []

    def run(argv: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        found.append(argv)
        broken = "broken" in argv[-1] or "broken" in str(options["cwd"])
        return subprocess.CompletedProcess(argv, int(broken), "", "1\n2\n3\n4\nno such package")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    return found


def app_at(tools: Tools, name: str) -> Place:
    return place(tools.at().bench, name)


@pytest.mark.parametrize(
    ("subdirectory", "checkout", "folder"),
    [
        ("", "apps/shop", "apps/shop"),
        ("/", "apps/shop", "apps/shop"),
        ("apps/shop", ".erpops/repos/shop", ".erpops/repos/shop/apps/shop"),
        ("/apps/shop/", ".erpops/repos/shop", ".erpops/repos/shop/apps/shop"),
    ],
)
def test_where_an_app_is(tools: Tools, subdirectory: str, checkout: str, folder: str) -> None:
    found = place(tools.at().bench, "shop", subdirectory)
    assert found.link == str(tools.path / "apps" / "shop")
    assert found.checkout == str(tools.path / checkout)
    assert found.folder == str(tools.path / folder)


@pytest.mark.parametrize(
    ("init", "hooks", "version"),
    [
        ('__version__ = "15.1.0"', "", "15.1.0"),
        ("import x\n__version__='1.0-dev'  # text", "", "1.0-dev"),
        ("", 'app_name = "x"\napp_version = "2.0"', "2.0"),
        ('x.__version__ = "1"', "", ""),
        ("", "", ""),
    ],
)
def test_the_version_is_read_without_an_import(tmp_path: Path, init: str, hooks: str, version: str) -> None:
    assert app_version(str(tmp_path), "shop") == ""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text(init)
    (tmp_path / "shop" / "hooks.py").write_text(hooks)
    assert app_version(str(tmp_path), "shop") == version


def test_the_versions_of_a_bench(tools: Tools) -> None:
    tools.app("shop")
    assert bench_versions(tools.at().bench) == {"frappe": "", "shop": "1.2.3"}


def test_sound_metadata(tools: Tools) -> None:
    tools.app("shop")
    check_metadata(tools.at().bench, app_at(tools, "shop"))


def test_metadata_of_the_old_kind(tools: Tools) -> None:
    tools.app("shop")
    (tools.path / "apps/shop/pyproject.toml").rename(tools.path / "apps/shop/setup.py")
    check_metadata(tools.at().bench, app_at(tools, "shop"))


@pytest.mark.parametrize(
    ("path", "text", "message", "status"),
    [
        ("pyproject.toml", None, "has no package metadata", 422),
        ("pyproject.toml", '[project]\nname = "shop-sync"', "is not the app 'shop'", 422),
        ("shop/hooks.py", None, "is not the app 'shop'", 422),
        ("pyproject.toml", '[tool.bench.frappe-dependencies]\nfrappe = ">=16"', "does not fit this bench", 409),
        ("pyproject.toml", "[broken", "cannot be read", 422),
    ],
)
def test_metadata_that_is_refused(tools: Tools, path: str, text: str | None, message: str, status: int) -> None:
    tools.app("shop")
    tools.write("apps/frappe/frappe/__init__.py", '__version__ = "15.0.0"')
    if text is None:
        (tools.path / "apps/shop" / path).unlink()
    else:
        tools.write(f"apps/shop/{path}", text)
    with pytest.raises(ErpopsError, match=message) as caught:
        check_metadata(tools.at().bench, app_at(tools, "shop"))
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("frappe\n", "frappe\nshop\n"),
        ("frappe", "frappe\nshop\n"),
        ("frappe\nshop", "frappe\nshop\n"),
        ("\nfrappe\n\nshop\nother\n", "frappe\nshop\nother\n"),
        ("", "shop\n"),
    ],
)
def test_a_line_in_apps_txt_is_a_line_of_its_own(tools: Tools, text: str, expected: str) -> None:
    tools.write("sites/apps.txt", text)
    list_app(tools.at().bench, "shop")
    assert (tools.sites / "apps.txt").read_text() == expected
    assert sorted(os.listdir(tools.sites)) == ["apps.txt", "common_site_config.json"]
    assert (tools.sites / "apps.txt").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("call", ["rename", "fsync"])
def test_a_full_disk_leaves_apps_txt_as_it_is(tools: Tools, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(ErpopsError) as caught:
            list_app(tools.at().bench, "shop")
    assert caught.value.status == 507
    assert (tools.sites / "apps.txt").read_text() == "frappe\n"
    assert sorted(os.listdir(tools.sites)) == ["apps.txt", "common_site_config.json"], "no temporary file is left"


def test_a_package_is_installed_where_it_really_is(tools: Tools, calls: list[list[str]]) -> None:
    tools.write("elsewhere/pyproject.toml", "")
    (tools.path / "apps/shop").symlink_to(tools.path / "elsewhere")
    pip_install(tools.at().bench, app_at(tools, "shop"))
    assert calls == [
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--editable", str(tools.path / "elsewhere")),
        ]
    ]


def test_uv_is_used_where_it_is(tools: Tools, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    pip_install(tools.at().bench, app_at(tools, "shop"))
    remove_app(tools.at().bench, app_at(tools, "shop"))
    assert [call[:3] for call in calls] == [["/opt/uv", "pip", "install"], ["/opt/uv", "pip", "uninstall"]]
    assert all(sys.executable in call for call in calls), "into the bench's own environment"


def test_a_package_that_cannot_be_installed(tools: Tools, calls: list[list[str]]) -> None:
    with pytest.raises(ErpopsError, match="cannot be installed") as caught:
        pip_install(tools.at().bench, app_at(tools, "broken"))
    assert (caught.value.object, caught.value.seen) == ("broken", "2 / 3 / 4 / no such package")


def test_nothing_is_left_of_a_removed_app(tools: Tools, calls: list[list[str]]) -> None:
    tools.app("shop")
    where = place(tools.at().bench, "shop", "apps/shop")
    tools.write(f"{where.folder}/file", "")
    tools.write("apps/keep/file", "")
    (tools.path / "apps/shop").rename(tools.path / "moved")
    (tools.path / "apps/shop").symlink_to(where.folder)
    remove_app(tools.at().bench, where)
    assert not os.path.lexists(where.link)
    assert not os.path.exists(where.checkout)
    assert (tools.path / "apps/keep/file").exists()
    assert (tools.sites / "apps.txt").read_text() == "frappe\n"
    assert calls[0][-1] == "shop"


def test_assets_are_built_by_the_framework(framework: Tools) -> None:
    framework.app("shop")
    build_assets(framework.at().bench, app_at(framework, "shop"))
    assert [call["words"] for call in framework.commands()] == [["build", "--app", "shop"]]


def test_assets_that_cannot_be_built(framework: Tools) -> None:
    framework.app("shop")
    framework.switch(build="fails")
    with pytest.raises(ErpopsError, match="bench build failed") as caught:
        build_assets(framework.at().bench, app_at(framework, "shop"))
    assert caught.value.seen == "esbuild is not there"


def test_node_packages_that_cannot_be_installed(tools: Tools, calls: list[list[str]]) -> None:
    tools.app("broken")
    tools.write("apps/broken/package.json", {})
    with pytest.raises(ErpopsError, match="yarn install failed"):
        build_assets(tools.at().bench, app_at(tools, "broken"))
    assert calls == [["yarn", "install", "--check-files"]]


@pytest.mark.parametrize("shared", [True, False])
def test_node_packages_of_another_release_are_not_written_into(
    framework: Tools, calls: list[list[str]], shared: bool
) -> None:
    framework.write("apps/shop/package.json", {})
    mark = framework.write("apps/shop/node_modules/.yarn-integrity", "{}")
    if shared:
        (framework.path / "other").hardlink_to(mark)
    build_assets(framework.at().bench, app_at(framework, "shop"))
    assert calls[0][:2] == ["yarn", "install"]
    assert mark.exists() is not shared
    assert (framework.path / "other").exists() is shared


def test_checkouts_of_a_release_are_beside_its_apps(tools: Tools) -> None:
    bench = tools.at().bench
    assert place(bench, "shop", "apps/shop").checkout == str(tools.path / ".erpops/repos/shop")
    (tools.path / "repos").symlink_to("current/repos")
    assert place(bench, "shop", "apps/shop").checkout == str(tools.path / "repos/shop")
