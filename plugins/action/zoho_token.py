# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of ``zoho_token``: the refresh token goes between module and vault file, past every output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._vaulted_action import Entry, VaultedAction


class ActionModule(VaultedAction):
    """Reads what is held and runs the module with it; what the module returns is held then."""

    module = "zoho_token"
    secret = "refresh_token"  # noqa: S105 -- the name of a key

    def _default_key(self, args: Mapping[str, Any]) -> Any:
        return "zoho"

    def _prepare(self, entry: Entry, args: dict[str, Any]) -> None:
        """Give the module the token that is held. That the file can be written is seen before a code is used up."""
        if not self._task.check_mode:
            entry.check_writable()
        held = entry.read()
        if not isinstance(held, dict):
            raise ErpopsError(
                "the file of secrets has the wrong form",
                object=entry.path,
                seen=f"{entry.name} is no mapping",
                status=400,
            )
        if held.get("refresh_token") and not args.get("refresh_token"):
            args["refresh_token"] = held["refresh_token"]

    def _complete(self, result: dict[str, Any], args: Mapping[str, Any]) -> None:
        """Ansible masks what a module was given in what it returns: a token that was kept is known here only."""
        token = self._noun(result)
        if args.get("refresh_token") and token.get("verified") and not token.get("action"):
            token["refresh_token"] = args["refresh_token"]

    def _store(self, entry: Entry, result: dict[str, Any]) -> bool:
        """Write the token also when the module failed after its code was used up; in check mode only say so."""
        token = self._noun(result)
        held = entry.read()
        if token.get("action") == "revoked":
            content = None
        elif token.get("refresh_token"):
            content = {**held, "refresh_token": token["refresh_token"], "api_domain": token.get("api_domain")}
        else:
            return False
        return content != (held or None) if self._task.check_mode else entry.write(content)
