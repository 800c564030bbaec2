# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module around a restart: its arguments, and how it ends. What it does is in module_utils/test_bench_restart.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.module_utils._bench_restart import NOTE
from ansible_collections.erpops.frappe.plugins.modules import bench_restart


def run(capsys: pytest.CaptureFixture[str], check: bool = False, **args: Any) -> dict[str, Any]:
    with patch_module_args({**args, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        bench_restart.main()
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / ".erpops").mkdir()
    return {"bench_path": str(tmp_path), "supervisorctl": ["false"], "group": "one-main", "web": "one-web", "port": 1}


def test_nothing_to_restart(given: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert not run(capsys, **given)["changed"]


def test_a_preview_and_a_failure(given: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    (Path(given["bench_path"]) / NOTE).write_text("{}")
    assert run(capsys, check=True, **given)["diff"]["before"] == {"processes": "of former code"}
    failed = run(capsys, **given)
    assert (failed["failed"], failed["msg"]) == (True, "false stop one-main:*: failed. Seen: exit code 1.")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"group": None}, "parameters are required together: supervisorctl, group"),
        ({"supervisorctl": None, "group": None}, "one of the following is required: supervisorctl, units"),
        ({"units": [{"name": "web"}]}, "mutually exclusive: supervisorctl|units"),
        ({"web": None}, "missing required arguments: web"),
    ],
)
def test_wrong_arguments(
    given: dict[str, Any], capsys: pytest.CaptureFixture[str], changes: dict[str, Any], message: str
) -> None:
    args = {key: value for key, value in {**given, **changes}.items() if value is not None}
    assert message in run(capsys, **args)["msg"]
