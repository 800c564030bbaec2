# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill's result as metrics."""

from __future__ import annotations

from ansible_collections.erpops.frappe.plugins.plugin_utils._drill_metrics import families
from ansible_collections.erpops.frappe.plugins.plugin_utils._prometheus import metrics_text
from tests.unit.plugins.answers_restores import DRILL


def lines(text: str) -> dict[str, float]:
    rows = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("erpops_drill_"): float(value) for name, _space, value in rows}


def test_a_good_one() -> None:
    found = lines(metrics_text(families, DRILL))
    site = '{site="a.localhost"}'
    assert (found[f"success{site}"], found[f"findings{site}"]) == (1, 0)
    assert (found[f"rpo_seconds{site}"], found[f"rto_seconds{site}"]) == (3600, 5.3)
    assert found['step_seconds{site="a.localhost",step="database"}'] == 3.9


def test_one_that_was_not_restored_has_no_rto() -> None:
    bad = {**DRILL, "ok": False, "rto_seconds": None, "findings": [{"step": "restore", "message": "x"}]}
    found = lines(metrics_text(families, bad))
    assert (found['success{site="a.localhost"}'], found['findings{site="a.localhost"}']) == (0, 1)
    assert not [name for name in found if name.startswith("rto_seconds")]
