# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about files: where they stand, how long they are, and what none of them may say."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.unit.repository import ROOT, below, code_lines, known, known_files, modules, report, where

TASK_FILE_LINES = 100
MODULE_CODE_LINES = 150
MAIN_LINES = 20
UTILITY_LINES = 300

# Spelt in pieces, since this file is searched as well.
_HOSTS = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "yarn" + "pkg.com", "proxy.golang" + ".org")
_TOPS = ("wo" + "rk", "ro" + "ot", "ho" + "me/runner", "Us" + "ers")
FORBIDDEN = {
    "the address of a package index; every mirror must serve": re.compile("|".join(map(re.escape, _HOSTS))),
    "a path of somebody's machine": re.compile(rf"(?:^|[\s\"'`(=:,\[])/(?:{'|'.join(_TOPS)})/"),
    "an option that names a package index": re.compile(r"--(?:extra-)?index" + r"-url|--find" + r"-links"),
}


def test_no_file_names_a_machine_or_an_index() -> None:
    faults = []
    for path in known_files():
        if path.is_symlink() or path.name == "LICENSE":
            continue
        # The hosts of scenarios are nobody's machine, and their root logs in with a key.
        known_there = "/" + _TOPS[1] + "/.ssh" if "molecule" in path.parts else "\0"
        for number, text in enumerate(path.read_text(errors="replace").splitlines(), 1):
            line = text.replace(known_there, "")
            faults += [f"{where(path)}:{number}: {what}" for what, rule in FORBIDDEN.items() if rule.search(line)]
    report(faults)


def test_the_clone_is_its_own_collection() -> None:
    link = ROOT / ".collections/ansible_collections/erpops/frappe"
    assert link.is_symlink(), f"{where(link)} must be a link: git checkout .collections"
    assert str(link.readlink()) == "../../.."
    assert link.resolve() == ROOT
    assert link in known_files(), f"{where(link)} must be committed"


def test_names_can_be_called_by_fqcn() -> None:
    name = re.compile(r"[a-z][a-z0-9_]*")
    playbooks = [path for path in known_files() if path.parent == ROOT / "playbooks"]
    roles = {path.relative_to(ROOT / "roles").parts[0] for path in below("roles")}
    report(
        [f"{where(path)}: name it *.yml" for path in playbooks if path.suffix not in (".yml", ".md")]
        + [f"{where(path)}: snake_case only" for path in playbooks if not name.fullmatch(path.stem)]
        + [f"roles/{role}: snake_case only" for role in sorted(roles) if not name.fullmatch(role)]
    )


def test_task_files_are_short() -> None:
    files = [path for path in below("roles", "playbooks", suffix=".yml") if "tasks" in path.relative_to(ROOT).parts]
    report(_too_long(files, TASK_FILE_LINES))


def test_utility_files_are_short() -> None:
    report(_too_long(below("plugins/module_utils", "plugins/plugin_utils", suffix=".py"), UTILITY_LINES))


def test_modules_are_thin() -> None:
    faults = []
    for path in modules():
        if (count := code_lines(path)) > MODULE_CODE_LINES:
            faults.append(f"{where(path)}: {count} lines of code; move the thinking to module_utils")
        for node in ast.parse(path.read_text()).body:
            length = (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1
            if isinstance(node, ast.FunctionDef) and node.name == "main" and length > MAIN_LINES:
                faults.append(f"{where(path)}: main() has {length} lines, at most {MAIN_LINES}")
    report(faults)


def test_every_plugin_file_has_its_tests() -> None:
    """plugins/modules/site.py: tests/unit/plugins/modules/test_site.py, or several test_site_*.py."""
    faults = []
    for path in below("plugins", suffix=".py"):
        inside = path.relative_to(ROOT).parent
        if path.name == "__init__.py" or inside == Path("plugins/doc_fragments"):
            continue  # no code of their own
        directory, stem = Path("tests/unit") / inside, path.stem.lstrip("_")
        if not known(f"{directory}/test_{stem}.py") and not known(f"{directory}/test_{stem}_*.py"):
            faults.append(f"{where(path)}: has no {directory}/test_{stem}.py")
    report(faults)


def _too_long(files: list[Path], most: int) -> list[str]:
    counts = [(path, len(path.read_text().splitlines())) for path in files]
    return [f"{where(path)}: {count} lines, at most {most}; split it by noun" for path, count in counts if count > most]
