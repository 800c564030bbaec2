# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret goes from the module's result into a real vault file, and out of the result."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.erpops.frappe.plugins.action.api_key import ActionModule
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import read_vault_yaml, update_vault_yaml

SECRETS = [("default", VaultSecret(b"the vault password"))]
SECRET = "the-secret-of-the-key"
USER = "sync@example.com"


class Action:
    """The plugin in a playbook's directory, with a module that is played."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.file = folder / "secrets" / "a.localhost.yml"
        self.given: dict[str, Any] = {}
        self.module: dict[str, Any] = {
            "changed": False,
            "api_key": {"user": USER, "key": "the-key", "secret": SECRET, "action": "", "stored": []},
        }
        self.vault_secrets: Any = SECRETS

    def run(self, check: bool = False, **args: Any) -> dict[str, Any]:
        loader = DataLoader()
        loader.set_basedir(str(self.folder))
        loader.set_vault_secrets(self.vault_secrets)
        task = SimpleNamespace(args={"user": USER, **args}, check_mode=check, async_val=0, diff=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=str(self.folder)))
        plugin = ActionModule(task, connection, None, loader, None, None)

        def execute(module_name: str, module_args: dict[str, Any], **_options: Any) -> dict[str, Any]:
            assert module_name == "erpops.frappe.api_key"
            self.given = dict(module_args)
            done: dict[str, Any] = json.loads(json.dumps(self.module))
            if not module_args["return_secret"]:
                done.get("api_key", {}).pop("secret", None)
            return {**done, "invocation": {"module_args": dict(module_args)}}

        self.monkeypatch.setattr(plugin, "_execute_module", execute)
        return dict(plugin.run(None, {}))

    def stored(self) -> dict[str, Any]:
        return read_vault_yaml(VaultLib(SECRETS), str(self.file))


@pytest.fixture
def action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Action:
    return Action(tmp_path, monkeypatch)


PAIR = {"api_key": "the-key", "api_secret": SECRET}


def test_the_pair_is_stored_encrypted_and_is_in_no_result(action: Action) -> None:
    result = action.run(vault_file="secrets/a.localhost.yml")
    assert action.stored() == {USER: PAIR}
    assert action.file.read_text().startswith("$ANSIBLE_VAULT;")
    assert SECRET not in action.file.read_text()
    assert (result["changed"], result["api_key"]["stored"]) == (True, ["vault_file"])
    assert SECRET not in json.dumps(result)
    assert "secret" not in result["api_key"]
    assert result["invocation"]["module_args"]["return_secret"] is False, "as the task said"
    assert action.given == {"user": USER, "return_secret": True}, "vault_* are this plugin's alone"


def test_what_is_stored_already_is_no_change(action: Action) -> None:
    action.run(vault_file="secrets/a.localhost.yml")
    before = action.file.read_bytes()
    result = action.run(vault_file="secrets/a.localhost.yml")
    assert (result["changed"], result["api_key"]["stored"]) == (False, [])
    assert action.file.read_bytes() == before


def test_other_entries_of_the_file_are_kept_and_the_name_can_be_chosen(action: Action) -> None:
    update_vault_yaml(VaultLib(SECRETS), str(action.file), {"admin_password": "kept"})
    action.run(vault_file=str(action.file), vault_key="sync")
    assert action.stored() == {"admin_password": "kept", "sync": PAIR}


def test_a_change_of_the_module_stays_one(action: Action) -> None:
    action.module["changed"] = True
    action.run(vault_file="secrets/a.localhost.yml")
    assert action.run(vault_file="secrets/a.localhost.yml")["changed"] is True


def test_without_a_file_nothing_is_stored_and_no_vault_is_needed(action: Action) -> None:
    action.vault_secrets = None
    result = action.run()
    assert action.given["return_secret"] is False
    assert (result["changed"], SECRET in json.dumps(result)) == (False, False)
    assert list(action.folder.iterdir()) == []


@pytest.mark.parametrize("value", [True, "yes", "true"])
def test_a_secret_that_is_asked_for_hides_the_whole_result(action: Action, value: Any) -> None:
    result = action.run(return_secret=value)
    assert result["api_key"]["secret"] == SECRET
    assert result["_ansible_no_log"] is True


@pytest.mark.parametrize("value", [False, "no", "false", None])
def test_a_secret_that_is_not_asked_for_is_not_returned(action: Action, value: Any) -> None:
    result = action.run(return_secret=value, vault_file="secrets/a.localhost.yml")
    assert "secret" not in result["api_key"]
    assert "_ansible_no_log" not in result


@pytest.mark.parametrize(
    ("held", "module_changed", "changed"),
    [(None, False, True), (PAIR, False, False), ({**PAIR, "api_secret": "another"}, False, True), (PAIR, True, True)],
)
def test_check_mode_tells_and_writes_nothing(
    action: Action, held: dict[str, str] | None, module_changed: bool, changed: bool
) -> None:
    if held:
        update_vault_yaml(VaultLib(SECRETS), str(action.file), {USER: held})
    action.module["changed"] = module_changed
    before = action.stored()
    result = action.run(check=True, vault_file="secrets/a.localhost.yml")
    assert result["changed"] is changed
    assert action.stored() == before
    assert SECRET not in json.dumps(result)


def test_a_module_that_fails_stores_nothing(action: Action) -> None:
    action.module = {"failed": True, "msg": "the API key does not work"}
    result = action.run(vault_file="secrets/a.localhost.yml")
    assert (result["failed"], result["msg"]) == (True, "the API key does not work")
    assert not action.file.exists()


def test_without_a_vault_password_nothing_is_issued(action: Action) -> None:
    action.vault_secrets = None
    result = action.run(vault_file="secrets/a.localhost.yml")
    assert result["failed"] is True
    assert "no vault password" in result["msg"]
    assert action.given == {}, "the module was not run"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("module_changed", [False, True])
def test_a_file_of_another_password_is_refused_and_the_secret_does_not_show(
    action: Action, check: bool, module_changed: bool
) -> None:
    action.module["changed"] = module_changed
    update_vault_yaml(VaultLib([("default", VaultSecret(b"another"))]), str(action.file), {"a": "b"})
    result = action.run(check, vault_file="secrets/a.localhost.yml")
    assert result["failed"] is True
    assert "cannot be decrypted" in result["msg"]
    assert result["error"]["status"] == 400
    assert SECRET not in json.dumps(result)
