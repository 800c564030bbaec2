# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports, tried by a process of the bench's interpreter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_imports import (
    LIMIT,
    Imports,
    line_faults,
    wanted_names,
)
from tests.unit.plugins.module_utils.agent.tools import Tools

ENDS = "import os\nos._exit(3)\n"
HANGS = "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(600)\n"


def faults(tools: Tools, **args: Any) -> dict[str, str]:
    bench = Bench(str(tools.path))
    with Imports(bench, [{"check": "imports", "args": args}, {"check": "records", "args": {}}]) as imports:
        return {item[1]: imports.fault(item) for item in wanted_names(bench, args)}


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", ""),
        ("print('--- erpops imports ---\\n[]' * 9999)", ""),
        ("raise ValueError('no')", "ValueError: no"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import a_library_nobody_installed", "ModuleNotFoundError: No module named 'a_library_nobody_installed'"),
        (ENDS, "ended the interpreter (exit code 3)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "ended the interpreter (exit code -11)"),
        (HANGS, "was not imported within 1 s"),
        ("def broken(:", "SyntaxError"),
    ],
)
def test_an_import(site: Tools, code: str, fault: str) -> None:
    site.app("shop", code=code)
    found = faults(site, modules=["shop.api", "shop.hooks"], limit=1 if code == HANGS else 30)
    assert found["shop.api"].startswith(fault)
    assert bool(found["shop.api"]) is bool(fault)
    assert found["shop.hooks"] == "", "the next name is tried as if nothing had been"


def test_attributes(site: Tools) -> None:
    site.app("shop", code="def pull(): pass\n")
    found = faults(site, attributes=["shop.api.pull", "shop.api.push"])
    assert found["shop.api.pull"] == ""
    assert "has no attribute 'push'" in found["shop.api.push"]


def test_names(site: Tools) -> None:
    site.app("shop")
    bench = Bench(str(site.path))
    assert wanted_names(bench, {"apps": ["all"]}) == [
        ("module", "frappe.hooks", LIMIT),
        ("module", "shop.hooks", LIMIT),
    ]
    assert wanted_names(bench, {"apps": ["shop"], "modules": ["a"], "limit": 3}) == [
        ("module", "a", 3),
        ("module", "shop.hooks", 3),
    ]


def test_no_process_is_left(site: Tools) -> None:
    site.app("shop", code=HANGS)
    with Imports(Bench(str(site.path)), [{"check": "imports", "args": {"modules": ["shop.api"]}}]) as imports:
        pid = imports._process.pid
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["frappe", "", "shop "], []),
        (["frappe", "shop", "shop"], ["shop stands 2 times in apps.txt"]),
        (["frappeshop"], ["the line 'frappeshop' of apps.txt is no folder of apps/"]),
        ([], []),
    ],
)
def test_apps_txt(lines: list[str], expected: list[str]) -> None:
    assert line_faults(lines, ["frappe", "shop"]) == expected


def test_the_answer_is_json(site: Tools) -> None:
    assert json.dumps(faults(site, modules=["frappe"])) == '{"frappe": ""}'
