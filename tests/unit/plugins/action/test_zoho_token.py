# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an imitated Zoho through the real module into a real vault file, and out of the result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.erpops.frappe.plugins.action.zoho_token import ActionModule
from ansible_collections.erpops.frappe.plugins.modules import zoho_token
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import read_vault_yaml, update_vault_yaml
from tests.fake.zoho import CLIENT_ID, CLIENT_SECRET, CODE, ORGANIZATION, REDIRECT_URI, Zoho
from tests.unit.plugins.modules.vendors import VendorModule

SECRETS = [("default", VaultSecret(b"the vault password"))]
GRANT = {"code": CODE, "redirect_uri": REDIRECT_URI}
FILE = "secrets/zoho.yml"


class Action:
    """The plugin in a playbook's directory, running the module in this process."""

    def __init__(self, folder: Path, zoho: Zoho, monkeypatch: pytest.MonkeyPatch, module: VendorModule) -> None:
        self.folder, self.zoho, self.monkeypatch, self.module = folder, zoho, monkeypatch, module
        self.file = folder / FILE
        self.vault_secrets: Any = SECRETS
        self.given: dict[str, Any] = {}

    def run(self, check: bool = False, **args: Any) -> dict[str, Any]:
        loader = DataLoader()
        loader.set_basedir(str(self.folder))
        loader.set_vault_secrets(self.vault_secrets)
        known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "organization_id": ORGANIZATION}
        given = {**known, "accounts_url": self.zoho.url, "vault_file": FILE, **args}
        task = SimpleNamespace(args=given, check_mode=check, async_val=0, diff=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=str(self.folder)))
        plugin = ActionModule(task, connection, None, loader, None, None)

        def execute(module_name: str, module_args: dict[str, Any], **_options: Any) -> dict[str, Any]:
            assert module_name == "erpops.frappe.zoho_token"
            self.given = dict(module_args)
            return self.module.run(check, **module_args).answer

        self.monkeypatch.setattr(plugin, "_execute_module", execute)
        return dict(plugin.run(None, {}))

    def stored(self) -> dict[str, Any]:
        return read_vault_yaml(VaultLib(SECRETS), str(self.file))


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    with Zoho() as server:
        server.start()
        yield server


@pytest.fixture
def action(tmp_path: Path, zoho: Zoho, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Action:
    return Action(tmp_path, zoho, monkeypatch, VendorModule(zoho_token, capsys))


def test_exchanged_stored_and_then_kept(action: Action, zoho: Zoho) -> None:
    checked = action.run(check=True, **GRANT)
    assert (checked["changed"], action.file.exists(), list(zoho.codes)) == (True, False, [CODE])
    done = action.run(**GRANT)
    (token,) = zoho.refresh_tokens
    assert action.stored() == {"zoho": {"refresh_token": token, "api_domain": zoho.url}}
    assert action.file.read_text().startswith("$ANSIBLE_VAULT;")
    assert (done["changed"], done["zoho_token"]["stored"]) == (True, ["vault_file"])
    assert token not in json.dumps(done)
    assert "vault_file" not in action.given, "the plugin's alone"
    content = action.file.read_bytes()
    again = action.run(**GRANT)
    assert (again["changed"], again["zoho_token"]["stored"], action.file.read_bytes()) == (False, [], content)
    assert action.given["refresh_token"] == token


def test_other_entries_of_the_file_stay(action: Action, zoho: Zoho) -> None:
    update_vault_yaml(VaultLib(SECRETS), str(action.file), {"shop": {"a": 1}, "mine": {"organization": "7"}})
    action.run(vault_key="mine", **GRANT)
    assert action.stored()["shop"] == {"a": 1}
    assert action.stored()["mine"].keys() == {"organization", "refresh_token", "api_domain"}


def test_a_token_that_cannot_be_proven_is_stored_all_the_same(action: Action, zoho: Zoho) -> None:
    """Its code is used up: without it, a person would have to authorize again."""
    zoho.fault("503@/inventory")
    done = action.run(**GRANT)
    (token,) = zoho.refresh_tokens
    assert (done["failed"], done["changed"]) == (True, True)
    assert action.stored()["zoho"]["refresh_token"] == token
    assert token not in json.dumps(done)
    zoho.faults.clear()
    assert action.run(**GRANT)["changed"] is False


def test_a_dead_token_is_replaced(action: Action, zoho: Zoho) -> None:
    update_vault_yaml(VaultLib(SECRETS), str(action.file), {"zoho": {"refresh_token": "1000.dead.dead"}})
    assert action.run(**GRANT)["zoho_token"]["action"] == "replaced"
    assert action.stored()["zoho"]["refresh_token"] in zoho.refresh_tokens


@pytest.mark.parametrize("there", [True, False])
def test_revoked_and_forgotten(action: Action, zoho: Zoho, there: bool) -> None:
    if there:
        action.run(**GRANT)
        assert action.run(check=True, state="absent")["changed"] is True
    done = action.run(state="absent")
    assert (done["changed"], action.stored() if action.file.exists() else {}, zoho.refresh_tokens) == (there, {}, set())


def test_without_a_vault_password_no_code_is_used_up(action: Action, zoho: Zoho) -> None:
    action.vault_secrets = []
    done = action.run(**GRANT)
    assert done["failed"] is True
    assert "no vault password" in done["msg"]
    assert list(zoho.codes) == [CODE]


def test_a_file_that_cannot_be_written_is_seen_before(action: Action, zoho: Zoho) -> None:
    (action.folder / "secrets").write_text("in the way of the directory")
    done = action.run(**GRANT)
    assert done["failed"] is True
    assert "cannot be written" in done["msg"]
    assert list(zoho.codes) == [CODE]


def test_an_entry_of_another_form(action: Action) -> None:
    update_vault_yaml(VaultLib(SECRETS), str(action.file), {"zoho": "a-token-by-itself"})
    done = action.run(**GRANT)
    assert "zoho is no mapping" in done["msg"]
    assert "a-token-by-itself" not in json.dumps(done)


def test_the_token_is_returned_on_demand_and_then_hidden(action: Action, zoho: Zoho) -> None:
    done = action.run(return_secret=True, vault_file=None, **GRANT)
    assert done["zoho_token"]["refresh_token"] in zoho.refresh_tokens
    assert done["_ansible_no_log"] is True
    assert not action.file.exists()


def test_a_token_that_is_given_is_kept_in_the_file(action: Action, zoho: Zoho) -> None:
    token = zoho.give_refresh_token()
    assert action.run(refresh_token=token)["zoho_token"]["stored"] == ["vault_file"]
    assert action.stored()["zoho"]["refresh_token"] == token
    assert action.run(refresh_token=token)["changed"] is False
    assert action.run(return_secret=True)["zoho_token"]["refresh_token"] == token


def test_a_given_token_that_is_dead_is_not_stored(action: Action) -> None:
    assert action.run(refresh_token="1000.dead.dead")["failed"] is True
    assert not action.file.exists()
