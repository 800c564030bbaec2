# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app whose repository has a credential committed: refused before anything is changed, told without its value."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.fleet import DEMO, Fleet, Result
from tests.integration.looks import tree

# What deploying changes; logs and the like are written by processes of their own.
BUSY = ("archive", "config", "logs", ".git", ".standin-db", "__pycache__", "locks")


@dataclass
class Leak:
    """The app shopsync as somebody committed it: with the environment file that he tests with."""

    fleet: Fleet
    repo: Path
    commit: str
    value: str

    def deploy(self, check: bool = False, app: dict[str, Any] | None = None, **variables: Any) -> Result:
        apps = yaml.safe_load((DEMO / "group_vars/benches.yml").read_text())["bench_apps"]
        leaking = {"name": "shopsync", "repo": str(self.repo), "version": self.commit, **(app or {})}
        listed = [leaking if one["name"] == "shopsync" else one for one in apps if isinstance(one, dict)]
        return self.fleet.play("deploy.yml", check=check, diff=True, verbosity=2, extravars={
            "bench_apps": listed, **variables
        })  # fmt: skip

    def head(self) -> str:
        folder = self.fleet.bench / "apps/shopsync"
        done = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def is_told_nowhere(self, result: Result) -> None:
        """Not on the screen, not in what the runner keeps, not in what is remembered on the host."""
        assert self.value not in result.stdout
        kept = [*result.artifacts.rglob("*"), *(self.fleet.demo / "secret-scan").rglob("*")]
        shown = [str(path) for path in kept if path.is_file() and self.value.encode() in path.read_bytes()]
        assert len(kept) > 10
        assert shown == []


@pytest.fixture(scope="module")
def leak(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Leak]:
    value = f"{secrets.token_hex(12)}"
    repo = tmp_path_factory.mktemp("leak") / "shopsync"
    origin = Path(fleet.repos["shopsync"]["path"])

    def git(*words: str) -> str:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        done = subprocess.run(
            ["git", "-C", str(repo), *identity, *words], capture_output=True, text=True, check=True
        )  # fmt: skip
        return done.stdout.strip()

    subprocess.run(["git", "clone", "--quiet", str(origin), str(repo)], check=True)
    (repo / ".gitignore").write_text(".env\n")  # too late: it is committed
    (repo / ".gitattributes").write_text(".env export-ignore\n")  # nor does it help to keep it out of archives
    (repo / "deploy").mkdir()
    (repo / "deploy/.env").write_text(f"DEBUG=false\nSHOP_API_SECRET={value} # kingfisher:ignore\n")
    git("add", "--force", "--all")
    git("commit", "--quiet", "--message", "Works on my machine")
    leak = Leak(fleet, repo, git("rev-parse", "HEAD"), value)
    before = leak.head()
    yield leak
    if leak.head() != before:
        assert fleet.play("deploy.yml").ok
    assert leak.head() == before


def test_a_leaking_app_is_refused_and_nothing_changes(leak: Leak) -> None:
    before, head = tree(leak.fleet.bench, leave_out=BUSY), leak.head()
    result = leak.deploy()
    assert not result.ok
    message = result.failure.message
    assert f"shopsync at {leak.commit[:12]}: credentials are committed in its repository" in message
    assert "deploy/.env: dotenv-secret (line 2)" in message
    assert "replace each one where it was issued" in message
    assert "accept_leaked_secrets: true" in message
    assert result.changed == {}
    assert (tree(leak.fleet.bench, leave_out=BUSY), leak.head()) == (before, head)
    leak.is_told_nowhere(result)


def test_a_preview_refuses_as_well(leak: Leak) -> None:
    result = leak.deploy(check=True)
    assert "deploy/.env: dotenv-secret (line 2)" in result.failure.message
    leak.is_told_nowhere(result)


def test_the_verdict_is_remembered_and_holds_no_value(leak: Leak) -> None:
    leak.deploy()
    (verdict,) = (leak.fleet.demo / "secret-scan/verdicts").glob(f"{leak.commit}.json")
    assert json.loads(verdict.read_text())["findings"] == [
        {"file": "deploy/.env", "kind": "dotenv-secret", "lines": [2], "count": 1}
    ]
    assert verdict.stat().st_mode & 0o777 == 0o600
    again = leak.deploy()
    assert again.results("new | Scan") == []


def test_without_the_scanner_nothing_is_deployed(leak: Leak, tmp_path: Path) -> None:
    """No index answers, and no wheel is at hand."""
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_FIND_LINKS": "",
        "PIP_EXTRA_INDEX_URL": "",
    }
    head = leak.head()
    result = leak.deploy(
        secret_scan_command="", secret_scan_state_path=str(tmp_path / "scan"), secret_scan_environment=nowhere
    )
    said = result.failures[-1].message
    for remedy in ("secret_scan_wheels", "PIP_INDEX_URL", "secret_scan_command", "secret_scan_enabled: false"):
        assert remedy in said
    assert "nothing is deployed unseen" in said
    assert leak.head() == head


def test_accepted_it_is_deployed_with_a_warning(leak: Leak) -> None:
    result = leak.deploy(app={"accept_leaked_secrets": True})
    assert result.ok, result.stdout[-3000:]
    assert leak.head() == leak.commit
    assert "WARNING: shopsync leaks credentials" in result.stdout
    assert "deploy/.env: dotenv-secret (line 2)" in result.stdout
    leak.is_told_nowhere(result)
    again = leak.deploy(app={"accept_leaked_secrets": True})
    assert (again.ok, again.changed) == (True, {})


def test_one_word_accepts_all(leak: Leak) -> None:
    result = leak.deploy(accept_leaked_secrets=True)
    assert result.ok, result.stdout[-3000:]
    assert "WARNING: shopsync leaks credentials" in result.stdout


def test_a_disabled_scan_says_so(leak: Leak) -> None:
    result = leak.deploy(check=True, secret_scan_enabled=False)
    assert result.ok
    assert "secret_scan_enabled is false: shopsync" in result.stdout
