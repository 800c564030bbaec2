# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages tell an operator to type can be typed: playbooks, options, variables, modules, make targets."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.cli import CLI
from ansible.cli.adhoc import AdHocCLI
from ansible.cli.inventory import InventoryCLI
from ansible.cli.playbook import PlaybookCLI
from ansible.parsing.splitter import parse_kv

from tests.unit import docs
from tests.unit.repository import ROOT, report, where

PARSERS: dict[str, type[CLI]] = {
    "ansible": AdHocCLI,
    "ansible-inventory": InventoryCLI,
    "ansible-playbook": PlaybookCLI,
}
# An inventory that a reader makes, or that shows what is refused.
OF_THE_READER = ("inventories/production", "inventories/broken")


class Refused(Exception):
    """The program's own parser does not take the command line."""


def parsed(words: list[str]) -> argparse.Namespace:
    """The command line as the program itself reads it.

    :raises Refused: it does not.
    """
    cli = PARSERS[words[0]](words)
    cli.init_parser()

    def refuse(message: str) -> None:
        raise Refused(message)

    setattr(cli.parser, "error", refuse)  # noqa: B010 -- mypy: a method
    return argparse.Namespace(**vars(cli.parser.parse_args(words[1:])))


def given_variables(texts: list[str]) -> Iterator[str]:
    """Names of the variables in the values of -e; those of a file are not looked at."""
    for text in texts:
        if text.startswith("{"):
            yield from json.loads(text)
        elif not text.startswith("@"):
            yield from (word.partition("=")[0] for word in shlex.split(text))


def faults_of(words: list[str]) -> Iterator[str]:
    """What is wrong with a command line of one of PARSERS."""
    try:
        options = parsed(words)
    except Refused as error:
        yield str(error)
        return
    for name in given_variables(getattr(options, "extra_vars", None) or []):
        if name not in docs.known_variables():
            yield f"nothing reads the variable {name}"
    for path in options.inventory or []:
        if not (ROOT / path).exists() and not path.startswith(OF_THE_READER):
            yield f"there is no {path}"
    for playbook in getattr(options, "args", None) or [] if words[0] == "ansible-playbook" else []:
        if not (ROOT / playbook).is_file():
            yield f"there is no {playbook}"
    if words[0] == "ansible":
        yield from module_faults(options)


def module_faults(options: argparse.Namespace) -> Iterator[str]:
    """What is wrong with -m and -a: our modules must have these options, and need no others."""
    documents = docs.module_documents()
    prefix, _dot, name = options.module_name.rpartition(".")
    if prefix != "erpops.frappe":
        return
    if name not in documents:
        yield f"there is no module {options.module_name}"
        return
    text = options.module_args
    given: dict[str, Any] = json.loads(text) if text.startswith("{") else parse_kv(text)
    known: dict[str, Any] = documents[name]["options"]
    yield from (f"{name} has no option {option}" for option in sorted(given.keys() - known.keys()))
    needed = {option for option, spec in known.items() if spec.get("required")}
    yield from (f"{name} needs {option}" for option in sorted(needed - given.keys()))


def test_ansible_commands_can_be_typed() -> None:
    faults, count = [], 0
    for path in docs.pages():
        for words in docs.commands(path, *PARSERS):
            if len(words) > 1:  # not the bare name in a sentence
                count += 1
                faults += [f"{where(path)}: {shlex.join(words)}: {fault}" for fault in faults_of(words)]
    report(faults)
    assert count > 50, "hardly any command was found: are they read at all?"


def test_make_commands_can_be_typed() -> None:
    """Targets exist, and what ARGS hands on to ansible-playbook does, too."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    faults = []
    for path in docs.pages():
        for words in docs.commands(path, "make"):
            named = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
            faults += [f"{where(path)}: make {name} is not a target" for name in named if name not in targets]
            handed = [word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")]
            if named[:1] in (["demo"], ["demo-real"]):
                for text in handed:
                    line = ["ansible-playbook", *shlex.split(text), "playbooks/site.yml"]
                    faults += [f"{where(path)}: make {named[0]}: {text}: {fault}" for fault in faults_of(line)]
    report(faults)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("ansible-playbook playbooks/nowhere.yml", "there is no playbooks/nowhere.yml"),
        ("ansible-playbook playbooks/verify.yml -e drfit=true", "nothing reads the variable drfit"),
        ("ansible-playbook playbooks/verify.yml --no-such-option", "--no-such-option"),
        ("ansible-playbook -i inventories/nowhere playbooks/verify.yml", "there is no inventories/nowhere"),
        ("ansible a -m erpops.frappe.nothing", "there is no module erpops.frappe.nothing"),
        ("ansible a -m erpops.frappe.site_info -a 'bench_path=/b'", "site_info needs site"),
        ("ansible a -m erpops.frappe.bench_info -a 'bench_path=/b x=1'", "bench_info has no option x"),
    ],
)
def test_faults_are_seen(line: str, fault: str) -> None:
    assert any(fault in found for found in faults_of(shlex.split(line)))


def test_commands_are_found_in_all_their_places(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Text with `make one` and make two.\n\n    make three | cat\n\n"
        "```sh\nX=1 make four && make five \\\n  six\n```\n\n"
        "```console\n$ make seven\nmake eight is output\n```\n\n```yaml\nmake nine: no command\n```\n"
    )
    found = [words[1:] for words in docs.commands(page, "make")]
    assert sorted(found) == [["five", "six"], ["four"], ["one"], ["seven"], ["three"]]
