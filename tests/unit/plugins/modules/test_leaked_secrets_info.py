# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole module with a repository of its own; the scanner is a program that finds what the test says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.modules import leaked_secrets_info

VALUE = "b7e3d6a0c4f19582"
TOKEN = "glpat-a0b1c2d3e4f5"
# Answers as Kingfisher does, with a value in it that must be shown to nobody.
SCANNER = f"""#!/bin/sh
[ "$1" = --version ] && exec echo kingfisher 2.14.0
echo '{{"findings": [{{"rule": {{"id": "erpops.dotenv-secret"}},
"finding": {{"path": "'"$4"'/.env", "line": 3, "entropy": "3.1", "snippet": "{VALUE}"}}}}]}}'
exit 200
"""


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    repo, scanner = tmp_path / "repo", tmp_path / "kingfisher"
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "init", "--quiet", str(repo)], check=True)
    (repo / ".env").write_text("x\n")
    for words in (["add", "."], ["commit", "--quiet", "-m", "c"]):
        subprocess.run(["git", "-C", str(repo), *identity, *words], check=True)
    scanner.write_text(SCANNER)
    scanner.chmod(0o755)
    sources = [{"name": "shop", "repo": str(repo)}]
    return {"sources": sources, "command": str(scanner), "state_path": str(tmp_path / "state")}


def run(capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    with patch_module_args({**arguments, **more}), pytest.raises(SystemExit):
        leaked_secrets_info.main()
    printed = capsys.readouterr().out
    assert VALUE not in printed
    return dict(json.loads(printed))


def test_findings_are_told_and_remembered(capsys: pytest.CaptureFixture[str], arguments: dict[str, Any]) -> None:
    first, second = run(capsys, arguments), run(capsys, {**arguments, "command": "/nowhere"})
    (leak,) = first["leaked_secrets"]
    assert leak["findings"] == [{"file": ".env", "kind": "dotenv-secret", "lines": [3], "count": 1}]
    assert leak["told"] == [".env: dotenv-secret (line 3)"]
    assert (leak["known"], leak["remembered"], leak["scanner"], first["changed"]) == (True, False, "2.14.0", False)
    assert second["leaked_secrets"] == [{**leak, "remembered": True}]


def test_check_mode_looks_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], tmp_path: Path
) -> None:
    (leak,) = run(capsys, arguments, _ansible_check_mode=True)["leaked_secrets"]
    assert leak["told"] == [".env: dotenv-secret (line 3)"]
    assert not (tmp_path / "state").exists()


def test_only_what_is_remembered(capsys: pytest.CaptureFixture[str], arguments: dict[str, Any]) -> None:
    asked = {**arguments, "remembered_only": True, "command": None}
    assert run(capsys, asked)["leaked_secrets"][0]["known"] is False
    run(capsys, arguments)
    assert run(capsys, asked)["leaked_secrets"][0]["known"] is True


def test_a_missing_scanner_fails_with_a_remedy(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], tmp_path: Path
) -> None:
    done = run(capsys, {**arguments, "command": None})
    assert done["failed"] is True
    assert str(tmp_path / "state/venv/bin/kingfisher") in done["msg"]
    assert "secret_scan_command" in done["msg"]


def test_credentials_of_a_repository_are_not_shown(
    capsys: pytest.CaptureFixture[str], arguments: dict[str, Any]
) -> None:
    sources = [{**arguments["sources"][0], "token": TOKEN}]
    done = run(capsys, {**arguments, "sources": sources})
    assert TOKEN not in json.dumps(done)
    assert "mutually exclusive" in run(capsys, {**arguments, "sources": [{**sources[0], "ssh_key": "k" * 9}]})["msg"]
