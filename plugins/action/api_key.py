# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of ``api_key``: the secret goes from the module into a vault file, past every output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.erpops.frappe.plugins.plugin_utils._vaulted_action import Entry, VaultedAction


class ActionModule(VaultedAction):
    """Holds the pair of a user under the user's name."""

    module = "api_key"
    secret = "secret"  # noqa: S105 -- the name of a key

    def _default_key(self, args: Mapping[str, Any]) -> Any:
        return args.get("user")

    def _store(self, entry: Entry, result: dict[str, Any]) -> bool:
        """Write the pair, or in check mode say whether it would be written; not that of a module that failed."""
        if result.get("failed"):
            return False
        key = self._noun(result)
        if self._task.check_mode:
            held = entry.read()
            return bool(result.get("changed") or held.get("api_secret") != key.get("secret"))
        return entry.write({"api_key": key.get("key"), "api_secret": key.get("secret")})
