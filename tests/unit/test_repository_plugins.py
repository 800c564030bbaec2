# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about plugins: what ansible-doc makes of them, and their action groups."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.repository import ROOT, known, modules, read_yaml, report

PREFIX = "erpops.frappe."
# Directory below plugins/ -> what ansible-doc calls it.
TYPES = {name: name for name in ("callback", "filter", "inventory", "lookup", "test", "vars")} | {"modules": "module"}


def ansible_doc(*words: str) -> dict[str, Any]:
    """The answer of ansible-doc, doc fragments merged in."""
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--json", *words],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """The documentation of every module, by its short name."""
    names = [PREFIX + path.stem for path in modules()]
    answer = ansible_doc("--type", "module", *names) if names else {}
    return {name.removeprefix(PREFIX): document for name, document in answer.items()}


def test_every_plugin_is_found_and_documented() -> None:
    faults = []
    for directory, kind in TYPES.items():
        files = [path for path in known(f"plugins/{directory}/*.*") if not path.name.startswith("_")]
        found = ansible_doc("--type", kind, "--list", PREFIX.rstrip(".")) if files else {}
        for name in sorted({path.stem for path in files} - {full.removeprefix(PREFIX) for full in found}):
            faults.append(f"plugins/{directory}/{name}: ansible-doc does not find it")
        faults += [f"plugins/{directory}/{name}: {line}" for name, line in found.items() if line == "UNDOCUMENTED"]
    report(faults)


def test_every_module_documents_itself(documents: dict[str, dict[str, Any]]) -> None:
    faults = []
    for path in modules():
        document = documents.get(path.stem, {})
        attributes = document.get("doc", {}).get("attributes", {})
        faults += [f"{path.stem}: has no {part}" for part in ("doc", "examples", "return") if not document.get(part)]
        faults += [
            f"{path.stem}: DOCUMENTATION does not say how far it supports {attribute}"
            for attribute in ("check_mode", "diff_mode")
            if not attributes.get(attribute, {}).get("support")
        ]
        if PREFIX + path.stem not in document.get("examples", ""):
            faults.append(f"{path.stem}: EXAMPLES do not show {PREFIX}{path.stem}")
    report(faults)


def test_action_groups_are_the_modules_that_share_options(documents: dict[str, dict[str, Any]]) -> None:
    groups: dict[str, list[str]] = read_yaml(ROOT / "meta/runtime.yml")["action_groups"]
    with_site = {name for name, document in documents.items() if "site" in document["doc"].get("options", {})}
    faults = []
    for group, members in groups.items():
        faults += [f"meta/runtime.yml: {group}: there is no module {name}" for name in members if name not in documents]
        if members != sorted(members):
            faults.append(f"meta/runtime.yml: {group}: sort it")
    missing = sorted(with_site - set(groups["site"]))
    report(faults + [f"meta/runtime.yml: {name} has the option site, so group site needs it" for name in missing])
