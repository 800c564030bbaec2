# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/modules.md says of every module and plugin what ansible-doc says, and shows a command for each module."""

from __future__ import annotations

import re

from tests.unit import docs
from tests.unit.repository import ROOT, known, report
from tests.unit.test_repository_plugins import PREFIX, ansible_doc

PAGE = ROOT / "docs/modules.md"


def sections() -> dict[str, str]:
    """The page's sections by heading."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_module_has_its_line_and_a_command() -> None:
    found, faults = sections(), []
    for name, document in docs.module_documents().items():
        text = found.get(name, "").strip()
        if not text:
            faults.append(f"docs/modules.md: {name} is missing")
        elif text.splitlines()[0] != document["short_description"]:
            faults.append(f"docs/modules.md: {name}: the line is: {document['short_description']}")
        elif f"-m {PREFIX}{name} " not in text:
            faults.append(f"docs/modules.md: {name}: has no command")
    faults += [f"docs/modules.md: there is no module {name}" for name in found.keys() - docs.module_documents().keys()]
    report([fault for fault in faults if not fault.endswith(" Plugins")])


def test_modules_are_sorted() -> None:
    names = [name for name in sections() if name != "Plugins"]
    assert names == sorted(names)


def test_plugins_are_what_ansible_doc_says() -> None:
    rows = {docs.code(row["plugin"])[0]: (row["kind"], row["what it does"]) for row in docs.rows(PAGE, "plugin")}
    wanted = {}
    for kind in ("inventory", "lookup", "callback"):
        for path in known(f"plugins/{kind}/*.py"):
            full = PREFIX + path.stem
            wanted[path.stem] = (kind, ansible_doc("--type", kind, full)[full]["doc"]["short_description"])
    assert rows == wanted
