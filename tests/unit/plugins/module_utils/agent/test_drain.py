# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for jobs, with a clock of the test's own."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent import _drain
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context


@pytest.mark.parametrize(
    ("jobs", "workers", "args", "left", "waited"),
    [
        ([["one"], ["one"], []], True, {"drain_timeout": 5}, [], 2),
        ([["one"]] * 9, True, {"drain_timeout": 1}, ["one"], 2),
        ([["one"]] * 9, False, {"drain_timeout": 60}, ["one"], 0),
        ([["one"]] * 9, True, {"drain_timeout": 60, "pending": "abandoned"}, ["one"], 0),
        ([[]], True, {}, [], 0),
    ],
)
def test_drain(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    jobs: list[list[str]],
    workers: bool,
    args: dict[str, object],
    left: list[str],
    waited: int,
) -> None:
    asked, now = iter(jobs), [0.0]
    module = types.ModuleType("frappe.utils.background_jobs")
    vars(module).update(
        get_jobs=lambda site: {site: next(asked), "other.localhost": ["theirs"]}, get_workers=lambda: [1] * workers
    )
    monkeypatch.setitem(sys.modules, "frappe.utils.background_jobs", module)
    database = types.SimpleNamespace(rollback=lambda: None)
    monkeypatch.setattr(_drain, "connect", lambda *_args: types.SimpleNamespace(db=database))
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    context = Context(Bench(str(tmp_path)), "a.localhost")
    assert _drain.drain(context, args, clock=lambda: now[0], sleep=sleep) == left
    assert len(naps) == waited
