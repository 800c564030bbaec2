# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that come with an overlay: counted, and left to those who need them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent import _overlay_packages as packages
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from tests.unit.plugins.module_utils.agent.tools import Tools


def put(folder: Path, name: str, *needs: str) -> None:
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {need}" for need in needs)]
    (place / "METADATA").write_text("\n".join(lines) + "\n")


def test_what_somebody_else_needs_stays(framework: Tools) -> None:
    put(framework.packages, "mine", "deep>=1")
    put(framework.packages, "deep")
    put(framework.packages, "shared")
    put(framework.packages, "other", "Shared (>=1)", "deep; extra == 'more'")
    found = packages.needed_by_others({"mine", "deep", "shared"})
    assert "shared" in found
    assert not {"mine", "deep"} & found


def test_only_what_came_is_answered(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    put(framework.packages, "before")
    monkeypatch.setattr(packages, "pip_add", lambda _bench, _wanted, _what: put(framework.packages, "came"))
    bench = Bench(str(framework.path))
    assert packages.install_packages(bench, {"came": "came>=1"}, "shop") == {"came": "1.0"}
    assert packages.install_packages(bench, {}, "shop") == {}
