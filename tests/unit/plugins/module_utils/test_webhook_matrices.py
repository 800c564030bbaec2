# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of deliveries: each proves both verdicts, and names nothing that the module does not know."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._webhook_matrices import MATRICES
from ansible_collections.erpops.frappe.plugins.module_utils._webhook_signatures import SCHEMES, Scheme, unfit
from ansible_collections.erpops.frappe.plugins.modules.webhook_delivery import DELIVERY_SPEC


@pytest.mark.parametrize("name", sorted(MATRICES))
def test_a_table_is_usable(name: str) -> None:
    matrix = MATRICES[name]
    scheme = SCHEMES.get(matrix.scheme, Scheme("X-Any"))
    names = [row["name"] for row in matrix.deliveries]
    assert len(set(names)) == len(names)
    for row in matrix.deliveries:
        assert row.keys() <= DELIVERY_SPEC.keys(), row["name"]
        assert not unfit(scheme, row["signature"]), row["name"]
        assert row["expect_status"], row["name"]


@pytest.mark.parametrize("name", sorted(MATRICES))
def test_both_verdicts_are_proven(name: str) -> None:
    rows = MATRICES[name].deliveries
    posted = [row for row in rows if row.get("method", "POST") == "POST"]
    assert any(row["signature"] == "valid" and 200 in row["expect_status"] for row in posted)
    refused = {row["signature"] for row in posted if not {200, 201, 202, 204} & set(row["expect_status"])}
    assert {"missing", "wrong"} <= refused


def test_a_refusal_that_frappe_also_gives_for_other_reasons_must_say_why() -> None:
    rows = [row for matrix in MATRICES.values() for row in matrix.deliveries]
    assert [row["name"] for row in rows if row["signature"] != "valid" and 417 in row["expect_status"]]
    for row in rows:
        if row["signature"] != "valid" and 417 in row["expect_status"]:
            assert row["refusal_text"]


def test_the_signature_oracle_is_asked_in_both_ways() -> None:
    asked = [row for row in MATRICES["woocommerce"].deliveries if "expected_full" in row.get("forbid_text", ())]
    assert [row.get("query") or row.get("add") for row in asked] == [{"d": "1"}, {"d": "1"}]
    assert all(row["signature"] == "missing" for row in asked)
