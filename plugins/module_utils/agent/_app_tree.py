# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: an app's files as they are in git, found the way Python finds them, through links."""

from __future__ import annotations

import ast
import json
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

FILE, EXECUTABLE, LINK = "100644", "100755", "120000"


class Entry(NamedTuple):
    """A file: its git mode and content; a link's content is its target."""

    mode: str
    data: bytes

    @property
    def text(self) -> str:
        """The content as text; what is not UTF-8 is replaced."""
        return self.data.decode("utf-8", "replace")


class Tree:
    """Paths relative to the app's folder (the one with ``setup.py`` or ``pyproject.toml``) -> :class:`Entry`."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = dict(entries)
        self.folders = {""}
        for path in self.entries:
            while path := posixpath.dirname(path):
                self.folders.add(path)

    def __contains__(self, path: str) -> bool:
        return path in self.entries or path in self.folders

    def real(self, path: str) -> str | None:
        """Where ``path`` leads when links are followed; None if nowhere, or out of the app."""
        done = ""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        for _step in range(200):  # a link may lead to itself
            if not parts:
                return done
            part = parts.pop(0)
            if part == "..":
                if not done:
                    return None
                done = posixpath.dirname(done)
                continue
            here = posixpath.join(done, part)
            entry = self.entries.get(here)
            if entry and entry.mode == LINK:
                if entry.text.startswith("/"):
                    return None
                parts = [piece for piece in entry.text.split("/") if piece not in ("", ".")] + parts
                continue
            if here not in self:
                return None
            done = here
        return None

    def folder(self, path: str) -> str | None:
        """The directory at ``path``, links followed."""
        found = self.real(path)
        return found if found in self.folders else None

    def file(self, path: str) -> Entry | None:
        """The file at ``path``, links followed."""
        found = self.real(path)
        return self.entries.get(found) if found else None

    def python(self, package: str) -> Iterator[tuple[str, str]]:
        """Paths and texts of a package's Python files, each once."""
        for path, entry in sorted(self.entries.items()):
            if path.startswith(f"{package}/") and path.endswith(".py") and entry.mode != LINK:
                yield path, entry.text

    def doctypes(self, package: str) -> dict[str, dict[str, Any]]:
        """Path -> content of each DocType's definition in a package, wherever it lies.

        :raises ValueError: a definition is not JSON; names it.
        """
        found = {}
        for path, entry in sorted(self.entries.items()):
            parts = path.split("/")
            if not path.startswith(f"{package}/") or entry.mode == LINK or len(parts) < 4 or parts[-3] != "doctype":
                continue
            if parts[-1] != f"{parts[-2]}.json":
                continue
            try:
                data = json.loads(entry.text)
            except ValueError as exc:
                raise ValueError(f"{path}: {exc}") from exc
            if isinstance(data, dict) and data.get("doctype") == "DocType" and data.get("name"):
                found[path] = data
        return found


def names_of(source: str) -> set[str]:
    """The names that a module's own text defines or imports at its top.

    :raises SyntaxError: it is no Python.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def resolve(tree: Tree, dotted: str) -> str:
    """Why Python cannot reach ``dotted`` (a module, or a name in one) of the app; ``""`` if it can.

    >>> resolve(Tree({"app/sync.py": Entry(FILE, b"def pull(): ...")}), "app.sync.pull")
    ''
    """
    path = ""
    parts = dotted.split(".")
    for number, part in enumerate(parts):
        here = posixpath.join(path, part)
        rest = parts[number + 1 :]
        # A package outranks a module of its name; a directory without __init__.py is a package as well, but the
        # last to be looked at.
        if tree.folder(here) is not None and (tree.file(f"{here}/__init__.py") or not tree.file(f"{here}.py")):
            path = here
            continue
        module = tree.file(f"{here}.py")
        if module:
            return _has_name(module.text, f"{here}.py", rest)
        package = tree.file(posixpath.join(path, "__init__.py"))
        if package and not _has_name(package.text, path, parts[number:]):
            return ""
        return f"there is no {here}.py or {here}/"
    return ""


def _has_name(source: str, path: str, rest: list[str]) -> str:
    if not rest:
        return ""
    try:
        names = names_of(source)
    except SyntaxError as exc:
        return f"{path} is no Python: {exc.msg}, line {exc.lineno}"
    # What follows a class or an imported module is looked up when it is used.
    return "" if rest[0] in names else f"{path} has no {rest[0]}"
