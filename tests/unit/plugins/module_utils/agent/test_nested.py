# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent that another one starts: its values, its errors, its end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_bundle import bundle
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._nested import converse
from tests.unit.plugins.module_utils.agent.tools import Tools


@pytest.fixture
def context(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> Context:
    """As in an agent's own process, where the sources stand in ``__main__``."""
    import json

    monkeypatch.setattr(sys.modules["__main__"], "S", json.loads(bundle()), raising=False)
    return Context(Bench(str(tools.path)), secrets=["the-credential"])


def ask(context: Context, *operations: str, python: str = sys.executable) -> list[object]:
    return converse(context, context.bench, python, [{"op": name, "args": {"scope": "common"}} for name in operations])


def test_values_in_order(context: Context) -> None:
    assert ask(context, "config.read", "config.read") == [{"types": {}}, {"types": {}}]


def test_an_error_is_that_of_the_operation(context: Context) -> None:
    with pytest.raises(ErpopsError, match=r"unknown operation 'config\.nothing'") as caught:
        ask(context, "config.nothing", "config.read")
    assert (caught.value.status, "config.apply" in caught.value.needed) == (400, True)


def test_a_bench_that_cannot_be_entered(context: Context) -> None:
    (Path(context.bench.sites) / "apps.txt").unlink()
    (Path(context.bench.sites) / "common_site_config.json").unlink()
    Path(context.bench.sites).rmdir()
    with pytest.raises(ErpopsError, match="is not a bench") as caught:
        ask(context, "config.read")
    assert caught.value.status == 404


def test_an_interpreter_that_dies(context: Context, tools: Tools) -> None:
    python = tools.write("env/bin/dying", "#!/bin/sh\necho it said the-credential >&2\nexit 3\n")
    python.chmod(0o755)
    with pytest.raises(ErpopsError, match="gave no answer") as caught:
        ask(context, "config.read", python=str(python))
    assert caught.value.seen.startswith("exit code 3; it said")
    assert "the-credential" not in caught.value.seen
