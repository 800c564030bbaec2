# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of api_key are those its two halves know."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.erpops.frappe.plugins.module_utils._key_spec import key_spec
from tests.unit.repository import ROOT

TARGET = {"site": "b.localhost", "doctype": "Shop Settings", "key_field": "api_key", "secret_field": "api_secret"}


def test_what_is_not_given_has_its_default() -> None:
    result = ArgumentSpecValidator(key_spec()).validate({"user": "u@example.com", "store_document": TARGET})
    found = result.validated_parameters
    assert result.error_messages == []
    assert (found["rotate"], found["verify"], found["warmup"], found["return_secret"]) == (False, True, True, False)
    assert (found["web_workers"], found["validate_certs"], found["url"]) == (2, True, None)
    assert found["store_document"] == {**TARGET, "name": None}


@pytest.mark.parametrize("missing", [*TARGET])
def test_a_record_to_store_in_is_complete(missing: str) -> None:
    given = {key: value for key, value in TARGET.items() if key != missing}
    result = ArgumentSpecValidator(key_spec()).validate({"user": "u", "store_document": given})
    assert f"missing required arguments: {missing}" in result.error_messages[0]


def walk(spec: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [pair for name, option in spec.items() for pair in [(name, option), *walk(option.get("options") or {})]]


def test_names_that_sound_secret_say_whether_they_are() -> None:
    """Without no_log Ansible warns about them, and would be right."""
    unsaid = [
        name for name, option in walk(key_spec()) if ("secret" in name or "key" in name) and "no_log" not in option
    ]
    assert unsaid == []


def test_the_action_plugin_takes_options_that_there_are() -> None:
    files = ("plugins/action/api_key.py", "plugins/plugin_utils/_vaulted_action.py")
    taken = {
        str(node.args[0].value)
        for path in files
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get", "pop")
        and getattr(node.func.value, "id", "") == "args"
        and isinstance(node.args[0], ast.Constant)
    }
    assert taken == {"vault_file", "vault_key", "return_secret", "user"}
    assert taken <= key_spec().keys()
