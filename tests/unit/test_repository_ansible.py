# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about roles, playbooks and tasks that ansible-lint does not keep, or not for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jinja2

from tests.unit.repository import action_of, below, plays, read_yaml, report, roles, tasks, where


def test_every_role_declares_its_arguments() -> None:
    faults = []
    for role in roles():
        specs, defaults = role / "meta/argument_specs.yml", role / "defaults/main.yml"
        if not specs.is_file():
            faults.append(f"{where(role)}: has no meta/argument_specs.yml")
            continue
        main = (read_yaml(specs) or {}).get("argument_specs", {}).get("main")
        if main is None:
            faults.append(f"{where(specs)}: has no entry point main")
            continue
        options = main.get("options", {})
        optional = {name for name, spec in options.items() if not spec.get("required")}
        given = set(read_yaml(defaults) or {}) if defaults.is_file() else set()
        faults += [f"{where(defaults)}: {name} of {where(specs)} has no default" for name in sorted(optional - given)]
        faults += [
            f"{where(specs)}: {name} of {where(defaults)} is not declared" for name in sorted(given - set(options))
        ]
        foreign = sorted(name for name in options if not name.startswith(f"{role.name}_"))
        faults += [f"{where(specs)}: {name} is not called {role.name}_*" for name in foreign]
    report(faults)


def test_role_files_are_found_by_ansible() -> None:
    """A file next to tasks/ with a misspelt directory is silently never read."""
    directories = {"defaults", "files", "filter_plugins", "handlers", "meta", "tasks", "templates", "vars"}
    report(
        [
            f"{where(path)}: Ansible reads no such directory of a role"
            for role in roles()
            for path in sorted(role.iterdir())
            if path.is_dir() and path.name not in directories and below(where(path))
        ]
    )


def test_every_play_and_task_has_a_name() -> None:
    plays_without = [(path, play) for path, play in plays() if not play.get("name")]
    tasks_without = [(path, task) for path, task in tasks() if not task.get("name")]
    report(
        [f"{where(path)}: a play of {play.get('hosts', play)} has no name" for path, play in plays_without]
        + [f"{where(path)}: {action_of(task) or 'a block'} has no name" for path, task in tasks_without]
    )


def test_every_action_is_a_fqcn() -> None:
    faults = []
    for path, task in tasks():
        action = action_of(task)
        if "block" not in task and action.count(".") < 2:
            faults.append(f"{where(path)}: {task.get('name')}: action {action} is not namespace.collection.name")
    for path, play in plays():
        for entry in play.get("roles") or []:
            name = entry if isinstance(entry, str) else entry.get("role", entry.get("name", ""))
            if name.count(".") < 2:
                faults.append(f"{where(path)}: role {name} is not namespace.collection.name")
    report(faults)


def test_no_shell_and_no_ignored_error() -> None:
    report(
        [f"{where(path)}: {task.get('name')}: no shell" for path, task in tasks() if _is_shell(action_of(task))]
        + [f"{where(path)}: {task.get('name')}: no ignore_errors" for path, task in tasks() if "ignore_errors" in task]
        + [f"{where(path)}: {play.get('name')}: no ignore_errors" for path, play in plays() if "ignore_errors" in play]
    )


def _is_shell(action: str) -> bool:
    return action.rpartition(".")[2] in ("shell", "raw")


def test_no_expression_has_a_newline_that_ansible_takes_for_a_backslash_and_an_n() -> None:
    """In double quotes YAML makes a newline of it; elsewhere Ansible doubles the backslash, inside of ``{{ }}`` only."""
    report(
        [
            f"{where(path)}: {text} in {{{{ }}}} is a backslash and a letter: put the whole value in double quotes"
            for path in below("roles", "playbooks", "inventories", "tests/molecule", suffix=".yml")
            for value in _texts(read_yaml(path))
            for text in _strings_in_expressions(value)
            if "\\n" in text or "\\t" in text
        ]
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)


def _strings_in_expressions(text: str) -> Iterator[str]:
    inside = False
    for _, kind, value in jinja2.Environment().lex(text) if "{{" in text else ():
        if kind in ("variable_begin", "variable_end"):
            inside = kind == "variable_begin"
        elif inside and kind == "string":
            yield value
