# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences, and what of them is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._drift_plan import (
    commit_differences,
    file_differences,
    job_differences,
)

ONE, TWO = "1" * 40, "2" * 40
AS_DECLARED: dict[str, Any] = {"name": "shop", "declared": ONE, "wanted": ONE, "commit": ONE, "dirty": []}


@pytest.mark.parametrize(
    ("app", "found"),
    [
        ({}, []),
        ({"commit": TWO}, [("commit", TWO, ONE)]),
        ({"commit": ""}, [("commit", "none", ONE)]),
        ({"declared": "main", "wanted": "", "commit": TWO}, []),
        ({"dirty": ["a.py", "b.py"]}, [("local changes", "a.py, b.py", "none")]),
        ({"commit": TWO, "dirty": ["a.py"]}, [("commit", TWO, ONE), ("local changes", "a.py", "none")]),
    ],
)
def test_apps(app: dict[str, Any], found: list[tuple[str, str, str]]) -> None:
    differences = commit_differences([{**AS_DECLARED, **app}])
    assert [(one["part"], one["before"], one["after"]) for one in differences] == found
    assert {one["name"] for one in differences} <= {"shop"}


@pytest.mark.parametrize(
    ("stopped", "ours", "named"),
    [
        ([], [], []),
        (["a.pull"], [], ["a.pull"]),
        (["a.pull"], ["a.pull"], []),
        (["b.push", "a.pull"], ["c.other"], ["a.pull", "b.push"]),
        ([], ["a.pull"], []),
    ],
)
def test_jobs(stopped: list[str], ours: list[str], named: list[str]) -> None:
    assert [one["name"] for one in job_differences(stopped, ours)] == named


@pytest.mark.parametrize(
    ("known", "now", "found"),
    [
        ({"/a": "1"}, {"/a": "1"}, []),
        ({"/a": "1"}, {"/a": "2"}, [("/a", "changed")]),
        ({"/a": "1"}, {}, [("/a", "gone")]),
        ({}, {"/a": "1"}, [("/a", "new")]),
        ({"/a": "1", "/b": "1"}, {"/b": "2", "/c": "1"}, [("/a", "gone"), ("/b", "changed"), ("/c", "new")]),
    ],
)
def test_files(known: dict[str, str], now: dict[str, str], found: list[tuple[str, str]]) -> None:
    differences = file_differences("processes", known, now)
    assert [(one["name"], one["before"]) for one in differences] == found
    assert {one["part"] for one in differences} <= {"processes"}
