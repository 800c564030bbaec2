# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a secret goes that a module returns: into the file, out of the result, or into a result that is hidden."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import read_vault_yaml, update_vault_yaml
from ansible_collections.erpops.frappe.plugins.plugin_utils._vaulted_action import Entry, VaultedAction

SECRETS = [("default", VaultSecret(b"the vault password"))]
VAULT = VaultLib(SECRETS)
SECRET = "the-secret-of-the-safe"


class SafeAction(VaultedAction):
    """Of a module ``safe`` that does not exist."""

    module = "safe"
    secret = "code"
    refuses = ""

    def _default_key(self, args: Mapping[str, Any]) -> Any:
        return args.get("owner")

    def _prepare(self, entry: Entry, args: dict[str, Any]) -> None:
        if self.refuses == "before":
            raise ErpopsError("no", object=entry.name, status=409)
        args["held"] = entry.read()

    def _complete(self, result: dict[str, Any], args: Mapping[str, Any]) -> None:
        self._noun(result)["held"] = args.get("held")

    def _store(self, entry: Entry, result: dict[str, Any]) -> bool:
        if self.refuses == "after":
            raise ErpopsError("no", object=entry.name, status=409)
        return entry.write({"code": self._noun(result).get("code")})


class Run:
    """The plugin in a playbook's directory; ``answer`` is the module's, ``given`` what it was given."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "safe.yml"
        self.secrets: Any = SECRETS
        self.answer: dict[str, Any] = {"changed": False, "safe": {"code": SECRET, "stored": []}}
        self.given: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, refuses: str = "", **args: Any) -> dict[str, Any]:
        loader = DataLoader()
        loader.set_basedir(str(self.file.parent))
        loader.set_vault_secrets(self.secrets)
        task = SimpleNamespace(args={"owner": 7, **args}, check_mode=False, async_val=0, diff=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=str(self.file.parent)))
        plugin = SafeAction(task, connection, None, loader, None, None)
        plugin.refuses = refuses
        plugin._execute_module = self._execute
        before = dict(task.args)
        result = dict(plugin.run(None, {}))
        assert task.args == before, "the task's own arguments stay"
        return result

    def _execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        self.given.append((module_name, dict(module_args)))
        return {"invocation": {"module_args": dict(module_args)}, **json.loads(json.dumps(self.answer))}

    def stored(self) -> dict[str, Any]:
        return read_vault_yaml(VAULT, str(self.file))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


# return_secret, with a file: what the module is asked for, whether the result has the secret, whether it is hidden.
WAYS: list[tuple[Any, bool, bool, bool]] = [
    (None, False, False, False),
    (False, False, False, False),
    ("no", False, False, False),
    ("rubbish", False, False, False),
    (True, False, True, True),
    ("yes", False, True, True),
    (None, True, True, False),
    (False, True, True, False),
    (True, True, True, True),
]


@pytest.mark.parametrize(("wanted", "with_file", "asked", "shown"), WAYS)
def test_ways_of_the_secret(run: Run, wanted: Any, with_file: bool, asked: bool, shown: bool) -> None:
    result = run(return_secret=wanted, vault_file="safe.yml" if with_file else None, vault_key="mine")
    ((name, given),) = run.given
    assert (name, given.pop("return_secret")) == ("erpops.frappe.safe", asked)
    assert given == {"owner": 7, **({"held": {}} if with_file else {})}, "vault_* are this half's alone"
    assert (SECRET in json.dumps(result), result.get("_ansible_no_log", False)) == (shown, shown)
    assert result["invocation"]["module_args"]["return_secret"] is shown, "as the task said"
    assert (result["changed"], result["safe"]["stored"]) == (with_file, ["vault_file"] if with_file else [])
    assert run.stored() == ({"mine": {"code": SECRET}} if with_file else {})


def test_an_entry_without_a_name_has_the_default_one_and_a_second_run_changes_nothing(run: Run) -> None:
    run(vault_file="safe.yml")
    assert run.stored() == {"7": {"code": SECRET}}
    result = run(vault_file="safe.yml")
    assert (result["changed"], result["safe"]) == (False, {"stored": [], "held": {"code": SECRET}})


@pytest.mark.parametrize(
    ("refuses", "secrets", "runs", "words"),
    [("before", SECRETS, 0, "7: no."), ("after", SECRETS, 1, "7: no."), ("", None, 0, "no vault password")],
)
@pytest.mark.parametrize("wanted", [False, True])
def test_an_error_is_the_tasks_and_shows_no_more(
    run: Run, refuses: str, secrets: Any, runs: int, words: str, wanted: bool
) -> None:
    run.secrets = secrets
    result = run(refuses, vault_file="safe.yml", return_secret=wanted)
    assert (result["failed"], words in result["msg"], len(run.given)) == (True, True, runs)
    assert result["error"]["status"] in (400, 409)
    assert (SECRET in json.dumps(result)) is bool(wanted and runs)
    assert result.get("_ansible_no_log", False) is wanted
    assert run.stored() == {}


@pytest.mark.parametrize(
    "answer", [{"failed": True, "msg": "no Python"}, {"safe": None}, {"safe": {}, "invocation": None}]
)
def test_an_answer_without_what_is_expected(run: Run, answer: dict[str, Any]) -> None:
    run.answer = answer
    assert run().items() >= {name: value for name, value in answer.items() if name != "safe"}.items()


def written(entry: Entry) -> bool:
    return entry.write({"code": SECRET})


def forgotten(entry: Entry) -> bool:
    return entry.write(None)


@pytest.mark.parametrize(
    ("held", "act", "changed", "after"),
    [
        ({}, written, True, {"code": SECRET}),
        ({"mine": {"code": SECRET}}, written, False, {"code": SECRET}),
        ({"mine": {"code": SECRET}}, forgotten, True, {}),
        ({}, forgotten, False, {}),
        ({"mine": None}, Entry.check_writable, None, {}),
    ],
)
def test_an_entry_leaves_the_others_alone(
    tmp_path: Path, held: dict[str, Any], act: Callable[[Entry], Any], changed: bool | None, after: dict[str, Any]
) -> None:
    path = str(tmp_path / "safe.yml")
    update_vault_yaml(VAULT, path, {"other": 1, **held})
    entry = Entry(VAULT, path, "mine")
    assert act(entry) is changed
    assert entry.read() == after
    assert read_vault_yaml(VAULT, path)["other"] == 1


def test_a_file_that_cannot_be_written_is_seen(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("in the way of the directory")
    with pytest.raises(ErpopsError, match="cannot be written"):
        Entry(VAULT, str(tmp_path / "secrets" / "safe.yml"), "mine").check_writable()
