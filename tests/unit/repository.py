# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository as the structural tests see it: its files, roles, plays, tasks and modules.

"Known" files are those that git tracks or would track, so that a rule holds for a file before its first commit,
and not for caches and virtual environments.
"""

from __future__ import annotations

import ast
import functools
import io
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.playbook.block import Block
from ansible.playbook.handler import Handler
from ansible.playbook.task import Task

ROOT = Path(__file__).resolve().parents[2]

# What may stand in a task besides its action; from Ansible itself, so that it is complete.
KEYWORDS = {*Task.fattributes, *Block.fattributes, *Handler.fattributes} - {"action", "local_action"}


class _Loader(yaml.SafeLoader):
    """Reads !vault, !unsafe and any other tag as the plain value behind it."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: loader.construct_scalar(node))


def report(faults: list[str]) -> None:
    """Fail with all faults at once, one per line; pass without any."""
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@functools.cache
def known_files() -> tuple[Path, ...]:
    """Every file (or link) that belongs to the repository, as an absolute path."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_symlink() or path.is_file()))


def known(pattern: str) -> list[Path]:
    """Known files whose path below the root matches a pattern such as ``plugins/modules/*.py``."""
    return [path for path in known_files() if Path("/", path.relative_to(ROOT)).match(f"/{pattern}")]


def below(*directories: str, suffix: str = "") -> list[Path]:
    """Known files anywhere below one of the directories."""
    tops = [ROOT / directory for directory in directories]
    return [path for path in known_files() if path.name.endswith(suffix) and not set(tops).isdisjoint(path.parents)]


def where(path: Path) -> str:
    """A path as people type it."""
    return str(path.relative_to(ROOT))


@functools.cache
def read_yaml(path: Path) -> Any:
    """The first document of a YAML file; None when it is empty."""
    return next(yaml.load_all(path.read_text(), Loader=_Loader), None)  # a subclass of SafeLoader


def roles() -> list[Path]:
    """The directories of the roles."""
    top = ROOT / "roles"
    return sorted({top / path.relative_to(top).parts[0] for path in below("roles")})


def plays() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every play of every playbook, with its file."""
    for path in known("playbooks/*.yml"):
        for play in read_yaml(path) or []:
            yield path, play


def tasks() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every task, handler and block of roles and playbooks, with its file."""
    for path in below("roles", suffix=".yml"):
        if path.parent.parent.name != "meta" and {"tasks", "handlers"} & set(path.relative_to(ROOT).parts):
            yield from _flat(path, read_yaml(path) or [])
    for path in below("playbooks", suffix=".yml"):
        if path.parent != ROOT / "playbooks" and path.parent.name in ("tasks", "handlers"):
            yield from _flat(path, read_yaml(path) or [])
    for path, play in plays():
        for section in ("pre_tasks", "tasks", "post_tasks", "handlers"):
            yield from _flat(path, play.get(section) or [])


def _flat(path: Path, entries: list[dict[str, Any]]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for entry in entries:
        yield path, entry
        for section in ("block", "rescue", "always"):
            yield from _flat(path, entry.get(section) or [])


def action_of(task: dict[str, Any]) -> str:
    """The action of a task; empty for a block."""
    if "block" in task:
        return ""
    return next((key for key in task if key not in KEYWORDS and not key.startswith("with_")), "")


def modules() -> list[Path]:
    """The modules of the collection."""
    return [path for path in known("plugins/modules/*.py") if path.name != "__init__.py"]


def code_lines(path: Path) -> int:
    """Lines that hold code: not blank, comment, docstring, DOCUMENTATION, EXAMPLES or RETURN."""
    source = path.read_text()
    lines: set[int] = set()
    layout = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in layout:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and _is_documentation(node):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def _is_documentation(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        return not names.isdisjoint(("DOCUMENTATION", "EXAMPLES", "RETURN"))
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
