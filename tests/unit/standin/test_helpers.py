# SPDX-License-Identifier: GPL-3.0-or-later
"""make_repos.py, shop_server.py and quick_bench.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.standin import make_repos, shop_server
from tests.standin.make_repos import LAYOUT
from tests.standin.quick_bench import QuickBench, tree_of

HERE = Path(make_repos.__file__).parent


def made(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, dict[str, str]]:
    assert make_repos.main(list(args)) == 0
    out: dict[str, dict[str, str]] = json.loads(capsys.readouterr().out)
    return out


def git(path: str, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=path, capture_output=True, text=True, check=True).stdout.strip()


def test_commits_depend_on_content_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = made(capsys, str(tmp_path / "one")), made(capsys, str(tmp_path / "two"))
    assert list(one) == list(LAYOUT)
    assert [row["commit"] for row in one.values()] == [row["commit"] for row in two.values()]
    for row in one.values():
        assert git(row["path"], "rev-parse", "--abbrev-ref", "HEAD") == row["branch"] == "version-15"
        assert git(row["path"], "rev-parse", "HEAD") == row["commit"]
        assert git(row["path"], "status", "--short") == ""
        files = git(row["path"], "ls-files").splitlines()
        assert not [name for name in files if "__pycache__" in name or name.endswith(".pyc")]
    assert "apps/ledgerlift/pyproject.toml" in git(one["integrations"]["path"], "ls-files").splitlines()
    assert "frappe/__init__.py" in git(one["frappe"]["path"], "ls-files").splitlines()


def test_the_same_content_is_not_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = made(capsys, str(tmp_path))
    (tmp_path / "shopsync/.git/mark").touch()
    Path(first["erpnext"]["path"], "README.md").write_text("changed by hand")
    assert made(capsys, str(tmp_path)) == first
    assert (tmp_path / "shopsync/.git/mark").exists()
    assert git(first["erpnext"]["path"], "status", "--short") == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(LAYOUT)


def test_broken_apps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = set(made(capsys, str(tmp_path), "--broken"))
    assert names >= {"nometa", "noimport", "lateinstall", "collide", "needsapp", "wrongver"}


def test_other_content_is_another_commit(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text("1")
    first = make_repos.make("x", [(tree, ".")], tmp_path / "out")
    (tree / "a.txt").write_text("2")
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__/a.pyc").write_text("no")
    second = make_repos.make("x", [(tree, ".")], tmp_path / "out")
    assert first["commit"] != second["commit"]
    assert git(second["path"], "ls-files") == "a.txt"


def test_somebody_elses_gitignore_does_not_count(tmp_path: Path) -> None:
    git(str(tmp_path), "init", "--quiet")
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/a.txt").write_text("1")
    made_here = make_repos.make("x", [(tmp_path / "tree", ".")], tmp_path / "out")
    assert git(made_here["path"], "ls-files") == "a.txt"


def get(url: str, token: str = "") -> tuple[int, Any, dict[str, str]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as e:
        return e.code, json.load(e), dict(e.headers)


def test_pages_of_the_shop() -> None:
    with shop_server.ShopServer(orders=57, token="t") as shop:
        status, orders, headers = get(f"{shop.url}/orders?page=3&page_size=20", "t")
        assert (status, len(orders), orders[0]["order_id"]) == (200, 17, "O-00041")
        assert (headers["X-Total"], headers["X-Total-Pages"]) == ("57", "3")
        assert get(f"{shop.url}/orders?page=9", "t")[1] == []
        assert get(f"{shop.url}/orders")[0] == 401
        assert get(f"{shop.url}/orders", "wrong")[0] == 401
        assert get(f"{shop.url}/orders?page=0", "t")[0] == 400
        assert get(f"{shop.url}/orders?page=x", "t")[0] == 400
        assert get(f"{shop.url}/health")[1] == {"status": "ok", "orders": 57}
        assert get(f"{shop.url}/nothing")[0] == 404
        assert len(shop.requests) == 8


def test_injected_faults() -> None:
    waited: list[float] = []
    with shop_server.ShopServer(failures={1: 429, 2: 500}, delays={3: 2.5}, sleep=waited.append) as shop:
        status, _body, headers = get(f"{shop.url}/orders")
        assert (status, headers["Retry-After"]) == (429, "1")
        assert get(f"{shop.url}/orders")[0] == 500
        assert get(f"{shop.url}/orders")[0] == 200
    assert waited == [2.5]


def test_the_shop_as_a_program(tmp_path: Path) -> None:
    pidfile = tmp_path / "shop.pid"
    command = [sys.executable, str(HERE / "shop_server.py"), "--orders", "3", "--pidfile", str(pidfile)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = process.stdout.readline().strip()
    assert pidfile.read_text().split() == [str(process.pid), url]
    assert len(get(f"{url}/orders")[1]) == 3
    process.terminate()
    process.stdout.close()
    assert process.wait(timeout=5) == 0
    assert not pidfile.exists()


def test_a_quick_bench_has_the_shape_of_a_bench(tmp_path: Path) -> None:
    bench = QuickBench.create(tmp_path / "b", "erpnext")
    assert bench.apps == ["frappe", "erpnext"]
    assert os.access(bench.python, os.X_OK)
    where = bench.call("-c", "import frappe.utils, erpnext; print(frappe.utils.get_bench_path(), erpnext.__version__)")
    assert where.stdout.split() == [str(bench.path), "15.0.0"], where.stderr
    with pytest.raises(LookupError):
        tree_of("nobody")
