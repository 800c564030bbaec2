# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._outcome import run_module


@contextlib.contextmanager
def module() -> Iterator[AnsibleModule]:
    with patch_module_args({"site": "a.localhost"}):
        yield AnsibleModule(argument_spec={"site": {"type": "str"}})


@pytest.mark.parametrize("failing", [False, True])
def test_a_result_or_an_error(capsys: pytest.CaptureFixture[str], failing: bool) -> None:
    def act(given: AnsibleModule) -> dict[str, Any]:
        if failing:
            raise ErpopsError("is locked", object="a.localhost", hint="wait", status=423)
        return {"changed": True, "site": given.params["site"]}

    with module() as given, pytest.raises(SystemExit) as exited:
        run_module(given, act)
    answer = json.loads(capsys.readouterr().out)
    if failing:
        assert (exited.value.code, answer["failed"]) == (1, True)
        assert answer["msg"] == "a.localhost: is locked. Next: wait."
        assert (answer["error"]["status"], answer["error"]["message"]) == (423, "is locked")
    else:
        assert (exited.value.code, answer["changed"], answer["site"]) == (0, True, "a.localhost")


def test_only_our_own_errors_are_caught() -> None:
    def act(_given: AnsibleModule) -> dict[str, Any]:
        raise ZeroDivisionError

    with module() as given, pytest.raises(ZeroDivisionError):
        run_module(given, act)
