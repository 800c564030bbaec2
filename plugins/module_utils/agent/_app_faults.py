# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: why an app's files cannot work on a bench, said before anything of it is run.

An app that is installed with these faults can take the site with it: a ``doc_events`` hook that cannot be imported
makes every save of that DocType fail, whoever owns the DocType (``frappe/model/document.py: Document.hook``).
"""

from __future__ import annotations

import ast
import contextlib
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._app_checks import scrub
from ._app_tree import Tree, resolve

# Spellings that Frappe does not read -> those it does (frappe/core/doctype/doctype/doctype.json).
DOCTYPE_KEYS = {"is_child_table": "istable", "is_single": "issingle"}


class Fault(NamedTuple):
    """One reason: its kind, the place, what is wrong there, and what it makes fail."""

    kind: str
    where: str
    seen: str
    effect: str

    def __str__(self) -> str:
        return f"{self.where}: {self.seen} ({self.effect})"


def find_faults(
    tree: Tree, app: str, taken: Mapping[str, str] | None = None, available: Callable[[str], bool] | None = None
) -> list[Fault]:
    """All faults of an app's files, in the order in which an installation would meet them.

    :param taken: DocType -> the app of the bench that has it already.
    :param available: whether a top-level package can be imported on the bench.
    """
    if tree.file(f"{app}/hooks.py") is None:
        return [Fault("metadata", f"{app}/hooks.py", "is not there", "this is no Frappe app of that name")]
    try:
        definitions = tree.doctypes(app)
    except ValueError as exc:
        return [Fault("definition", str(exc), "is not JSON", "the DocType cannot be imported")]
    return [
        *_modules(tree, app),
        *_hooks(tree, app),
        *_code(tree, app, available),
        *_definitions(tree, definitions),
        *_collisions(definitions, taken or {}),
    ]


def _modules(tree: Tree, app: str) -> list[Fault]:
    found = tree.file(f"{app}/modules.txt")
    names = [line.strip() for line in found.text.splitlines() if line.strip()] if found else []
    return [
        Fault(
            "module",
            f"modules.txt {name!r}",
            f"there is no {app}/{scrub(name)}/",
            "install-app fails, or installs no DocType",
        )
        for name in names
        if tree.folder(f"{app}/{scrub(name)}") is None
    ]


def hook_methods(source: str, app: str) -> dict[str, str]:
    """Where in ``hooks.py`` -> the app's own dotted name there; what is computed is not seen.

    >>> hook_methods("scheduler_events = {'daily': ['app.jobs.clean']}", "app")
    {'scheduler_events.daily': 'app.jobs.clean'}
    """
    found: dict[str, str] = {}
    dotted = re.compile(rf"{re.escape(app)}(\.\w+)+")

    def look(where: str, value: Any) -> None:
        if isinstance(value, str) and dotted.fullmatch(value):
            found[where if where not in found else f"{where} ({value.rpartition('.')[2]})"] = value
        elif isinstance(value, dict):
            for key, item in value.items():
                look(f"{where}.{key}", item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                look(where, item)

    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                look(node.targets[0].id, ast.literal_eval(node.value))
            except ValueError:
                continue
    return found


def _hooks(tree: Tree, app: str) -> list[Fault]:
    entry = tree.file(f"{app}/hooks.py")
    try:
        methods = hook_methods(entry.text if entry else "", app)
    except SyntaxError as exc:
        return [Fault("hook", f"{app}/hooks.py", f"is no Python: {exc.msg}", "the app breaks every site of the bench")]
    faults = []
    for where, dotted in methods.items():
        why = resolve(tree, dotted)
        if why:
            kind, _dot, rest = where.partition(".")
            effect = "the hook fails"
            if kind == "doc_events":
                effect = f"every {rest.rpartition('.')[2].partition(' ')[0]} of {rest.rpartition('.')[0]} fails"
            elif kind == "scheduler_events":
                effect = "the job fails each time"
            faults.append(Fault("hook", f"hooks.py {where}", f"{dotted} cannot be imported, {why}", effect))
    return faults


def _code(tree: Tree, app: str, available: Callable[[str], bool] | None) -> list[Fault]:
    faults = []
    dotted = re.compile(rf"{re.escape(app)}(\.\w+){{2,}}")
    for path, source in tree.python(app):
        if path == f"{app}/hooks.py":
            continue
        try:
            parsed = ast.parse(source)
        except SyntaxError as exc:
            seen = f"is no Python: {exc.msg}, line {exc.lineno}"
            faults.append(Fault("code", path, seen, "whatever imports it fails"))
            continue
        for name in sorted(_own_names(parsed, app, dotted)):
            why = resolve(tree, name)
            if why:
                faults.append(
                    Fault("import", path, f"{name} cannot be imported, {why}", "this code fails when it runs")
                )
    lacking = lacking_packages(tree, app, available) if available else {}
    return faults + [
        Fault(
            "requirement", path, f"imports {name}, which the bench's environment lacks", "this file cannot be imported"
        )
        for name, path in lacking.items()
    ]


def lacking_packages(tree: Tree, app: str, available: Callable[[str], bool]) -> dict[str, str]:
    """Top-level packages that files of the app need to be imported and that are not ``available`` -> the first such file."""
    found: dict[str, str] = {}
    for path, source in tree.python(app):
        with contextlib.suppress(SyntaxError):
            for name in _foreign(ast.parse(source), app):
                if name not in found and not available(name):
                    found[name] = path
    return found


def _own_names(parsed: ast.Module, app: str, dotted: re.Pattern[str]) -> set[str]:
    """Dotted names of the app that its code imports, or hands to the framework as text."""
    names: set[str] = set()
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names if alias.name.startswith(f"{app}."))
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith(f"{app}."):
            names.update(f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and dotted.fullmatch(node.value):
            names.add(node.value)
    return names


def _foreign(parsed: ast.Module, app: str) -> list[str]:
    """Top-level packages of others that a file needs to be imported at all."""
    names = []
    for node in parsed.body:
        if isinstance(node, ast.Import):
            names += [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.append(node.module.partition(".")[0])
    return [name for name in names if name != app and name not in sys.stdlib_module_names]


def _definitions(tree: Tree, definitions: dict[str, dict[str, Any]]) -> list[Fault]:
    faults = []
    for path, data in definitions.items():
        folder, _slash, file = path.rpartition("/")
        for wrong, right in DOCTYPE_KEYS.items():
            if data.get(wrong) and not data.get(right):
                what = "is no child table" if right == "istable" else "is no Single"
                faults.append(
                    Fault("doctype_key", path, f"{wrong} where Frappe reads {right}", f"{data['name']} {what}")
                )
        if not data.get("custom") and tree.file(f"{folder}/{file[:-5]}.py") is None:
            faults.append(Fault("controller", path, f"has no {file[:-5]}.py", f"{data['name']} cannot be loaded"))
    return faults


def _collisions(definitions: dict[str, dict[str, Any]], taken: Mapping[str, str]) -> list[Fault]:
    return [
        Fault(
            "collision",
            path,
            f"DocType {data['name']!r} is one of {taken[data['name']]}",
            "importing it overwrites that app's, and uninstall-app would drop its table",
        )
        for path, data in definitions.items()
        if data["name"] in taken
    ]
