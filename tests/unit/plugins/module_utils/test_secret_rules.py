# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each rule against its own examples, with the scanner itself: its regular expressions are not Python's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _secret_rules as rules
from ansible_collections.erpops.frappe.plugins.module_utils._secret_findings import findings
from ansible_collections.erpops.frappe.plugins.module_utils._secret_scan import scanner
from tests.unit.repository import ROOT
from tests.unit.scanner import KINGFISHER

# A file in which the rule counts.
FILES = {
    "dotenv-secret": ".env",
    "site-config-secret": "site_config.json",
    "password-in-code": "setup.py",
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Folder of an example -> the kinds that were found in it; all examples in one scan."""
    tree = tmp_path_factory.mktemp("tree")
    for rule in rules.RULES:
        for verdict, examples in (("found", rule.found), ("passed", rule.passed)):
            for number, text in enumerate(examples):
                folder = tree / f"{rule.kind}-{verdict}-{number}"
                folder.mkdir()
                (folder / FILES.get(rule.kind, "notes.md")).write_text(f"{text}\n")
    state = tmp_path_factory.mktemp("state")
    with scanner(str(KINGFISHER), str(state), 600) as scan:
        answer, release = scan(str(tree))
    assert release == rules.SCANNER_VERSION
    found: dict[str, set[str]] = {path.name: set() for path in tree.iterdir()}
    for item in findings(answer, str(tree)):
        found[Path(item["file"]).parts[0]].add(item["kind"])
    return found


def examples(verdict: str) -> list[Any]:
    return [
        pytest.param(rule.kind, f"{rule.kind}-{verdict}-{number}", id=f"{rule.kind}-{number}")
        for rule in rules.RULES
        for number in range(len(getattr(rule, verdict)))
    ]


@pytest.mark.parametrize(("kind", "folder"), examples("found"))
def test_it_is_found(kinds: dict[str, set[str]], kind: str, folder: str) -> None:
    assert kinds[folder] == {kind}


@pytest.mark.parametrize(("kind", "folder"), examples("passed"))
def test_it_is_left_alone(kinds: dict[str, set[str]], kind: str, folder: str) -> None:
    assert kinds[folder] == set()


def test_every_rule_has_a_reason_and_both_kinds_of_examples() -> None:
    assert [rule.kind for rule in rules.RULES if not (rule.why and rule.found and rule.passed)] == []
    assert len({rule.kind for rule in rules.RULES}) == len(rules.RULES)


def test_the_rules_are_for_the_release_that_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["dependency-groups"]["scan"] == [f"kingfisher-bin=={rules.SCANNER_VERSION}"]
    assert f"kingfisher-bin=={rules.SCANNER_VERSION} \\" in (ROOT / "requirements-scan.lock").read_text()


def test_the_lock_has_a_wheel_for_each_platform_and_no_address() -> None:
    lock = (ROOT / "requirements-scan.lock").read_text()
    assert lock.count("--hash=sha256:") >= 2
    assert "://" not in lock


def test_other_data_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rules.rules_version()
    assert re.fullmatch("[0-9a-f]{16}", before)
    monkeypatch.setattr(rules, "TEST_PATHS", "tests/")
    assert rules.rules_version() != before
