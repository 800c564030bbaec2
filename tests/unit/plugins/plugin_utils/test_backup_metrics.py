# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups as metrics, read with the library's own parser."""

from __future__ import annotations

import copy
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.erpops.frappe.plugins.plugin_utils._backup_metrics import families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import metrics_text
from tests.unit.plugins.answers_sets import SET_ANSWERS


def read(backups: dict[str, Any]) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(metrics_text(families, backups)):
        for sample in family.samples:
            assert sample.labels == {"site": "a.localhost"}
            found[sample.name.removeprefix("erpops_backup_")] = sample.value
    return found


def test_what_is_told() -> None:
    assert read(SET_ANSWERS["backup_sets.read"]) == {
        "checked_timestamp_seconds": 1795222800.5,
        "sets": 1,
        "sets_damaged": 0,
        "stored_bytes": 1000,
        "last_success_timestamp_seconds": 1795219200.5,
        "last_verified_timestamp_seconds": 1795219201.5,
        "last_size_bytes": 6614222,
        "last_encrypted": 1,
        "offsite_last_success_timestamp_seconds": 1795219200.5,
    }


def test_what_is_not_known_is_no_zero() -> None:
    backups = copy.deepcopy(SET_ANSWERS["backup_sets.read"])
    backups.update(newest={}, newest_copy={})
    backups["sets"][0]["whole"] = False
    assert read(backups) == {
        "checked_timestamp_seconds": 1795222800.5,
        "sets": 1,
        "sets_damaged": 1,
        "stored_bytes": 1000,
    }
