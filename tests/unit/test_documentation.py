# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators read: no dead link between the documents, no make target that does not exist."""

from __future__ import annotations

import re

from tests.unit.repository import ROOT, known_files, report, where

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


def test_no_link_is_dead() -> None:
    documents = [path for path in known_files() if path.suffix == ".md"]
    report(
        [
            f"{where(path)}: there is no {target}"
            for path in documents
            for target in LINK.findall(path.read_text())
            if not (path.parent / target).exists()
        ]
    )


def test_documented_make_targets_exist() -> None:
    """In code only (indented or between backticks); prose may say "make sure"."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    faults = []
    for path in known_files():
        if path.suffix != ".md":
            continue
        text = path.read_text()
        code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?: {4}|\t|\$ )(.+)$", text, re.MULTILINE)
        named = {name for piece in code for name in re.findall(r"^\s*make ([a-z-]+)", piece)}
        faults += [f"{where(path)}: make {name} is not a target" for name in sorted(named - targets)]
    report(faults)
