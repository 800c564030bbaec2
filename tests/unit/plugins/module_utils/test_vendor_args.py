# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that speak with vendors."""

from __future__ import annotations

from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._vendor_args import reach, vendor_spec


def params(**more: Any) -> dict[str, Any]:
    return {**{name: option.get("default") for name, option in vendor_spec().items()}, **more}


def test_the_defaults_are_a_vendors() -> None:
    assert reach(params()) == {"connect": "", "timeout": 15.0, "attempts": 4}
    assert reach(params(connect="127.0.0.1:1"))["connect"] == "127.0.0.1:1"
