# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release's interpreter is asked while it is made."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _release_inner
from ansible_collections.erpops.frappe.plugins.module_utils.agent._protocol import find_operation
from tests.unit.plugins.module_utils.agent.tools import Tools


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    monkeypatch.setattr(
        _release_inner, "pip_add", lambda _bench, packages, _what, exact=False: calls.append((packages, exact))
    )
    monkeypatch.setattr(
        _release_inner, "build_assets", lambda _bench, where: calls.append((where.name, where.subdirectory))
    )
    return calls


def test_present_packages_come_first_and_exactly(framework: Tools, asked: list[Any]) -> None:
    ask = find_operation("release.furnish")
    ask(framework.at(), {"pins": ["a==1", "b==2"], "requirements": ["c<3"]})
    assert asked == [(["--no-deps", "a==1", "b==2"], True), (["c<3"], False)]
    ask(framework.at(), {"pins": [], "requirements": []})
    assert len(asked) == 2


def test_assets_in_order(framework: Tools, asked: list[Any]) -> None:
    apps = [{"name": "one", "subdirectory": ""}, {"name": "two", "subdirectory": "apps/two"}]
    find_operation("release.assets")(framework.at(), {"apps": apps})
    assert asked == [("one", ""), ("two", "apps/two")]


def test_all_apps_are_imported(framework: Tools) -> None:
    framework.app("shop")
    prove = find_operation("release.prove")
    assert len(prove(framework.at(), {})["packages"]) == 64
    framework.write("sites/apps.txt", "frappe\nshop\nnobody\n")
    with pytest.raises(ErpopsError, match="cannot be imported together") as caught:
        prove(framework.at(), {})
    assert (caught.value.status, caught.value.seen.startswith("nobody: package nobody")) == (409, True)
