# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of ``api_key``: the secret goes from the module into a vault file, past every output."""

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
    """Run the module with ``return_secret``, store what it returns, and take it out of the result again."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; ``stored`` names the vault file, ``changed`` counts it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        vault_file, vault_key = args.pop("vault_file", None), args.pop("vault_key", None)
        wants_secret = boolean(args.get("return_secret") or False, strict=False)
        args["return_secret"] = bool(wants_secret or vault_file)
        try:
            vault = vault_of(self._loader) if vault_file else None
            done = self._execute_module(module_name="erpops.frappe.api_key", module_args=args, task_vars=task_vars)
            result.update(done)
            (result.get("invocation") or {}).get("module_args", {}).update(return_secret=wants_secret)
            key = result.get("api_key") or {}
            if vault is not None and not result.get("failed"):
                path = str(self._loader.path_dwim(vault_file))
                self._store(vault, path, str(vault_key or args.get("user")), key, result)
        except ErpopsError as error:
            result.update(failed=True, msg=str(error), error=error.as_dict())
        if not wants_secret:
            (result.get("api_key") or {}).pop("secret", None)
        else:
            result["_ansible_no_log"] = True
        return result

    def _store(self, vault: Any, path: str, name: str, key: dict[str, Any], result: dict[str, Any]) -> None:
        """Write the pair, or in check mode say that it would be written."""
        if self._task.check_mode:
            held = read_vault_yaml(vault, path).get(name) or {}
            changed = result.get("changed") or held.get("api_secret") != key.get("secret")
        else:
            changed = update_vault_yaml(
                vault, path, {name: {"api_key": key.get("key"), "api_secret": key.get("secret")}}
            )
        if changed:
            result["changed"] = True
            key.setdefault("stored", []).append("vault_file")
