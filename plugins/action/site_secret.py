# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of ``site_secret``: a new API key or password goes into the vault file between the two halves of a
rotation, past every output. Killed at any point, the file and the bench together know both secrets, and a second run
goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._rotation_spec import ADMIN_PASSWORD, API_KEY
from ansible_collections.erpops.frappe.plugins.module_utils.agent._words import new_word
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import (
    read_vault_yaml,
    update_vault_yaml,
    vault_of,
)

MODULE = "erpops.frappe.site_secret"
# A password that is about to become the one in force, or was so, stands beside it under this name.
NEXT, PREVIOUS = "{}_next", "{}_previous"
_OF_MODULE_ALONE = ("secret", "state", "new_password", "old_password", "return_secret")


class ActionModule(ActionBase):
    """Only ``state: rotated`` or ``undone`` with a ``vault_file`` is more than the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, without any secret; ``stored`` names the vault file."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        self._vars, self._path = task_vars, args.pop("vault_file", None)
        key = args.pop("vault_key", None)
        secret, state = args.get("secret"), args.get("state") or "rotated"
        halves = {API_KEY: self._api_key, ADMIN_PASSWORD: self._password}
        if not self._path or secret not in halves or state not in ("rotated", "undone"):
            return {**result, **self._module({**args, "state": state})}
        try:
            self._path = str(self._loader.path_dwim(self._path))
            self._vault = vault_of(self._loader)
            update_vault_yaml(self._vault, self._path, {})  # that it can be written, before anything is changed
            result.update(halves[secret](args, str(key or (args.get("user") if secret == API_KEY else secret)), state))
        except ErpopsError as error:
            result.update(failed=True, msg=str(error), error=error.as_dict())
        noun = result.get("site_secret") or {}
        noun.pop("secret_half", None)
        return result

    def _module(self, args: dict[str, Any]) -> dict[str, Any]:
        return dict(self._execute_module(module_name=MODULE, module_args=args, task_vars=self._vars))

    def _look(self, args: dict[str, Any]) -> dict[str, Any]:
        """Whether the secret is ``due``, and its rotation ``open``. :raises ErpopsError: it cannot be told."""
        asked = {name: value for name, value in args.items() if name not in _OF_MODULE_ALONE}
        asked["secrets"] = [args["secret"]]
        found = self._execute_module(module_name=f"{MODULE}_info", module_args=asked, task_vars=self._vars)
        if found.get("failed"):
            raise ErpopsError(str(found.get("msg")), status=502)
        return dict(found["site_secrets"][args["secret"]])

    def _read(self) -> dict[str, Any]:
        return read_vault_yaml(self._vault, self._path)

    def _write(self, **values: Any) -> bool:
        return update_vault_yaml(self._vault, self._path, values)

    def _halves(self, args: dict[str, Any], content: dict[str, Any] | Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """First half, the file, second half. A file that cannot be written undoes the first half."""
        first = self._module({**args, "state": "begun"})
        if first.get("failed") or self._task.check_mode:
            return first
        try:
            stored = self._write(**(content if isinstance(content, dict) else content(first)))
        except ErpopsError:
            self._module({**args, "state": "undone"})
            raise
        second = self._module({**args, "state": "finished"})
        return _together(first, second, stored)

    def _api_key(self, args: dict[str, Any], key: str, state: str) -> dict[str, Any]:
        """The file's entry is the pair; its ``user`` says whose it is, where that is not the entry's own name."""
        previous, all_held = PREVIOUS.format(key), self._read()
        held = all_held.get(key) or {}
        args = {**args, "active_user": held.get("user") or args.get("user"), "return_secret": True}

        def entry(done: dict[str, Any]) -> dict[str, Any]:
            found = done["site_secret"]
            if "secret_half" not in found:
                return {}  # nothing new: done by this request already, or the old key has its time of grace
            pair = {"api_key": found["key"], "api_secret": found["secret_half"]}
            new = pair if found["user"] == args.get("user") else {**pair, "user": found["user"]}
            return {key: new, previous: all_held.get(previous) or held or None}

        if state == "undone":
            if not self._task.check_mode and all_held.get(previous) and self._look(args)["open"]:
                self._write(**{key: all_held[previous]})
            done = self._module({**args, "state": "undone"})
            if not done.get("failed") and not self._task.check_mode and self._write(**entry(done)):
                done["site_secret"]["stored"] = ["vault_file"]
        else:
            done = self._halves(args, entry)
        if not done.get("failed") and not self._task.check_mode and not done["site_secret"]["waits_until"]:
            self._write(**{previous: None})
        return done

    def _password(self, args: dict[str, Any], key: str, state: str) -> dict[str, Any]:
        """The file has the next password before anything is changed, and the previous one until nothing can be undone."""
        upcoming, previous, held = NEXT.format(key), PREVIOUS.format(key), self._read()
        old = str(held.get(previous) or held.get(key) or "")
        given = {**args, "old_password": old or None}
        if state == "undone":
            if not self._task.check_mode and held.get(previous) and self._look(args)["open"]:
                self._write(**{key: old})
            done = self._module({**given, "state": "undone"})
        else:
            given["new_password"] = str(held.get(upcoming) or "") or new_word()
            if not held.get(upcoming):
                if self._task.check_mode or not self._look(args)["due"]:
                    return self._module({**given, "state": "begun"})
                self._write(**{upcoming: given["new_password"]})
            done = self._halves(given, {key: given["new_password"], previous: old or None})
        if not done.get("failed") and not self._task.check_mode:
            self._write(**{upcoming: None, previous: None})
        return done


def _together(first: dict[str, Any], second: dict[str, Any], stored: bool) -> dict[str, Any]:
    """One result of two halves."""
    if second.get("failed"):
        return second
    noun = {**first["site_secret"], **second["site_secret"], "stored": ["vault_file"] if stored else []}
    noun["gap"] = first["site_secret"]["gap"]
    changed = bool(first["changed"] or second["changed"] or stored)
    actions = [f"rotated {noun['secret']}" if not noun["waits_until"] else f"began to rotate {noun['secret']}"]
    diff = {"before": first["diff"]["before"], "after": second["diff"]["after"]}
    return {**second, "changed": changed, "site_secret": noun, "actions": actions if changed else [], "diff": diff}
