# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says once, instead of once for each case, that real Frappe was not asked."""

from __future__ import annotations

import pytest

from tests.contract.benches import ContractBench
from tests.contract.building import REAL_MISSING


@pytest.mark.skipif(
    bool(REAL_MISSING),
    reason=f"real Frappe is not asked the contract: set {', '.join(REAL_MISSING)} (DB_HOST, DB_PORT and REDIS_URL too if "
    "they are not the usual ones; ERPOPS_CONTRACT_BENCH names a bench to use instead of making one). See docs/verified.md",
)
def test_the_framework_is_asked(bench: ContractBench) -> None:
    versions = bench.one("info.bench")
    assert versions["frappe"].startswith("15.")
    assert versions["python"]
