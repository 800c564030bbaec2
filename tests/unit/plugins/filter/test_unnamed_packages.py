# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter takes what a template gives it."""

from __future__ import annotations

from ansible_collections.erpops.frappe.plugins.filter.unnamed_packages import FilterModule


def test_the_filter_takes_the_arguments_of_its_documentation() -> None:
    unnamed = FilterModule().filters()["unnamed_packages"]
    assert unnamed(["gawk"], relations=["base-files#awk", "mawk#libc6"], brought=["gawk"]) == ["gawk"]
    assert unnamed(["gawk"], relations=["base-files#mawk | gawk"], brought=["gawk"]) == []
