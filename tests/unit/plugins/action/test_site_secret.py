# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The new secret reaches a real vault file between the two halves of a rotation; cut anywhere, both are known."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.erpops.frappe.plugins.action import site_secret
from ansible_collections.erpops.frappe.plugins.action.site_secret import ActionModule
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import read_vault_yaml, update_vault_yaml

SECRETS = [("default", VaultSecret(b"the vault password"))]
USER, STANDBY = "sync@example.com", "standby@example.com"
OLD_PASSWORD = "the-old-password"
OLD = {"api_key": "old-key", "api_secret": "old-secret"}


class Killed(BaseException):
    """The controller is killed."""


class World:
    """The bench as its modules show it, and the vault file; every call of a module may be the last."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.file = folder / "secrets.yml"
        self.password, self.open, self.done = OLD_PASSWORD, False, False
        self.pair, self.old_works = {"user": USER, **OLD}, True
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.cut, self.before = -1, True
        update_vault_yaml(VaultLib(SECRETS), str(self.file), {"admin_password": OLD_PASSWORD, USER: OLD, "x": "kept"})

    @property
    def vault(self) -> dict[str, Any]:
        return read_vault_yaml(VaultLib(SECRETS), str(self.file))

    def run(self, check: bool = False, **args: Any) -> dict[str, Any]:
        loader = DataLoader()
        loader.set_basedir(str(self.folder))
        loader.set_vault_secrets(SECRETS)
        given = {"site": "a", "request": "one", "user": USER, "vault_file": "secrets.yml", **args}
        task = SimpleNamespace(args=given, check_mode=check, async_val=0, diff=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=str(self.folder)))
        plugin = ActionModule(task, connection, None, loader, None, None)
        self.check, self.asked = check, []
        self.monkeypatch.setattr(plugin, "_execute_module", self.module)
        return dict(plugin.run(None, {}))

    def module(self, module_name: str, module_args: dict[str, Any], **_options: Any) -> dict[str, Any]:
        number, args = len(self.asked), dict(module_args)
        self.asked.append((str(args.get("state", "info")), args))
        if number == self.cut and self.before:
            raise Killed
        answer = (
            self.answer(args)
            if "state" in args
            else {"site_secrets": {args["secrets"][0]: {"due": self.due, "open": self.open}}}
        )
        if number == self.cut:
            raise Killed
        return dict(json.loads(json.dumps(answer)))

    @property
    def due(self) -> bool:
        return self.open or not self.done

    def answer(self, args: dict[str, Any]) -> dict[str, Any]:
        state, noun = args["state"], {"secret": args["secret"], "waits_until": 0.0, "gap": False, "stored": []}
        changed = self.due if state == "begun" else self.open
        if self.check:
            return {"changed": changed, "site_secret": noun, "diff": {"before": {}, "after": {}}}
        if state == "begun" and self.due:
            self.open = True
            self.password = args.get("new_password") or self.password
            if args["secret"] == "api_key":
                self.pair = {"user": STANDBY, "api_key": "new-key", "api_secret": "new-secret"}
        elif state == "finished" and self.open:
            self.open, self.done, self.old_works = False, True, False
        elif state == "undone" and self.open:
            self.open, self.password, self.pair = False, OLD_PASSWORD, {"user": USER, **OLD}
        if args["secret"] == "api_key" and (self.open or state == "undone"):
            noun.update(user=self.pair["user"], key=self.pair["api_key"], secret_half=self.pair["api_secret"])
        return {"changed": changed, "site_secret": noun, "diff": {"before": {}, "after": {}}}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_a_password_goes_into_the_file_and_into_no_result(world: World) -> None:
    result = world.run(secret="admin_password")
    assert world.password not in (OLD_PASSWORD, "")
    assert world.vault == {"admin_password": world.password, USER: OLD, "x": "kept"}
    assert (result["changed"], result["site_secret"]["stored"]) == (True, ["vault_file"])
    assert world.password not in json.dumps(result)
    assert [state for state, _args in world.asked] == ["info", "begun", "finished"]
    again = world.run(secret="admin_password")
    assert (again["changed"], world.vault["admin_password"]) == (False, world.password)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_killed_anywhere_the_password_in_force_is_in_the_file(world: World, cut: int, before: bool) -> None:
    world.cut, world.before = cut, before
    with pytest.raises(Killed):
        world.run(secret="admin_password")
    assert world.password in world.vault.values()
    world.cut = -1
    assert world.run(secret="admin_password")["changed"] or world.done
    assert world.vault == {"admin_password": world.password, USER: OLD, "x": "kept"}
    assert (world.done, world.open, world.password != OLD_PASSWORD) == (True, False, True)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("cut", [0, 1])
def test_killed_anywhere_the_key_in_the_file_works(world: World, cut: int, before: bool) -> None:
    world.cut, world.before = cut, before
    with pytest.raises(Killed):
        world.run(secret="api_key")
    held = {"user": USER, **world.vault[USER]}
    assert held == world.pair or (held["api_secret"] == "old-secret" and world.old_works)
    world.cut = -1
    world.run(secret="api_key")
    assert world.vault[USER] == {"api_key": "new-key", "api_secret": "new-secret", "user": STANDBY}
    assert (world.done, world.open) == (True, False)


def test_the_key_of_a_standby_says_whose_it_is(world: World) -> None:
    result = world.run(secret="api_key")
    assert "new-secret" not in json.dumps(result)
    assert world.asked[0][1]["active_user"] == USER
    world.done = False
    world.run(secret="api_key", request="two")
    assert world.asked[0][1]["active_user"] == STANDBY


def test_a_file_that_cannot_be_written_undoes_the_rotation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_vault: Any, _path: str, mapping: dict[str, Any]) -> bool:
        if mapping:
            raise ErpopsError("the file of secrets cannot be written")
        return False

    monkeypatch.setattr(site_secret, "update_vault_yaml", refuse)
    result = world.run(secret="api_key")
    assert (result["failed"], "cannot be written" in result["msg"]) == (True, True)
    assert [state for state, _args in world.asked] == ["begun", "undone"]
    assert (world.pair["user"], world.open, world.vault[USER]) == (USER, False, OLD)


@pytest.mark.parametrize("secret", ["api_key", "admin_password"])
def test_undone_the_file_is_as_before(world: World, secret: str) -> None:
    before = world.vault
    world.cut, world.before = (1, True) if secret == "api_key" else (2, True)
    with pytest.raises(Killed):
        world.run(secret=secret)
    assert world.vault != before
    world.cut = -1
    assert world.run(secret=secret, state="undone")["changed"] is True
    assert (world.vault, world.password, world.pair) == (before, OLD_PASSWORD, {"user": USER, **OLD})


@pytest.mark.parametrize("secret", ["api_key", "admin_password"])
def test_check_mode_writes_nothing(world: World, secret: str) -> None:
    before = world.vault
    assert world.run(check=True, secret=secret)["changed"] is True
    assert (world.vault, world.open, world.done) == (before, False, False)


def test_other_secrets_have_no_file(world: World) -> None:
    before = world.vault
    world.run(secret="database_password")
    assert [(state, args["secret"]) for state, args in world.asked] == [("rotated", "database_password")]
    assert ("vault_file" in world.asked[0][1], world.vault) == (False, before)
