# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A commit brought aside, shown to a scanner, remembered without values; the scanner is played except once."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _secret_rules as rules
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._secret_scan import (
    inspect,
    release_of,
    remembered,
    scan_argv,
    scanner,
    verdict_path,
)
from tests.unit.scanner import KINGFISHER

VALUE = "b7e3d6a0c4f19582"


class Repository:
    """A git repository with one commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet")

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        command = ["git", "-C", str(self.path), *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            target = self.path / name.replace("__", "/").replace("dot_", ".")
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", "c")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


class Scanner:
    """Remembers what it was shown, and finds what it is told to."""

    def __init__(self, *found: tuple[str, str, int]) -> None:
        self.found = found
        self.seen: list[dict[str, str]] = []

    def __call__(self, folder: str) -> tuple[dict[str, Any], str]:
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        self.seen.append({str(path.relative_to(folder)): path.read_text() for path in files})
        self.links = [path for path in files if path.is_symlink()]
        matches = [
            {
                "rule": {"id": kind},
                "finding": {"path": f"{folder}/{path}", "line": line, "entropy": "4", "snippet": VALUE},
            }
            for path, kind, line in self.found
        ]
        return {"findings": matches}, "2.14.0"


def source(repository: Repository, **more: str) -> dict[str, Any]:
    return {"name": "shop", "repo": str(repository.path), "version": repository.git("rev-parse", "HEAD"), **more}


def test_tracked_files_are_shown_also_ignored_and_withheld_ones(repository: Repository, tmp_path: Path) -> None:
    repository.commit(
        dot_gitignore=".env\n", dot_gitattributes=".env export-ignore\n", dot_env="A=1\n", app__x="y", dot_git2__x="z"
    )
    (repository.path / "untracked").write_text("secret")
    scan = Scanner()
    inspect(source(repository), str(tmp_path / "state"), scan)
    assert sorted(scan.seen[0]) == [".env", ".git2/x", ".gitattributes", ".gitignore", "app/x"]


def test_links_lead_nowhere(repository: Repository, tmp_path: Path) -> None:
    (repository.path / "link").symlink_to("/etc/passwd")
    repository.commit(a="b")
    scan = Scanner()
    inspect(source(repository), str(tmp_path / "state"), scan)
    assert scan.seen[0]["link"] == "/etc/passwd"
    assert scan.links == []


def test_a_commit_is_scanned_once(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit(dot_env="x")
    state, scan = str(tmp_path / "state"), Scanner((".env", "erpops.dotenv-secret", 1))
    first = inspect(source(repository), state, scan)
    second = inspect(source(repository), state, scan)
    assert first["findings"] == [{"file": ".env", "kind": "dotenv-secret", "lines": [1], "count": 1}]
    assert (first["remembered"], second["remembered"], len(scan.seen)) == (False, True, 1)
    assert {**first, "remembered": True} == second
    assert second["commit"] == commit


def test_the_verdict_holds_no_value_and_is_its_owner_s(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit(dot_env="x")
    state = tmp_path / "state"
    inspect(source(repository), str(state), Scanner((".env", "erpops.dotenv-secret", 1)))
    path = Path(verdict_path(str(state), commit))
    assert VALUE not in path.read_text()
    assert [oct(each.stat().st_mode & 0o777) for each in (path, path.parent, state)] == ["0o600", "0o700", "0o700"]
    assert list(tmp_path.glob("erpops-scan-*")) == []


def test_a_clean_verdict_is_remembered_too(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="b")
    scan = Scanner()
    for _again in range(2):
        assert inspect(source(repository), str(tmp_path / "state"), scan)["findings"] == []
    assert len(scan.seen) == 1


@pytest.mark.parametrize("spoilt", [{"rules": "of yesterday"}, {"schema": 0}, {"commit": "0" * 40}, None])
def test_another_verdict_is_not_believed(repository: Repository, tmp_path: Path, spoilt: dict[str, Any] | None) -> None:
    commit = repository.commit(a="b")
    state, scan = str(tmp_path / "state"), Scanner()
    inspect(source(repository), state, scan)
    path = Path(verdict_path(state, commit))
    path.write_text("{" if spoilt is None else json.dumps({**json.loads(path.read_text()), **spoilt}))
    assert remembered(state, commit) is None
    inspect(source(repository), state, scan)
    assert len(scan.seen) == 2


def test_check_mode_scans_and_remembers_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.commit(dot_env="x")
    state = tmp_path / "state"
    told = inspect(source(repository), str(state), Scanner((".env", "erpops.dotenv-secret", 1)), check=True)
    assert told["findings"] != []
    assert not state.exists()


def test_what_is_not_remembered_is_not_known(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="b")
    told = inspect(source(repository), str(tmp_path / "state"), None)
    assert (told["known"], told["remembered"], told["findings"]) == (False, False, [])


def test_a_clone_that_has_the_commit_spares_the_network(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit(a="b")
    told = {"name": "shop", "repo": "/nowhere/at/all", "version": commit, "checkout": str(repository.path)}
    assert inspect(told, str(tmp_path / "state"), Scanner())["commit"] == commit
    with pytest.raises(ErpopsError) as caught:
        inspect({**told, "checkout": str(tmp_path)}, str(tmp_path / "other"), Scanner())
    assert caught.value.status == 502


def test_an_answer_that_is_not_understood_is_not_shown(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="b")

    def odd(_folder: str) -> tuple[dict[str, Any], str]:
        return {"findings": [{"secret": VALUE}]}, "2.99.0"

    with pytest.raises(ErpopsError) as caught:
        inspect(source(repository), str(tmp_path / "state"), odd)
    assert VALUE not in str(caught.value) + json.dumps(caught.value.as_dict())
    assert caught.value.__cause__ is None
    assert "2.99.0" in str(caught.value)


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("echo kingfisher 3.0.0", 409, "Seen: 3.0.0"),
        ("exit 3", 409, "exit code 3"),
    ],
)
def test_another_scanner_is_refused(tmp_path: Path, script: str, status: int, said: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        release_of(program(tmp_path / "k", script))
    assert caught.value.status == status
    assert said in str(caught.value)
    assert "secret_scan_command" in str(caught.value)


def test_no_scanner_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError) as caught:
        release_of(str(tmp_path / "none"))
    assert (caught.value.status, "secret_scan" in caught.value.hint) == (404, True)


@pytest.mark.parametrize("ending", [f"echo {VALUE}; echo {VALUE} >&2; exit 2", f"echo {VALUE}; exit 200"])
def test_a_failing_scanner_is_not_quoted(tmp_path: Path, ending: str) -> None:
    script = f'case "$1" in --version) echo kingfisher 2.14.0;; *) {ending};; esac'
    with (
        scanner(program(tmp_path / "k", script), str(tmp_path / "state"), 20) as scan,
        pytest.raises(ErpopsError) as caught,
    ):
        scan(str(tmp_path))
    assert caught.value.status == 502
    assert VALUE not in str(caught.value)


def test_it_is_asked_offline_and_obeys_nobody() -> None:
    argv = scan_argv("k", "/tree", "/rules.yml", "/cache")
    for word in ("--no-validate", "--no-update-check", "--redact", "--no-ignore"):
        assert word in argv
    assert argv[argv.index("--git-history") + 1] == "none"


def test_the_real_scanner(repository: Repository, tmp_path: Path) -> None:
    """All together: an ignored, committed environment file with a comment that asks to be ignored."""
    repository.commit(dot_gitignore=".env\n", dot_env=f"DEBUG=1\nSHOP_SECRET={VALUE} # kingfisher:ignore\n")
    state = str(tmp_path / "state")
    with scanner(str(KINGFISHER), state, 600) as scan:
        told = inspect(source(repository), state, scan)
    assert told["findings"] == [{"file": ".env", "kind": "dotenv-secret", "lines": [2], "count": 1}]
    assert told["scanner"] == rules.SCANNER_VERSION
    kept = [path for path in Path(state).rglob("*") if path.is_file()]
    assert len(kept) >= 2
    assert [path for path in kept if VALUE.encode() in path.read_bytes()] == []
    assert os.listdir(state) != []
