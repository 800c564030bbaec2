# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of ``zoho_token``: the refresh token goes between module and vault file, past every output."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import (
    read_vault_yaml,
    update_vault_yaml,
    vault_of,
)


class ActionModule(ActionBase):
    """Read what is held, run the module with it, store what it returns, and take that out of the result again."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; ``stored`` names the vault file, ``changed`` counts it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        vault_file, name = args.pop("vault_file", None), str(args.pop("vault_key", None) or "zoho")
        wants_secret = boolean(args.get("return_secret") or False, strict=False)
        args["return_secret"] = bool(wants_secret or vault_file)
        vault, path = None, ""
        try:
            if vault_file:
                vault, path = vault_of(self._loader), str(self._loader.path_dwim(vault_file))
                held = self._held(vault, path, name)
                if held.get("refresh_token") and not args.get("refresh_token"):
                    args["refresh_token"] = held["refresh_token"]
            done = self._execute_module(module_name="erpops.frappe.zoho_token", module_args=args, task_vars=task_vars)
            result.update(done)
            (result.get("invocation") or {}).get("module_args", {}).update(return_secret=wants_secret)
            self._complete(result, args.get("refresh_token"))
            if vault is not None:
                self._store(vault, path, name, result)
        except ErpopsError as error:
            result.update(failed=True, msg=str(error), error=error.as_dict())
        if not wants_secret:
            (result.get("zoho_token") or {}).pop("refresh_token", None)
        else:
            result["_ansible_no_log"] = True
        return result

    def _complete(self, result: dict[str, Any], given: str | None) -> None:
        """Ansible masks what a module was given in what it returns: a token that was kept is known here only."""
        token = result.get("zoho_token") or {}
        if given and token.get("verified") and not token.get("action"):
            token["refresh_token"] = given

    def _held(self, vault: Any, path: str, name: str) -> dict[str, Any]:
        """What the file holds. That it can be written is seen before a code is used up for nothing."""
        if not self._task.check_mode:
            update_vault_yaml(vault, path, {})
        held = read_vault_yaml(vault, path).get(name) or {}
        if not isinstance(held, dict):
            raise ErpopsError(
                "the file of secrets has the wrong form", object=path, seen=f"{name} is no mapping", status=400
            )
        return held

    def _store(self, vault: Any, path: str, name: str, result: dict[str, Any]) -> None:
        """Write the token also when the module failed after its code was used up; in check mode only say so."""
        token = result.get("zoho_token") or {}
        held = read_vault_yaml(vault, path).get(name) or {}
        if token.get("action") == "revoked":
            content = None
        elif token.get("refresh_token"):
            content = {**held, "refresh_token": token["refresh_token"], "api_domain": token.get("api_domain")}
        else:
            return
        before = held or None
        changed = content != before if self._task.check_mode else update_vault_yaml(vault, path, {name: content})
        if changed:
            result["changed"] = True
            token.setdefault("stored", []).append("vault_file")
