# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a playbook is run for a sign-up, with ansible-runner played by a double."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils import _signup_run
from ansible_collections.erpops.frappe.plugins.plugin_utils._signup_run import Runner, in_memory


def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path, "inventories/x", "/secret file", tmp_path / "private")


def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, events: list[dict[str, Any]], rc: int = 0) -> Any:
    seen: dict[str, Any] = {}

    def run(**given: Any) -> Any:
        private = Path(given["private_data_dir"])
        seen.update(given, mode=private.stat().st_mode & 0o777)
        for event in events:
            given["event_handler"](event)
        return types.SimpleNamespace(rc=rc, status="successful" if rc == 0 else "failed")

    interface = types.SimpleNamespace(run=run)
    monkeypatch.setattr(_signup_run, "ansible_runner", types.SimpleNamespace(interface=interface))
    good, status, story = runner(tmp_path).play("signup.yml", "a.b", {"x": 1})
    return good, status, story, seen


STATS = {"event": "playbook_on_stats", "event_data": {"artifact_data": {"erpops_signup": {"db_name": "x"}}}}


def test_one_tenant_in_a_private_directory_that_goes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private/of-a-call-that-was-killed").touch()
    good, _status, _story, seen = play(monkeypatch, tmp_path, [{"event": "x", "stdout": "hello"}, STATS])
    assert good
    assert (seen["limit"], seen["mode"], seen["envvars"]["ERPOPS_PENDING_SIGNUP"]) == ("a.b", 0o700, "a.b")
    assert seen["cmdline"] == "--vault-password-file '/secret file'"
    assert not (tmp_path / "private").exists()
    assert capsys.readouterr() == ("", "hello\n")


def test_a_run_that_matched_nobody_is_no_success(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert play(monkeypatch, tmp_path, [])[0] is False


def test_a_run_that_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    good, status, _story, _seen = play(monkeypatch, tmp_path, [STATS], rc=2)
    assert (good, status) == (False, "failed")


def test_without_ansible_runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_signup_run, "ansible_runner", None)
    with pytest.raises(ErpopsError, match="ansible-runner is not installed"):
        runner(tmp_path).play("signup.yml", "a.b", {})


def test_a_secret_in_memory_can_be_read_as_a_file_and_is_gone_afterwards() -> None:
    with in_memory("s\u00e9cret") as path:
        assert Path(path).read_text() == "s\u00e9cret"
        assert Path(path).read_text() == "s\u00e9cret", "each reader begins at the beginning"
    assert not Path(path).exists()
