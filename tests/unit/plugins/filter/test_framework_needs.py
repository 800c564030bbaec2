# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter takes what templates give it, and its errors name it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter.framework_needs import FilterModule, framework_needs


def test_a_major_may_be_empty_or_text() -> None:
    assert framework_needs("version-15", major="") == framework_needs("15")  # type: ignore[arg-type]
    assert framework_needs("abc", major="16")["major"] == 16  # type: ignore[arg-type]
    assert FilterModule().filters()["framework_needs"] is framework_needs


def test_errors_are_ansibles() -> None:
    with pytest.raises(AnsibleFilterError, match=r"erpops\.frappe\.framework_needs: 'develop' does not say"):
        framework_needs("develop")
