# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scratch sites are known by their records, and nothing else is ever removed."""

from __future__ import annotations

import json

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _scratch
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


def test_the_name_is_the_sites_own_and_no_host() -> None:
    names = {_scratch.scratch_name(site) for site in ("a.example.com", "b.example.com", "a.example.com")}
    assert len(names) == 2
    assert all(name.startswith("drill-") and name.endswith(".invalid") for name in names)


def test_only_what_is_recorded_is_one(site: Tools) -> None:
    bench = Bench(str(site.path))
    bench.write_record("drill-1.invalid", {"state": "restoring", "scratch": "drill"})
    bench.write_record("look.example.com", {"state": "created", "scratch": True})
    bench.write_record("drill-2.invalid", {"state": "created"})
    assert _scratch.scratch_sites(bench) == ["drill-1.invalid", "look.example.com"]
    context = Context(bench, SITE)
    assert _scratch.sweep_scratch(context, {}) == ["drill-1.invalid"], "what somebody asked for stays"
    assert _scratch.scratch_sites(bench) == ["look.example.com"]
    with pytest.raises(ErpopsError, match="is no scratch site") as caught:
        _scratch.remove_scratch(context, {})
    assert caught.value.status == 409
    assert site.sites.joinpath(SITE).exists()


def test_one_that_is_in_use_is_left_alone(site: Tools) -> None:
    bench = Bench(str(site.path))
    bench.write_record("drill-1.invalid", {"state": "restoring", "scratch": "drill"})
    with Bench(str(site.path)).lock("drill-1.invalid", timeout=0, purpose="drill.run"):
        assert _scratch.sweep_scratch(Context(bench, SITE), {}) == []
    assert _scratch.is_scratch(bench, "drill-1.invalid")
    assert json.loads((site.path / ".erpops/sites/drill-1.invalid.json").read_text())["scratch"] == "drill"
