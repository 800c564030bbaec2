# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Git against throwaway repositories; credentials reach neither argv nor a stored remote."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._git import Git, clean_url, describe
from tests.unit.plugins.module_utils.agent.tools import git

TOKEN = "ghp-0123456789-token"


def commit(folder: Path, text: str) -> str:
    (folder / "file").write_text(text)
    git(folder, "add", "file")
    git(folder, "commit", "--quiet", "-m", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Three commits on ``main``: the first tagged ``v1`` (annotated), the second ``light``; a branch on the second."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "one")
    git(folder, "tag", "-a", "v1", "-m", "v1")
    commit(folder, "two")
    git(folder, "tag", "light")
    git(folder, "branch", "stable/x")
    commit(folder, "three")
    return folder


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://user:secret@example.com/a.git", "https://example.com/a.git"),
        ("https://token@example.com/a.git", "https://example.com/a.git"),
        ("https://example.com/a.git", "https://example.com/a.git"),
        ("https://example.com/@scope/a.git", "https://example.com/@scope/a.git"),
        ("https://user:se@cret@example.com/a.git", "https://example.com/a.git"),
        ("ssh://git@example.com/a.git", "ssh://git@example.com/a.git"),
        ("ssh://git:secret@example.com/a.git", "ssh://git@example.com/a.git"),
        ("git@example.com:a.git", "git@example.com:a.git"),
        ("/srv/repos/a@b", "/srv/repos/a@b"),
    ],
)
def test_an_address_holds_no_credentials(url: str, clean: str) -> None:
    assert clean_url(url) == clean
    assert Git(url).repo == clean


@pytest.mark.parametrize(("ref", "wanted"), [("", "HEAD"), ("main", "main"), ("v1", "v1^{}"), ("light", "light")])
def test_a_ref_is_resolved_at_the_remote(origin: Path, ref: str, wanted: str) -> None:
    assert Git(str(origin)).resolve(ref) == git(origin, "rev-parse", wanted)


def test_a_branch_with_a_slash_and_a_tag_of_the_same_name_as_a_branch(origin: Path) -> None:
    assert Git(str(origin)).resolve("stable/x") == git(origin, "rev-parse", "light")
    git(origin, "branch", "light", "main")
    assert Git(str(origin)).resolve("light") == git(origin, "rev-parse", "refs/tags/light"), "the tag wins, as in git"


def test_a_full_commit_is_taken_as_it_is() -> None:
    assert Git("/nowhere").resolve("0" * 40) == "0" * 40


def test_a_ref_that_does_not_exist_lists_those_that_do(origin: Path) -> None:
    with pytest.raises(ErpopsError, match="no commit, tag or branch 'v2'") as caught:
        Git(str(origin)).resolve("v2")
    assert caught.value.status == 404
    assert caught.value.seen == "light, main, stable/x, v1"


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError, match="git ls-remote failed") as caught:
        Git(str(tmp_path / "none")).resolve("main")
    assert caught.value.status == 502
    assert "does not appear to be a git repository" in caught.value.seen, "the reason, not the advice after it"


@pytest.mark.parametrize("ref", ["v1^{}", "light", "main"])
def test_exactly_one_commit_is_fetched(origin: Path, tmp_path: Path, ref: str) -> None:
    wanted = git(origin, "rev-parse", ref)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "--quiet")
    client = Git(str(origin))
    assert not client.has(str(fresh), wanted)
    client.fetch(str(fresh), wanted, ref)
    assert client.has(str(fresh), wanted)
    client.run("checkout", "--quiet", "--detach", wanted, cwd=str(fresh))
    assert git(fresh, "rev-list", "--count", "HEAD") == "1", "shallow"
    assert describe(str(fresh)) == {"commit": wanted, "branch": "", "dirty": [], "remote": ""}


def test_a_server_that_gives_out_tips_only_is_asked_for_all(origin: Path, tmp_path: Path) -> None:
    wanted = git(origin, "rev-parse", "light")
    git(origin, "tag", "-d", "light")
    git(origin, "branch", "-D", "stable/x")
    git(origin, "config", "uploadpack.allowReachableSHA1InWant", "false")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "--quiet")
    git(fresh, "config", "protocol.version", "0")
    Git(str(origin)).fetch(str(fresh), wanted, wanted)
    assert Git().has(str(fresh), wanted)


@pytest.mark.parametrize("there", [True, False])
def test_a_commit_that_does_not_exist_is_told_from_a_remote_that_does_not_answer(
    origin: Path, tmp_path: Path, there: bool
) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "--quiet")
    with pytest.raises(ErpopsError) as caught:
        Git(str(origin if there else tmp_path / "none")).fetch(str(fresh), "1" * 40, "v9")
    assert caught.value.status == (404 if there else 502)
    assert ("declared as v9" in caught.value.hint) is there


def test_local_changes_are_found(origin: Path) -> None:
    (origin / "new").touch()
    assert describe(str(origin))["dirty"] == [], "untracked files are none"
    (origin / "file").write_text("changed")
    git(origin, "config", "remote.origin.url", f"https://x:{TOKEN}@example.com/a.git")
    found = describe(str(origin))
    assert (found["dirty"], found["branch"]) == (["file"], "main")
    assert found["remote"] == "https://example.com/a.git"


def test_a_directory_that_is_no_checkout(tmp_path: Path) -> None:
    assert describe(str(tmp_path)) == {}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What git is started with, instead of starting it; the text of its key file."""
    calls: list[dict[str, Any]] = []

    def run(argv: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        call = {"argv": argv, **options}
        command = options["env"].get("GIT_SSH_COMMAND", "")
        if command:
            key = Path(command.split()[2])
            call["key"] = (key.read_text(), stat.S_IMODE(key.stat().st_mode), key)
        calls.append(call)
        return subprocess.CompletedProcess(argv, 128, "", f"remote: denied for {TOKEN}\nfatal: no\n\nPlease check")

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_a_token_is_in_the_environment_of_git_alone(seen: list[dict[str, Any]]) -> None:
    with pytest.raises(ErpopsError) as caught:
        Git("https://example.com/a.git", token=TOKEN).run("ls-remote", "https://example.com/a.git")
    (call,) = seen
    assert TOKEN not in str(call["argv"])
    basic = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert call["env"]["GIT_CONFIG_VALUE_1"] == f"Authorization: Basic {basic}"
    assert call["env"]["GIT_CONFIG_COUNT"] == "2"
    assert TOKEN not in str(caught.value)
    assert caught.value.seen == "remote: denied for ******** / fatal: no"


def test_a_key_is_a_file_while_git_runs(seen: list[dict[str, Any]]) -> None:
    Git("git@example.com:a.git", ssh_key="-----BEGIN KEY-----\nabc\n\n").run("ls-remote", check=False)
    text, mode, path = seen[0]["key"]
    assert (text, mode) == ("-----BEGIN KEY-----\nabc\n", 0o600)
    assert not path.exists()
    assert "BEGIN" not in str(seen[0]["argv"]) + str(seen[0]["env"])


def test_without_credentials_git_does_not_ask_for_any(seen: list[dict[str, Any]]) -> None:
    Git("https://example.com/a.git").run("fetch", check=False)
    assert seen[0]["env"]["GIT_TERMINAL_PROMPT"] == "0"
    assert "GIT_CONFIG_KEY_1" not in seen[0]["env"]


@pytest.mark.parametrize(
    ("error", "message", "status"),
    [
        (FileNotFoundError("git"), "git is not installed", 404),
        (subprocess.TimeoutExpired("git", 600), "git fetch did not end within 600 s", 504),
    ],
)
def test_git_that_cannot_be_run(monkeypatch: pytest.MonkeyPatch, error: Exception, message: str, status: int) -> None:
    def run(*_args: Any, **_options: Any) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(ErpopsError, match=message) as caught:
        Git("https://example.com/a.git").run("fetch")
    assert caught.value.status == status
