# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter takes what templates give it, and its errors name it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.filter.sizing import FilterModule, sizing


def test_text_from_a_template_is_a_number() -> None:
    assert sizing("8192", cpus="4") == sizing(8192, cpus=4)  # type: ignore[arg-type]
    assert FilterModule().filters()["sizing"] is sizing


@pytest.mark.parametrize(
    ("memory", "message"), [("much", "erpops.frappe.sizing: invalid literal"), (0, "memory_mb is 0")]
)
def test_errors_are_ansibles(memory: object, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        sizing(memory, cpus=1)  # type: ignore[arg-type]
