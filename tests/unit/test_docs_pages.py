# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages hang together: the index names all, links reach their places, quoted messages are those of the code."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

from tests.unit import docs
from tests.unit.repository import ROOT, below, known, report, where

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")
# Said by others than this collection.
OF_OTHERS = {
    "Permission denied",
    "No space left on device",
}
MESSAGE_COLUMNS = ("message", "you see")


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/index.md").read_text()
    pages = {path.name for path in known("docs/*.md")} - {"index.md"}
    report([f"docs/index.md: does not name {name}" for name in sorted(pages) if f"({name})" not in index])


def test_every_verb_has_a_page() -> None:
    made_of_others, parts = {"site"}, {"teardown", "signup_undo"}
    verbs = {path.stem for path in known("playbooks/*.yml")} - made_of_others - parts
    report([f"docs/{verb}.md is missing" for verb in sorted(verbs) if not (ROOT / f"docs/{verb}.md").is_file()])


def test_links_reach_their_places() -> None:
    faults = []
    for path in docs.pages():
        for target, anchor in LINK.findall(docs.FENCE.sub("", path.read_text())):
            page = path.parent / target if target else path
            if page.suffix == ".md" and page.is_file() and anchor not in docs.anchors(page):
                faults.append(f"{where(path)}: {target}#{anchor}: {where(page.resolve())} has no such place")
    report(faults)


def test_links_of_messages_exist() -> None:
    """A message may send the operator to a page."""
    faults = []
    for path in [*below("plugins", suffix=".py"), *below("roles", "playbooks", suffix=".yml")]:
        for name in re.findall(r"\bdocs/[a-z_]+\.md", path.read_text()):
            if not (ROOT / name).is_file():
                faults.append(f"{where(path)}: there is no {name}")
    report(faults)


def test_quoted_messages_are_those_of_the_code() -> None:
    """In tables of faults, what varies is written as an ellipsis; the rest must stand in the code as it is quoted."""
    faults = []
    for path in docs.pages():
        quotes = [
            quote for column in MESSAGE_COLUMNS for row in docs.rows(path, column) for quote in docs.code(row[column])
        ]
        for quote in set(quotes) - OF_OTHERS:
            for piece in (part.strip(" ().:,") for part in quote.split("…")):
                if piece and not any(piece in text for text in _texts()):
                    faults.append(f"{where(path)}: nothing says {piece!r} ({quote})")
    report(sorted(faults))


@functools.cache
def _texts() -> tuple[str, ...]:
    """Every text in the code, on one line each; what a template fills in ends one."""
    found: list[str] = []
    for path in below("plugins", suffix=".py"):
        for text in _python_texts(path.read_text()):
            found += text.split("\0")
    for path in below("roles", "playbooks", suffix=".yml"):
        text = re.sub(r"\s+", " ", path.read_text())
        text = re.sub(r"' ?~ ?'", "", text)  # a text that was broken into pieces
        found += re.split(r"\{\{|\}\}|' ?~|~ ?'", text)
    return tuple(re.sub(r"\s+", " ", text) for text in found)


def _python_texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
