# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's pages as the tests see them: command lines, tables, headings; and what the code knows."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.repository import ROOT, known, modules, read_yaml
from tests.unit.test_repository_plugins import PREFIX, ansible_doc

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SEPARATORS = {"|", "||", "&&", ";", "&"}
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")


def pages() -> list[Path]:
    """What operators read."""
    return [*known("docs/*.md"), *known("README.md"), *known("CONTRIBUTING.md")]


def blocks(path: Path) -> Iterator[tuple[str, str]]:
    """Fenced blocks as (language, text)."""
    for _indent, language, text in FENCE.findall(path.read_text()):
        yield language, text


def commands(path: Path, *programs: str) -> Iterator[list[str]]:
    """Command lines of these programs, as lists of words: from code blocks, indented lines and code in the text.

    In a block ``console`` only lines with a prompt are commands, the others are output.
    """
    for line in _code_lines(path):
        for words in _simple_commands(line):
            if words and words[0] in programs:
                yield words


def _code_lines(path: Path) -> Iterator[str]:
    text = path.read_text()
    for language, block in blocks(path):
        if language in ("sh", "console", ""):
            lines = block.replace("\\\n", " ").splitlines()
            yield from (
                line.strip().removeprefix("$ ")
                for line in lines
                if language != "console" or line.strip().startswith("$ ")
            )
    rest = FENCE.sub("", text)
    yield from re.findall(r"^(?: {4}|\t)(?:\$ )?(.+)$", rest, re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", rest)


def _simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of a pipeline or list, without variables set before them; nothing for what is no shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return
    command: list[str] = []
    for word in [*words, ";"]:
        if word in SEPARATORS:
            yield command
            command = []
        elif command or not ASSIGNMENT.fullmatch(word):
            command.append(word)


def rows(path: Path, first_column: str) -> Iterator[dict[str, str]]:
    """Rows of the tables whose first column is called so, as {column: cell}."""
    for table in re.findall(r"(?:^\|.*\|\n)+", path.read_text(), re.MULTILINE):
        header, _rule, *lines = [_cells(line) for line in table.strip().splitlines()]
        if header[0] == first_column:
            for cells in lines:
                yield dict(zip(header, cells, strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def code(cell: str) -> list[str]:
    """The pieces of code in a cell or a sentence; two backticks enclose code that has backticks."""
    return [(double or single).strip() for double, single in re.findall(r"``(.+?)``(?!`)|`([^`]+)`", cell)]


def anchors(path: Path) -> set[str]:
    """What a link to this page may name behind #: its headings, as they are shown, and named places."""
    text = FENCE.sub("", path.read_text())
    found = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


@functools.cache
def module_documents() -> dict[str, dict[str, Any]]:
    """The documentation of every module by its short name, fragments merged in."""
    answer = ansible_doc("--type", "module", *(PREFIX + path.stem for path in modules()))
    return {name.removeprefix(PREFIX): document["doc"] for name, document in answer.items()}


@functools.cache
def role_options() -> dict[str, dict[str, Any]]:
    """Every option of every role: its specification, with its default from defaults/main.yml."""
    found: dict[str, dict[str, Any]] = {}
    for specs in known("roles/*/meta/argument_specs.yml"):
        defaults = read_yaml(specs.parent.parent / "defaults/main.yml") or {}
        for name, spec in read_yaml(specs)["argument_specs"]["main"]["options"].items():
            found[name] = {**spec, "role": specs.parent.parent.name, "default": defaults.get(name)}
    return found


@functools.cache
def wiring() -> dict[str, str]:
    """What playbooks/group_vars makes of the inventory: variable -> template."""
    found: dict[str, str] = {}
    for path in [path for path in known("playbooks/group_vars/*/*.yml") if path.is_relative_to(ROOT)]:
        found.update({name: str(value) for name, value in read_yaml(path).items()})
    return found


@functools.cache
def known_variables() -> set[str]:
    """Names that may be given with -e: options of roles, and whatever playbooks and inventories speak of."""
    found = set(role_options())
    for pattern in ("playbooks/*.yml", "playbooks/group_vars/*/*.yml", "inventories/*.yml", "inventories/*/*/*.yml"):
        for path in known(pattern):
            found |= set(re.findall(r"(?<!\w)[a-z][a-z0-9_]+(?!\w)", path.read_text()))
    return found
