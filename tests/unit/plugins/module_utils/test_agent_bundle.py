# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a bench is what its module asks for, and nothing that a bench does not have."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_bundle import bundle
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_kinds import KINDS
from ansible_collections.erpops.frappe.plugins.module_utils.agent._protocol import FAMILIES
from ansible_collections.erpops.frappe.plugins.module_utils.agent._rotation import PARTS
from tests.unit.repository import ROOT

AGENT = ROOT / "plugins/module_utils/agent"
BUNDLE = ROOT / "plugins/module_utils/_agent_bundle.py"
COLLECTION = "ansible_collections.erpops.frappe.plugins.module_utils"
PREFIX = "erpops_frappe.agent"
# What Ansible sends to a host, but for the agent.
SHIPPED = [path for folder in ("modules", "module_utils") for path in sorted((ROOT / "plugins" / folder).glob("*.py"))]


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


def test_ansible_finds_what_a_file_asks_for() -> None:
    """AnsiballZ ships what is imported by name, wherever that stands, and nothing else: not what a string names."""
    askers = 0
    for path in SHIPPED:
        wanted = {FAMILIES[family] for family in _families(path)}
        askers += bool(wanted)
        assert wanted <= _agent_files(path), f"{path.name} asks for operations of files that do not come with it"
    assert askers > 35


def test_ansible_finds_what_an_operation_imports_by_name() -> None:
    """Parts that a file of the agent chooses by a string."""
    checks = {f"_checks_{kind.part}" for kind in KINDS.values()}
    assert checks <= _agent_files(AGENT / "_checks.py")
    assert set(PARTS.values()) <= _agent_files(AGENT / "_rotation.py")
    # A release that is being made is asked by an agent that has what its maker has (_nested).
    assert {FAMILIES[family] for family in _families(AGENT / "_release_build.py")} <= _shipped(
        {"_release"} | _agent_files(BUNDLE)
    )


def test_nothing_of_the_agent_is_left_behind() -> None:
    """Each file comes with some module; and not every file with every module, which is what they wait for."""
    everywhere = _shipped(_agent_files(BUNDLE))
    by_module = {path.stem: _shipped(everywhere | _agent_files(path)) for path in SHIPPED if _families(path)}
    assert set.union(*by_module.values()) == {path.stem for path in AGENT.glob("*.py") if path.stem != "__init__"}
    assert len(everywhere) < 10
    assert len(by_module["site_config"]) < 20


def _families(path: Path) -> set[str]:
    """Families of the operations that a file names, whole or as the start of a name that it puts together."""
    words = [
        str(node.value)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    found = [re.fullmatch(r"([a-z_]+)\.[a-z_]*", word) for word in words]
    return {match.group(1) for match in found if match and match.group(1) in FAMILIES}


def _agent_files(path: Path) -> set[str]:
    """Files of the agent that a file imports, wherever in it."""
    files = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        inside = node.level == 1 and path.parent == AGENT
        module = (node.module or "").removeprefix(f"{COLLECTION}.").removeprefix("agent").removeprefix(".")
        if inside or "agent" in (node.module or "").split("."):
            files |= {module} if module else {alias.name for alias in node.names}
    return files


def _shipped(files: set[str]) -> set[str]:
    """These files and all that they import."""
    done: set[str] = set()
    while files - done:
        name = (files - done).pop()
        done.add(name)
        files = files | _agent_files(AGENT / f"{name}.py")
    return done


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
