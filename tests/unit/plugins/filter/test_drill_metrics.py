# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter drill_metrics."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import drill_metrics as filters
from ansible_collections.erpops.frappe.plugins.plugin_utils import _prometheus
from tests.unit.plugins.answers_restores import DRILL


def test_it_is_found() -> None:
    assert "erpops_drill_success" in filters.FilterModule().filters()["drill_metrics"](DRILL)


def test_something_else_is_refused() -> None:
    for given in ({}, {**DRILL, "set": None}):
        with pytest.raises(AnsibleFilterError, match="this is no result of site_drill"):
            filters.drill_metrics(given)


def test_without_the_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_prometheus, "MISSING", ImportError("no prometheus_client"))
    with pytest.raises(AnsibleFilterError, match="pip install prometheus-client"):
        filters.drill_metrics({})
