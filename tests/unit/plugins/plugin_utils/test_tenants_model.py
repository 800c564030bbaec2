# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How faults read, and that they are in the order of their lines."""

from __future__ import annotations

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_model import FleetError, Problem


def test_a_problem_names_file_line_and_subject() -> None:
    assert Problem("tenant 'a'", "is wrong", 3).text("tenants.yml") == "tenants.yml:3: tenant 'a': is wrong"
    assert Problem("", "is wrong").text("tenants.yml") == "tenants.yml: is wrong"


def test_all_problems_are_told_in_the_order_of_their_lines() -> None:
    error = FleetError([Problem("b", "second", 9), Problem("a", "first", 2), Problem("", "nowhere")])
    assert error.text("t.yml").splitlines() == [
        "t.yml has 3 faults, so nothing of it was loaded:",
        "  t.yml: nowhere",
        "  t.yml:2: a: first",
        "  t.yml:9: b: second",
    ]
    assert error.status == 400
    assert "1 fault," in FleetError([Problem("a", "b")]).text("t.yml")
