# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter backup_metrics."""

from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter import backup_metrics as filters
from ansible_collections.erpops.frappe.plugins.plugin_utils import _prometheus
from tests.unit.plugins.answers_sets import SET_ANSWERS


def test_it_is_found() -> None:
    found = filters.FilterModule().filters()["backup_metrics"]
    assert "erpops_backup_last_success_timestamp_seconds" in found(SET_ANSWERS["backup_sets.read"])


def test_something_else_is_refused() -> None:
    broken = copy.deepcopy(SET_ANSWERS["backup_sets.read"])
    del broken["newest"]["taken"]
    for given in ({}, broken):
        with pytest.raises(AnsibleFilterError, match="this is no result of site_backup_info"):
            filters.backup_metrics(given)


def test_without_the_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_prometheus, "MISSING", ImportError("no prometheus_client"))
    with pytest.raises(AnsibleFilterError, match="pip install prometheus-client"):
        filters.backup_metrics({})
