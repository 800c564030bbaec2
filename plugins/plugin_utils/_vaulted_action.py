# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the controller's half of a module whose secret goes into a vault file, past every output."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.vault import VaultLib
from ansible.plugins.action import ActionBase

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import (
    read_vault_yaml,
    update_vault_yaml,
    vault_of,
)


@dataclass(frozen=True)
class Entry:
    """The key ``name`` of the encrypted file at ``path``."""

    vault: VaultLib
    path: str
    name: str

    def read(self) -> Any:
        """What is held; an empty mapping if nothing is."""
        return read_vault_yaml(self.vault, self.path).get(self.name) or {}

    def write(self, content: Mapping[str, Any] | None) -> bool:
        """Hold this instead, or nothing at all; whether the file changed."""
        return update_vault_yaml(self.vault, self.path, {self.name: content})

    def check_writable(self) -> None:
        """:raises ErpopsError: the file cannot be read or written."""
        update_vault_yaml(self.vault, self.path, {})


class VaultedAction(ActionBase):
    """Run the module with ``return_secret``, store what it returns, and take it out of the result again.

    The options ``vault_file`` and ``vault_key`` are this half's alone. Subclasses say which module it is, and what is held.
    """

    # The module's short name, which is also the key of its result that holds the secret.
    module: ClassVar[str]
    # The secret's key in there.
    secret: ClassVar[str]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; ``stored`` names the vault file, ``changed`` counts it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        vault_file, vault_key = args.pop("vault_file", None), args.pop("vault_key", None)
        wants_secret = boolean(args.get("return_secret") or False, strict=False)
        args["return_secret"] = bool(wants_secret or vault_file)
        try:
            entry = None
            if vault_file:
                vault, path = vault_of(self._loader), str(self._loader.path_dwim(vault_file))
                entry = Entry(vault, path, str(vault_key or self._default_key(args)))
                self._prepare(entry, args)
            result.update(
                self._execute_module(module_name=f"erpops.frappe.{self.module}", module_args=args, task_vars=task_vars)
            )
            (result.get("invocation") or {}).get("module_args", {}).update(return_secret=wants_secret)
            self._complete(result, args)
            if entry is not None and self._store(entry, result):
                result["changed"] = True
                self._noun(result).setdefault("stored", []).append("vault_file")
        except ErpopsError as error:
            result.update(failed=True, msg=str(error), error=error.as_dict())
        if not wants_secret:
            self._noun(result).pop(self.secret, None)
        else:
            result["_ansible_no_log"] = True
        return result

    def _noun(self, result: dict[str, Any]) -> dict[str, Any]:
        """The part of a result that holds the secret."""
        noun: dict[str, Any] = result.get(self.module) or {}
        return noun

    @abstractmethod
    def _default_key(self, args: Mapping[str, Any]) -> Any:
        """What the entry is called without ``vault_key``."""

    def _prepare(self, entry: Entry, args: dict[str, Any]) -> None:
        """Complete the module's arguments from the file, before it runs.

        :raises ErpopsError: the module must not run.
        """

    def _complete(self, result: dict[str, Any], args: Mapping[str, Any]) -> None:
        """Complete the module's result from the arguments it was given."""

    @abstractmethod
    def _store(self, entry: Entry, result: dict[str, Any]) -> bool:
        """Write what the result holds, or in check mode only see; whether the file changes."""
