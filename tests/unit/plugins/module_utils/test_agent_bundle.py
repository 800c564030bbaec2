# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a bench is the whole agent, and nothing that a bench does not have."""

from __future__ import annotations

import ast
import json
import sys
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_bundle import bundle
from tests.unit.repository import ROOT

AGENT = ROOT / "plugins/module_utils/agent"
PREFIX = "erpops_frappe.agent"


@pytest.fixture(scope="module")
def sources() -> dict[str, list[Any]]:
    return dict(json.loads(bundle()))


def test_every_file_of_the_agent_is_in_it(sources: dict[str, list[Any]]) -> None:
    """One that is missing works in tests of this process and fails on every target."""
    files = {path.stem for path in AGENT.glob("*.py") if path.stem != "__init__"}
    assert files == {name.removeprefix(f"{PREFIX}.") for name in sources if name.startswith(f"{PREFIX}.")}
    assert sources.keys() - {f"{PREFIX}.{name}" for name in files} == {"erpops_frappe", "erpops_frappe._errors", PREFIX}


def test_the_sources_are_those_of_the_files(sources: dict[str, list[Any]]) -> None:
    for name, (is_package, source) in sources.items():
        assert is_package is (name in ("erpops_frappe", PREFIX))
        compile(source, name, "exec")
    assert sources[f"{PREFIX}._files"][1] == (AGENT / "_files.py").read_text()


def test_ansible_finds_every_file_by_name() -> None:
    """AnsiballZ ships what a module imports by name, and nothing else."""
    tree = ast.parse((ROOT / "plugins/module_utils/_agent_bundle.py").read_text())
    named = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.level, node.module) == (1, "agent")
        for alias in node.names
    }
    assert named == {path.stem for path in AGENT.glob("*.py") if path.stem != "__init__"}


@pytest.mark.parametrize("path", sorted(AGENT.glob("*.py")), ids=lambda path: path.stem)
def test_a_file_needs_the_standard_library_alone(path: Any) -> None:
    """What a bench has besides (frappe, and what it brings) is imported inside functions only."""
    outside = []
    for node in ast.parse(path.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level <= 2
            names = [] if node.level else [str(node.module)]
        outside += [name for name in names if name.partition(".")[0] not in sys.stdlib_module_names]
    assert outside == []
